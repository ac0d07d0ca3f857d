"""A delayed-quotes payload of any size, made here in the venue's exact format."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from scipy.special import ndtr

from engine.domain import Market
from engine.expiry import hours

ASOF = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def cboe(contracts: int, *, expiries: int = 40, spot: float = 6500.0) -> bytes:
    """An index chain of so many contracts over so many daily expiries, quoted on both sides."""
    per_side = contracts // (2 * expiries)
    strikes = spot * 0.6 + np.arange(per_side) * round(spot * 0.8 / per_side, 2)
    days = _sessions(date(2026, 11, 23), expiries)
    options: list[dict[str, Any]] = []
    rng = np.random.default_rng(7)
    for day in days:
        years = max((day - ASOF.date()).days, 1) / 365
        iv = 0.14 + 0.25 * np.log(strikes / spot) ** 2 - 0.12 * np.log(strikes / spot)
        deviation = iv * np.sqrt(years)
        d1 = np.log(spot / strikes) / deviation + deviation / 2
        for side, sign in (("C", 1), ("P", -1)):
            price = sign * (spot * ndtr(sign * d1) - strikes * ndtr(sign * (d1 - deviation)))
            interest = rng.integers(0, 20_000, per_side)
            rows = zip(strikes, price, iv, interest, strict=True)
            options.extend(_row(day, side, *map(float, row)) for row in rows)
    data = {"symbol": "^SPX", "current_price": spot, "close": spot, "options": options}
    data["last_trade_time"] = "2026-11-20T11:44:59"
    stamp = (ASOF + timedelta(minutes=15)).strftime("%Y-%m-%d %H:%M:%S")
    return orjson.dumps({"timestamp": stamp, "data": data, "symbol": "_SPX"})


def _sessions(first: date, count: int) -> list[date]:
    days = [first + timedelta(days=each) for each in range(count * 2)]
    return [day for day in days if hours(Market.US, day)][:count]


def _row(
    day: date, side: str, strike: float, price: float, iv: float, interest: float
) -> dict[str, Any]:
    bid = max(round(price * 0.98, 2), 0.0)
    return {
        "option": f"SPXW{day:%y%m%d}{side}{round(strike * 1000):08d}",
        "bid": bid,
        "bid_size": 10.0,
        "ask": round(price * 1.02 + 0.05, 2),
        "ask_size": 12.0,
        "iv": round(iv, 4),
        "open_interest": interest,
        "volume": interest // 10,
        "delta": 0.5,
        "gamma": 0.0001,
        "vega": 1.0,
        "theta": -0.5,
        "rho": 0.1,
        "theo": round(price, 4),
        "change": 0.0,
        "open": 0.0,
        "high": 0.0,
        "low": 0.0,
        "tick": "up",
        "last_trade_price": round(price, 2),
        "last_trade_time": "2026-11-20T11:44:00",
        "percent_change": 0.0,
        "prev_day_close": round(price, 2),
    }
