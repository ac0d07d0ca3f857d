"""Sections of `signals_*.json`: the measures and rules that are not levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from bot.cli.golden.base import Case, Section, close, missing, number
from engine.breakout import BreakoutInputs, breakout_signals
from engine.confidence import ConfidenceInputs, positioning_confidence
from engine.domain import Floats, Regime
from engine.flow.buildup import Buildup, oi_buildup
from engine.flow.unusual import (
    Activity,
    SideFlow,
    Urgency,
    pcr_extreme,
    unusual_activity,
    unusual_activity_fno_monitor,
)
from engine.history.iv_rank import (
    iv_percentile,
    iv_percentile_fno_monitor,
    iv_rank,
    iv_rank_fno_monitor,
)
from engine.history.oi_deltas import oi_deltas, oi_trend
from engine.library import LibraryInputs, signal_library
from engine.score import MomentumInputs, Score, momentum_score, momentum_score_fno_monitor

RTOL = 1e-12


def buildup(case: Case) -> str:
    return oi_buildup(**case["input"]).value


def trend(case: Case) -> str | None:
    found = oi_trend(case["input"]["oi"], case["input"]["prev_oi"])
    return found and found.value


def deltas(case: Case) -> dict[str, float | None]:
    sessions = [missing(each) for each in case["input"]["oi_by_session"]]
    return {name: number(float(each)) for name, each in oi_deltas(sessions).by_name().items()}


def unusual(case: Case) -> dict[str, list[dict[str, Any]]]:
    given = case["input"]
    strike = np.array(given["strikes"], dtype=np.float64)
    calls, puts = (_side(given, side) for side in ("call", "put"))
    market = {"pcr": given["pcr_oi"], "gex": given["gex"]}
    found = {
        "fno_monitor": unusual_activity_fno_monitor(strike, given["spot"], calls, **market),
        "default": unusual_activity(strike, given["spot"], calls, puts, **market),
    }
    return {name: [_entry(each) for each in entries] for name, entries in found.items()}


def _side(given: Mapping[str, Any], side: str) -> SideFlow:
    """Strikes are text as keys; one that is not there is not known."""

    def column(name: str) -> Floats:
        by_strike = {float(key): each for key, each in given[f"{side}_{name}"].items()}
        return np.array([missing(by_strike.get(float(each))) for each in given["strikes"]])

    average = given[f"avg_{side}_oi_change"]
    return SideFlow(column("oi"), column("volume"), column("oi_change"), average)


def _entry(activity: Activity) -> dict[str, Any]:
    """What the activity carries, without what it does not."""
    carried = {name: each for name, each in asdict(activity).items() if each is not None}
    return {"type": carried.pop("kind").value} | {
        name: getattr(each, "value", each) for name, each in carried.items()
    }


def pcr(case: Case) -> str | None:
    found = pcr_extreme(case["input"]["pcr"])
    return found and found.value


def momentum(case: Case) -> dict[str, Any]:
    given = case["input"]
    found = MomentumInputs(
        oi_signal=Buildup(given["oi_signal"] or Buildup.NEUTRAL),
        gex=given["gex"],
        urgencies=tuple(each and Urgency(each) for each in given["unusual_activity"]),
        fii_net_delta_change=given["fii_net_delta_change"],
        rsi_14=given["rsi_14"],
        macd_crossover=given["macd_crossover"],
        volume_spike=given["vol_spike"],
        breakout=given["breakout"],
    )
    return {
        "fno_monitor": _score(momentum_score_fno_monitor(found)),
        "default": _score(momentum_score(found)),
    }


def _score(score: Score) -> dict[str, Any]:
    return {"score": score.value, "parts": asdict(score.parts)}


def rank(case: Case) -> dict[str, float | None]:
    current = case["input"]["current"]
    history = [missing(each) for each in case["input"]["history"]]
    return {
        "iv_rank_fno_monitor": iv_rank_fno_monitor(current, history),
        "iv_percentile_fno_monitor": iv_percentile_fno_monitor(current, history),
        "iv_rank": iv_rank(current, history),
        "iv_percentile": iv_percentile(current, history),
    }


def breakout(case: Case) -> dict[str, Any]:
    given = dict(case["input"])
    regime = given.pop("regime")
    found = breakout_signals(BreakoutInputs(**given, regime=regime and Regime(regime)))
    return {"bull": list(found.bull), "bear": list(found.bear), "score": found.score}


def confidence(case: Case) -> dict[str, Any]:
    found = positioning_confidence(ConfidenceInputs(**case["input"]))
    return {"score": found.score, "penalties": asdict(found.penalties), "low": found.low}


def library(case: Case) -> list[str]:
    return [each.value for each in signal_library(LibraryInputs(**case["input"]))]


def check(case: Case, value: Any) -> float:
    """Equal; numbers within the case's `rtol`, or what rounding may leave."""
    return close(case["expected"], value, rtol=case.get("rtol", RTOL))


SECTIONS = (
    Section("oi_buildup", buildup, check),
    Section("oi_trend", trend, check),
    Section("oi_deltas", deltas, check),
    Section("uoa", unusual, check),
    Section("pcr", pcr, check),
    Section("momentum", momentum, check),
    Section("iv_rank_percentile", rank, check),
    Section("breakout", breakout, check),
    Section("positioning_confidence", confidence, check),
    Section("signal_library", library, check),
)
