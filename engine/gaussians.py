"""Sums of many Gaussians at many points: what a spot profile of gamma is made of.

Against ln(spot) the gamma of every contract is a Gaussian, so a profile is a weighted sum of n
Gaussians at m points. As it stands that is n m exponentials. Here the Gaussians are sorted into
octaves of width; each octave is summed on a uniform grid of its own, just fine enough for its
narrowest member, and interpolated. Along a uniform grid a Gaussian needs no exponentials,

    g(j+1) = g(j) m(j),   m(j+1) = m(j) exp(-step^2),

re-anchored every 16 points against rounding and left out where it is nothing. An octave for
which a grid is not worth it (minutes from expiry, few points) takes exponentials at the points
it reaches. Memory is bounded by grid and chunk, not by n m.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial

import numpy as np

from engine.domain import Floats, Ints

REACH = 9.0
"""Standard deviations beyond which a Gaussian is nothing: exp(-9^2/2) = 3e-18."""
_PER_WIDTH = 5
_NODES = 16
"""With 5 points per width, polynomials through 16 of them are good to 3e-11 of the peak."""
_SHOULDER = 2.5
"""Seen only from further out than this, a Gaussian is as steep as a narrower one."""
_LAGRANGE = [
    (-1) ** (_NODES - 1 - i) * comb(_NODES - 1, i) / factorial(_NODES - 1) for i in range(_NODES)
]
"""1 / prod_(j != i) (i - j) of the nodes 0, 1, 2, ..."""
_BLOCK = 16
_CHUNK = 4096
_FLAT = 1 << 17
_DIRECT_COST, _STEP_COST, _BLOCK_COST = 25.0, 1.0, 25_000.0
"""About what an exponential, a step of the recurrence and a block of steps take. [ns]"""


@dataclass(frozen=True, slots=True, eq=False)
class _Bells:
    """Gaussians with centres ascending, shape (n,), and their weights in each sum, (k, n)."""

    centre: Floats
    width: Floats
    weights: Floats

    def part(self, rows: slice | Ints) -> _Bells:
        return _Bells(self.centre[rows], self.width[rows], self.weights[:, rows])


def mixture(points: Floats, centre: Floats, width: Floats, weights: Floats) -> Floats:
    """sum_i weights[k, i] exp(-((points[j] - centre[i]) / width[i])^2 / 2).

    Args:
        points: Ascending, shape (m,).
        centre, width: Finite, widths above 0, shape (n,).
        weights: Shape (k, n).

    Returns:
        Shape (k, m), to 1e-10 of the largest sum of absolute terms, but for what lies beyond
        reach: nothing beside a peak, though not beside another Gaussian's far tail.
    """
    total = np.zeros((len(weights), points.size))
    if not (points.size and centre.size):
        return total
    outside = np.maximum(np.maximum(points[0] - centre, centre - points[-1]), 0.0) / width
    steepness = np.maximum(1.0, outside / _SHOULDER)
    octave = np.frexp(width / steepness)[1].astype(np.int16)
    order = np.argsort(centre, kind="stable")
    order = order[outside[order] <= REACH]
    order = order[np.argsort(octave[order], kind="stable")]
    bells = _Bells(centre, width, weights).part(order)
    powers, starts = np.unique(octave[order], return_index=True)
    edges = np.append(starts, order.size)
    for power, start, stop in zip(powers, edges[:-1], edges[1:], strict=True):
        alike = bells.part(slice(start, stop))
        narrowest = 2.0 ** (int(power) - 1)
        if _few(points, narrowest, alike.centre.size):
            _add_directly(total, points, alike)
        else:
            total += _on_grid(points, narrowest, alike)
    return total


def _few(points: Floats, narrowest: float, count: int) -> bool:
    """True when exponentials at the points within reach take less time than a grid."""
    span = float(points[-1] - points[0])
    reached = points.size * (min(1.0, 3 * REACH * narrowest / span) if span else 1.0)
    steps = _PER_WIDTH * span / narrowest + _NODES
    walked = count * min(steps, 5 * REACH * _PER_WIDTH)
    return _DIRECT_COST * count * reached <= _STEP_COST * walked + _BLOCK_COST * steps / _BLOCK


def _add_directly(total: Floats, points: Floats, bells: _Bells) -> None:
    """An exponential for every point within reach of every Gaussian, laid end to end."""
    reach = REACH * bells.width
    first = np.searchsorted(points, bells.centre - reach, side="left")
    count = np.searchsorted(points, bells.centre + reach, side="right") - first
    filled = np.cumsum(count)
    start = 0
    while start < count.size:
        begin = filled[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(filled, begin + _FLAT, side="right")))
        rows = slice(start, stop)
        owner = np.repeat(np.arange(start, stop), count[rows])
        at = np.arange(begin, filled[stop - 1]) - (filled - count - first)[owner]
        away = (points[at] - bells.centre[owner]) / bells.width[owner]
        height = np.exp(-0.5 * away * away)
        for k, weight in enumerate(bells.weights):
            total[k] += np.bincount(at, weights=height * weight[owner], minlength=points.size)
        start = stop


def _on_grid(points: Floats, narrowest: float, bells: _Bells) -> Floats:
    """The recurrence on a uniform grid that suits the width `narrowest`, interpolated."""
    step = narrowest / _PER_WIDTH
    start = float(points[0]) - step * (_NODES // 2)
    position = (points - start) / step
    blocks = int(position[-1] + _NODES // 2) // _BLOCK + 1
    values = np.zeros((len(bells.weights), blocks * _BLOCK))
    anchors = start + step * _BLOCK * np.arange(blocks)
    reach = REACH * float(bells.width.max())
    low = np.searchsorted(bells.centre, anchors - reach)
    high = np.searchsorted(bells.centre, anchors + step * _BLOCK + reach)
    delta = step / bells.width
    shrink = np.exp(-delta * delta)
    heights = np.empty((_BLOCK, _CHUNK))
    for block, anchor in enumerate(anchors):
        columns = slice(block * _BLOCK, (block + 1) * _BLOCK)
        for begin in range(low[block], high[block], _CHUNK):
            rows = slice(begin, min(begin + _CHUNK, high[block]))
            away = (anchor - bells.centre[rows]) / bells.width[rows]
            walked = heights[:, : away.size]
            _walk(walked, away, delta[rows], shrink[rows])
            values[:, columns] += bells.weights[:, rows] @ walked.T
    return _interpolated(values, position)


def _walk(heights: Floats, away: Floats, delta: Floats, shrink: Floats) -> None:
    """Fill heights, shape (16, c), with Gaussians at `away`, away + delta, away + 2 delta, ..."""
    np.exp(-0.5 * away * away, out=heights[0])
    factor = np.exp(-delta * (away + 0.5 * delta))
    for i in range(1, len(heights)):
        np.multiply(heights[i - 1], factor, out=heights[i])
        factor *= shrink


def _interpolated(values: Floats, position: Floats) -> Floats:
    """Lagrange on the 16 nodes around each position; values on the integers, shape (k, grid)."""
    base = position.astype(np.int64) - (_NODES // 2 - 1)
    distance = (position - base) - np.arange(_NODES)[:, None]
    before, after = np.ones_like(distance), np.ones_like(distance)
    for i in range(1, _NODES):
        np.multiply(before[i - 1], distance[i - 1], out=before[i])
        np.multiply(after[-i], distance[-i], out=after[-1 - i])
    total = np.zeros((len(values), position.size))
    for i, scale in enumerate(_LAGRANGE):
        total += values[:, base + i] * (scale * before[i] * after[i])
    return total
