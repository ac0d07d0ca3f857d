"""Levels where something changes sign, other than the gamma flip itself (`engine.profile`).

The strike-based ones are published for comparison under their own names: they sum contributions
of different strikes at TODAY's spot, so they are not where the regime changes.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from engine.domain import Floats, StrikeTable
from engine.exposure import Groups, Priced
from engine.levels.ranking import NOISE, closest, without_noise
from engine.pricing import bsm_greeks


def strike_cumulative(table: StrikeTable, spot: float) -> float | None:
    """Where net GEX, summed from the lowest strike up, changes sign. [quote]"""
    return _crossing(table.strike, _cumulative(table), spot)


def strike_sign(table: StrikeTable, spot: float) -> float | None:
    """Where net GEX changes sign from one strike to the next. [quote]"""
    return _crossing(table.strike, without_noise(table.net_gex, table.gross_gex), spot)


def high_vol_level(table: StrikeTable, spot: float) -> float | None:
    """Strike where the cumulative net GEX is lowest; None when it never is negative. [quote]"""
    summed = _cumulative(table)
    lowest = float(summed.min(initial=0.0))
    if lowest >= 0:
        return None
    return closest(table.strike[summed <= lowest * (1 - NOISE)], spot)


def open_delta_by_strike(priced: Priced, grid: Groups) -> tuple[Floats, Floats]:
    """Delta of all open interest, calls' and puts', as its holders see it: shape (k,). [quote]"""
    delta = priced.oi * priced.multiplier * priced.delta * priced.spot
    calls, rows = priced.is_call, priced.rows
    return grid.sums(delta[calls], rows[calls]), grid.sums(delta[~calls], rows[~calls])


def delta_flip_strike(strike: Floats, call: Floats, put: Floats, spot: float) -> float | None:
    """Strike where the open delta changes sign (`delta_flip_strike_flow_dashboard`). [quote]"""
    return _crossing(strike, without_noise(call + put, np.abs(call) + np.abs(put)), spot)


def _crossing(strike: Floats, value: Floats, spot: float) -> float | None:
    """Linear between neighbouring non-zero values of opposite sign, the one nearest to spot."""
    (there,) = np.nonzero(value)
    strike, value = strike[there], value[there]
    (at,) = np.nonzero(np.sign(value[:-1]) * np.sign(value[1:]) < 0)
    low, high = strike[at], strike[at + 1]
    share = value[at] / (value[at] - value[at + 1])
    return closest(low + share * (high - low), spot)


def _cumulative(table: StrikeTable) -> Floats:
    return without_noise(np.cumsum(table.net_gex), np.cumsum(table.gross_gex))


def delta_flip(priced: Priced, *, low: float, high: float) -> float | None:
    """Spot at which the delta of all open interest, seen by its holders, is zero. [quote]

    That delta rises strictly with spot, so there is one root or none; None also when it lies
    outside [low, high] x spot.
    """
    units = priced.oi * priced.multiplier
    (held,) = np.nonzero(units)

    def delta_at(spot: float) -> float:
        delta = bsm_greeks(
            spot,
            priced.strike[held],
            priced.years[held],
            priced.rate,
            priced.carry[held],
            priced.iv[held],
            priced.is_call[held],
            which=("delta",),
        ).as_dict()["delta"]
        return float((units[held] * delta).sum())

    bottom, top = low * priced.spot, high * priced.spot
    if not held.size or not delta_at(bottom) < 0 < delta_at(top):
        return None
    return float(brentq(delta_at, bottom, top, xtol=1e-10 * priced.spot, rtol=1e-12))
