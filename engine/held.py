"""What is to be valued: a chain cut to a window, its terms, and what the dealers hold of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain import Chain, Flip, Floats, Profile
from engine.exposure import known
from engine.positions import Convention, Weight, signed, weighed
from engine.positions import convention as named
from engine.profile import gamma_flips
from engine.settings import EngineSettings
from engine.terms import Rates, Terms, terms
from engine.valuation import Valuation, value
from engine.window import ALL, Window, within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Before any greek is computed.

    Attributes:
        chain: The contracts of the window.
        terms: Theirs, shape (n,).
        position: Of the dealers, shape (n,), + = long, NaN = unknown. [contracts]
        sign: Where `position` comes from.
        weight: What `sign` was applied to.
        empty: Why there is nothing, in case there is nothing.
    """

    chain: Chain
    terms: Terms
    position: Floats
    sign: Convention
    weight: Weight
    window: Window
    empty: str

    def value(self) -> Valuation:
        """Greeks, positions and sums."""
        return value(self.chain, self.terms, self.position)

    def profiled(self, settings: EngineSettings) -> tuple[tuple[Flip, ...], float | None, Profile]:
        """As `engine.analyse.profiled`, without pricing anything."""
        chain, terms = self.chain, self.terms
        (rows,) = np.nonzero(np.isfinite(terms.iv))
        return gamma_flips(
            chain.spot,
            chain.strike[rows],
            terms.years[rows],
            terms.iv[rows],
            terms.rate,
            terms.carry[rows],
            self.units[rows],
            low=settings.profile_low,
            high=settings.profile_high,
        )

    @property
    def units(self) -> Floats:
        """Position x multiplier, shape (n,), 0 where unknown. [units of the underlying]"""
        return known(self.position) * known(self.chain.multiplier)


def hold(
    chain: Chain,
    settings: EngineSettings,
    *,
    convention: str | None = None,
    rates: Rates | None = None,
    window: Window = ALL,
    book: Floats | None = None,
    weight: Weight = "oi",
) -> Held:
    """Arguments as of `engine.analyse.analyse`.

    Raises:
        BadInput: an unknown convention or weight, or `book` without a book, or with a volume.
        CalendarExpired: as `engine.window.within`.
    """
    sign = named(convention or settings.convention, settings.conventions, has_book=book is not None)
    position = signed(weighed(chain, weight, sign), chain.is_call, sign, book)
    inside = within(chain, window)
    return Held(
        chain=inside,
        terms=terms(inside, settings, rates),
        position=position[np.isin(chain.settlement, inside.settlement)],
        sign=sign,
        weight=weight,
        window=window,
        empty="no expiry in this window" if len(chain) else "no live contract is listed",
    )
