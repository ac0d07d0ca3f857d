"""The regime's change of sign, seen once and only once."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from engine.domain import Regime, Snapshot
from engine.signals import RULES
from engine.signals.base import Baseline
from engine.signals.gamma_flip import RULE
from tests.samples import later, make_snapshot

NO_CALLS = {"call_wall": "no call open interest", "max_pain": "not told in an alert"}
POSITIVE, NEGATIVE, NEUTRAL = Regime.POSITIVE, Regime.NEGATIVE, Regime.NEUTRAL


def fired(*regimes: Regime | None) -> list[tuple[str, str]]:
    """(before, now) of every signal while the regimes follow each other, a minute apart."""
    history: list[Snapshot] = []
    signals = []
    for minute, each in enumerate(regimes):
        now = later(make_snapshot(regime=each), minute)
        decided = [old for old in history if old.regime in {POSITIVE, NEGATIVE}]
        signal = RULE.check(now, decided[-1]) if decided else None
        if signal is not None:
            signals.append((signal.evidence["regime_before"], signal.evidence["regime"]))
        history.append(now)
    return signals  # type: ignore[return-value]  # evidence of the regimes is text


def test_a_change_of_sign_fires_once_in_each_direction() -> None:
    assert fired(POSITIVE, NEGATIVE, NEGATIVE, NEGATIVE) == [("POSITIVE", "NEGATIVE")]
    assert fired(NEGATIVE, POSITIVE, POSITIVE) == [("NEGATIVE", "POSITIVE")]


def test_the_neutral_band_is_silent_and_forgets_nothing() -> None:
    assert fired(POSITIVE, NEUTRAL, POSITIVE, NEUTRAL, NEUTRAL, POSITIVE) == []
    assert fired(POSITIVE, NEUTRAL, NEUTRAL, NEGATIVE, NEUTRAL, NEGATIVE) == [
        ("POSITIVE", "NEGATIVE")
    ]


def test_an_unknown_regime_neither_fires_nor_is_fired_from() -> None:
    assert fired(None, NEGATIVE, None, POSITIVE) == [("NEGATIVE", "POSITIVE")]
    assert fired(None, None, POSITIVE) == []


@pytest.mark.parametrize(
    ("now", "before"), list(itertools.product([*Regime, None], repeat=2)), ids=str
)
def test_only_opposite_signs_fire(now: Regime | None, before: Regime | None) -> None:
    signal = RULE.check(later(make_snapshot(regime=now), 5), make_snapshot(regime=before))
    assert (signal is not None) == ({now, before} == {POSITIVE, NEGATIVE})


def test_another_convention_is_no_change_of_regime() -> None:
    before = make_snapshot(regime=POSITIVE, convention="naive")
    assert RULE.check(make_snapshot(regime=NEGATIVE, convention="inverse"), before) is None


def test_evidence_has_what_a_card_has_to_say() -> None:
    before = make_snapshot(regime=POSITIVE)
    now = later(make_snapshot(regime=NEGATIVE), 5)
    now = replace(now, levels=replace(now.levels, call_wall=None, unavailable=NO_CALLS))
    signal = RULE.check(now, before)
    assert signal is not None
    assert (signal.rule, signal.asset, signal.venue, signal.asof) == (
        "gamma_flip",
        "BTC",
        "deribit",
        now.asof,
    )
    assert signal.evidence == {
        "regime": "NEGATIVE",
        "regime_before": "POSITIVE",
        "before_asof": before.asof.isoformat(),
        "net_gex": now.exposures.gex_usd_per_1pct,
        "net_gex_before": before.exposures.gex_usd_per_1pct,
        "gross_gex": now.exposures.gex_gross_usd_per_1pct,
        "spot": now.spot,
        "currency": "USD",
        "gamma_flip": 96_500.0,
        "gamma_flip_direction": "neg_to_pos",
        "call_wall": None,
        "call_wall_unavailable": "no call open interest",
        "put_wall": now.levels.put_wall,
        "coverage": now.contracts.coverage,
        "convention": "naive",
    }


def test_rules_are_named_and_say_what_they_compare_with() -> None:
    assert [(rule.name, rule.baseline) for rule in RULES] == [("gamma_flip", Baseline.DECIDED)]
    assert all(rule.title for rule in RULES)
