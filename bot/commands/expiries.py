"""/expiries BTC: what is listed, day by day, and how much gamma it holds."""

from __future__ import annotations

from datetime import date

from bot.cards.look import look
from bot.cards.snapshot import footnote, title, warnings
from bot.command import Asset, Call, Command
from bot.format import count, day, iv, known, money, price
from bot.reply import Block, Choices, Footnote, Reply, Table, Text
from engine.domain import ExpiryRow, Snapshot
from engine.errors import BadData, CalendarExpired
from engine.expiry import trading_date, zone

_HEADER = ("Expiry", "DTE", "Net GEX", "Call OI", "Put OI", "Max pain", "ATM IV", "Exp. move")
_NONE = "n/a"
_EVER = 1_000_000
_GROUPS = (("Within 7 days", 7), ("Within 45 days", 45), ("Later", _EVER))


async def expiries(call: Call, asset: Asset) -> Reply:
    view = await look(call, asset)
    snapshot = view.snapshot
    live = [row for row in snapshot.by_expiry if row.settlement > call.now]
    return Reply(
        (
            title(snapshot, f"{count(len(live))} expiries", view.fresh),
            *warnings(snapshot, view.fresh),
            *_tables(live, snapshot, _today(call, snapshot)),
            Footnote("DTE in calendar days, OI in contracts; n/a where nothing is open or quoted"),
            footnote(snapshot, call.zone, call.now),
            Choices((("Chart", f"gex {asset}"), ("Levels", f"levels {asset}"))),
        )
    )


def _tables(rows: list[ExpiryRow], snapshot: Snapshot, today: date) -> list[Block]:
    here = zone(snapshot.market)
    blocks: list[Block] = []
    shortest = -_EVER
    days = [(each.settlement.astimezone(here).date() - today).days for each in rows]
    for heading, longest in _GROUPS:
        inside = [
            _row(row, dte, snapshot)
            for row, dte in zip(rows, days, strict=True)
            if shortest < dte <= longest
        ]
        if inside:
            blocks += [Text(heading), Table(_HEADER, tuple(inside))]
        shortest = longest
    return blocks or [Text("Everything that was listed has settled since.")]


def _row(row: ExpiryRow, dte: int, snapshot: Snapshot) -> tuple[str, ...]:
    move = price(row.expected_move, like=snapshot.spot)
    return (
        _name(row, snapshot),
        str(dte),
        money(row.net_gex, snapshot.currency) if _priced(row) else _NONE,
        count(row.call_oi),
        count(row.put_oi),
        price(row.max_pain) if known(row.max_pain) else _NONE,
        iv(row.atm_iv) if known(row.atm_iv) else _NONE,
        f"±{move}" if known(row.expected_move) else _NONE,
    )


def _priced(row: ExpiryRow) -> bool:
    """Whether the sums say anything: open contracts without a volatility sum to zero as well."""
    nothing_open = row.call_oi == 0 and row.put_oi == 0
    return row.gross_gex != 0 or row.atm_iv is not None or nothing_open


def _name(row: ExpiryRow, snapshot: Snapshot) -> str:
    """The day; with root and AM or PM where several roots settle on it."""
    here = zone(snapshot.market)
    local = row.settlement.astimezone(here)
    same = [
        each
        for each in snapshot.by_expiry
        if each.settlement.astimezone(here).date() == local.date()
    ]
    if len(same) == 1:
        return day(local.date())
    return f"{day(local.date())} {row.root} {local:%p}"


def _today(call: Call, snapshot: Snapshot) -> date:
    """The trading date, or where the calendar ends, the calendar day."""
    try:
        return trading_date(snapshot.market, call.now)
    except (CalendarExpired, BadData):
        return call.now.astimezone(zone(snapshot.market)).date()


COMMAND = Command("expiries", "Every listed expiry and its gamma", "/expiries BTC", expiries)
