"""One test body over every venue: each fault of an answer or a connection has its reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import stamina

from engine.errors import BadData, GexError, RateLimited, VenueError
from tests.jobs.payloads import ASOF
from tests.jobs.venues import BENCHES, Bench, assert_one_clear_sentence

BENCH = pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.venue.name)


@pytest.fixture(autouse=True)
def retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@BENCH
@pytest.mark.anyio
@pytest.mark.parametrize("answer", [{}, [], None, 7, "x", {"data": None, "result": None}])
async def test_json_of_another_shape_is_bad_data(bench: Bench, answer: Any) -> None:
    venue = bench.over(lambda _: httpx.Response(200, content=orjson.dumps(answer)))
    with pytest.raises(BadData, match=f"{venue.name} changed its {bench.asset} format") as error:
        await venue.chain(bench.asset, ASOF)
    assert_one_clear_sentence(str(error.value))


LATER = {"Retry-After": "30"}
ELSEWHERE = {"Location": "https://elsewhere.test/"}


@BENCH
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        pytest.param((200, b"<html>busy</html>", {}), BadData, "an HTML page", id="HTML"),
        pytest.param((200, b'{"data": {', {}), BadData, "truncated JSON", id="truncated"),
        pytest.param((200, b"", {}), BadData, "an empty body", id="empty body"),
        pytest.param((403, b"denied", {}), VenueError, "HTTP 403", id="403"),
        pytest.param((400, b"{}", {}), VenueError, "HTTP 400", id="400"),
        pytest.param((502, b"<html>", {}), VenueError, "HTTP 502", id="502"),
        pytest.param((429, b"", {}), RateLimited, "retry in 60 s", id="429"),
        pytest.param((429, b"", LATER), RateLimited, "retry in 30 s", id="429 and when"),
        pytest.param((302, b"", ELSEWHERE), VenueError, "HTTP 302", id="redirect"),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_has_its_reason(
    bench: Bench, response: tuple[int, bytes, dict[str, str]], kind: type[GexError], words: str
) -> None:
    status, content, headers = response
    venue = bench.over(lambda _: httpx.Response(status, content=content, headers=headers))
    with pytest.raises(kind, match=words) as error:
        await venue.chain(bench.asset, ASOF)
    assert str(error.value).startswith(venue.name)
    assert_one_clear_sentence(str(error.value))


@BENCH
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectTimeout("slow"), "timeout"),
        (httpx.ConnectError("gone"), "no connection"),
        (httpx.RemoteProtocolError("cut"), "connection closed before the answer was complete"),
        (httpx.ReadError("reset"), "connection lost"),
    ],
)
async def test_a_connection_that_fails_is_a_venue_error_with_the_reason(
    bench: Bench, failure: Exception, reason: str
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(VenueError) as error:
        await bench.over(fail).chain(bench.asset, ASOF)
    assert str(error.value) == f"{bench.venue.name} is not answering ({reason})."


@BENCH
@pytest.mark.anyio
async def test_data_from_the_future_is_refused(bench: Bench) -> None:
    venue = bench.serving(bench.make())
    assert await venue.chain(bench.asset, ASOF - timedelta(seconds=110))
    with pytest.raises(BadData, match="data is 12 min ahead of our clock"):
        await venue.chain(bench.asset, ASOF - timedelta(minutes=12))
