"""Sentences a reader must see beside the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from engine.domain import SECONDS_PER_YEAR, Floats, Levels, Market
from engine.exercise import DEEP, MATTERS, deep_share
from engine.positions import ASSUMED, Convention, Weight
from engine.settings import EngineSettings
from engine.valuation import Valuation

AVERAGED = 1800
"""Crypto options settle on the average of the last half hour. [s]"""

AT_FLIP = 1e-6
"""Spot this close to a flip, as a share of spot, is on it."""


def flags(
    valuation: Valuation,
    settings: EngineSettings,
    sign: Convention,
    levels: Levels,
    position: Floats,
    weight: Weight = "oi",
) -> tuple[str, ...]:
    """All that apply; empty when nothing needs saying."""
    if not len(valuation.chain):
        return ()
    return (
        *_signs(valuation, sign, position),
        *_weight(valuation, weight),
        *_inputs(valuation),
        *_no_vol(valuation),
        *_greeks(valuation, settings),
        *_exercise(valuation),
        *_time(valuation, settings),
        *_positions_of_levels(valuation, levels),
    )


def at_flip(flip: float, spot: float) -> bool:
    """Whether spot is on the flip, where the sign of net gamma says nothing."""
    return abs(flip / spot - 1) < AT_FLIP


def _signs(valuation: Valuation, sign: Convention, position: Floats) -> Iterator[str]:
    if sign.signs is not None:
        calls, puts = sign.signs
        yield f"{ASSUMED} ({sign.name}: calls {calls:+g}, puts {puts:+g})."
    else:
        unknown = int((np.isnan(position) & (valuation.chain.oi > 0)).sum())
        if unknown:
            yield f"The book does not know the dealers' position in {_contracts(unknown)}."


def _weight(valuation: Valuation, weight: Weight) -> Iterator[str]:
    if weight != "volume":
        return
    yield (
        "Weighed by the volume traded, not by open interest: what is shown as held is what changed"
        " hands, opening and closing alike. Walls, max pain and the delta flip stay on open"
        " interest."
    )
    silent = int(np.isnan(valuation.chain.volume).sum())
    if silent:
        yield f"No volume is published for {_contracts(silent)}: left out of all exposures."


def _inputs(valuation: Valuation) -> Iterator[str]:
    chain, terms = valuation.chain, valuation.terms
    unpublished = int(np.isnan(chain.oi).sum())
    if unpublished:
        yield f"No open interest is published for {_contracts(unpublished)}: left out of all sums."
    if not terms.rate_known:
        yield f"No discount rate is configured for {chain.currency}: 0 % used."
    guessed = np.unique(chain.settlement[terms.guessed]).size
    if guessed:
        total = len(valuation.settlements)
        yield (
            f"No forward from the venue or from put-call parity for {guessed} of {total} expiries:"
            f" spot carried at {100 * terms.rate:g} %, without any income yield."
        )


def _no_vol(valuation: Valuation) -> Iterator[str]:
    reasons = Counter(valuation.terms.no_vol[np.isnan(valuation.terms.iv)].tolist())
    if reasons:
        counts = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
        told = ", ".join(f"{count:,} {reason}" for reason, count in counts)
        yield f"No volatility for {_contracts(reasons.total())}: {told}."


def _greeks(valuation: Valuation, settings: EngineSettings) -> Iterator[str]:
    if not settings.use_venue_greeks:
        return
    given = int(valuation.terms.given[valuation.priced.rows].sum())
    if not given:
        yield "No delta or gamma of the venue is used, though that is configured: it gives none."
        return
    yield (
        f"The venue's own delta and gamma used for {given:,} of"
        f" {_contracts(len(valuation.priced))}; the gamma profile and its flips, the delta flip"
        " and all other greeks are computed."
    )


def _exercise(valuation: Valuation) -> Iterator[str]:
    share = deep_share(valuation.chain, valuation.priced, valuation.book.gex)
    if share >= MATTERS:
        yield (
            f"American options valued as European: contracts deep in the money (delta beyond"
            f" {DEEP:g}) carry {share:.0%} of gross GEX, and theirs is the least certain."
        )


def _time(valuation: Valuation, settings: EngineSettings) -> Iterator[str]:
    chain = valuation.chain
    left = chain.years * SECONDS_PER_YEAR
    if chain.market is Market.CRYPTO and (left <= AVERAGED).any():
        ends = datetime.fromtimestamp(int(chain.settlement.min()), UTC)
        yield (
            f"Inside the settlement average of the {ends:%H:%M} UTC expiry: part of the price is"
            " fixed, so its gamma is smaller than shown."
        )
    floored = int((left < settings.min_seconds).sum())
    if floored:
        yield (
            f"Valued as if {settings.min_seconds:g} s were left, though less is:"
            f" {_contracts(floored)}."
        )


def _positions_of_levels(valuation: Valuation, levels: Levels) -> Iterator[str]:
    spot = valuation.chain.spot
    if levels.call_wall is not None and levels.call_wall < spot:
        yield "The call wall is below spot."
    if levels.put_wall is not None and levels.put_wall > spot:
        yield "The put wall is above spot."
    if levels.gamma_flip is not None and at_flip(levels.gamma_flip, spot):
        yield "Spot is at the gamma flip: the sign of net gamma says nothing."


def _contracts(count: int) -> str:
    return "1 contract" if count == 1 else f"{count:,} contracts"
