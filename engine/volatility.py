"""Which volatility a contract has, and what the smile of one settlement says.

Volatilities are fractions per sqrt(year); NaN = none. Definitions: docs/words.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.domain import Bools, Chain, Floats, Texts
from engine.implied import NoVol, implied_vol, no_vol_reason
from engine.settings import EngineSettings

EDGE = 1e-12
"""Inclusive windows are this much wider, relatively: a strike on the edge is inside."""

NO_QUOTE = "without a usable quote"
NOT_BELIEVED = "with a volatility that is not believed"
"""Beside those of `NoVol`, why a contract has no volatility."""

_LONGEST = max(len(each) for each in (*NoVol, NO_QUOTE, NOT_BELIEVED))

MONTH = 30 / 365
SKEWED = 0.01
"""One vol point: a smaller skew has no direction."""

SkewDirection = Literal["PUT_SKEW", "CALL_SKEW", "NEUTRAL"]


@dataclass(frozen=True, slots=True)
class Skew:
    """Mean vol of out-of-the-money puts minus calls, within 10 % of spot."""

    put_iv: float | None
    call_iv: float | None
    skew: float | None
    direction: SkewDirection | None


@dataclass(frozen=True, slots=True)
class RiskReversal:
    """Vols at 25 delta; `rr` = call - put, the market's sign."""

    call: float | None
    put: float | None
    rr: float | None


def usable_mid(bid: Floats, ask: Floats) -> Floats:
    """Mid of a quote with 0 < bid <= ask, else NaN: zero, crossed and absent are no quotes."""
    return np.where((bid > 0) & (bid <= ask), (bid + ask) / 2, np.nan)


def contract_vols(
    chain: Chain, years: Floats, rate: float, carry: Floats, settings: EngineSettings
) -> Floats:
    """The venue's vol where it is believable, else the one solved from a usable quote, else NaN.

    Args:
        years, carry: Shape (n,). [years], [fraction per year]

    Returns:
        Shape (n,), within [iv_low, iv_high] or NaN.
    """
    vol = np.full(len(chain), np.nan)
    if settings.use_venue_iv:
        vol = _believable(chain.iv, settings)
    mid = usable_mid(chain.bid, chain.ask)
    solve = np.flatnonzero(np.isnan(vol) & np.isfinite(mid))
    if solve.size:
        solved = implied_vol(
            mid[solve],
            chain.spot,
            chain.strike[solve],
            years[solve],
            rate,
            carry[solve],
            chain.is_call[solve],
        )
        vol[solve] = _believable(solved, settings)
    return vol


def no_vol(chain: Chain, vol: Floats, years: Floats, rate: float, carry: Floats) -> Texts:
    """Why `contract_vols` gave a contract no volatility, "" where `vol` is one, shape (n,).

    The venue's own is then missing or not believed, and the reason is that of its quote.
    """
    reason = np.zeros(len(chain), dtype=f"<U{_LONGEST}")
    (rows,) = np.nonzero(np.isnan(vol))
    why = no_vol_reason(
        usable_mid(chain.bid[rows], chain.ask[rows]),
        chain.spot,
        chain.strike[rows],
        years[rows],
        rate,
        carry[rows],
        chain.is_call[rows],
    )
    quoted = np.where(why == NoVol.NO_PRICE, NO_QUOTE, why)
    reason[rows] = np.where(quoted == "", NOT_BELIEVED, quoted)
    return reason


def _believable(vol: Floats, settings: EngineSettings) -> Floats:
    return np.where((vol >= settings.iv_low) & (vol <= settings.iv_high), vol, np.nan)


def atm_iv(strike: Floats, iv: Floats, forward: float) -> float | None:
    """At-the-money vol of one settlement: None without any vol.

    Per strike the mean of the call's and the put's, linear in strike at the forward, flat
    outside the listed strikes.
    """
    known = np.isfinite(iv)
    if not known.any():
        return None
    strikes, row = np.unique(strike[known], return_inverse=True)
    means = np.bincount(row, weights=iv[known]) / np.bincount(row)
    return float(np.interp(forward, strikes, means))


def atm_iv_month(years: Sequence[float], vols: Sequence[float | None]) -> float | None:
    """30-day at-the-money vol: linear in total variance between the settlements around it.

    Args:
        years, vols: Term structure, nearest first. [years], [fraction per sqrt(year)]
    """
    term = [(t, vol) for t, vol in zip(years, vols, strict=True) if vol is not None]
    before = [each for each in term if each[0] <= MONTH * (1 + EDGE)]
    after = [each for each in term if each[0] >= MONTH * (1 - EDGE)]
    if not before or not after:
        return None
    (near, near_vol), (far, far_vol) = before[-1], after[0]
    if far - near <= EDGE * MONTH:
        return near_vol
    share = (MONTH - near) / (far - near)
    variance = (1 - share) * near * near_vol**2 + share * far * far_vol**2
    return float(np.sqrt(variance / MONTH))


def skew_otm(strike: Floats, is_call: Bools, iv: Floats, spot: float) -> Skew:
    """Puts in [0.9 S, S) minus calls in (S, 1.1 S]; all None when a side is missing."""
    low, high = 0.9 * spot * (1 - EDGE), 1.1 * spot * (1 + EDGE)
    known = np.isfinite(iv)
    puts = iv[known & ~is_call & (strike >= low) & (strike < spot)]
    calls = iv[known & is_call & (strike > spot) & (strike <= high)]
    if not puts.size or not calls.size:
        return Skew(None, None, None, None)
    put_iv, call_iv = float(puts.mean()), float(calls.mean())
    skew = put_iv - call_iv
    direction: SkewDirection = "NEUTRAL"
    if abs(skew) > SKEWED:
        direction = "PUT_SKEW" if skew > 0 else "CALL_SKEW"
    return Skew(put_iv, call_iv, skew, direction)


def risk_reversal_25d(
    strike: Floats, is_call: Bools, iv: Floats, delta: Floats, forward: float
) -> RiskReversal:
    """Vols where |delta| is 0.25, each on its out-of-the-money side of the forward."""
    known = np.isfinite(iv) & np.isfinite(delta)
    calls = np.flatnonzero(known & is_call & (strike > forward))
    puts = np.flatnonzero(known & ~is_call & (strike < forward))
    size = np.abs(delta)
    call = _at_quarter(size[calls], iv[calls], strike[calls])
    put = _at_quarter(size[puts], iv[puts], -strike[puts])
    return RiskReversal(call, put, None if call is None or put is None else call - put)


def _at_quarter(delta: Floats, iv: Floats, outward: Floats) -> float | None:
    """Vol at |delta| 0.25, walking outward; None when no two neighbours bracket it."""
    order = np.lexsort((-delta, outward))
    delta, iv = delta[order], iv[order]
    (found,) = np.nonzero((delta[:-1] >= 0.25) & (delta[1:] <= 0.25))
    if not found.size:
        return None
    i = int(found[0])
    drop = delta[i] - delta[i + 1]
    share = (delta[i] - 0.25) / drop if drop > 0 else 0.0
    return float(iv[i] + share * (iv[i + 1] - iv[i]))
