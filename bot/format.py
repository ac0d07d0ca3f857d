"""Numbers, times and sources as people read them: the only place that rounds.

Every function takes None, NaN and infinities for "not known" and says so instead of printing them.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

from engine.domain import Contracts, Snapshot
from engine.positions import ASSUMED, assumed

SIMULATED = "SIMULATED"
MADE_UP = f"{SIMULATED} market: prices and positions are made up."

_SYMBOLS = {"USD": "$", "INR": "₹", "EUR": "€", "GBP": "£"}
_SCALES = ((1e12, " tn"), (1e9, " bn"), (1e6, " mn"), (1e3, " k"))
_SIGNIFICANT = 5
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def unavailable(reason: str | None = None) -> str:
    """What stands where a number does not exist.

    >>> unavailable("no call open interest")
    'unavailable (no call open interest)'
    """
    return f"unavailable ({reason})" if reason else "unavailable"


def known(value: float | None) -> TypeGuard[float]:
    """A number, that is: not None, NaN or infinite."""
    return value is not None and math.isfinite(value)


def money(value: float | None, currency: str = "USD", reason: str | None = None) -> str:
    """An amount, three or four digits long.

    >>> money(1.25e9), money(-340.2e6), money(4.0e10, "INR"), money(812.0, "USDC")
    ('$1.25 bn', '-$340.2 mn', '₹40.0 bn', '812 USDC')
    """
    if not known(value):
        return unavailable(reason)
    digits = _scaled(abs(value))
    sign = "-" if value < 0 and digits.strip("0.") else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency}"


def price(value: float | None, reason: str | None = None, *, like: float | None = None) -> str:
    """As many digits as the price needs: five significant ones, but never a rounded-off unit.

    `like`: a difference of prices is told as exactly as the price it belongs to.

    >>> price(71_703.4), price(6475.1), price(1.25344), price(105_000.0), price(0.000012345)
    ('71,703', '6,475.1', '1.2534', '105,000', '0.000012345')
    >>> price(2631.94, like=100_000.0)
    '2,632'
    """
    if not known(value):
        return unavailable(reason)
    if value == 0:
        return "0"
    size = abs(like) if known(like) and like else abs(value)
    whole = math.floor(math.log10(size)) + 1
    text = f"{value:,.{min(max(_SIGNIFICANT - whole, 0), 12)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return _unsigned_zero(text)


def percent(fraction: float | None, reason: str | None = None) -> str:
    """
    >>> percent(0.021), percent(-0.0004)
    ('2.1 %', '0.0 %')
    """
    if not known(fraction):
        return unavailable(reason)
    return f"{_unsigned_zero(f'{100 * fraction:,.1f}')} %"


def signed_percent(fraction: float | None, reason: str | None = None) -> str:
    """
    >>> signed_percent(0.04), signed_percent(-0.035), signed_percent(0.0)
    ('+4.0 %', '-3.5 %', '0.0 %')
    """
    text = percent(fraction, reason)
    return f"+{text}" if known(fraction) and fraction > 0 and text != "0.0 %" else text


def iv(fraction: float | None, reason: str | None = None) -> str:
    """An implied volatility.

    >>> iv(0.52)
    '52.0 %'
    """
    return percent(fraction, reason)


def count(value: float | None, reason: str | None = None) -> str:
    """Contracts, people, rows. Coin contracts come in tenths, which matter while they are few.

    >>> count(12_345), count(86.5), count(12_345.6)
    ('12,345', '86.5', '12,346')
    """
    if not known(value):
        return unavailable(reason)
    tenths = abs(value) < 100 and value % 1
    return _unsigned_zero(f"{value:,.1f}" if tenths else f"{value:,.0f}")


def net_gex(snapshot: Snapshot, reason: str | None = None) -> str:
    """An amount; nothing priced sums to zero all the same, and that is no amount."""
    unknown = "net_gex" in snapshot.levels.unavailable
    value = None if unknown else snapshot.exposures.gex_usd_per_1pct
    return money(value, snapshot.currency, reason)


def of_live(contracts: Contracts) -> str:
    """
    >>> of_live(Contracts(listed=200, used=186, left_out={"no_vol": 10, "expired": 4}))
    '186 of 196 live contracts'
    """
    live = contracts.used + contracts.left_out.get("no_vol", 0)
    return f"{count(contracts.used)} of {count(live)} live contracts"


def dealer_sign(convention: str) -> str:
    """Where the dealers' sign comes from.

    >>> dealer_sign("naive"), dealer_sign("book")
    ('naive (assumed)', 'book')
    """
    return f"{convention} (assumed)" if assumed(convention) else convention


def cautions(snapshot: Snapshot) -> list[str]:
    """The flags, but for the one that says what `dealer_sign` does; without full stops."""
    return [each.rstrip(".") for each in snapshot.flags if not each.startswith(ASSUMED)]


def duration(seconds: float) -> str:
    """
    >>> duration(42), duration(200), duration(7500), duration(7200), duration(300_000)
    ('42 s', '3 min', '2 h 5 min', '2 h', '3 days')
    """
    if not math.isfinite(seconds):
        return unavailable()
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        minutes = whole % _HOUR // _MINUTE
        return f"{whole // _HOUR} h" + (f" {minutes} min" if minutes else "")
    days = whole // _DAY
    return "1 day" if days == 1 else f"{days:,} days"


def age(since: datetime | None, now: datetime) -> str:
    """How long ago; a clock that is a little ahead counts as now."""
    return "never" if since is None else duration((now - since).total_seconds())


def when(instant: datetime | None, zone: ZoneInfo) -> str:
    """
    >>> from datetime import UTC
    >>> when(datetime(2026, 11, 20, 12, tzinfo=UTC), ZoneInfo("America/New_York"))
    '2026-11-20 07:00 EST'
    """
    return "never" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def day(value: date) -> str:
    """
    >>> day(date(2026, 11, 20))
    'Fri 2026-11-20'
    """
    return f"{value:%a %Y-%m-%d}"


def distance(level: float | None, spot: float) -> str:
    """How far a level is from spot.

    >>> distance(104_000.0, 100_000.0)
    '+4.0 %'
    """
    return signed_percent(None if level is None else level / spot - 1)


def _unsigned_zero(text: str) -> str:
    return text if text.strip("-0.") else text.removeprefix("-")


def _scaled(value: float) -> str:
    """1.25 bn, 34.1 mn, 340.2 mn, 812; 999.96 mn is 1.00 bn."""
    for scale, unit in _SCALES:
        if value >= 0.99995 * scale:
            digits = value / scale
            return f"{digits:,.{2 if digits < 9.995 else 1}f}{unit}"
    return f"{value:,.0f}" if value >= 99.995 or value == int(value) else f"{value:.2f}"
