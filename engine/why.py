"""What the other common definitions answer on the same chain, and why ours differs.

Every alternative changes one thing and keeps the rest as ours has it, so that the distance is the
effect of that one thing. Names and definitions: docs/words.md, "why".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.analyse import concluded
from engine.domain import Chain, Levels, Regime, Snapshot
from engine.held import Held
from engine.repricings import (
    Found,
    expired_left_in,
    rates_from_quotes,
    rates_zero,
    solved_iv,
    venue_iv,
    whole_days,
    year_of,
)
from engine.settings import EngineSettings

SAME = 1e-9
"""Relatively closer than this is the same answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What another definition gives.

    Attributes:
        value: [quote], None with the `reason`.
        distance: value / ours - 1, None without both. [fraction]
        agrees: Does "spot above it means positive gamma" say the sign Net GEX has? None for what
            is no flip, where there is no value, and where Net GEX is nothing.
        because: One sentence: what makes ours another one.
    """

    name: str
    value: float | None
    reason: str | None
    distance: float | None
    agrees: bool | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One level of ours, or None with the `reason`, and the other answers to it."""

    name: str
    ours: float | None
    reason: str | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """`questions`: gamma_flip, call_wall, put_wall, max_pain."""

    asset: str
    venue: str
    asof: datetime
    spot: float
    currency: str
    convention: str
    window: str
    regime: Regime | None
    net_gex: float
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question:
        """Raises KeyError."""
        return {each.name: each for each in self.questions}[name]


def why(held: Held, settings: EngineSettings, *, earlier: Chain | None = None) -> Why:
    """The other answers for one held book; never an error for a valid chain.

    Args:
        earlier: A chain from before what has expired today settled. Without it nobody knows what
            the contracts were that the venue still lists, since a Chain does not hold them.
    """
    ours = concluded(held, held.value(), settings)
    return Why(
        asset=ours.asset,
        venue=ours.venue,
        asof=ours.asof,
        spot=ours.spot,
        currency=ours.currency,
        convention=ours.convention,
        window=ours.window,
        regime=ours.regime,
        net_gex=ours.exposures.gex_usd_per_1pct,
        questions=(
            _flip(held, ours, settings, earlier),
            _wall(ours.levels, calls=True),
            _wall(ours.levels, calls=False),
            _pain(ours.levels),
        ),
    )


def _flip(held: Held, ours: Snapshot, settings: EngineSettings, earlier: Chain | None) -> Question:
    found, level = ours.levels, ours.levels.gamma_flip
    lowest = found.gamma_flips[0].level if found.gamma_flips else None
    missing = found.unavailable.get("gamma_flip", "")
    others: dict[str, tuple[Found, str]] = {
        "flip_strike_cumulative": (
            _of(found, "flip_strike_cumulative"),
            "It sums strikes from the lowest up at today's spot, and moving the end of that sum"
            " does not move spot; ours prices the whole book again at every spot.",
        ),
        "flip_strike_sign": (
            _of(found, "flip_strike_sign"),
            "It is where one strike's net GEX has another sign than the next one's; ours is where"
            " the sum of all strikes changes sign as spot moves.",
        ),
        "flip_first_crossing": (
            (lowest, missing),
            "It takes the first crossing from below; ours is the one nearest to spot, and says"
            " in which direction each of them goes.",
        ),
        "hvl": (
            _of(found, "hvl"),
            "It is the strike where the sum from below turns up, which is no switch of sign;"
            " ours is the spot at which net gamma is zero.",
        ),
        "flip_whole_days": (
            whole_days(held, settings),
            f"It counts whole days of 1/{year_of(held.chain)} year, at least one, so hours before"
            " settlement near strikes weigh too little; ours counts seconds.",
        ),
        "flip_expired_left_in": (
            expired_left_in(held, settings, earlier, (level, missing)),
            "It keeps contracts that have settled as if a day were left; ours drops them in the"
            " second they settle.",
        ),
        "flip_rates_zero": (
            rates_zero(held, settings),
            "It sets rates and dividends to zero; ours has the forward and the rate of the answer.",
        ),
        "flip_rates_parity": (
            rates_from_quotes(held, settings),
            "It takes each forward from the venue or from put-call parity; where ours differs, it"
            " was given rates by hand.",
        ),
        "flip_venue_iv": (
            venue_iv(held, settings),
            "It knows only the venue's volatilities; ours solves the missing ones from quotes, or"
            " all of them if so configured.",
        ),
        "flip_solved_iv": (
            solved_iv(held, settings),
            "It solves every volatility from the middle of the quotes; ours takes the venue's"
            " where it is believable, unless configured otherwise.",
        ),
    }
    answers = tuple(
        _answer(name, each, level, because, net=ours.exposures.gex_usd_per_1pct, spot=ours.spot)
        for name, (each, because) in others.items()
    )
    return Question(name="gamma_flip", ours=level, reason=missing or None, answers=answers)


def _wall(found: Levels, *, calls: bool) -> Question:
    name, side = ("call_wall", "calls") if calls else ("put_wall", "puts")
    level = found.call_wall if calls else found.put_wall
    return Question(
        name=name,
        ours=level,
        reason=found.unavailable.get(name),
        answers=(
            _answer(
                f"{name}_net",
                _of(found, f"{name}_net"),
                level,
                "It takes net GEX, so a strike crowded with calls and puts can vanish, and it"
                f" hangs on the sign convention; ours looks at the gamma of {side} alone.",
            ),
            _answer(
                f"{name}_oi",
                _of(found, f"{name}_oi"),
                level,
                "It counts contracts, also those too far from spot to be hedged; ours weighs"
                " each by its gamma.",
            ),
        ),
    )


def _pain(found: Levels) -> Question:
    because = (
        "It pools expiries as if they settled on one price; ours is the nearest settlement's,"
        " since each has its own."
    )
    pooled = _answer("max_pain_all", _of(found, "max_pain_all"), found.max_pain, because)
    return Question(
        name="max_pain",
        ours=found.max_pain,
        reason=found.unavailable.get("max_pain"),
        answers=(pooled,),
    )


def _of(found: Levels, name: str) -> Found:
    return found.more[name], found.unavailable.get(name, "")


def _answer(
    name: str,
    found: Found,
    ours: float | None,
    because: str,
    *,
    net: float = 0.0,
    spot: float = 0.0,
) -> Answer:
    value, reason = found
    distance = None if value is None or ours is None else value / ours - 1
    if distance is not None and abs(distance) <= SAME:
        because = f"Here the two are the same. {because}"
    return Answer(
        name=name,
        value=value,
        reason=reason if value is None else None,
        distance=distance,
        agrees=None if value is None or net == 0 else (spot > value) == (net > 0),
        because=because,
    )
