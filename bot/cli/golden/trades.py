"""Sections of `trades_*.json`: sides of trades, what they make of the dealers, open and close."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.cli.golden.base import Case, Section, close, missing, number
from engine.domain import Floats
from engine.trades.classify import clnv, emo, lee_ready, quote_rule, tick_test
from engine.trades.dealer_map import Action, dealer_signs
from engine.trades.open_close import must_open, open_close_bounds


def sequence(case: Case) -> dict[str, list[int]]:
    """The trades of one contract, each with the quote it met."""
    given = case["input"]
    price = np.array([missing(each) for each in given["prices"]], dtype=np.float64)
    quotes = np.array([[missing(each) for each in pair] for pair in given["quotes"]]).reshape(-1, 2)
    bid, ask = quotes[:, 0], quotes[:, 1]
    sides = {
        "quote": quote_rule(price, bid, ask),
        "tick": tick_test(price),
        "lee_ready": lee_ready(price, bid, ask),
        "emo": emo(price, bid, ask),
        "clnv": clnv(price, bid, ask),
    }
    return {name: each.tolist() for name, each in sides.items()}


def dealer_map(case: Case) -> dict[str, int]:
    given = case["input"]
    found = dealer_signs(Action(given["action"]), is_call=given["kind"] == "C")
    return {"delta": found.delta, "gamma": found.gamma, "vega": found.vega}


def open_close(case: Case) -> dict[str, Any] | None:
    found = open_close_bounds(*_of_one(case, "prev_oi", "next_oi", "volume"))
    if not found.consistent[0]:
        return None
    return {
        "both_open": [float(each[0]) for each in found.both_open],
        "both_close": [float(each[0]) for each in found.both_close],
        "opening_side_share": number(float(found.opening_side_share[0])),
    }


def opens(case: Case) -> bool:
    return bool(must_open(*_of_one(case, "size", "prev_oi", "cum_volume_before"))[0])


def _of_one(case: Case, *names: str) -> list[Floats]:
    return [np.array([missing(case["input"][name])]) for name in names]


def check(case: Case, value: Any) -> float:
    """Equal."""
    return close(case["expected"], value)


SECTIONS = (
    Section("sequence", sequence, check),
    Section("dealer_map", dealer_map, check),
    Section("open_close", open_close, check),
    Section("must_open", opens, check),
)
