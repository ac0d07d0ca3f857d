"""HTTP to one venue: paced, timed, retried, and every failure put into plain words.

The only importer of httpx in jobs: another client means rewriting this file and nothing else.

What is retried, a few times with jittered waits: connections that break and 5xx answers; 429 and
418 when the venue asks for a short wait. What is not: a host that cannot be reached at all and a
timeout, which the next refresh will try again, other 4xx answers, and bodies that cannot be read.
After a longer rate limit the venue is left alone until its time has passed, whoever asks.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
import stamina
from aiolimiter import AsyncLimiter

from engine.errors import BadConfiguration, BadData, RateLimited, VenueError
from jobs.clock import monotonic, now

Json = Any
Verdict = Callable[[Json], VenueError | None]
"""Reads the venue's own error envelope in a decoded body; None = the body is an answer."""

_CONNECT = 4.0
_SHORT_WAIT = 5.0
_USUAL_WAIT = 60.0
_LONGEST_WAIT = 3600.0
_INLINE = 256 * 1024
_CHUNK = 64 * 1024
_LARGEST = 128 * 2**20
"""Eight times the largest chain that any venue sends. [bytes]"""
_LANES = 2
"""Requests under way at once; more would let a dead name server occupy every worker thread."""


class Refused(VenueError):
    """An HTTP status that says no; carries `status`."""

    def __init__(self, venue: str, status: int) -> None:
        super().__init__(venue, f"HTTP {status}")
        self.status = status


class _Passing(VenueError):
    """A failure that asking again in a moment may cure."""


class Http:
    """GET JSON from one venue.

    Args:
        venue: Name used in errors.
        base_url: scheme://host[:port]; paths follow it.
        timeout: A request is given up after this long, body included. [s]
        requests_per_second: Requests are spaced at least 1/this apart.
        attempts: Tries per request, the first one included.
        verdict: The venue's error envelope, see `Verdict`.
        transport: Replaces the network; for tests.

    Raises:
        BadConfiguration: `base_url` is not an address.
    """

    def __init__(
        self,
        venue: str,
        base_url: str,
        *,
        timeout: float,
        requests_per_second: float,
        attempts: int,
        verdict: Verdict = lambda _: None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._venue = venue
        self._timeout = timeout
        self._attempts = attempts
        self._verdict = verdict
        self._limiter = AsyncLimiter(1, 1 / requests_per_second)
        self._lanes = asyncio.Semaphore(_LANES)
        self._silent_until = 0.0
        self._client = httpx.AsyncClient(
            base_url=_address(venue, base_url),
            timeout=httpx.Timeout(timeout, connect=min(_CONNECT, timeout)),
            headers={"User-Agent": "Mozilla/5.0 (compatible; gexwire)"},
            transport=transport,
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def json(self, path: str, **params: str) -> Json:
        """The decoded body of GET `path`.

        Raises:
            RateLimited: the venue asks for patience, now or still from an earlier request.
            VenueError: no answer, or a refusal.
            BadData: an answer that is not JSON.
        """
        async for attempt in stamina.retry_context(
            on=_again,
            attempts=self._attempts,
            timeout=self._timeout,
            wait_initial=0.2,
            wait_max=2.0,
            wait_jitter=0.5,
        ):
            with attempt:
                async with self._lanes, self._limiter:
                    response = await self._send(path, params)
                return await self._read(*response)
        raise AssertionError("stamina ends by returning or raising")

    async def _send(self, path: str, params: dict[str, str]) -> tuple[httpx.Response, bytes]:
        """The answer and its body, read as it comes so that no body fills the memory."""
        if (left := self._silent_until - monotonic()) > 0:
            raise RateLimited(self._venue, left)
        try:
            async with asyncio.timeout(self._timeout):
                async with self._client.stream("GET", path, params=params) as response:
                    return response, await self._body(response)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise VenueError(self._venue, "timeout") from error
        except httpx.DecodingError as error:
            raise self._unreadable("damaged compression") from error
        except httpx.ConnectError as error:
            raise VenueError(self._venue, _reason(error)) from error
        except httpx.TransportError as error:
            raise _Passing(self._venue, _reason(error)) from error

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes(_CHUNK):
            body += chunk
            if len(body) > _LARGEST:
                raise self._unreadable(f"more than {_LARGEST // 2**20} MiB")
        return bytes(body)

    async def _read(self, response: httpx.Response, body: bytes) -> Json:
        status = response.status_code
        if status in (418, 429):
            raise self._limited(_retry_after(response.headers.get("Retry-After", "")))
        if not response.is_success:
            raise self._explained(body) or self._refusal(status)
        try:
            if len(body) > _INLINE:
                answer = await asyncio.to_thread(orjson.loads, body)
            else:
                answer = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise self._unreadable(_what_it_is(body, error)) from error
        if (said := self._said(answer)) is not None:
            raise said
        return answer

    def _limited(self, retry_after: float) -> RateLimited:
        self._silent_until = monotonic() + retry_after
        return RateLimited(self._venue, retry_after)

    def _explained(self, body: bytes) -> VenueError | None:
        """What the venue itself says in the body of a refusal."""
        try:
            return self._said(orjson.loads(body))
        except orjson.JSONDecodeError:
            return None

    def _said(self, answer: Json) -> VenueError | None:
        error = self._verdict(answer)
        return self._limited(error.retry_after) if isinstance(error, RateLimited) else error

    def _refusal(self, status: int) -> VenueError:
        if status >= 500:
            return _Passing(self._venue, f"HTTP {status}")
        return Refused(self._venue, status)

    def _unreadable(self, what: str) -> BadData:
        return BadData(f"{self._venue} answered with {what}, expected JSON.")


def _again(error: Exception) -> bool | float:
    if isinstance(error, RateLimited):
        return error.retry_after if error.retry_after <= _SHORT_WAIT else False
    return isinstance(error, _Passing)


def _address(venue: str, base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise BadConfiguration(
            f"jobs.providers.{venue}.base_url: expected scheme://host[:port], found {base_url!r}"
        )
    return url


def _what_it_is(body: bytes, error: orjson.JSONDecodeError) -> str:
    start = body[:256].lstrip()
    if not start:
        return "an empty body"
    if start.startswith(b"<"):
        return "an HTML page"
    return "truncated JSON" if "end of data" in str(error) else "something else"


def _retry_after(value: str) -> float:
    """Seconds or an HTTP date to a wait; a minute when the venue says nothing readable. [s]"""
    if value.isascii() and value.isdecimal():
        return min(float(value), _LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(value) - now()).total_seconds()
    except (TypeError, ValueError):
        return _USUAL_WAIT
    return min(max(wait, 0.0), _LONGEST_WAIT)


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "host name not found"),
    (ConnectionRefusedError, "connection refused"),
    (ssl.SSLError, "no trusted TLS connection"),
    (ConnectionResetError, "connection reset"),
    (httpx.RemoteProtocolError, "connection closed before the answer was complete"),
    (httpx.ConnectError, "no connection"),
)


def _reason(error: httpx.TransportError) -> str:
    """The most telling cause of a failed connection, in plain words."""
    causes = list(_causes(error))
    for kind, words in _REASONS:
        if any(isinstance(each, kind) for each in causes):
            return words
    return "connection lost"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _causes(each)
        error = error.__cause__ or error.__context__
