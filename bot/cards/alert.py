"""A signal as the message followers get: the news, the numbers it was decided on, the source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from bot.cards import gamma_flip
from bot.cards.evidence import number, text
from bot.format import MADE_UP, SIMULATED, age, dealer_sign, known, percent, when
from bot.reply import Block, Choices, Facts, Footnote, Reply, Text, Title
from engine.domain import DEMO, Signal

LATE = timedelta(minutes=15)
"""A message that arrives later than this says so first."""

_WORDINGS: dict[str, Callable[[Signal], tuple[Block, ...]]] = {"gamma_flip": gamma_flip.blocks}


def alert(signal: Signal, now: datetime, zone: ZoneInfo) -> Reply:
    """The message, as of `now`, with times in `zone`."""
    title, *rest = _WORDINGS.get(signal.rule, _plain)(signal)
    return Reply(
        (
            _marked(title, signal),
            *_warnings(signal, now),
            *rest,
            _footnote(signal, now, zone),
            Choices(
                (
                    (f"Show {signal.asset}", f"gex {signal.asset}"),
                    (f"Unfollow {signal.asset}", f"unfollow {signal.asset}"),
                )
            ),
        )
    )


def reference(signal: Signal) -> str:
    """Short and the same in every copy, so that a repeat can be recognised."""
    return blake2b(signal.key.encode(), digest_size=4).hexdigest()


def _simulated(signal: Signal) -> bool:
    return DEMO in signal.venue.split("+")


def _marked(title: Block, signal: Signal) -> Block:
    if isinstance(title, Title) and _simulated(signal):
        return Title(f"{SIMULATED} · {title.text}", title.regime)
    return title


def _warnings(signal: Signal, now: datetime) -> tuple[Block, ...]:
    sentences = (
        MADE_UP if _simulated(signal) else "",
        f"Late: this happened {age(signal.asof, now)} ago." if now - signal.asof > LATE else "",
    )
    said = "\n".join(filter(None, sentences))
    return (Text(said),) if said else ()


def _plain(signal: Signal) -> tuple[Block, ...]:
    """A rule without wording of its own: its name and what it saw."""
    title = f"{signal.asset}: {signal.rule.replace('_', ' ')}"
    return (Title(title), Facts(tuple((key, text(signal, key)) for key in signal.evidence)))


def _footnote(signal: Signal, now: datetime, zone: ZoneInfo) -> Footnote:
    parts = (
        f"{signal.venue}{f' {SIMULATED}' if _simulated(signal) else ''}",
        f"as of {when(signal.asof, zone)}, {age(signal.asof, now)} ago",
        _coverage(number(signal, "coverage")),
        f"dealer sign {dealer_sign(text(signal, 'convention'))}",
        f"ref {reference(signal)}",
    )
    return Footnote(" · ".join(parts))


def _coverage(share: float | None) -> str:
    return f"{percent(share)} of live contracts used" if known(share) else "coverage unavailable"
