"""What a move of price and one of open interest mean together."""

from __future__ import annotations

from enum import StrEnum

from engine.unknown import above, below


class Buildup(StrEnum):
    """Who opens or closes, by the signs of the two changes."""

    LONG_BUILDUP = "LONG_BUILDUP"
    """Price and open interest up: new longs."""
    SHORT_BUILDUP = "SHORT_BUILDUP"
    """Price down, open interest up: new shorts."""
    SHORT_COVERING = "SHORT_COVERING"
    """Price up, open interest down: shorts leave."""
    LONG_UNWINDING = "LONG_UNWINDING"
    """Price and open interest down: longs leave."""
    NEUTRAL = "NEUTRAL"
    """One of them did not move, or is not known."""


def oi_buildup(price_change: float | None, oi_change: float | None) -> Buildup:
    """Cell of the price / open-interest matrix.

    It is a rule of FUTURES: for one option, give the option's own price, not the underlying's.

    Args:
        price_change: Of the instrument whose open interest it is. [quote]
        oi_change: Over the same span. [contracts]

    >>> oi_buildup(-1.5, 2000).value, oi_buildup(None, 5).value
    ('SHORT_BUILDUP', 'NEUTRAL')
    """
    if above(oi_change, 0):
        return _one_of(price_change, Buildup.LONG_BUILDUP, Buildup.SHORT_BUILDUP)
    if below(oi_change, 0):
        return _one_of(price_change, Buildup.SHORT_COVERING, Buildup.LONG_UNWINDING)
    return Buildup.NEUTRAL


def _one_of(price_change: float | None, up: Buildup, down: Buildup) -> Buildup:
    if above(price_change, 0):
        return up
    return down if below(price_change, 0) else Buildup.NEUTRAL
