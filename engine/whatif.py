"""The same book at another spot, volatility and time.

Sticky strike: every contract keeps its volatility (but for the shift), its carry and its position.
What settles on the way leaves; quotes move by what the model's price moves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from engine.analyse import concluded
from engine.domain import COLUMNS, SECONDS_PER_YEAR, Bools, Chain, Floats, Snapshot
from engine.errors import BadInput
from engine.held import Held
from engine.pricing import bsm_greeks
from engine.settings import EngineSettings
from engine.terms import Terms
from engine.valuation import Valuation

LOWEST, HIGHEST = -0.9, 9.0
"""Moves of spot that are answered. [fraction]"""
MOST_POINTS = 500.0
MOST_DAYS = 3650.0

_LIKE = "Expected something like: spot +3 %, iv -5, t +1d."
_PART = re.compile(
    r"\s*(?:,|;|\band\b)?\s*(?P<what>spot|iv|vol|t|time)\s*(?P<sign>[+\-\u2212]?)\s*"
    r"(?P<number>\d+(?:\.\d+)?|\.\d+)\s*(?P<unit>%|(?!(?:spot|iv|t|time)\b)[a-z]+|)(?=[\s,;]|$)",
    re.ASCII | re.IGNORECASE,
)
_POINTS = {"", "pt", "pts", "point", "points", "vol", "vols"}
_DAYS = {
    "d": 1.0, "day": 1.0, "days": 1.0, "h": 1 / 24, "hour": 1 / 24, "hours": 1 / 24,
    "w": 7.0, "week": 7.0, "weeks": 7.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """`spot`: move [fraction]; `iv`: shift [vol points]; `days`: calendar days later.

    Raises:
        BadInput: out of range.
    """

    spot: float = 0.0
    iv: float = 0.0
    days: float = 0.0

    def __post_init__(self) -> None:
        if not LOWEST <= self.spot <= HIGHEST:
            raise BadInput(
                f"Expected a move of spot between {LOWEST:+.0%} and {HIGHEST:+.0%},"
                f" found {self.spot:+.6g} as a fraction."
            )
        if not abs(self.iv) <= MOST_POINTS:
            raise BadInput(
                f"Expected an IV shift within {MOST_POINTS:g} points, found {self.iv:+g}."
            )
        if not 0 <= self.days <= MOST_DAYS:
            raise BadInput(f"Expected 0 to {MOST_DAYS:g} days later, found {self.days:+g}.")

    @property
    def nothing(self) -> bool:
        return self.spot == self.iv == self.days == 0

    def __str__(self) -> str:
        """What `parse_whatif` reads back."""
        parts = (
            f"spot {100 * self.spot:+.9g} %" if self.spot else "",
            f"iv {self.iv:+.9g}" if self.iv else "",
            f"t +{self.days:.9g}d" if self.days else "",
        )
        return ", ".join(filter(None, parts)) or "spot +0 %"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Both ends of a what-if. Hedges are in units of the underlying, + = dealers BUY.

    Attributes:
        hedge_units: What keeping the book hedged takes from now to then: `hedge_live_units` of
            the contracts that live through it, `hedge_settled_units` to unwind the others' hedge.
        settled: Contracts that settle on the way.
        floored: Contracts whose volatility the shift would take below the lowest believed.
    """

    what: WhatIf
    now: Snapshot
    then: Snapshot
    hedge_units: float
    hedge_live_units: float
    hedge_settled_units: float
    settled: int
    floored: int


@dataclass(frozen=True, slots=True)
class Hedge:
    """Units of the underlying, + = dealers BUY, of contracts alive then and of settled ones."""

    live: float
    settled: float


def parse_whatif(text: str) -> WhatIf:
    """What a person typed, in any order: `spot +3 %, iv -5, t +1d`, `iv 5 pts t 12h`.

    Raises:
        BadInput: anything else, or one of them twice.

    >>> parse_whatif("spot -2.5% iv +5 t 12h")
    WhatIf(spot=-0.025, iv=5.0, days=0.5)
    """
    found: dict[str, float] = {}
    at, rest = 0, text.strip().rstrip(",;")
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None:
            raise BadInput(f"I can't read {rest[at:].strip(' ,;')[:40]!r} as a change. {_LIKE}")
        name, value = _read(part)
        if name in found:
            raise BadInput(f"{name!r} is said twice. {_LIKE}")
        found[name] = value
        at = part.end()
    if not found:
        raise BadInput(f"Say what should change. {_LIKE}")
    return WhatIf(**found)


def _read(part: re.Match[str]) -> tuple[str, float]:
    what, unit = part["what"].lower(), part["unit"].lower()
    value = float(part["number"]) * (-1 if part["sign"] in {"-", "\u2212"} else 1)
    if what == "spot":
        if unit != "%":
            raise BadInput("Expected a move of spot in per cent, like spot +3 %.")
        return "spot", value / 100
    if what in {"iv", "vol"}:
        if unit not in _POINTS:
            raise BadInput("Expected an IV shift in vol points, like iv -5.")
        return "iv", value
    if unit not in _DAYS:
        raise BadInput("Expected a time in days or hours, like t +1d or t +12h.")
    return "days", value * _DAYS[unit]


