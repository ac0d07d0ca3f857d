"""Sign scenarios side by side: what depends on who is believed to hold the options, and how much.

Nobody outside the venue sees the dealers' side. A level that every convention gives alike is
robust; for the others the band of answers says how much rests on the belief.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.analyse import concluded
from engine.domain import Flip, Floats, Levels, Regime, Snapshot
from engine.held import Held
from engine.positions import CONVENTIONS, Convention, signed, weighed
from engine.settings import EngineSettings
from engine.valuation import reheld

SAME = 1e-9
"""Levels relatively closer than this are one level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The same contracts under one convention. Exposures as in `Exposures`."""

    convention: str
    assumed: bool
    regime: Regime | None
    net_gex: float
    net_dex: float
    net_vex: float
    net_cex: float
    gamma_flips: tuple[Flip, ...]
    levels: Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One level over all scenarios. [quote]

    Attributes:
        low, high: Of those scenarios that have the level; None when none has.
        robust: Every scenario has the same one, or none has any.
        values: By convention.
        reasons: Why a scenario has none, by convention.
    """

    name: str
    low: float | None
    high: float | None
    robust: bool
    values: Mapping[str, float | None]
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenarios:
    """`robust_lists`: which of the levels that are several (`gamma_walls`, ...) are the same.

    `regime_robust`: every scenario says the same regime.
    """

    spot: float
    scenarios: tuple[Scenario, ...]
    bands: Mapping[str, Band]
    robust_lists: Mapping[str, bool]
    regime_robust: bool


def scenarios(held: Held, settings: EngineSettings) -> Scenarios:
    """Under naive, inverse, short_all, long_all, and the held position's own sign if another."""
    valuation = held.value()
    seen = []
    for sign in _signs(held):
        own = sign.name == held.sign.name
        position = held.position if own else _position(held, sign)
        other = replace(held, sign=sign, position=position)
        seen.append((sign, concluded(other, reheld(valuation, position), settings)))
    found = tuple(_scenario(sign, snapshot) for sign, snapshot in seen)
    names = list(_prices(found[0].levels))
    lists = list(found[0].levels.lists)
    return Scenarios(
        spot=held.chain.spot,
        scenarios=found,
        bands={name: _band(name, found) for name in names},
        robust_lists={
            name: len({each.levels.lists[name] for each in found}) == 1 for name in lists
        },
        regime_robust=len({each.regime for each in found}) == 1,
    )


def _position(held: Held, sign: Convention) -> Floats:
    chain = held.chain
    return signed(weighed(chain, held.weight, sign), chain.is_call, sign)


def _signs(held: Held) -> list[Convention]:
    assumed = [each for each in CONVENTIONS.values() if each.assumed]
    known = any(each.name == held.sign.name for each in assumed)
    return assumed if known else [*assumed, held.sign]


def _scenario(sign: Convention, snapshot: Snapshot) -> Scenario:
    sums = snapshot.exposures
    return Scenario(
        convention=sign.name,
        assumed=sign.assumed,
        regime=snapshot.regime,
        net_gex=sums.gex_usd_per_1pct,
        net_dex=sums.dex_usd,
        net_vex=sums.vex_usd_per_volpt,
        net_cex=sums.cex_usd_per_day,
        gamma_flips=snapshot.levels.gamma_flips,
        levels=snapshot.levels,
    )


def _prices(levels: Levels) -> dict[str, float | None]:
    move = levels.expected_move
    return {
        "gamma_flip": levels.gamma_flip,
        "call_wall": levels.call_wall,
        "put_wall": levels.put_wall,
        "max_pain": levels.max_pain,
        "expected_move": move.straddle if move else None,
        **levels.more,
    }


def _band(name: str, found: tuple[Scenario, ...]) -> Band:
    values = {each.convention: _prices(each.levels)[name] for each in found}
    there = [value for value in values.values() if value is not None]
    low, high = min(there, default=None), max(there, default=None)
    alike = low is None or high is None or high - low <= SAME * abs(high)
    return Band(
        name=name,
        low=low,
        high=high,
        robust=alike and len(there) in {0, len(values)},
        values=values,
        reasons={
            each.convention: each.levels.unavailable[name]
            for each in found
            if values[each.convention] is None
        },
    )
