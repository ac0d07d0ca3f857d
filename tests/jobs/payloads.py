"""Payloads made by this project in the venues' exact formats, field for field.

The numbers are invented; shapes, names, types and units are those of the recorded originals.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from engine.symbols import format_deribit, format_osi

ASOF = datetime(2026, 11, 20, 15, 45, tzinfo=UTC)
"""Friday 10:45 in New York: in session, and no settlement is near."""

BTC_DAYS = (date(2026, 11, 21), date(2026, 11, 27), date(2026, 12, 25))
BTC_STRIKES = (80_000, 90_000, 95_000, 100_000, 105_000, 110_000, 120_000)
SPX_DAYS = (date(2026, 11, 20), date(2026, 11, 27), date(2026, 12, 18))
SPX_STRIKES = (6000.0, 6400.0, 6500.0, 6550.0, 6600.0, 6700.0, 7200.0)

Row = dict[str, Any]
Payload = dict[str, Any]


def deribit_rows(asset: str = "BTC", *, spot: float = 100_000.0) -> list[Row]:
    """Book-summary rows: prices in coin (BTC, ETH) or USDC, `mark_iv` in percent."""
    linear = asset not in ("BTC", "ETH")
    root = f"{asset}_USDC" if linear else asset
    unit = spot if linear else 1.0
    made = int(ASOF.timestamp() * 1000)
    rows: list[Row] = []
    for day in BTC_DAYS:
        future = "index_price" if day == BTC_DAYS[0] else f"{root}-{day.day}{day:%b%y}".upper()
        for strike in BTC_STRIKES:
            for is_call in (True, False):
                away = strike / 100_000 - 1
                mark = round(0.01 + max(-away if is_call else away, 0.0), 6) * unit
                rows.append(
                    {
                        "mid_price": mark,
                        "volume_usd": 36044.03,
                        "quote_currency": "USDC" if linear else asset,
                        "estimated_delivery_price": spot,
                        "creation_timestamp": made,
                        "base_currency": asset,
                        "underlying_index": future,
                        "underlying_price": round(
                            spot * (1 + 0.0001 * (day - BTC_DAYS[0]).days), 4
                        ),
                        "mark_iv": round(45 + 60 * away * away, 2),
                        "volume": 12.7,
                        "interest_rate": 0.0,
                        "price_change": None,
                        "open_interest": round(100 + 50 * (0.1 - abs(away)), 1),
                        "ask_price": round(mark * 1.02, 6),
                        "bid_price": round(mark * 0.98, 6),
                        "instrument_name": format_deribit(
                            root, day, strike * spot / 100_000, is_call=is_call
                        ),
                        "mark_price": mark,
                        "last": None,
                        "low": None,
                        "high": None,
                    }
                )
    return rows


def deribit_envelope(result: Any, *, at: datetime = ASOF) -> Payload:
    micros = int(at.timestamp() * 1e6)
    return {
        "jsonrpc": "2.0",
        "result": result,
        "usIn": micros - 4321,
        "usOut": micros,
        "usDiff": 4321,
        "testnet": False,
    }


def deribit_summary(asset: str = "BTC", *, spot: float = 100_000.0, at: datetime = ASOF) -> Payload:
    return deribit_envelope(deribit_rows(asset, spot=spot), at=at)


def deribit_index(spot: float = 100_000.0, *, at: datetime = ASOF) -> Payload:
    return deribit_envelope({"index_price": spot, "estimated_delivery_price": spot}, at=at)


def deribit_error(code: int = 10028, message: str = "too_many_requests") -> Payload:
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message, "data": None}}


def cboe_contracts() -> list[tuple[str, date, float]]:
    """Root, expiry, strike: SPXW every day, SPX (settled at the opening) on the third Friday."""
    series = [("SPXW", day) for day in SPX_DAYS] + [("SPX", SPX_DAYS[-1])]
    return [(root, day, strike) for root, day in series for strike in SPX_STRIKES]


def cboe_rows() -> list[Row]:
    rows: list[Row] = []
    for root, day, strike in cboe_contracts():
        for is_call in (True, False):
            away = strike / 6550 - 1
            fair = round(20 + 6550 * max(-away if is_call else away, 0.0), 2)
            rows.append(
                {
                    "option": format_osi(root, day, strike, is_call=is_call),
                    "bid": round(fair - 0.5, 2),
                    "bid_size": 7.0,
                    "ask": round(fair + 0.5, 2),
                    "ask_size": 7.0,
                    "iv": 0.0 if strike == SPX_STRIKES[0] else round(0.15 + away * away, 4),
                    "open_interest": 1000.0,
                    "volume": 50.0,
                    "delta": 0.5 if is_call else -0.5,
                    "gamma": 0.0007,
                    "theta": -1.2,
                    "rho": 0.8,
                    "vega": 2.1,
                    "theo": fair,
                    "change": 0.0,
                    "open": 0.0,
                    "high": 0.0,
                    "low": 0.0,
                    "tick": "no_change",
                    "last_trade_price": fair,
                    "last_trade_time": "2026-11-20T10:44:31",
                    "percent_change": 0.0,
                    "prev_day_close": 21.4500007629395,
                }
            )
    return rows


def cboe_json(*, at: datetime = ASOF, price: float = 6550.25, close: float = 6540.0) -> Payload:
    """The `_SPX.json` payload; stamped 15 minutes after `at`, the instant of its quotes."""
    stamp = at + timedelta(minutes=15)
    return {
        "timestamp": f"{stamp:%Y-%m-%d %H:%M:%S}",
        "data": {
            "symbol": "^SPX",
            "security_type": "index",
            "exchange_id": 0,
            "current_price": price,
            "price_change": 10.25,
            "price_change_percent": 0.1567,
            "bid": 0.0,
            "ask": 0.0,
            "bid_size": 0,
            "ask_size": 0,
            "open": 6541.0,
            "high": 6560.5,
            "low": 6530.75,
            "close": close,
            "prev_day_close": 6540.0,
            "volume": 0,
            "iv30": 14.02,
            "iv30_change": 0.0,
            "iv30_change_percent": 0.0,
            "seqno": 24779967867,
            "last_trade_time": "2026-11-20T10:44:59",
            "tick": "up",
            "options": cboe_rows(),
        },
        "symbol": "_SPX",
    }


CSV_HEADER = (
    "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,"
    "Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest"
)
CSV_DATE = '"Date: November 20, 2026 at 11:00 AM EST"'


def cboe_csv(*, date_cell: str = CSV_DATE, first_line: str = "", last: float = 6550.25) -> str:
    """The website's download: the same contracts and numbers as `cboe_json`."""
    rows = {row["option"]: row for row in cboe_rows()}
    lines = [
        first_line,
        f"S&P 500 INDEX,Last: {last},Change:  10.25",
        f"{date_cell},Bid: 6549.01,Ask: 6551.6299,Size: 1*1,Volume: 0",
        CSV_HEADER,
    ]
    for root, day, strike in cboe_contracts():
        call, put = (format_osi(root, day, strike, is_call=side) for side in (True, False))
        sides = [
            f"{day:%a %b %d %Y}",
            _side(call, rows[call]),
            f"{strike:.2f}",
            _side(put, rows[put]),
        ]
        lines.append(",".join(sides))
    return "\r\n".join(lines) + "\r\n"


def _side(symbol: str, row: Row) -> str:
    numbers = (
        row["last_trade_price"], 0, row["bid"], row["ask"], int(row["volume"]), row["iv"],
        row["delta"], row["gamma"], int(row["open_interest"]),
    )  # fmt: skip
    return ",".join(
        [symbol, *(f"{np.format_float_positional(each, trim='-')}" for each in numbers)]
    )
