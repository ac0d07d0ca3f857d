"""Real recorded payloads, all contracts accounted for. Skipped where the recordings are not."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime
from time import perf_counter

import numpy as np
import orjson
import pytest

from engine.analyse import analyse
from engine.domain import Chain
from engine.errors import BadData
from engine.settings import EngineSettings
from jobs.providers.base import Venue
from jobs.providers.cboe import Cboe
from jobs.providers.deribit import Deribit
from tests.recorded import recorded

pytestmark = pytest.mark.recorded


def load(venue: type[Venue], asset: str, *paths: str, asof: datetime | None = None) -> Chain:
    files = [recorded(*path.split("/")) for path in paths]
    chain = venue.recorded([(file.name, file.read_bytes()) for file in files], asset, asof)
    assert chain.listed == len(chain) + sum(chain.left_out.values())
    return chain


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WIRE = "deribit/wire/"
APRIL = f"{WIRE}20260408T100119Z_"


@pytest.mark.parametrize(
    ("asset", "files", "contracts", "asof", "spot"),
    [
        pytest.param(
            "BTC",
            ("get_book_summary_by_currency_BTC_option.json", "get_index_price_btc_usd.json"),
            858, "2026-04-08T10:01:19.026321", 71_703.37, id="BTC",
        ),
        pytest.param(
            "ETH",
            ("get_index_price_eth_usd.json", "get_book_summary_by_currency_ETH_option.json"),
            740, "2026-04-08T10:01:19.026321", 2_250.03, id="ETH",
        ),
    ],
)  # fmt: skip
def test_deribit_s_recorded_chains(
    asset: str, files: tuple[str, ...], contracts: int, asof: str, spot: float
) -> None:
    chain = load(Deribit, asset, *(f"{APRIL}{file}" for file in files))
    assert (len(chain), chain.left_out) == (contracts, {})
    assert (chain.asof, chain.spot) == (at(asof), spot)
    assert np.isfinite(chain.iv).all()
    assert np.isfinite(chain.forward).all()


def test_deribit_s_chain_of_2024_without_an_index_file() -> None:
    chain = load(
        Deribit, "BTC", f"{WIRE}get_book_summary_by_currency_BTC_option_20240312.rebuilt.json"
    )
    assert (len(chain), chain.left_out, chain.spot) == (1198, {}, 72_011.29)
    assert chain.asof == at("2024-03-12T05:57:12.955")
    assert chain.settlement.min() == at("2024-03-12T08:00").timestamp()
    assert int(np.isnan(chain.bid).sum()) == 411


@pytest.mark.parametrize(
    "file", ["get_instruments_BTC_20210722.json", "ticker_BTC_options_20260114.rebuilt.json"]
)
def test_deribit_s_other_payloads_are_refused_by_name(file: str) -> None:
    with pytest.raises(BadData, match=f"{file}: expected Deribit's get_book_summary"):
        load(Deribit, "BTC", f"{WIRE}{file}")


CBOE = {
    "json/SPY_2026-08-13.json.gz": ("SPY", 14_006, 362, "2026-08-13T22:08:33", 777.88),
    "json/_SPX_2026-08-13.json.gz": ("SPX", 29_894, 534, "2026-08-13T22:08:24", 7798.9902),
    "json/gflows_RUT.json.gz": ("RUT", 6_342, 338, "2023-09-21T03:02:42", 1806.1193),
    "json/openbb_options_AAPL.json.gz": ("AAPL", 3_422, 154, "2026-07-25T03:29:38", 333.02),
    "json/openbb_options_CLX.json.gz": ("CLX", 306, 0, "2026-07-25T00:28:14", 95.55),
    "quotedata/aryaman_spx.csv.gz": ("SPX", 18_866, 1_476, "2023-08-21T02:27", 4369.71),
    "quotedata/gflows_ndx.csv.gz": ("NDX", 18_402, 716, "2022-12-13T01:16", 11706.4395),
    "quotedata/gflows_rut.csv.gz": ("RUT", 7_012, 322, "2022-12-13T01:15", 1817.4937),
    "quotedata/gflows_spx.csv.gz": ("SPX", 18_870, 286, "2022-12-13T01:15", 3990.5601),
    "quotedata/nickkxsper_spx.csv.gz": ("SPX", 19_378, 0, "2022-07-12T15:40", 3856.28),
    "quotedata/spx_2025-09-05.csv.gz": ("SPX", 24_122, 0, "2025-09-05T14:01", 6515.9399),
}
"""File: asset, contracts alive and expired, instant of the quotes, spot."""


@pytest.mark.parametrize("file", CBOE)
def test_cboe_s_recorded_chains(file: str) -> None:
    asset, live, expired, asof, spot = CBOE[file]
    chain = load(Cboe, asset, f"cboe/{file}")
    assert len(chain) == live
    assert chain.left_out == ({"expired": expired} if expired else {})
    assert (chain.asof, chain.spot) == (at(asof), spot)


def test_the_zero_day_options_of_the_spx_capture_are_gone_after_the_close() -> None:
    during = load(Cboe, "SPX", "cboe/json/_SPX_2026-08-13.json.gz", asof=at("2026-08-13T19:59"))
    after = load(Cboe, "SPX", "cboe/json/_SPX_2026-08-13.json.gz", asof=at("2026-08-13T20:00"))
    assert (during.left_out, after.left_out) == ({}, {"expired": 534})


def test_am_and_pm_contracts_of_one_day_live_beside_each_other() -> None:
    chain = load(Cboe, "SPX", "cboe/json/_SPX_2026-08-13.json.gz")
    friday = (chain.settlement >= at("2026-08-21").timestamp()) & (
        chain.settlement < at("2026-08-22").timestamp()
    )
    found = Counter(
        zip(chain.root[friday].tolist(), chain.settlement[friday].tolist(), strict=True)
    )
    assert {key: count > 100 for key, count in found.items()} == {
        ("SPX", at("2026-08-21T13:30").timestamp()): True,
        ("SPXW", at("2026-08-21T20:00").timestamp()): True,
    }


def test_a_hand_damaged_date_asks_for_the_instant_and_is_read_with_it() -> None:
    path = "cboe/quotedata/ayour_spy_quotedata.csv.gz"
    with pytest.raises(BadData, match=r"4 June 4, 3:15 PM EDT.*--asof"):
        load(Cboe, "SPY", path)
    chain = load(Cboe, "SPY", path, asof=at("2023-06-04T19:15"))
    assert (len(chain), chain.spot) == (7_686, 427.92)


def test_a_quote_without_options_is_refused() -> None:
    with pytest.raises(BadData, match="no 'options'"):
        load(Cboe, "AAPL", "cboe/json/openbb_quotes_AAPL.json.gz")


def test_a_day_of_hourly_captures_in_a_recorder_s_own_wrapping() -> None:
    spots = []
    for file in sorted(recorded("cboe", "dia").glob("20260616*.json.gz")):
        kept = orjson.loads(gzip.decompress(file.read_bytes()))
        data = {
            "current_price": kept["current_price"],
            "close": kept["current_price"],
            "options": kept["raw_options"],
        }
        payload = {"timestamp": kept["timestamp"], "symbol": kept["symbol"], "data": data}
        chain = Cboe.recorded([(file.name, orjson.dumps(payload))], "DIA", None)
        assert chain.listed == kept["options_count"] == len(chain) + sum(chain.left_out.values())
        assert set(chain.left_out) <= {"expired"}
        spots.append(chain.spot)
    assert len(spots) == 4


@pytest.mark.parametrize(
    ("asset", "file", "delta", "gamma"),
    [
        ("SPX", "_SPX_2026-08-13.json.gz", 0.03, 0.01),
        ("RUT", "gflows_RUT.json.gz", 0.02, 0.01),
    ],
)
def test_cboe_s_own_greeks_of_european_options_are_near_ours_and_can_be_used(
    asset: str, file: str, delta: float, gamma: float
) -> None:
    chain = load(Cboe, asset, f"cboe/json/{file}")
    assert np.isfinite(chain.delta).mean() > 0.98
    ours = analyse(chain, EngineSettings())
    theirs = analyse(chain, EngineSettings(use_venue_greeks=True))
    for name, limit in (("venue_delta_deviation", delta), ("venue_gamma_deviation", gamma)):
        assert 0 < (ours.metrics[name] or 0.0) < limit
        assert theirs.metrics[name] == ours.metrics[name]
    gross = [each.exposures.gex_gross_usd_per_1pct for each in (ours, theirs)]
    assert 0 < abs(gross[1] / gross[0] - 1) < 0.02
    assert theirs.levels.gamma_flip == ours.levels.gamma_flip


def test_the_largest_chain_is_read_in_a_fraction_of_a_second() -> None:
    content = gzip.decompress(recorded("cboe", "json", "_SPX_2026-08-13.json.gz").read_bytes())
    times = []
    for _ in range(3):
        start = perf_counter()
        chain = Cboe.recorded([("_SPX.json", content)], "SPX", None)
        times.append(perf_counter() - start)
    assert chain.listed == 30_428
    assert min(times) < 0.6
