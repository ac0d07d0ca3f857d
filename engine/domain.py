"""The values everything is made of. All frozen; arrays are aligned and one-dimensional.

Missing numbers inside arrays are NaN; a missing scalar is None with its reason beside it.
A contract is identified by (root, settlement, strike, is_call).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import BadData

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]

SECONDS_PER_YEAR = 365 * 86_400
DEMO = "demo"


class Market(StrEnum):
    """Whose clock and calendar a chain follows; also the refresh groups' names."""

    CRYPTO = "crypto"
    US = "us"
    INDIA = "india"


class Regime(StrEnum):
    """Sign of the dealers' net gamma at spot; NEUTRAL inside the band around zero."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """One venue, one asset, one instant: what was listed and not yet settled.

    Attributes:
        asof, spot: Valuation instant, aware UTC, and the underlying's price then. [quote]
        root, settlement: "SPXW"; instants since 1970 after `asof`; shape (n,). [s]
        strike, is_call: Shape (n,), strikes positive. [quote]
        oi, volume: Open, traded today or in 24 h; shape (n,), NaN = not published. [contracts]
        bid, ask: Shape (n,), NaN = no quote, 0 = a zero quote. [quote]
        iv: The venue's implied volatility, shape (n,), NaN = none. [fraction per sqrt(year)]
        delta, gamma: The venue's greeks of one unit, to spot; NaN = none, empty = none of any.
        multiplier: Units of the underlying per contract, shape (n,).
        forward: The venue's forward of the contract's expiry, shape (n,), NaN = none. [quote]
        rate: Discount rate the venue itself uses, None = the engine's. [fraction per year]
        listed: Contracts the venue listed, before anything was left out.
        left_out: Why contracts of `listed` are not here: expired, adjusted, duplicate, invalid.

    Raises:
        BadData: an array of another length, a naive time, a contract that cannot be.
    """

    asset: str
    venue: str
    market: Market
    asof: datetime
    spot: float
    currency: str
    root: Texts
    settlement: Ints
    strike: Floats
    is_call: Bools
    oi: Floats
    volume: Floats
    bid: Floats
    ask: Floats
    iv: Floats
    multiplier: Floats
    forward: Floats
    delta: Floats = field(default_factory=lambda: np.empty(0))
    gamma: Floats = field(default_factory=lambda: np.empty(0))
    rate: float | None = None
    listed: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.asof.tzinfo is not UTC:
            raise BadData(f"expected an as-of time in UTC, found {self.asof!r}")
        if not (np.isfinite(self.spot) and self.spot > 0):
            raise BadData(f"expected a positive {self.asset} spot, found {self.spot}")
        for name in ("delta", "gamma"):
            given = getattr(self, name) if getattr(self, name).size else self.strike * np.nan
            object.__setattr__(self, name, given)
        for name in COLUMNS:
            shape = getattr(self, name).shape
            if shape != self.strike.shape or len(shape) != 1:
                raise BadData(f"expected {self.strike.shape} {name} values, found {shape}")
        if not bool((self.strike > 0).all() and np.isfinite(self.strike).all()):
            raise BadData(f"expected positive {self.asset} strikes")
        if bool((self.settlement <= self.asof.timestamp()).any()):
            raise BadData(f"expected {self.asset} contracts not yet settled")
        if bool((self.oi < 0).any()):
            raise BadData(f"expected {self.asset} open interest of 0 or more")
        accounted = self.strike.size + sum(self.left_out.values())
        if accounted != self.listed:
            raise BadData(f"expected {self.listed} contracts accounted for, found {accounted}")

    def __len__(self) -> int:
        return int(self.strike.size)

    @property
    def years(self) -> Floats:
        """Time to settlement, actual/365, exact to the second. [years]"""
        return (self.settlement - self.asof.timestamp()) / SECONDS_PER_YEAR


COLUMNS = ("root", "settlement", "strike", "is_call", "oi", "volume", "bid", "ask", "iv",
           "multiplier", "forward", "delta", "gamma")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contracts:
    """listed = used + every count of left_out + unpriced ones, which are left_out["no_vol"]."""

    listed: int
    used: int
    left_out: Mapping[str, int]

    @property
    def coverage(self) -> float | None:
        """Share of the live, well-formed contracts that entered the sums. [fraction]"""
        live = self.used + self.left_out.get("no_vol", 0)
        return self.used / live if live else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposures:
    """Dealer totals; names say the unit (`docs/words.md`). "usd" reads "quote currency"."""

    gex_usd_per_1pct: float
    gex_gross_usd_per_1pct: float
    gex_usd_per_1usd: float
    gex_units_per_1usd: float
    gex_usd_s2: float
    dex_usd: float
    dex_units: float
    vex_usd_per_volpt: float
    vex_units_per_volpt: float
    vex_fno_monitor: float
    cex_usd_per_day: float
    cex_units_per_day: float
    cex_fno_monitor_units_per_year: float
    vega_usd_per_volpt: float
    theta_usd_per_day: float
    vomma_usd_per_volpt2: float
    speed_usd_per_1pct2: float
    zomma_usd_per_1pct_per_volpt: float

    def as_dict(self) -> dict[str, float]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrikeTable:
    """Sums per listed strike, ascending; every array has shape (k,).

    GEX in quote currency per 1 % move, DEX in quote currency, VEX per vol point, CEX per day.
    """

    strike: Floats
    call_gex: Floats
    put_gex: Floats
    net_gex: Floats
    gross_gex: Floats
    call_oi: Floats
    put_oi: Floats
    call_volume: Floats
    put_volume: Floats
    net_dex: Floats
    net_vex: Floats
    net_cex: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRow:
    """Sums and levels of one settlement (root and instant), nearest first."""

    root: str
    settlement: datetime
    contracts: int
    call_oi: float
    put_oi: float
    net_gex: float
    gross_gex: float
    net_dex: float
    net_vex: float
    net_cex: float
    forward: float | None
    atm_iv: float | None
    max_pain: float | None
    expected_move: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Net GEX of the whole book re-priced at each spot: arrays of shape (m,), spots ascending."""

    spots: Floats
    gex: Floats


