"""A simulated market: the same seed, asset and minute give the same chain, on every machine.

Prices are continuous in time and follow each market's hours; the smile, the term structure and
the listed expiries look like the real ones. Positions lean to calls and to puts in turn, so that
the regime changes every 30 to 70 minutes and alerts can be seen. Everything made here has the
venue `demo`, by which every message and chart says SIMULATED.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr

from engine.domain import DEMO, SECONDS_PER_YEAR, Bools, Chain, Floats, Ints, Market, Texts
from engine.expiry import hours, is_open, settlements, trading_date, zone
from jobs.providers.demo.listing import Underlying, expiries, strikes, underlying
from jobs.providers.demo.path import draws, drift, lean, noise, wiggle

_DAY = timedelta(days=1)
_FORTNIGHT = 14
_CARRY = {Market.CRYPTO: 0.05, Market.US: 0.03, Market.INDIA: 0.05}
_CURRENCY = {Market.CRYPTO: "USD", Market.US: "USD", Market.INDIA: "INR"}


class Demo:
    """The simulated venue.

    Args:
        seed: Another seed is another market.
        markets: Whose calendar an asset follows; assets not named follow their usual one.
    """

    name = DEMO

    def __init__(self, seed: int, markets: Mapping[str, Market] = MappingProxyType({})) -> None:
        self._seed = seed
        self._markets = markets

    async def chain(self, asset: str, asof: datetime) -> Chain:
        return await asyncio.to_thread(self.simulate, asset, asof)

    async def aclose(self) -> None:
        """Nothing is open."""

    def simulate(self, asset: str, asof: datetime) -> Chain:
        """The chain of the minute `asof` lies in.

        Raises:
            CalendarExpired: the asset's market has no known sessions then.
        """
        what = underlying(asset, self._markets.get(asset))
        minute = asof.astimezone(UTC).replace(second=0, microsecond=0)
        name = f"{self._seed}:{asset}"
        t = _market_time(what.market, minute).timestamp()
        level = what.level * math.exp(drift(name, t, what.vol))
        leaning = lean(name, t)
        spot = level * math.exp(wiggle(name, t, what.vol) + 0.006 * leaning * what.vol)
        listed = _listed(asset, what, name, minute)
        years = (listed.settlement - minute.timestamp()) / SECONDS_PER_YEAR
        forward = spot * np.exp(_CARRY[what.market] * years)
        mood = noise(f"{name}:iv", t, 4 * 3600.0)
        iv = _smile(what, np.log(listed.strike / forward), years, mood)
        bid, ask = _quotes(listed, forward, years, iv, tick=spot * 2e-5)
        keys = np.round(listed.strike * 1e6).astype(np.int64) * 7 + listed.settlement * 2
        keys += listed.is_call
        sway = 1 + leaning * _sway(years) * np.where(listed.is_call, 1, -1)
        oi = _sizes(what, listed, years, level) * _taste(name, keys) * sway * _tide(keys, t)
        return Chain(
            asset=asset,
            venue=self.name,
            market=what.market,
            asof=minute,
            spot=round(spot, 2 if spot > 50 else 5),
            currency=_CURRENCY[what.market],
            rate=0.0,
            root=listed.root,
            settlement=listed.settlement,
            strike=listed.strike,
            is_call=listed.is_call,
            oi=np.round(oi, 1 if what.market is Market.CRYPTO else 0),
            volume=np.round(oi * 0.4 * draws(f"{name}:volume:{minute:%Y%m%d}", keys)),
            bid=bid,
            ask=ask,
            iv=np.round(iv, 4),
            multiplier=np.full(iv.shape, what.size),
            forward=forward,
            listed=int(iv.size),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """The contracts, calls and puts in turn; every array has shape (n,)."""

    root: Texts
    settlement: Ints
    strike: Floats
    monthly: Bools
    is_call: Bools


def _market_time(market: Market, instant: datetime) -> datetime:
    """`instant` while the market is open, else the last close: prices rest with the market."""
    if is_open(market, instant):
        return instant
    day = instant.astimezone(zone(market)).date()
    for back in range(_FORTNIGHT):
        session = hours(market, day - back * _DAY)
        if session is not None and session[1] <= instant:
            return session[1]
    return instant


def _listed(asset: str, what: Underlying, name: str, minute: datetime) -> _Listed:
    """Everything not yet settled; strikes stay put for a trading date."""
    today = trading_date(what.market, minute)
    dawn = datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp()
    level = what.level * math.exp(drift(name, dawn, what.vol))
    series = _series(asset, what, today)
    days = np.array([day for _, day, _, _ in series], dtype="datetime64[D]")
    settles = settlements(what.market, days, np.array([am for *_, am in series]))
    spreads = what.vol * np.sqrt(np.maximum((settles - dawn) / SECONDS_PER_YEAR, 1 / 365))
    roots = np.array([root for root, *_ in series])
    alive = _once(roots, settles) & (settles > minute.timestamp())
    ladders = [
        strikes(level, spread) if live else np.empty(0)
        for live, spread in zip(alive, spreads, strict=True)
    ]
    sizes = [2 * ladder.size for ladder in ladders]
    strike = np.repeat(np.concatenate(ladders), 2)
    return _Listed(
        root=np.repeat(roots, sizes),
        settlement=np.repeat(settles, sizes),
        strike=strike,
        monthly=np.repeat(np.array([monthly for _, _, monthly, _ in series]), sizes),
        is_call=np.arange(strike.size) % 2 == 0,
    )


def _once(roots: Texts, settles: Ints) -> Bools:
    """Marks one of each: an expiry moved off a holiday may meet another one."""
    pairs = list(zip(roots.tolist(), settles.tolist(), strict=True))
    return np.array([pairs.index(pair) == place for place, pair in enumerate(pairs)])


def _series(asset: str, what: Underlying, today: date) -> list[tuple[str, date, bool, bool]]:
    """Root, day, "a monthly one", "settled at the opening"; some indices list both on one day."""
    days = expiries(what, today)
    if not what.am_root:
        return [(asset, day, monthly, False) for day, monthly in days]
    evening = [(f"{what.am_root}W", day, False, False) for day, _ in days]
    return evening + [(what.am_root, day, True, True) for day, monthly in days if monthly]


def _smile(what: Underlying, away: Floats, years: Floats, mood: float) -> Floats:
    """Implied volatility of every contract: term structure times a skewed, curved smile."""
    base = what.vol * (1 + 0.10 * mood * np.exp(-years / 0.1)) * (1 - 0.12 * np.exp(-years / 0.15))
    steps = np.clip(away / (base * np.sqrt(np.maximum(years, 1 / 365))), -5, 5)
    return np.clip(base * (1 + what.skew * steps + 0.025 * steps**2), 0.04, 3.0)


def _quotes(
    listed: _Listed, forward: Floats, years: Floats, iv: Floats, *, tick: float
) -> tuple[Floats, Floats]:
    """Bid and ask around Black-76 without discounting; far options have a zero bid."""
    spread = iv * np.sqrt(years)
    d1 = np.log(forward / listed.strike) / spread + spread / 2
    phi = np.where(listed.is_call, 1.0, -1.0)
    fair = phi * (forward * ndtr(phi * d1) - listed.strike * ndtr(phi * (d1 - spread)))
    half = np.maximum(tick, 0.012 * fair)
    bid = np.floor(np.maximum(fair - half, 0) / tick) * tick
    return bid, np.ceil((fair + half) / tick) * tick


def _sizes(what: Underlying, listed: _Listed, years: Floats, level: float) -> Floats:
    """Open interest by place: out of the money first, then round strikes and monthlies."""
    spread = what.vol * np.sqrt(np.maximum(years, 2 / 365))
    outward = np.log(listed.strike / level) / spread * np.where(listed.is_call, 1.0, -1.0)
    hump = np.exp(-0.5 * ((outward - 1.2) / 0.9) ** 2) + 0.05 * np.exp(-np.abs(outward) / 2)
    hump *= np.where(outward < 0, 0.4, 1.0)
    unit = 10.0 ** math.floor(math.log10(level)) / 50
    whole = np.isclose(listed.strike / unit, np.round(listed.strike / unit))
    terms = np.where(listed.monthly, 2.5, 1.0) / (1 + 2 * years)
    return what.interest * hump * terms * np.where(whole, 1.5, 1.0)


def _taste(name: str, keys: Ints) -> Floats:
    """Some strikes are liked more than others, for no reason, as long as they live."""
    return 0.5 + draws(f"{name}:taste", keys)


def _sway(years: Floats) -> Floats:
    """How far the leaning moves open interest: traders turn over near expiries, not far ones."""
    return 0.35 * np.exp(-years / (30 / 365)) + 0.05


def _tide(keys: Ints, t: float) -> Floats:
    """Each contract's own slow tide, within a tenth."""
    phase = draws("tide", keys)
    return 1 + 0.1 * np.sin(2 * math.pi * (t / (36 * 3600.0) + phase))
