"""The news that dealer gamma changed sign."""

from __future__ import annotations

from bot.cards.evidence import number, text, words
from bot.cards.regime import MEANING
from bot.cards.snapshot import flip, level
from bot.format import money, price
from bot.reply import Block, Facts, Text, Title
from engine.domain import Regime, Signal


def blocks(signal: Signal) -> tuple[Block, ...]:
    regime, before = text(signal, "regime"), text(signal, "regime_before")
    known = Regime(regime) if regime in set(Regime) else None
    news = f"{signal.asset} dealer gamma turned {regime} (was {before})"
    meaning = (Text(MEANING[known]),) if known else ()
    return (Title(news, known), *meaning, _facts(signal))


def _facts(signal: Signal) -> Facts:
    spot, currency = number(signal, "spot"), text(signal, "currency")
    now = money(number(signal, "net_gex"), currency)
    before = money(number(signal, "net_gex_before"), currency)
    gamma_flip, direction = number(signal, "gamma_flip"), words(signal, "gamma_flip_direction")
    return Facts(
        (
            ("Net GEX", f"{now} per 1 % move, was {before}"),
            ("Spot", price(spot)),
            ("Gamma flip", flip(gamma_flip, spot, direction, _why(signal, "gamma_flip"))),
            ("Call wall", level(number(signal, "call_wall"), spot, _why(signal, "call_wall"))),
            ("Put wall", level(number(signal, "put_wall"), spot, _why(signal, "put_wall"))),
        )
    )


def _why(signal: Signal, name: str) -> str | None:
    """The reason why a level does not exist."""
    return words(signal, f"{name}_unavailable")