Direction = Literal["neg_to_pos", "pos_to_neg"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A root of the gamma profile. `prominence` is 0..1 of the profile's largest swing."""

    level: float
    direction: Direction
    prominence: float


@dataclass(frozen=True, slots=True)
class ExpectedMove:
    """Nearest expiry's at-the-money straddle and its one-sigma forms. [quote]"""

    strike: float | None
    straddle: float | None
    straddle_085: float | None
    one_sigma_from_straddle: float | None
    one_sigma_iv: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Prices, or None with the reason in `unavailable[name]`. Never NaN, never 0 for "none"."""

    gamma_flip: float | None
    gamma_flips: tuple[Flip, ...]
    call_wall: float | None
    put_wall: float | None
    max_pain: float | None
    expected_move: ExpectedMove | None
    more: Mapping[str, float | None] = field(default_factory=dict)
    """Further levels by the names of `docs/words.md`: abs_gamma_strike, call_wall_oi, ..."""
    lists: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Levels that are several: gamma_walls, call_oi_walls, put_oi_walls."""
    unavailable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """All a command, a rule or a chart reads. Its age is `Call.now - asof`."""

    asset: str
    venues: tuple[str, ...]
    market: Market
    asof: datetime
    spot: float
    currency: str
    convention: str
    window: str = "all"
    regime: Regime | None
    contracts: Contracts
    exposures: Exposures
    levels: Levels
    by_strike: StrikeTable
    by_expiry: tuple[ExpiryRow, ...]
    profile: Profile
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    """Sentences a reader must see: "inside the settlement average", "sign assumed", ..."""

    @property
    def simulated(self) -> bool:
        return DEMO in self.venues

    @property
    def venue(self) -> str:
        return "+".join(self.venues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A rule that fired and the numbers it saw; cards word it when it is sent."""

    rule: str
    asset: str
    venue: str
    asof: datetime
    evidence: Mapping[str, float | str | None]

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.asset}:{self.venue}:{self.asof.isoformat()}"
