"""Books of contracts as plain arrays, and their profile by brute force."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain import SECONDS_PER_YEAR, Flip, Floats, Profile
from engine.pricing import bsm_greeks
from engine.profile import gamma_flips, gamma_profile

MINUTE = 60 / SECONDS_PER_YEAR


@dataclass(frozen=True, kw_only=True)
class Book:
    """Arrays of shape (n,); `weight` is position x multiplier."""

    spot: float
    strike: Floats
    years: Floats
    iv: Floats
    weight: Floats
    rate: float = 0.03
    carry: float = 0.01

    def columns(self) -> tuple[Floats, Floats, Floats, float, float, Floats]:
        return self.strike, self.years, self.iv, self.rate, self.carry, self.weight

    def profile(self, spots: Floats) -> Floats:
        return gamma_profile(spots, *self.columns())

    def flips(self) -> tuple[tuple[Flip, ...], float | None, Profile]:
        return gamma_flips(self.spot, *self.columns())

    def direct(self, spots: Floats) -> tuple[Floats, Floats]:
        """Net and gross, contract by contract and spot by spot through the pricing formulas."""
        gamma = bsm_greeks(
            spots[:, None], self.strike, self.years, self.rate, self.carry, self.iv, True,
            which=("gamma",),
        ).as_dict()["gamma"]  # fmt: skip
        each = 0.01 * self.weight * gamma * spots[:, None] ** 2
        return each.sum(axis=1), np.abs(each).sum(axis=1)


def random_book(seed: int, n: int = 400, spot: float = 6700.0) -> Book:
    """From one minute to three years, strikes up to 10 x away, both signs."""
    rng = np.random.default_rng(seed)
    years = np.exp(rng.uniform(np.log(MINUTE), np.log(3.0), n))
    iv = rng.uniform(0.05, 1.5, n)
    far = rng.random(n) < 0.05
    away = np.where(far, rng.uniform(-2.3, 2.3, n), 2 * iv * np.sqrt(years) * rng.normal(size=n))
    return Book(
        spot=spot,
        strike=spot * np.exp(away + 0.02 * rng.normal(size=n)),
        years=years,
        iv=iv,
        weight=rng.normal(size=n) * np.exp(rng.normal(size=n)) * 1e4 * np.sqrt(years),
    )