def what_if(held: Held, what: WhatIf, settings: EngineSettings) -> Outcome:
    """The book now and then; nothing changed gives exactly what `analyse` gives.

    Never raises on a valid chain: what does not exist then is None with a reason, as always.
    """
    then = moved(held, what, settings)
    start, end = held.value(), _requoted(held, then, what).value()
    flow = hedge(start, end)
    settled = len(held.chain) - len(then.chain)
    alive = _alive(held.chain, then.chain.asof.timestamp())
    floored = int((then.terms.iv > held.terms.iv[alive] + what.iv / 100).sum())
    now, later = concluded(held, start, settings), concluded(then, end, settings)
    return Outcome(
        what=what,
        now=now,
        then=replace(later, flags=(*later.flags, *_said(what, settled, floored, settings))),
        hedge_units=flow.live + flow.settled,
        hedge_live_units=flow.live,
        hedge_settled_units=flow.settled,
        settled=settled,
        floored=floored,
    )


def moved(held: Held, what: WhatIf, settings: EngineSettings) -> Held:
    """What is held then; quotes are still those of now."""
    if what.nothing:
        return held
    chain, old = held.chain, held.terms
    asof = chain.asof + timedelta(days=what.days)
    rows = _alive(chain, asof.timestamp())
    gone = len(chain) - int(rows.sum())
    years = np.maximum(
        (chain.settlement[rows] - asof.timestamp()) / SECONDS_PER_YEAR,
        settings.min_seconds / SECONDS_PER_YEAR,
    )
    grown = (1 + what.spot) * np.exp(old.carry[rows] * (years - old.years[rows]))
    shift = what.iv / 100
    columns = {name: getattr(chain, name)[rows] for name in COLUMNS}
    nothing = np.full(years.shape, np.nan)
    columns |= {"iv": columns["iv"] + shift, "forward": columns["forward"] * grown}
    columns |= {"delta": nothing, "gamma": nothing}
    left_out = {**chain.left_out, "expired": chain.left_out.get("expired", 0) + gone}
    return replace(
        held,
        chain=replace(
            chain, asof=asof, spot=chain.spot * (1 + what.spot), left_out=left_out, **columns
        ),
        terms=Terms(
            years=years,
            rate=old.rate,
            rate_known=old.rate_known,
            forward=old.forward[rows] * grown,
            carry=old.carry[rows],
            quoted=old.quoted[rows],
            guessed=old.guessed[rows],
            iv=np.maximum(old.iv[rows] + shift, _lowest(old.iv[rows], settings)),
            no_vol=old.no_vol[rows],
            delta=nothing,
            gamma=nothing,
        ),
        position=held.position[rows],
        empty="every contract has settled by then" if len(chain) else held.empty,
    )


def hedge(start: Valuation, end: Valuation) -> Hedge:
    """Minus the change of the dealers' option delta; `end` holds what of `start` is alive then."""
    alive = _alive(start.chain, end.chain.asof.timestamp())
    before, after = _deltas(start), np.zeros(len(start.chain))
    after[alive] = _deltas(end)
    live = 0.0 - float((after - before)[alive].sum())
    return Hedge(live=live, settled=float(before[~alive].sum()) + 0.0)


def _alive(chain: Chain, instant: float) -> Bools:
    return chain.settlement > instant


def _deltas(valuation: Valuation) -> Floats:
    """Of every contract of the chain as the dealers hold it, by the model at both ends of a
    what-if, shape (n,). [units]"""
    deltas = np.zeros(len(valuation.chain))
    deltas[valuation.priced.rows] = valuation.book.units * valuation.modelled.delta
    return deltas


def _lowest(iv: Floats, settings: EngineSettings) -> Floats:
    return np.minimum(iv, settings.iv_low)


def _requoted(held: Held, then: Held, what: WhatIf) -> Held:
    """Quotes move by what the model's price moves; none where there is no volatility."""
    if what.nothing:
        return then
    rows = _alive(held.chain, then.chain.asof.timestamp())
    change = _prices(then) - _prices(held)[rows]
    quotes = {name: np.maximum(getattr(then.chain, name) + change, 0.0) for name in ("bid", "ask")}
    return replace(then, chain=replace(then.chain, **quotes))


def _prices(held: Held) -> Floats:
    chain, terms = held.chain, held.terms
    found = bsm_greeks(
        chain.spot,
        chain.strike,
        terms.years,
        terms.rate,
        terms.carry,
        terms.iv,
        chain.is_call,
        which=("price",),
    )
    return found.as_dict()["price"]


def _said(what: WhatIf, settled: int, floored: int, settings: EngineSettings) -> tuple[str, ...]:
    if what.nothing:
        return ()
    notes = [f"What if: {what}. Every contract keeps its volatility but for the shift."]
    if settled:
        notes.append(f"{_contracts(settled)} settled on the way and left.")
    if floored:
        notes.append(f"{_contracts(floored)} held at an IV of {100 * settings.iv_low:g} %.")
    return tuple(notes)


def _contracts(count: int) -> str:
    return "1 contract" if count == 1 else f"{count:,} contracts"
