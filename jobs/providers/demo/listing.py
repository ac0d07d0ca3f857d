"""What the simulated exchanges list: underlyings, expiries, strikes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engine.domain import Floats, Market
from jobs.providers.demo.path import draw

_DAY = timedelta(days=1)
_TUESDAY, _FRIDAY, _WEEKEND = 1, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """One simulated underlying.

    Attributes:
        level: Long-run price. [quote]
        vol: Long-run implied volatility. [fraction per sqrt(year)]
        skew: Slope of the smile per standard deviation; negative: puts dearer.
        size: Units of the underlying per contract.
        interest: Open interest of a busy strike. [contracts]
        daily: Lists an expiry every day, not only weekly ones.
        am_root: Root of monthly options settled at the opening; "" = there are none.
    """

    market: Market
    level: float
    vol: float
    skew: float = -0.02
    size: float = 1.0
    interest: float = 1000.0
    daily: bool = True
    am_root: str = ""


_CRYPTO = {
    "BTC": Underlying(market=Market.CRYPTO, level=100_000, vol=0.48, interest=150),
    "ETH": Underlying(market=Market.CRYPTO, level=3_600, vol=0.66, interest=2_000),
    "SOL": Underlying(market=Market.CRYPTO, level=180, vol=0.78, interest=20_000),
    "XRP": Underlying(market=Market.CRYPTO, level=2.4, vol=0.82, interest=500_000),
}
_US = {
    "SPX": Underlying(
        market=Market.US, level=6_800, vol=0.15, skew=-0.07, size=100, interest=700, am_root="SPX"
    ),
    "SPY": Underlying(market=Market.US, level=680, vol=0.15, skew=-0.07, size=100, interest=3_000),
    "QQQ": Underlying(market=Market.US, level=610, vol=0.20, skew=-0.06, size=100, interest=2_500),
    "IBIT": Underlying(market=Market.US, level=57, vol=0.50, size=100, interest=8_000, daily=False),
    "ETHA": Underlying(market=Market.US, level=27, vol=0.68, size=100, interest=6_000, daily=False),
}
_INDIA = {
    "NIFTY": Underlying(
        market=Market.INDIA,
        level=26_000,
        vol=0.12,
        skew=-0.06,
        size=65,
        interest=40_000,
        daily=False,
    ),
}
_KNOWN = {**_CRYPTO, **_US, **_INDIA}


def underlying(asset: str, market: Market | None) -> Underlying:
    """A known underlying, or a made-up one of `market` (US when that is not said either)."""
    if asset in _KNOWN and market in (None, _KNOWN[asset].market):
        return _KNOWN[asset]
    place = market or Market.US
    return Underlying(
        market=place,
        level=float(f"{20 * 30 ** draw(f'{asset}:level'):.2g}"),
        vol=0.25 + 0.4 * draw(f"{asset}:vol"),
        skew=-0.03,
        size=1.0 if place is Market.CRYPTO else 100.0,
        interest=4_000,
        daily=place is Market.CRYPTO,
    )


def expiries(what: Underlying, today: date) -> list[tuple[date, bool]]:
    """Listed expiry days from `today` on, and whether each is a monthly one."""
    if what.market is Market.CRYPTO:
        monthly = _monthly(today, _FRIDAY, last=True, months=(*range(3), *_quarters(today)))
        weekly = _weekly(today, _FRIDAY, 4)
    elif what.market is Market.INDIA:
        monthly = _monthly(today, _TUESDAY, last=True, months=range(3))
        weekly = _weekly(today, _TUESDAY, 4)
    else:
        january = [month for month in range(12, 30) if (today.month + month) % 12 == 1]
        monthly = _monthly(today, _FRIDAY, last=False, months=(*range(9), *january))
        weekly = _weekly(today, _FRIDAY, 6)
    daily = (today + days * _DAY for days in range(5 if what.daily else 0))
    days = {each for each in daily if what.market is Market.CRYPTO or each.weekday() < _WEEKEND}
    return sorted((day, day in monthly) for day in days | weekly | monthly)


def strikes(level: float, spread: float) -> Floats:
    """Round prices around `level`, shape (k,).

    Args:
        level: Price the listing is centred on. [quote]
        spread: Standard deviation of the log price until expiry.
    """
    step = _round(level * max(0.0025, 0.16 * spread))
    low = math.floor(level * math.exp(-4 * spread - 0.01) / step)
    high = math.ceil(level * math.exp(4 * spread + 0.01) / step)
    return np.round(np.arange(max(low, 1), high + 1) * step, 10)


def _round(value: float) -> float:
    """The nearest of 1, 2.5, 5, 10 times a power of ten."""
    unit = 10.0 ** math.floor(math.log10(value))
    return unit * min((1.0, 2.5, 5.0, 10.0), key=lambda each: abs(each - value / unit))


def _weekly(today: date, weekday: int, count: int) -> set[date]:
    first = today + (weekday - today.weekday()) % 7 * _DAY
    return {first + 7 * week * _DAY for week in range(count)}


def _monthly(today: date, weekday: int, *, last: bool, months: Iterable[int]) -> set[date]:
    """Third or last such weekday of the month of `today` and of later ones."""
    days = set()
    for month in months:
        years, index = divmod(today.month - 1 + month, 12)
        first = date(today.year + years, index + 1, 1)
        first += (weekday - first.weekday()) % 7 * _DAY
        day = first + 14 * _DAY
        if last:
            day += 14 * _DAY if (day + 14 * _DAY).month == first.month else 7 * _DAY
        if day >= today:
            days.add(day)
    return days


def _quarters(today: date) -> list[int]:
    """Months ahead of the next four quarter ends."""
    return [month for month in range(13) if (today.month + month) % 3 == 0][:4]
