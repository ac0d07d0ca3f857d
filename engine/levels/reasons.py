"""Why a level does not exist, in words a reader can check."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.domain import Bools
from engine.settings import EngineSettings
from engine.valuation import Valuation

Side = Literal["call", "put", "any"]

_CONTRACT: dict[Side, str] = {"call": "call", "put": "put", "any": "contract"}
_INTEREST: dict[Side, str] = {
    "call": "call open interest",
    "put": "put open interest",
    "any": "open interest",
}


def no_interest(valuation: Valuation, side: Side = "any") -> str:
    """Why nothing is open on one side of the whole chain."""
    chain, inside = valuation.chain, _of(valuation, side)
    if not inside.any():
        return f"no {_CONTRACT[side]} is listed"
    published = np.isfinite(chain.oi[inside]).any()
    return f"no {_INTEREST[side]}" if published else f"no {_INTEREST[side]} is published"


def no_gamma(valuation: Valuation, side: Side = "any") -> str:
    """Why nothing open on one side of the whole chain has gamma."""
    there = _of(valuation, side) & (valuation.chain.oi > 0)
    if not there.any():
        return no_interest(valuation, side)
    if not np.isfinite(valuation.terms.iv[there]).any():
        return f"no {_CONTRACT[side]} with open interest has a volatility"
    return f"no {_CONTRACT[side]} with open interest has any gamma at this spot"


def no_sum(valuation: Valuation) -> str | None:
    """Why net GEX is not known, though it sums to zero; None when it is known."""
    if valuation.exposures.gex_gross_usd_per_1pct or not len(valuation.chain):
        return None
    oi = valuation.chain.oi
    if not np.isfinite(oi).any():
        return no_interest(valuation)
    priced = np.isfinite(valuation.terms.iv[oi > 0])
    return no_gamma(valuation) if priced.size and not priced.any() else None


def no_crossing(what: str, settings: EngineSettings) -> str:
    low, high = 100 * settings.profile_low, 100 * settings.profile_high
    return f"{what} does not cross zero between {low:g} % and {high:g} % of spot"


def _of(valuation: Valuation, side: Side) -> Bools:
    calls = valuation.chain.is_call
    if side == "any":
        return np.ones_like(calls)
    return calls if side == "call" else ~calls
