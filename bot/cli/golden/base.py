"""What a section of reference cases is, and how computed values are compared with them.

A deviation is counted in units of the allowed tolerance: up to 1 passes, infinity is a mismatch
that no tolerance could allow (another shape, a missing key, a value where there is none).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Case = Mapping[str, Any]
"""One case of a reference file: at least `id`, `input` and `expected`."""

MISMATCH = math.inf


@dataclass(frozen=True, slots=True)
class Section:
    """How one section of a reference file is computed and judged.

    Attributes:
        name: Its key in the file.
        compute: A case to the value in the shape of its "expected"; None where the engine says NaN.
        check: A case and that value to the worst deviation, in units of the tolerance.
    """

    name: str
    compute: Callable[[Case], Any]
    check: Callable[[Case, Any], float]


def number(value: float | None) -> float | None:
    """NaN as None, anything else as a float: how JSON says "no such number".

    >>> number(float("nan")), number(2)
    (None, 2.0)
    """
    return None if value is None or math.isnan(value) else float(value)


def missing(value: float | None) -> float:
    """The other way: a JSON null as NaN."""
    return math.nan if value is None else float(value)


def close(expected: Any, value: Any, *, rtol: float = 0.0, atol: float = 0.0) -> float:
    """Worst deviation anywhere inside two JSON values of the same shape.

    Numbers may differ by `atol + rtol |expected|`; everything else has to be equal. Keys that
    only `value` has are ignored.

    >>> close({"a": [1.0, None]}, {"a": [1.5, None], "b": 2}, atol=1.0)
    0.5
    >>> close([1, 2], [1])
    inf
    """
    if isinstance(expected, Mapping):
        if not isinstance(value, Mapping) or not expected.keys() <= value.keys():
            return MISMATCH
        pairs = [(each, value[name]) for name, each in expected.items()]
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(value, Sequence) or len(value) != len(expected):
            return MISMATCH
        pairs = list(zip(expected, value, strict=True))
    else:
        return _scalar(expected, value, rtol, atol)
    return max((close(*pair, rtol=rtol, atol=atol) for pair in pairs), default=0.0)


def _scalar(expected: Any, value: Any, rtol: float, atol: float) -> float:
    if not (_is_number(expected) and _is_number(value)):
        return 0.0 if type(expected) is type(value) and expected == value else MISMATCH
    return within(float(expected), float(value), atol + rtol * abs(expected))


def within(expected: float, value: float, tolerance: float) -> float:
    """Deviation of one number from another, in units of `tolerance`, which may be 0."""
    if expected == value:
        return 0.0
    deviation = abs(value - expected)
    if not (math.isfinite(deviation) and tolerance > 0):
        return MISMATCH
    return deviation / tolerance


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
