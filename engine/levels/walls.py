"""Walls: strikes that hold the most gamma or open interest, by magnitude and either side of spot.

They do not depend on the sign convention; only `net_walls` and `gamma_walls` (net GEX) do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain import Floats, StrikeTable
from engine.levels.ranking import largest, ranked, without_noise

COUNT = 5
EMPTY = 0.1
"""Share of the largest gross gamma under which a strike is part of a vacuum."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ladder:
    """Per listed strike, ascending, shape (k,): what is open there, whoever holds it.

    Gamma in quote currency per 1 % move, open interest in contracts; 0 where nothing is known.
    """

    spot: float
    strike: Floats
    call_gamma: Floats
    put_gamma: Floats
    call_oi: Floats
    put_oi: Floats

    @property
    def gross(self) -> Floats:
        return self.call_gamma + self.put_gamma


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """Strikes, None = nothing is open there. [quote]

    `r1`, `r2`: the largest call open interest above the call wall, nearer first; `s1`, `s2`:
    the largest put open interest below the put wall.
    """

    call_wall: float | None
    put_wall: float | None
    call_wall_oi: float | None
    put_wall_oi: float | None
    abs_gamma_strike: float | None
    call_oi_walls: tuple[float, ...]
    put_oi_walls: tuple[float, ...]
    r1: float | None
    r2: float | None
    s1: float | None
    s2: float | None


def walls(ladder: Ladder) -> Walls:
    strike, spot = ladder.strike, ladder.spot
    call_wall = largest(strike, ladder.call_gamma, spot)
    put_wall = largest(strike, ladder.put_gamma, spot)
    call_oi_walls = ranked(strike, ladder.call_oi, spot, COUNT)
    put_oi_walls = ranked(strike, ladder.put_oi, spot, COUNT)
    r1, r2 = _next_two(ladder, ladder.call_oi, call_wall, above=True)
    s1, s2 = _next_two(ladder, ladder.put_oi, put_wall, above=False)
    return Walls(
        call_wall=call_wall,
        put_wall=put_wall,
        call_wall_oi=call_oi_walls[0] if call_oi_walls else None,
        put_wall_oi=put_oi_walls[0] if put_oi_walls else None,
        abs_gamma_strike=largest(strike, ladder.gross, spot),
        call_oi_walls=call_oi_walls,
        put_oi_walls=put_oi_walls,
        r1=r1,
        r2=r2,
        s1=s1,
        s2=s2,
    )


def net_walls(table: StrikeTable, spot: float) -> tuple[float | None, float | None]:
    """The strikes of the most positive and the most negative net GEX; None = nowhere such."""
    net = without_noise(table.net_gex, table.gross_gex)
    return largest(table.strike, net, spot), largest(table.strike, -net, spot)


def gamma_walls(table: StrikeTable, spot: float) -> tuple[float, ...]:
    """The strikes of largest |net GEX| under the convention in force."""
    net = without_noise(table.net_gex, table.gross_gex)
    return ranked(table.strike, np.abs(net), spot, COUNT)


def gamma_centroid(ladder: Ladder) -> float | None:
    """Strike averaged by gross gamma: net weights can sum to nearly nothing. [quote]"""
    total = float(ladder.gross.sum())
    return float((ladder.strike * ladder.gross).sum()) / total if total > 0 else None


def vacuum(ladder: Ladder, *, above: bool) -> tuple[tuple[float, float], ...]:
    """Stretches of two or more strikes on one side of spot with next to no gamma: (first, last)."""
    gross = ladder.gross
    peak = float(gross.max(initial=0.0))
    if peak <= 0:
        return ()
    side = ladder.strike > ladder.spot if above else ladder.strike < ladder.spot
    thin = gross[side] < EMPTY * peak
    edges = np.flatnonzero(np.diff(np.concatenate(([False], thin, [False])).astype(np.int8)))
    strike = ladder.strike[side]
    runs = zip(edges[::2], edges[1::2] - 1, strict=True)
    return tuple((float(strike[a]), float(strike[b])) for a, b in runs if b > a)


def _next_two(
    ladder: Ladder, oi: Floats, wall: float | None, *, above: bool
) -> tuple[float | None, float | None]:
    if wall is None:
        return None, None
    beyond = ladder.strike > wall if above else ladder.strike < wall
    found = sorted(ranked(ladder.strike[beyond], oi[beyond], ladder.spot, 2), reverse=not above)
    near, far, *_ = [*found, None, None]
    return near, far
