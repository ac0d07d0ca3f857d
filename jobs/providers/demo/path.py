"""Simulated time series: pure functions of a name and an instant, continuous, without memory."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from engine.domain import Floats, Ints

_MINUTE = 60.0
_DAY = 86_400.0
_YEAR = 365 * _DAY
_SLOW = (45 * _DAY, 10 * _DAY, 2 * _DAY)
_FAST = (9 * 3600.0, 2 * 3600.0, 30 * _MINUTE, 8 * _MINUTE)

CYCLE = 100 * _MINUTE
"""A leaning one way and one the other way take this long together. [s]"""


def draw(name: str) -> float:
    """A number in [0, 1) that depends on nothing but `name`."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def draws(name: str, keys: Ints) -> Floats:
    """Numbers in [0, 1), one per key, that depend on nothing but `name` and the key."""
    mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed += np.uint64(int(draw(name) * 2**53))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53


def noise(name: str, t: float, period: float) -> float:
    """Smooth noise in [-1, 1] that turns about once per `period`. [s]"""
    place = t / period
    left = math.floor(place)
    one, other = (2 * draw(f"{name}:{period}:{left + i}") - 1 for i in (0, 1))
    share = place - left
    return one + (other - one) * share * share * (3 - 2 * share)


def drift(name: str, t: float, vol: float) -> float:
    """Log price around its long-run level, without what happens within a day."""
    return _walk(f"{name}:slow", t, vol, _SLOW)


def wiggle(name: str, t: float, vol: float) -> float:
    """Log price around `drift` within a day."""
    return _walk(f"{name}:fast", t, 0.4 * vol, _FAST)


def lean(name: str, t: float) -> float:
    """Which way the market's positions lean, in [-1, 1]: positive 30 to 70 minutes, then negative
    for the rest of a cycle, turning within a few minutes."""
    cycle, into = divmod(t + CYCLE * draw(f"{name}:offset"), CYCLE)
    turn = CYCLE * (0.3 + 0.4 * draw(f"{name}:turn:{cycle}"))
    width = 3 * _MINUTE
    return (
        math.tanh(into / width)
        * math.tanh((turn - into) / width)
        * math.tanh((CYCLE - into) / width)
    )


def _walk(name: str, t: float, vol: float, periods: tuple[float, ...]) -> float:
    return sum(0.8 * vol * math.sqrt(each / _YEAR) * noise(name, t, each) for each in periods)
