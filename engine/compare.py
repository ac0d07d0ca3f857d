"""A chain against an earlier one of the same asset and venue, contract by contract.

Only what is listed in both is compared: the morning after an expiry total open interest falls
without anybody having closed anything. A number that either end does not publish has no change.
"""

from __future__ import annotations

import numpy as np

from engine.changes import ByContract, ByStrike, Changes, Comparison, WallChange
from engine.domain import Bools, Chain, Floats, Ints
from engine.errors import BadInput
from engine.exposure import Groups
from engine.held import Held
from engine.history.oi_deltas import oi_trend
from engine.levels.active import Active, active_gex
from engine.levels.walls import walls
from engine.settings import EngineSettings
from engine.terms import Rates, terms
from engine.valuation import Valuation


def compare(
    held: Held, before: Chain, settings: EngineSettings, *, rates: Rates | None = None
) -> Comparison:
    """What changed since `before`; nothing common is a comparison without changes, no error.

    Args:
        held: Now. Of `before` counts what lies in the same window.
        rates: As `held` was made with.

    Raises:
        BadInput: another asset or venue, whose contracts are not these.
    """
    chain = held.chain
    if (before.asset, before.venue) != (chain.asset, chain.venue):
        raise BadInput(
            f"Expected an earlier {chain.asset} chain of {chain.venue},"
            f" found {before.asset} of {before.venue}."
        )
    valuation = held.value()
    was = _same(chain, before)
    both = was >= 0
    found = ByContract(
        before=was,
        oi=_published(chain.oi) - _then(_published(before.oi), was),
        iv=100 * (held.terms.iv - _then(terms(before, settings, rates).iv, was)),
        volume=_published(chain.volume) - _then(_published(before.volume), was),
    )
    gone = _gone(held, before, was)
    past = before.settlement <= chain.asof.timestamp()
    active = _active(valuation, before, was)
    net = valuation.exposures.gex_usd_per_1pct
    return Comparison(
        asof=chain.asof,
        since=before.asof,
        spot=chain.spot,
        spot_before=before.spot,
        same=int(both.sum()),
        new=int((~both).sum()),
        settled=int((gone & past).sum()),
        delisted=int((gone & ~past).sum()),
        unpublished=int((both & np.isnan(_then(_published(before.oi), was))).sum()),
        contracts=found,
        strikes=_by_strike(chain, valuation, found),
        totals=_totals(chain, found),
        walls=_walls(chain, valuation, found),
        active=active,
        stale_gex=None if active is None else net - active.total,
    )


def _same(chain: Chain, before: Chain) -> Ints:
    """Row of every contract in `before`, shape (n,), -1 = not listed then.

    A contract is (root, settlement, strike, side); one whose multiplier changed is another one.
    """
    n = len(chain)
    key = np.zeros(n + len(before), dtype=np.int64)
    for name in ("root", "settlement", "strike", "is_call"):
        column = np.concatenate((getattr(chain, name), getattr(before, name)))
        values, of = np.unique(column, return_inverse=True)
        key = np.unique(key * max(values.size, 1) + of, return_inverse=True)[1].astype(np.int64)
    was = np.full(n, -1, dtype=np.int64)
    here, first = np.unique(key[n:], return_index=True)
    at = np.searchsorted(here, key[:n])
    listed = at < here.size
    listed[listed] = here[at[listed]] == key[:n][listed]
    was[listed] = first[at[listed]]
    changed = chain.multiplier != _then(before.multiplier, was)
    was[changed & np.isfinite(chain.multiplier)] = -1
    return was


def _then(column: Floats, was: Ints) -> Floats:
    """The earlier value of every contract of now, NaN where there was none."""
    values = np.full(was.size, np.nan)
    values[was >= 0] = column[was[was >= 0]]
    return values


def _published(column: Floats) -> Floats:
    return np.where(np.isfinite(column), column, np.nan)


def _gone(held: Held, before: Chain, was: Ints) -> Bools:
    """Which rows of `before` lie in the window of now and are not in the chain any more."""
    gone = np.ones(len(before), dtype=np.bool_)
    gone[was[was >= 0]] = False
    window, settles = held.window, held.chain.settlement
    if window.days is None and window.day is None:
        return gone
    inside: Bools = before.settlement <= settles.max(initial=0)
    if window.day is not None:
        inside &= before.settlement >= settles.min(initial=np.iinfo(np.int64).max)
    return gone & inside


