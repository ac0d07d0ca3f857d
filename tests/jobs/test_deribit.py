from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import orjson
import pytest

from engine.domain import Market
from engine.errors import BadData, EmptyChain, RateLimited, VenueError
from jobs.http import Http
from jobs.providers.deribit import Deribit
from tests.jobs.payloads import (
    ASOF,
    deribit_envelope,
    deribit_error,
    deribit_index,
    deribit_rows,
    deribit_summary,
)


def files(**payloads: Any) -> list[tuple[str, bytes]]:
    return [(f"{name}.json", orjson.dumps(each)) for name, each in payloads.items()]


def test_coin_prices_become_quote_currency_by_the_index_and_percent_becomes_a_fraction() -> None:
    rows = deribit_rows()
    rows[0].update(bid_price=0.0022, ask_price=0.0025, mark_iv=40.96, underlying_price=71_900.0)
    chain = Deribit.recorded(
        files(summary=deribit_envelope(rows), index=deribit_index(71_703.37)), "BTC", None
    )
    assert chain.bid[0] == pytest.approx(0.0022 * 71_703.37)
    assert chain.ask[0] == pytest.approx(0.0025 * 71_703.37)
    assert chain.iv[0] == pytest.approx(0.4096)
    assert chain.forward[0] == 71_900.0
    assert chain.spot == 71_703.37


def test_contracts_are_single_coins_without_discounting_settling_at_eight_utc() -> None:
    chain = Deribit.recorded(files(s=deribit_summary(), i=deribit_index()), "BTC", None)
    assert (chain.market, chain.currency, chain.rate) == (Market.CRYPTO, "USD", 0.0)
    assert set(chain.multiplier) == {1.0}
    first = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert chain.settlement.min() == first.timestamp()


def test_usdc_options_are_priced_in_usdc_and_the_file_they_share_is_divided() -> None:
    both = deribit_envelope(
        deribit_rows("XRP", spot=2.5) + deribit_rows("SOL", spot=180.0) + deribit_rows("BTC")
    )
    chain = Deribit.recorded(files(summary=both, index=deribit_index(2.5)), "XRP", None)
    assert chain.listed == len(chain) == len(deribit_rows("XRP"))
    assert set(chain.root) == {"XRP_USDC"}
    assert chain.currency == "USDC"
    assert 2.375 in chain.strike
    assert chain.bid[0] == deribit_rows("XRP", spot=2.5)[0]["bid_price"]
    with pytest.raises(EmptyChain):
        Deribit.recorded(files(summary=both, index=deribit_index(0.3)), "DOGE", None)


def test_without_an_index_file_the_rows_own_estimate_is_the_spot() -> None:
    rows = deribit_rows()
    for row, estimate in zip(rows, (99_000.0, 101_000.0, 99_990.0), strict=False):
        row["estimated_delivery_price"] = estimate
    chain = Deribit.recorded(files(summary=deribit_envelope(rows)), "BTC", None)
    assert chain.spot == 100_000.0


def test_the_answer_s_time_is_the_chain_s_or_the_newest_row_s() -> None:
    at = ASOF + timedelta(microseconds=26_321)
    told = deribit_summary(at=at)
    assert Deribit.recorded(files(s=told, i=deribit_index()), "BTC", None).asof == at
    untold = {"result": told["result"]}
    assert Deribit.recorded(files(s=untold, i=deribit_index()), "BTC", None).asof == ASOF


def test_expired_contracts_leave_at_the_second_they_settle() -> None:
    payload = files(summary=deribit_summary(), index=deribit_index())
    settles = datetime(2026, 11, 21, 8, tzinfo=UTC)
    before = Deribit.recorded(payload, "BTC", settles - timedelta(seconds=1))
    after = Deribit.recorded(payload, "BTC", settles)
    assert before.left_out == {}
    assert after.left_out == {"expired": int((before.settlement == settles.timestamp()).sum())}


