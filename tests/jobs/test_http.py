"""The one HTTP client: what it makes of answers."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import timedelta
from email.utils import format_datetime
from time import perf_counter
from typing import Any

import httpx
import pytest
import stamina

from engine.errors import BadConfiguration, BadData, RateLimited, VenueError
from jobs.clock import now
from jobs.http import Http, Refused

Answer = Callable[[], httpx.Response]


@pytest.fixture(autouse=True)
def retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


class Script:
    """Answers with prepared responses in order, the last one for ever; remembers the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer()


def body(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return lambda: httpx.Response(status, content=content, headers=headers)


def retry_after(value: str) -> dict[str, str]:
    return {"Retry-After": value}


def fails(error: Exception) -> Answer:
    def raises() -> httpx.Response:
        raise error

    return raises


def http(script: Script, **changed: Any) -> Http:
    usual = {"timeout": 5.0, "requests_per_second": 1000.0, "attempts": 3}
    transport = httpx.MockTransport(script)
    return Http("venue", "https://venue.test", transport=transport, **{**usual, **changed})


GZIP = {"Content-Encoding": "gzip"}
PACKED = gzip.compress(str(list(range(5000))).encode())
DAMAGED = PACKED[:200] + bytes(reversed(PACKED[200:400])) + PACKED[400:]
CUT_OFF = PACKED[: len(PACKED) // 2]
GOOD = body(b'{"a": 1}')


@pytest.mark.anyio
async def test_path_and_parameters_follow_the_base_url() -> None:
    script = Script(GOOD)
    assert await http(script).json("/api/v2/x", currency="BTC", kind="option") == {"a": 1}
    assert script.asked == ["https://venue.test/api/v2/x?currency=BTC&kind=option"]


@pytest.mark.anyio
async def test_a_large_body_is_decoded_like_a_small_one() -> None:
    large = b"[" + b"1.5," * 200_000 + b"1.5]"
    assert len(await http(Script(body(large))).json("/")) == 200_001


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "headers", "found"),
    [
        (b"", {}, "an empty body"),
        (b"  \n", {}, "an empty body"),
        (b"<!DOCTYPE html><html>busy</html>", {"Content-Type": "text/html"}, "an HTML page"),
        (b'\n <html lang="en">', {}, "an HTML page"),
        (b'{"result": [1, 2', {}, "truncated JSON"),
        (b'{"result": [NaN]}', {}, "something else"),
        (b"Too Many Visits", {}, "something else"),
        (DAMAGED, GZIP, "damaged compression"),
        (CUT_OFF, GZIP, "truncated"),
    ],
)
async def test_a_body_that_is_no_json_is_bad_data_and_is_asked_for_once(
    content: bytes, headers: dict[str, str], found: str
) -> None:
    script = Script(body(content, headers=headers))
    with pytest.raises(BadData, match=f"^venue answered with {found}.*, expected JSON.$"):
        await http(script).json("/")
    assert len(script.asked) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 401, 403, 404, 301])
async def test_a_refusal_is_final_and_carries_its_status(status: int) -> None:
    script = Script(body(b"no", status, {"Location": "https://elsewhere.test/"}))
    with pytest.raises(Refused, match=f"venue is not answering \\(HTTP {status}\\)") as error:
        await http(script).json("/")
    assert error.value.status == status
    assert script.asked == ["https://venue.test/"]


@pytest.mark.anyio
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_broken_venue_is_asked_again_and_then_given_up(status: int) -> None:
    script = Script(body(b"<html>oops</html>", status))
    with pytest.raises(VenueError, match=f"HTTP {status}"):
        await http(script).json("/")
    assert len(script.asked) == 3


@pytest.mark.anyio
async def test_a_venue_that_recovers_within_the_attempts_is_believed() -> None:
    script = Script(body(b"", 502), fails(httpx.ReadError("gone")), GOOD)
    assert await http(script).json("/") == {"a": 1}
    assert len(script.asked) == 3


@pytest.mark.anyio
async def test_one_attempt_means_one_request() -> None:
    script = Script(body(b"", 502))
    with pytest.raises(VenueError):
        await http(script, attempts=1).json("/")
    assert len(script.asked) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("status", [418, 429])
