"""The one HTTP client against servers that break off, over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter
from typing import Any

import pytest
import stamina

from engine.errors import BadData, VenueError
from jobs.http import Http


@pytest.fixture(autouse=True)
def retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def from_socket(serve: Serve, **changed: Any) -> tuple[Any, int]:
    """Ask a raw TCP server; the answer or the error, and how many connections it saw."""
    seen = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen += 1
        await reader.readuntil(b"\r\n\r\n")
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(counted, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    usual = {"timeout": 5.0, "requests_per_second": 1000.0, "attempts": 3}
    client = Http("venue", f"http://127.0.0.1:{port}", **{**usual, **changed})
    try:
        return await client.json("/"), seen
    except (VenueError, BadData) as error:
        return error, seen
    finally:
        await client.aclose()
        server.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def resetting(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def hanging_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def cutting_short(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b'Content-Length: 1000\r\n\r\n{"result": [')
    await writer.drain()


@pytest.mark.anyio
@pytest.mark.parametrize("serve", [silent, dripping])
async def test_a_request_is_given_up_in_time_even_while_bytes_drip_in(serve: Serve) -> None:
    start = perf_counter()
    error, seen = await from_socket(serve, timeout=0.4)
    assert isinstance(error, VenueError)
    assert str(error) == "venue is not answering (timeout)."
    assert perf_counter() - start < 1.5
    assert seen == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (resetting, "connection reset"),
        (hanging_up, "connection closed before the answer was complete"),
        (cutting_short, "connection closed before the answer was complete"),
    ],
)
async def test_a_broken_connection_is_tried_again_and_said_in_plain_words(
    serve: Serve, reason: str
) -> None:
    error, seen = await from_socket(serve)
    assert isinstance(error, VenueError)
    assert str(error) == f"venue is not answering ({reason})."
    assert seen == 3


@pytest.mark.anyio
async def test_a_closed_port_is_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = Http(
        "venue", f"http://127.0.0.1:{port}", timeout=5, requests_per_second=1000, attempts=2
    )
    with pytest.raises(VenueError, match="connection refused"):
        await client.json("/")
    await client.aclose()


@pytest.mark.anyio
async def test_plain_http_behind_an_https_address_is_a_tls_failure() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Http(
        "venue", f"https://127.0.0.1:{port}", timeout=5, requests_per_second=1000, attempts=1
    )
    with pytest.raises(VenueError, match="no trusted TLS connection"):
        await client.json("/")
    await client.aclose()
    server.close()