@pytest.mark.parametrize(
    ("payloads", "words"),
    [
        ({"index": deribit_index()}, "expected a get_book_summary_by_currency payload"),
        ({}, "expected a get_book_summary_by_currency payload"),
        ({"a": deribit_summary(), "b": deribit_summary()}, r"b\.json: expected one summary"),
        ({"e": deribit_error()}, r"e\.json holds an error of Deribit: rate limit"),
        ({"t": {"result": [{"strike": 1}], "usIn": 1}}, "found an object with the keys result"),
        ({"t": [1]}, "found a list"),
    ],
)
def test_files_that_are_no_chain_are_refused_by_name(payloads: Any, words: str) -> None:
    with pytest.raises(BadData, match=words):
        Deribit.recorded(files(**payloads), "BTC", None)


def venue(handler: Any) -> Deribit:
    transport = httpx.MockTransport(handler)
    return Deribit(
        Http(
            "deribit", "https://deribit.test", timeout=5, requests_per_second=10_000, attempts=1,
            verdict=Deribit.verdict, transport=transport,
        )
    )  # fmt: skip


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("asset", "currency", "index"),
    [("BTC", "BTC", "btc_usd"), ("ETH", "ETH", "eth_usd"), ("SOL", "USDC", "sol_usdc")],
)
async def test_two_requests_with_the_documented_parameters_make_a_chain(
    asset: str, currency: str, index: str
) -> None:
    asked: dict[str, dict[str, str]] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        method = request.url.path.removeprefix("/api/v2/public/")
        asked[method] = dict(request.url.params)
        payload = deribit_index() if method == "get_index_price" else deribit_summary(asset)
        return httpx.Response(200, content=orjson.dumps(payload))

    chain = await venue(answer).chain(asset, ASOF)
    assert chain.asset == asset
    assert asked == {
        "get_book_summary_by_currency": {"currency": currency, "kind": "option"},
        "get_index_price": {"index_name": index},
    }


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400, 429])
async def test_too_many_requests_is_a_rate_limit_under_any_status(status: int) -> None:
    body = orjson.dumps(deribit_error())
    with pytest.raises(RateLimited):
        await venue(lambda _: httpx.Response(status, content=body)).chain("BTC", ASOF)


@pytest.mark.anyio
async def test_deribit_s_other_errors_keep_their_words() -> None:
    body = orjson.dumps(deribit_error(11051, "system_maintenance"))
    with pytest.raises(VenueError, match="system_maintenance, code 11051"):
        await venue(lambda _: httpx.Response(200, content=body)).chain("BTC", ASOF)


@pytest.mark.anyio
async def test_old_data_is_kept_with_its_own_time_and_data_from_the_future_is_refused() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        index = request.url.path.endswith("get_index_price")
        return httpx.Response(
            200, content=orjson.dumps(deribit_index() if index else deribit_summary())
        )

    late = await venue(answer).chain("BTC", ASOF + timedelta(days=2))
    assert late.asof == ASOF
    with pytest.raises(BadData, match=r"deribit's BTC data is 3 h ahead of our clock"):
        await venue(answer).chain("BTC", ASOF - timedelta(hours=3))


def test_missing_quotes_and_forwards_are_nan_and_never_zero() -> None:
    rows = deribit_rows()
    rows[0].update(bid_price=None, ask_price=None, mark_iv=None, underlying_price=None)
    chain = Deribit.recorded(files(s=deribit_envelope(rows), i=deribit_index()), "BTC", None)
    for column in (chain.bid, chain.ask, chain.iv, chain.forward):
        assert np.isnan(column[0])
        assert np.isfinite(column[1:]).all()


def test_the_index_of_another_coin_is_refused() -> None:
    mixed = files(summary=deribit_summary(), index=deribit_index(2_250.03))
    with pytest.raises(BadData, match=r"absurd BTC spot: the index is 2250\.03, its options say"):
        Deribit.recorded(mixed, "BTC", None)


def test_long_or_unprintable_words_of_the_venue_are_shortened() -> None:
    error = Deribit.verdict({"error": {"code": 11, "message": "\x1b[31m" + "no " * 500}})
    assert error is not None
    assert error.reason.isprintable()
    assert len(error.reason) < 120
