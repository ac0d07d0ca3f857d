"""The JSON other programs read: its keys stand in docs/snapshot.md and do not change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.analyse import analyse
from engine.document import VERSION, document
from engine.settings import EngineSettings
from tests.samples import make_chain, make_snapshot

DOCS = Path(__file__).resolve().parents[2] / "docs"

REQUIRED = {
    "asset", "venues", "asof", "spot", "currency", "convention", "regime", "window", "contracts",
    "exposures", "levels", "by_strike", "by_expiry", "metrics", "flags", "schema",
}  # fmt: skip


def made(**changes: Any) -> dict[str, Any]:
    return document(analyse(make_chain(**changes), EngineSettings()))


def test_the_keys_that_are_promised_are_there() -> None:
    found = made()
    assert found.keys() >= REQUIRED
    assert found["contracts"].keys() >= {"listed", "used", "left_out"}
    assert list(found["contracts"]["left_out"]) == [
        "expired", "no_vol", "adjusted", "duplicate", "invalid",
    ]  # fmt: skip
    assert found["exposures"].keys() >= {
        "gex_usd_per_1pct", "dex_usd", "vex_usd_per_volpt", "cex_usd_per_day",
    }  # fmt: skip
    assert found["levels"].keys() >= {
        "gamma_flip", "gamma_flips", "call_wall", "put_wall", "max_pain", "expected_move",
        "unavailable",
    }  # fmt: skip
    assert found["levels"]["gamma_flips"][0].keys() == {"level", "direction", "prominence"}
    assert found["levels"]["expected_move"].keys() == {
        "strike", "straddle", "straddle_085", "one_sigma_from_straddle", "one_sigma_iv",
    }  # fmt: skip
    assert found["by_strike"][0].keys() >= {
        "strike", "call_gex", "put_gex", "net_gex", "call_oi", "put_oi",
    }  # fmt: skip
    assert found["asof"] == "2026-11-20T12:00:00+00:00"
    assert (found["regime"], found["schema"]) == ("POSITIVE", VERSION)


def test_a_missing_number_is_null_and_never_nan() -> None:
    chain = make_chain(days=(7.0,))
    unknown = chain.oi.copy()
    unknown[:2] = np.nan
    found = document(analyse(replace(chain, oi=unknown), EngineSettings()))
    assert found["by_strike"][0]["call_oi"] is None
    assert found["metrics"]["expected_move"] is None
    json.dumps(found, allow_nan=False)


def test_every_level_is_a_price_or_null_with_its_reason() -> None:
    levels = made(put_oi=0.0)["levels"]
    assert levels["put_wall"] is None
    assert levels["unavailable"]["put_wall"] == "no put open interest"
    for name, reason in levels["unavailable"].items():
        level = levels[name]
        assert reason
        assert level is None or (name == "expected_move" and level["straddle"] is None)


def test_the_sums_agree_with_each_other() -> None:
    found = made()
    total = found["exposures"]["gex_usd_per_1pct"]
    assert abs(sum(row["net_gex"] for row in found["by_strike"]) - total) < 1e-6 * abs(total)
    assert abs(sum(row["net_gex"] for row in found["by_expiry"]) - total) < 1e-6 * abs(total)
    assert len(found["profile"]["spots"]) == len(found["profile"]["gex"])


def test_a_snapshot_from_storage_that_left_out_zero_counts_has_every_reason() -> None:
    found = document(make_snapshot())
    assert found["contracts"]["left_out"] == {
        "expired": 4, "no_vol": 10, "adjusted": 0, "duplicate": 0, "invalid": 0,
    }  # fmt: skip


def _named(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in _named(each)}
    if isinstance(value, list):
        return {name for each in value for name in _named(each)}
    return set()


def test_every_key_stands_in_the_documentation() -> None:
    text = (DOCS / "snapshot.md").read_text(encoding="utf-8")
    missing = {name for name in _named(made()) if f"`{name}`" not in text}
    assert not missing


def test_every_published_number_stands_in_the_glossary() -> None:
    text = (DOCS / "words.md").read_text(encoding="utf-8")
    found = made()
    names = {*found["exposures"], *found["flows"], *found["levels"], *found["metrics"]}
    assert not {name for name in names - {"unavailable"} if f"`{name}`" not in text}