@pytest.mark.parametrize(
    ("header", "expected"),
    [({}, 60.0), (retry_after("30"), 30.0), (retry_after("soon"), 60.0),
     (retry_after("99999999"), 3600.0)],
)  # fmt: skip
async def test_a_rate_limit_says_when_to_come_back_and_is_not_asked_again(
    status: int, header: dict[str, str], expected: float
) -> None:
    script = Script(body(b"", status, header))
    with pytest.raises(RateLimited) as error:
        await http(script).json("/")
    assert error.value.retry_after == expected
    assert len(script.asked) == 1


@pytest.mark.anyio
async def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(now() + timedelta(seconds=90), usegmt=True)
    with pytest.raises(RateLimited) as error:
        await http(Script(body(b"", 429, retry_after(date)))).json("/")
    assert 85 < error.value.retry_after <= 90


@pytest.mark.anyio
async def test_a_limited_venue_is_left_alone_whoever_asks_until_its_time_has_passed() -> None:
    script = Script(body(b"", 429, retry_after("30")), GOOD)
    client = http(script)
    with pytest.raises(RateLimited):
        await client.json("/btc")
    with pytest.raises(RateLimited) as error:
        await client.json("/eth")
    assert 29 < error.value.retry_after <= 30
    assert len(script.asked) == 1


@pytest.mark.anyio
async def test_a_short_wait_is_waited_for() -> None:
    script = Script(body(b"", 429, retry_after("1")), GOOD)
    start = perf_counter()
    with stamina.set_testing(False):
        assert await http(script).json("/") == {"a": 1}
    assert perf_counter() - start >= 1.0
    assert len(script.asked) == 2


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400, 503])
async def test_the_venue_s_own_error_envelope_is_understood_under_any_status(status: int) -> None:
    def verdict(answer: Any) -> VenueError | None:
        return VenueError("venue", answer["error"]) if "error" in answer else None

    with pytest.raises(VenueError, match="maintenance"):
        await http(Script(body(b'{"error": "maintenance"}', status)), verdict=verdict).json("/")


@pytest.mark.anyio
async def test_a_rate_limit_in_the_envelope_silences_like_one_in_the_status() -> None:
    script = Script(body(b'{"code": 10028}'))
    client = http(script, verdict=lambda _: RateLimited("venue", 10.0))
    for _ in range(2):
        with pytest.raises(RateLimited):
            await client.json("/")
    assert len(script.asked) == 1


@pytest.mark.anyio
async def test_requests_are_spaced_by_the_configured_rate() -> None:
    client = http(Script(GOOD), requests_per_second=20.0)
    start = perf_counter()
    await asyncio.gather(*(client.json("/") for _ in range(5)))
    assert perf_counter() - start >= 4 / 20 - 0.01


@pytest.mark.parametrize(
    "address", ["", "deribit.com", "ftp://venue.test", "https://", "http://[::"]
)
def test_an_address_that_is_none_is_a_configuration_error_naming_the_key(address: str) -> None:
    with pytest.raises(
        BadConfiguration, match=r"jobs\.providers\.venue\.base_url: expected scheme"
    ):
        Http("venue", address, timeout=1, requests_per_second=1, attempts=1)


@pytest.mark.anyio
async def test_an_unknown_host_is_said_so_however_deep_the_cause_lies() -> None:
    def unknown() -> httpx.Response:
        deep = ExceptionGroup("all", [socket.gaierror(-2, "Name or service not known")])
        raise httpx.ConnectError("All connection attempts failed") from deep

    with pytest.raises(VenueError, match="host name not found"):
        await http(Script(unknown)).json("/")


@pytest.mark.anyio
async def test_a_body_without_end_is_given_up_before_it_fills_the_memory() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 2**20
            yield bytes(2**20)

    venue = http(Script(lambda: httpx.Response(200, content=endless())))
    with pytest.raises(BadData, match="venue answered with more than 128 MiB, expected JSON"):
        await venue.json("/x")
    assert sent < 140 * 2**20
    await venue.aclose()
