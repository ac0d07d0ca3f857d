"""The Black-76 greeks of the "F&O monitor" design, kept as it states them, for comparison.

Two of its formulas are not what they are called; nothing else in the engine uses this module.

* theta takes -r K D N(d2) for calls AND puts: that is the theta of a call with SPOT held fixed,
  while delta and gamma are to the forward. Puts are off by r K D a year.
* charm is the spot-held charm discounted, without phi r N(phi d1): it is not the time derivative
  of the delta beside it.

Units as the design has them: vega per vol point, theta per day, vanna per 1.00, charm per YEAR.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from engine.domain import Floats
from engine.formulas import log_ratio
from engine.pricing import black76_greeks

LITERAL = ("delta", "gamma", "vega", "theta", "vanna", "charm")


def literal_greeks(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    iv: ArrayLike,
    is_call: ArrayLike,
) -> dict[str, Floats]:
    """The design's own numbers, by name. Everything has to be above 0 and broadcasts.

    Args:
        forward, strike: [quote]
        years: [years]
        rate: [fraction per year]
        iv: [fraction per sqrt(year)]
    """
    future, struck, term, interest, vol = (
        np.asarray(each, dtype=np.float64) for each in (forward, strike, years, rate, iv)
    )
    correct = corrected_greeks(future, struck, term, interest, vol, is_call)
    root = np.sqrt(term)
    spread = vol * root
    d1 = log_ratio(future, struck) / spread + 0.5 * spread
    d2 = d1 - spread
    discount = np.exp(-interest * term)
    density = discount * np.exp(-0.5 * d1 * d1) / np.sqrt(2 * np.pi)
    decay = -future * density * vol / (2 * root)
    theta = (decay - interest * struck * discount * ndtr(d2)) / 365
    charm = -density * (interest / spread - d2 / (2 * term))
    return correct | {"theta": theta, "charm": charm}


def corrected_greeks(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    iv: ArrayLike,
    is_call: ArrayLike,
) -> dict[str, Floats]:
    """Black-76 as it is, in the design's units."""
    raw = black76_greeks(forward, strike, years, rate, iv, is_call, which=LITERAL).as_dict()
    return raw | {"vega": raw["vega"] / 100, "theta": raw["theta"] / 365}
