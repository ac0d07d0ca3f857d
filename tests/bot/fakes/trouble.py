"""What the stand-in servers can be told to do wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

T = TypeVar("T")


@dataclass
class Fault:
    """One thing that goes wrong.

    Attributes:
        call: Which call it happens to; "*" for every one.
        status, body, headers: What is answered; status 0 cuts the connection instead.
        done: The work is done all the same, so that only the answer is lost.
        times: How often; -1 until cleared.
        skip: So many calls go well before.
    """

    call: str
    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    chat: str = ""
    done: bool = False
    times: int = 1
    skip: int = 0
    delay: float = 0.0


class Faults(list[Fault]):
    def take(self, call: str, chat: str) -> Fault | None:
        for each in self:
            if each.call in ("*", call) and each.chat in ("", chat):
                if each.skip:
                    each.skip -= 1
                    continue
                each.times -= 1
                if each.times == 0:
                    self.remove(each)
                return each
        return None


def cut(request: web.BaseRequest) -> web.Response:
    """Close the connection in the middle of the call."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)


async def eventually(probe: Callable[[], T], within: float = 8.0) -> T:
    """The first truthy value of `probe`; fails the test after `within` [s]."""
    try:
        async with asyncio.timeout(within):
            while not (value := probe()):  # noqa: ASYNC110  servers, not events, are watched
                await asyncio.sleep(0.01)
            return value
    except TimeoutError:
        raise AssertionError(f"nothing came within {within} s") from None
