"""All levels of a valued chain together: each a price, or None with the reason why."""

from __future__ import annotations

from engine.domain import ExpectedMove, Flip, Levels
from engine.levels.flips import (
    delta_flip,
    delta_flip_strike,
    high_vol_level,
    open_delta_by_strike,
    strike_cumulative,
    strike_sign,
)
from engine.levels.max_pain import MaxPain, max_pain
from engine.levels.pin import Pin, pin
from engine.levels.ranking import closest
from engine.levels.reasons import no_crossing, no_gamma, no_interest, no_sum
from engine.levels.walls import Walls, gamma_centroid, gamma_walls, net_walls, vacuum, walls
from engine.settings import EngineSettings
from engine.valuation import Valuation

Found = tuple[float | None, str]
"""A price, and the reason to give when there is none."""


def levels(
    valuation: Valuation,
    settings: EngineSettings,
    flips: tuple[Flip, ...],
    primary: float | None,
    *,
    empty: str,
) -> Levels:
    """All levels of one chain.

    Args:
        flips, primary: Roots of the gamma profile (`engine.profile`), and the one nearest to spot.
        empty: The reason for everything when the chain has no contract.
    """
    found = walls(valuation.ladder)
    nearest = valuation.nearest
    pain = nearest.max_pain.strike if nearest else None
    move = nearest.expected_move if nearest else None
    headlines: dict[str, Found] = {
        "gamma_flip": (primary, _no_flip(valuation, settings)),
        "call_wall": (found.call_wall, no_gamma(valuation, "call")),
        "put_wall": (found.put_wall, no_gamma(valuation, "put")),
        "max_pain": (pain, "no open interest in the nearest expiry"),
        "expected_move": (
            move.straddle if move else None,
            "no strike of the nearest expiry has a usable quote on both its call and its put",
        ),
    }
    more = {**_walls(valuation, found), **_crossings(valuation, settings), **_centres(valuation)}
    missing = {
        name: reason if len(valuation.chain) else empty
        for name, (price, reason) in {**headlines, **more}.items()
        if price is None
    }
    if unknown := no_sum(valuation):
        missing["net_gex"] = unknown
    return Levels(
        gamma_flip=primary,
        gamma_flips=flips,
        call_wall=found.call_wall,
        put_wall=found.put_wall,
        max_pain=pain,
        expected_move=_known(move),
        more={name: price for name, (price, _) in more.items()},
        lists=_lists(valuation, found),
        unavailable=missing,
    )


def max_pain_all(valuation: Valuation) -> MaxPain:
    """All settlements pooled as if they shared one price: a window's figure, not a forecast."""
    chain = valuation.chain
    return max_pain(chain.strike, chain.is_call, chain.oi * chain.multiplier, chain.spot)


def nearest_pin(valuation: Valuation) -> Pin | None:
    """Of the nearest settlement; None when nothing open there has gamma."""
    nearest = valuation.nearest
    if nearest is None:
        return None
    priced = valuation.priced
    return pin(
        priced.strike[nearest.priced],
        priced.open_gamma[nearest.priced],
        priced.spot,
        nearest.years,
        nearest.atm_iv,
    )


def _walls(valuation: Valuation, found: Walls) -> dict[str, Found]:
    call_net, put_net = net_walls(valuation.by_strike, valuation.chain.spot)
    nothing = _no_net(valuation)
    return {
        "call_wall_net": (call_net, nothing or "net GEX is positive at no strike"),
        "put_wall_net": (put_net, nothing or "net GEX is negative at no strike"),
        "call_wall_oi": (found.call_wall_oi, no_interest(valuation, "call")),
        "put_wall_oi": (found.put_wall_oi, no_interest(valuation, "put")),
        "abs_gamma_strike": (found.abs_gamma_strike, no_gamma(valuation)),
        "R1": (found.r1, "no call open interest above a call wall"),
        "R2": (found.r2, "call open interest at fewer than two strikes above a call wall"),
        "S1": (found.s1, "no put open interest below a put wall"),
        "S2": (found.s2, "put open interest at fewer than two strikes below a put wall"),
    }


def _crossings(valuation: Valuation, settings: EngineSettings) -> dict[str, Found]:
    table, spot = valuation.by_strike, valuation.chain.spot
    call, put = open_delta_by_strike(valuation.priced, valuation.grid)
    return {
        "hvl": (
            high_vol_level(table, spot),
            "net GEX summed from the lowest strike up is nowhere negative",
        ),
        "flip_strike_cumulative": (
            strike_cumulative(table, spot),
            "net GEX summed from the lowest strike up does not change sign",
        ),
        "flip_strike_sign": (
            strike_sign(table, spot),
            "net GEX does not change sign from strike to strike",
        ),
        "delta_flip": (
            delta_flip(valuation.priced, low=settings.profile_low, high=settings.profile_high),
            no_crossing("the delta of all open interest", settings),
        ),
        "delta_flip_strike_flow_dashboard": (
            delta_flip_strike(table.strike, call, put, spot),
            "the delta of open interest does not change sign from strike to strike",
        ),
    }


def _centres(valuation: Valuation) -> dict[str, Found]:
    at = nearest_pin(valuation)
    return {
        "atm_strike": (
            closest(valuation.ladder.strike, valuation.chain.spot),
            "no strike is listed",
        ),
        "gamma_centroid": (gamma_centroid(valuation.ladder), no_gamma(valuation)),
        "max_pain_all": (max_pain_all(valuation).strike, no_interest(valuation)),
        "pin_strike": (at.strike if at else None, "nothing open in the nearest expiry has gamma"),
    }


def _lists(valuation: Valuation, found: Walls) -> dict[str, tuple[float, ...]]:
    """Stretches of a vacuum stand as first, last, first, last, ..."""
    nearest, ladder = valuation.nearest, valuation.ladder
    return {
        "gamma_walls": gamma_walls(valuation.by_strike, ladder.spot),
        "call_oi_walls": found.call_oi_walls,
        "put_oi_walls": found.put_oi_walls,
        "max_pain_ties": nearest.max_pain.ties if nearest else (),
        "vacuum_up": tuple(edge for run in vacuum(ladder, above=True) for edge in run),
        "vacuum_down": tuple(edge for run in vacuum(ladder, above=False) for edge in run),
    }


def _no_flip(valuation: Valuation, settings: EngineSettings) -> str:
    return _no_net(valuation) or no_crossing("the gamma profile", settings)


def _no_net(valuation: Valuation) -> str | None:
    """Why the dealers have no gamma at all; None when they have."""
    if not valuation.ladder.gross.any():
        return no_gamma(valuation)
    if valuation.exposures.gex_gross_usd_per_1pct == 0:
        return "the dealers hold none of the contracts that have gamma"
    return None


def _known(move: ExpectedMove | None) -> ExpectedMove | None:
    if move is None or (move.straddle is None and move.one_sigma_iv is None):
        return None
    return move
