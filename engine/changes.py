"""What changed between two chains: the values of `engine.compare`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.domain import Floats, Ints
from engine.history.oi_deltas import Trend
from engine.levels.active import Active


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByContract:
    """Rows of the later chain, shape (n,); NaN where either end is missing.

    Attributes:
        before: Row in the earlier chain, -1 = not listed then.
        oi, volume: [contracts]
        iv: [vol points]
    """

    before: Ints
    oi: Floats
    iv: Floats
    volume: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByStrike:
    """Sums over the contracts of a strike that have both ends, shape (k,); NaN without any.

    Attributes:
        call_iv, put_iv: Means. [vol points]
        trend: Of call and put open interest together, None without both ends.
    """

    strike: Floats
    call_oi: Floats
    put_oi: Floats
    call_volume: Floats
    put_volume: Floats
    call_iv: Floats
    put_iv: Floats
    trend: tuple[Trend | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WallChange:
    """The wall of now, and its own side's open interest then. [contracts]

    `reason`: why there is no trend, None when there is one.
    """

    name: str
    strike: float | None
    oi: float | None
    oi_before: float | None
    trend: Trend | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Sums over contracts that have both ends, None without any; IV is the mean. [vol points]"""

    call_oi: float | None
    put_oi: float | None
    call_volume: float | None
    put_volume: float | None
    iv: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """From `since` to `asof`.

    Attributes:
        same, new: Contracts of now that were listed then, and that were not.
        settled, delisted: Contracts of then that are gone, because they settled or otherwise.
        active: The exposure that new open interest carries; `stale_gex` is the rest of Net GEX.
            None when no contract of then publishes its open interest. [quote per 1 %]
        unpublished: Contracts of both whose open interest then is unknown: none of it is active.
    """

    asof: datetime
    since: datetime
    spot: float
    spot_before: float
    same: int
    new: int
    settled: int
    delisted: int
    unpublished: int
    contracts: ByContract
    strikes: ByStrike
    totals: Changes
    walls: tuple[WallChange, ...]
    active: Active | None
    stale_gex: float | None
