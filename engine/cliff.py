"""Forward gamma: what of today's gamma is left after each settlement, and the largest drop.

Two readings stand side by side. Of today's gamma, what has not settled yet: it adds up to the
whole. And the gamma of the same contracts priced at that instant, at today's spot and
volatilities: time passes, so near the money it is more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engine.domain import SECONDS_PER_YEAR, Floats, Ints
from engine.exposure import Groups
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.valuation import Valuation


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One settlement instant. Money in quote per 1 %.

    Attributes:
        expires_net, expires_gross: Today's GEX of what settles at this instant.
        share: `expires_gross` of today's gross GEX; None when that is 0. [fraction]
        left_net, left_gross: Today's GEX of what settles later.
        then_net, then_gross: GEX of what settles later, priced at this instant.
    """

    settlement: datetime
    contracts: int
    expires_net: float
    expires_gross: float
    share: float | None
    left_net: float
    left_gross: float
    then_net: float
    then_gross: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardGamma:
    """`steps`: nearest first. `cliff`: the one with the largest share, the nearest of a tie.

    `reason`: why there is no cliff, None when there is one.
    """

    net: float
    gross: float
    steps: tuple[Step, ...]
    cliff: Step | None
    reason: str | None


def forward_gamma(valuation: Valuation, settings: EngineSettings) -> ForwardGamma:
    """Of every settlement of the chain, those without any gamma included."""
    instants = np.array([each.instant for each in valuation.settlements], dtype=np.int64)
    settles = valuation.chain.settlement[valuation.priced.rows]
    of = np.searchsorted(instants, settles)
    gex = valuation.book.gex
    groups = Groups(of, instants.size)
    everything = np.arange(of.size)
    net, gross = groups.sums(gex, everything), groups.sums(np.abs(gex), everything)
    left_net, left_gross = _later(net), _later(gross)
    total = valuation.exposures.gex_gross_usd_per_1pct
    steps = []
    for i, settlement in enumerate(valuation.settlements):
        then_net, then_gross = _then(valuation, settings, settlement.instant, settles)
        steps.append(
            Step(
                settlement=datetime.fromtimestamp(settlement.instant, UTC),
                contracts=int(settlement.rows.size),
                expires_net=float(net[i]),
                expires_gross=float(gross[i]),
                share=float(gross[i]) / total if total > 0 else None,
                left_net=float(left_net[i]),
                left_gross=float(left_gross[i]),
                then_net=then_net,
                then_gross=then_gross,
            )
        )
    cliff = max(steps, key=lambda step: step.expires_gross) if total > 0 else None
    return ForwardGamma(
        net=valuation.exposures.gex_usd_per_1pct,
        gross=total,
        steps=tuple(steps),
        cliff=cliff,
        reason=None if cliff else "the dealers hold nothing that has gamma",
    )


def _later(values: Floats) -> Floats:
    """Sum of everything behind each position: from the far end, so that nothing is left at 0."""
    sums = np.cumsum(values[::-1])[::-1]
    return np.concatenate((sums[1:], [0.0]))


def _then(
    valuation: Valuation, settings: EngineSettings, instant: int, settles: Ints
) -> tuple[float, float]:
    priced, units = valuation.priced, valuation.book.units
    (rows,) = np.nonzero(settles > instant)
    if not rows.size:
        return 0.0, 0.0
    years = np.maximum(settles[rows] - instant, settings.min_seconds) / SECONDS_PER_YEAR
    gamma = bsm_greeks(
        priced.spot,
        priced.strike[rows],
        years,
        priced.rate,
        priced.carry[rows],
        priced.iv[rows],
        priced.is_call[rows],
        which=("gamma",),
    ).as_dict()["gamma"]
    gex = 0.01 * priced.spot**2 * gamma * units[rows]
    return float(gex.sum()), float(np.abs(gex).sum())
