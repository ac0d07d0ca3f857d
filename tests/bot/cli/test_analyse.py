"""`gexwire analyse`: recorded payloads to documented JSON."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.jobs.payloads import ASOF, cboe_csv, cboe_json, deribit_index, deribit_summary
from tests.recorded import recorded

ROOT = Path(__file__).resolve().parents[3]
LEFT_OUT = {"expired", "no_vol", "adjusted", "duplicate", "invalid"}


@pytest.fixture
def deribit(tmp_path: Path) -> list[str]:
    return written(tmp_path, summary=deribit_summary(), index=deribit_index())


def written(folder: Path, **payloads: Any) -> list[str]:
    paths = []
    for name, payload in payloads.items():
        path = folder / f"{name}.json"
        path.write_bytes(orjson.dumps(payload))
        paths.append(str(path))
    return paths


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["analyse", *arguments])
    return done.exit_code, done.output


def analysed(*arguments: str) -> Any:
    code, text = run(*arguments, "--json")
    assert code == 0, text
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def accounted(document: Any) -> bool:
    contracts = document["contracts"]
    assert set(contracts["left_out"]) == LEFT_OUT
    return bool(contracts["listed"] == contracts["used"] + sum(contracts["left_out"].values()))


def test_the_documented_keys_are_there(deribit: list[str]) -> None:
    document = analysed(*deribit, "--venue", "deribit", "--asset", "btc")
    assert (document["asset"], document["venues"], document["convention"]) == (
        "BTC",
        ["deribit"],
        "naive",
    )
    assert datetime.fromisoformat(document["asof"]) == ASOF
    assert document["regime"] in {"POSITIVE", "NEGATIVE", "NEUTRAL"}
    assert accounted(document)
    for name in ("gex_usd_per_1pct", "dex_usd", "vex_usd_per_volpt", "cex_usd_per_day"):
        assert isinstance(document["exposures"][name], float)
    rows = document["by_strike"]
    assert {"strike", "call_gex", "put_gex", "net_gex", "call_oi", "put_oi"} <= set(rows[0])
    total = sum(row["net_gex"] for row in rows)
    assert np.isclose(total, document["exposures"]["gex_usd_per_1pct"])
    missing = [name for name, value in document["levels"].items() if value is None]
    assert set(missing) <= set(document["levels"]["unavailable"])


def test_the_convention_turns_the_sign(deribit: list[str]) -> None:
    where = ("--venue", "deribit", "--asset", "BTC")
    naive = analysed(*deribit, *where)["exposures"]["gex_usd_per_1pct"]
    inverse = analysed(*deribit, *where, "--convention", "inverse")
    assert inverse["convention"] == "inverse"
    assert np.isclose(inverse["exposures"]["gex_usd_per_1pct"], -naive)


def test_asof_is_the_valuation_instant(deribit: list[str]) -> None:
    later = ASOF + timedelta(days=2)
    where = ("--venue", "deribit", "--asset", "BTC", "--asof")
    document = analysed(*deribit, *where, later.astimezone().isoformat())
    assert datetime.fromisoformat(document["asof"]).astimezone(UTC) == later
    assert document["contracts"]["left_out"]["expired"] == 14


def test_asof_without_an_offset_is_refused(deribit: list[str]) -> None:
    where = ("--venue", "deribit", "--asset", "BTC")
    code, told = run(*deribit, *where, "--asof", "2026-11-20T15:45")
    assert code == 2
    assert "expected a time with an offset" in told


def test_one_rate_alone_makes_the_other_zero(tmp_path: Path) -> None:
    [file] = written(tmp_path, spx=cboe_json())
    where = (file, "--venue", "cboe", "--asset", "SPX")
    parity = analysed(*where)
    rate = analysed(*where, "--rate", "0.03")
    dividend = analysed(*where, "--dividend", "0.03")
    both = analysed(*where, "--rate", "0.03", "--dividend", "0")
    assert rate["exposures"] == both["exposures"]
    dex = {each["exposures"]["dex_usd"] for each in (parity, rate, dividend)}
    assert len(dex) == 3


def test_the_website_csv_gives_what_the_json_gives(tmp_path: Path) -> None:
    [file] = written(tmp_path, spx=cboe_json())
    table = tmp_path / "quotedata.csv"
    table.write_text(cboe_csv(), encoding="utf-8")
    where = ("--venue", "cboe", "--asset", "SPX", "--asof", ASOF.isoformat())
    one, two = analysed(file, *where), analysed(str(table), *where)
    assert one["contracts"] == two["contracts"]
    assert one["levels"]["call_wall"] == two["levels"]["call_wall"]


def test_text_is_the_chat_answer(deribit: list[str]) -> None:
    code, text = run(*deribit, "--venue", "deribit", "--asset", "BTC")
    assert code == 0
    for label in ("Net GEX", "Call wall", "Put wall", "Gamma flip", "Max pain", "Expected move"):
        assert label in text
    assert "42 of 42 live contracts" in text


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("files", "asset", "listed", "used", "expired"),
    [
        (
            (
                "deribit/wire/20260408T100119Z_get_book_summary_by_currency_BTC_option.json",
                "deribit/wire/20260408T100119Z_get_index_price_btc_usd.json",
            ),
            "BTC",
            858,
            858,
            0,
        ),
        (("cboe/json/SPY_2026-08-13.json.gz",), "SPY", 14_368, 13_926, 362),
        (("cboe/json/_SPX_2026-08-13.json.gz",), "SPX", 29_894 + 534, 29_380, 534),
        (("cboe/json/openbb_options_AAPL.json.gz",), "AAPL", 3_576, 3_380, 154),
    ],
)
def test_recorded_chains_are_accounted_for(
    files: tuple[str, ...], asset: str, listed: int, used: int, expired: int
) -> None:
    paths = [str(recorded(*each.split("/"))) for each in files]
    venue = "deribit" if "deribit" in files[0] else "cboe"
    document = analysed(*paths, "--venue", venue, "--asset", asset)
    contracts = document["contracts"]
    assert accounted(document)
    assert (contracts["listed"], contracts["used"]) == (listed, used)
    assert contracts["left_out"]["expired"] == expired


@pytest.mark.recorded
def test_the_recorded_spx_chain_has_its_published_flip() -> None:
    document = analysed(
        str(recorded("cboe", "quotedata", "spx_2025-09-05.csv.gz")),
        *("--venue", "cboe", "--asset", "SPX", "--asof", "2025-09-05T10:01:00-04:00"),
        *("--rate", "0", "--dividend", "0"),
    )
    assert document["spot"] == pytest.approx(6515.94, abs=0.01)
    assert document["levels"]["gamma_flip"] == pytest.approx(6475.1, abs=0.1)


@pytest.mark.recorded
def test_the_recorded_bitcoin_chain_has_the_numbers_of_an_independent_computation() -> None:
    folder = ("deribit", "wire")
    document = analysed(
        str(recorded(*folder, "20260408T100119Z_get_book_summary_by_currency_BTC_option.json")),
        str(recorded(*folder, "20260408T100119Z_get_index_price_btc_usd.json")),
        *("--venue", "deribit", "--asset", "BTC"),
    )
    exposures, levels = document["exposures"], document["levels"]
    assert exposures["gex_usd_per_1pct"] == pytest.approx(127_763_916, rel=1e-6)
    assert exposures["dex_usd"] == pytest.approx(6.88812e9, rel=1e-5)
    assert exposures["vex_usd_per_volpt"] == pytest.approx(6.49080e7, rel=1e-5)
    assert exposures["cex_usd_per_day"] == pytest.approx(-7.50988e7, rel=1e-5)
    assert (levels["call_wall"], levels["put_wall"], levels["max_pain"]) == (72_000, 70_000, 69_500)
    assert levels["gamma_flip"] == pytest.approx(67_787.328, abs=0.01)
    assert levels["expected_move"]["straddle"] == pytest.approx(1147.25, abs=0.01)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--rate", "nan", "--rate: expected a fraction per year like 0.04, found nan"),
        ("--rate", "inf", "--rate: expected a fraction per year"),
        ("--dividend", "4", "--dividend: expected a fraction per year like 0.04, found 4"),
        ("--asof", "9999-12-31T23:59:59-14:00", "--asof: expected a time with an offset"),
        ("--asof", "yesterday", "--asof: expected a time with an offset"),
    ],
)
def test_a_number_or_time_that_cannot_be_is_refused(
    deribit: list[str], option: str, value: str, told: str
) -> None:
    code, said = run(*deribit, "--venue", "deribit", "--asset", "BTC", option, value)
    assert code == 2
    assert told in said


@pytest.mark.parametrize("content", [b"\x1f\x8bgarbage", gzip.compress(b"x" * 9999)[:30]])
def test_a_damaged_compression_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "chain.json.gz"
    file.write_bytes(content)
    code, said = run(str(file), "--venue", "cboe", "--asset", "SPX")
    assert code == 2
    assert "expected a whole gzip file, found a damaged one." in said