def _active(valuation: Valuation, before: Chain, was: Ints) -> Active | None:
    chain = valuation.chain
    previous = _then(_published(before.oi), was)
    if not np.isfinite(previous).any():
        return None
    unknown = (was >= 0) & np.isnan(previous)
    previous = np.where(unknown, chain.oi, previous)
    return active_gex(chain, valuation.priced, valuation.book, valuation.grid, previous)


def _by_strike(chain: Chain, valuation: Valuation, found: ByContract) -> ByStrike:
    grid, calls = valuation.grid, chain.is_call
    oi, volume, iv = found.oi, found.volume, found.iv
    now, then = _both_ends(chain, found, np.ones_like(calls), grid)
    return ByStrike(
        strike=valuation.by_strike.strike,
        call_oi=_sums(grid, oi, calls),
        put_oi=_sums(grid, oi, ~calls),
        call_volume=_sums(grid, volume, calls),
        put_volume=_sums(grid, volume, ~calls),
        call_iv=_means(grid, iv, calls),
        put_iv=_means(grid, iv, ~calls),
        trend=tuple(map(oi_trend, now.tolist(), then.tolist())),
    )


def _both_ends(chain: Chain, found: ByContract, side: Bools, grid: Groups) -> tuple[Floats, Floats]:
    """Open interest now and then of the contracts that publish both, per strike."""
    now = np.where(np.isfinite(found.oi), chain.oi, np.nan)
    return _sums(grid, now, side), _sums(grid, now - found.oi, side)


def _sums(grid: Groups, values: Floats, side: Bools) -> Floats:
    """Per strike, NaN where nothing of that side has a value."""
    there = side & np.isfinite(values)
    sums = grid.sums(values[there], there)
    return np.where(_counts(grid, there) > 0, sums, np.nan)


def _means(grid: Groups, values: Floats, side: Bools) -> Floats:
    count = _counts(grid, side & np.isfinite(values))
    return _sums(grid, values, side) / np.maximum(count, 1)


def _counts(grid: Groups, rows: Bools) -> Ints:
    return np.bincount(grid.of[rows], minlength=grid.count).astype(np.int64)


def _totals(chain: Chain, found: ByContract) -> Changes:
    calls = chain.is_call
    moved = found.iv[np.isfinite(found.iv)]
    return Changes(
        call_oi=_total(found.oi[calls]),
        put_oi=_total(found.oi[~calls]),
        call_volume=_total(found.volume[calls]),
        put_volume=_total(found.volume[~calls]),
        iv=float(moved.mean()) if moved.size else None,
    )


def _total(values: Floats) -> float | None:
    there = values[np.isfinite(values)]
    return float(there.sum()) if there.size else None


def _walls(chain: Chain, valuation: Valuation, found: ByContract) -> tuple[WallChange, ...]:
    now = walls(valuation.ladder)
    calls = chain.is_call
    return (
        _wall("call_wall", now.call_wall, valuation, found, calls),
        _wall("put_wall", now.put_wall, valuation, found, ~calls),
        _wall("call_wall_oi", now.call_wall_oi, valuation, found, calls),
        _wall("put_wall_oi", now.put_wall_oi, valuation, found, ~calls),
    )


def _wall(
    name: str, strike: float | None, valuation: Valuation, found: ByContract, side: Bools
) -> WallChange:
    if strike is None:
        missing = "there is no such wall now"
        return WallChange(
            name=name, strike=None, oi=None, oi_before=None, trend=None, reason=missing
        )
    at = int(np.searchsorted(valuation.by_strike.strike, strike))
    now, then = (
        float(ends[at]) for ends in _both_ends(valuation.chain, found, side, valuation.grid)
    )
    there = bool(np.isfinite(now))
    return WallChange(
        name=name,
        strike=strike,
        oi=now if there else None,
        oi_before=then if there else None,
        trend=oi_trend(now, then),
        reason=None if there else "no contract of this wall published open interest then",
    )
