"""Labels side by side that never overlap, wherever the things they name are.

Every label wants to stand above its thing. In one row, the smallest shifts that keep labels apart
are an isotonic regression: where labels crowd, they form a block around what they want, in the
order of the things. Only when a row is full there is a second one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Place:
    """Row 0 is the nearest to the things. `centre` of the label. [px]"""

    row: int
    centre: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where labels may stand: between `low` and `high`, at least `gap` apart. [px]"""

    low: float
    high: float
    gap: float

    def place(
        self, wanted: Sequence[float], widths: Sequence[float], most: int
    ) -> list[Place] | None:
        """Places in as few rows as there is room in; None when `most` rows are too few."""
        for count in range(1, most + 1):
            rows = self._rows(wanted, widths, count)
            if rows is not None:
                return rows
        return None

    def spread(self, wanted: Sequence[float], widths: Sequence[float]) -> list[float] | None:
        """Centres in one row, `wanted` ascending: the least squared shifts that keep labels apart.

        None when they are too wide.
        """
        if not wanted:
            return []
        offsets = [0.0]
        for left, right in pairwise(widths):
            offsets.append(offsets[-1] + (left + right) / 2 + self.gap)
        first = self.low + widths[0] / 2
        last = self.high - widths[-1] / 2 - offsets[-1]
        if first > last:
            return None
        starts = ascending([at - offset for at, offset in zip(wanted, offsets, strict=True)])
        return [
            min(max(start, first), last) + offset
            for start, offset in zip(starts, offsets, strict=True)
        ]

    def _rows(
        self, wanted: Sequence[float], widths: Sequence[float], count: int
    ) -> list[Place] | None:
        """Label by label, from the left, into the row where it costs the least shifting."""
        rows: list[list[int]] = [[] for _ in range(count)]
        for label in sorted(range(len(wanted)), key=lambda each: wanted[each]):
            more = [
                self._cost([*row, label], wanted, widths) - self._cost(row, wanted, widths)
                for row in rows
            ]
            if min(more) == math.inf:
                return None
            rows[more.index(min(more))].append(label)
        places: dict[int, Place] = {}
        for number, row in enumerate(rows):
            for label, centre in zip(row, self._centres(row, wanted, widths) or (), strict=True):
                places[label] = Place(number, centre)
        return [places[label] for label in range(len(wanted))]

    def _centres(
        self, row: Sequence[int], wanted: Sequence[float], widths: Sequence[float]
    ) -> list[float] | None:
        return self.spread([wanted[each] for each in row], [widths[each] for each in row])

    def _cost(self, row: Sequence[int], wanted: Sequence[float], widths: Sequence[float]) -> float:
        centres = self._centres(row, wanted, widths)
        if centres is None:
            return math.inf
        return sum((wanted[each] - at) ** 2 for each, at in zip(row, centres, strict=True))


def ascending(values: Sequence[float]) -> list[float]:
    """The nearest sequence in least squares that never falls: neighbours that do are pooled.

    >>> ascending([1.0, 3.0, 2.0, 5.0])
    [1.0, 2.5, 2.5, 5.0]
    """
    pools: list[tuple[float, int]] = []
    for value in values:
        total, size = value, 1
        while pools and pools[-1][0] * size >= total * pools[-1][1]:
            before = pools.pop()
            total, size = total + before[0], size + before[1]
        pools.append((total, size))
    return [total / size for total, size in pools for _ in range(size)]
