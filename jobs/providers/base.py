"""A venue: download, then parse. Only `download` does I/O, so that parsing is tested on files."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from engine.domain import Chain
from engine.errors import BadData, VenueError
from engine.ports import ChainSource
from jobs.http import Http, Json

Files = Sequence[tuple[str, bytes]]
"""Recorded payloads: file name and content, gzip or plain."""

_CLOCKS_DIFFER = timedelta(minutes=2)


class Source(ChainSource, Protocol):
    """A chain source that holds something open."""

    async def aclose(self) -> None: ...


def unpacked(name: str, content: bytes) -> bytes:
    """A recorded file's content, without gzip. Raises BadData when the compression is damaged."""
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise BadData(f"{name}: the compression is damaged.") from error


class Venue(ABC):
    """Live data by `chain`, recorded data by `recorded`; both go through the same `parse`.

    Attributes:
        name: The key in config.yaml, and `Chain.venue`.
    """

    name: ClassVar[str]

    def __init__(self, http: Http) -> None:
        self._http = http

    async def aclose(self) -> None:
        await self._http.aclose()

    async def chain(self, asset: str, asof: datetime) -> Chain:
        """The asset's chain as the venue has it now; its own time becomes the chain's.

        Args:
            asset: As declared in config.yaml.
            asof: The service's clock: the payload's time must agree with it.

        Raises:
            VenueError: no answer.
            BadData: an answer that cannot be trusted.
        """
        raw = await self.download(asset)
        chain = await asyncio.to_thread(self.understand, raw, asset, None)
        self._check_clock(chain, asof)
        return chain

    @classmethod
    def recorded(cls, files: Files, asset: str, asof: datetime | None) -> Chain:
        """The chain in recorded payloads; all files together are one instant.

        Args:
            files: In any order; each file's role is recognised by its content.
            asset: Which asset they are about.
            asof: Valuation instant; None = the payload's own time.

        Raises:
            BadData: not this venue's payloads, or not to be trusted.
        """
        return cls.understand(cls.read(files), asset, asof)

    @classmethod
    def understand(cls, raw: Json, asset: str, asof: datetime | None) -> Chain:
        """`parse`, with every surprise turned into BadData."""
        try:
            return cls.parse(raw, asset, asof)
        except KeyError as error:
            raise BadData(f"{cls.name} changed its {asset} format: no {error}.") from error
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise BadData(f"{cls.name} changed its {asset} format.") from error

    @abstractmethod
    async def download(self, asset: str) -> Json:
        """Everything `parse` needs. Raises VenueError, BadData."""

    @staticmethod
    @abstractmethod
    def read(files: Files) -> Json:
        """Recorded payloads to what `download` would have returned. Pure; raises BadData."""

    @staticmethod
    @abstractmethod
    def parse(raw: Json, asset: str, asof: datetime | None) -> Chain:
        """Payloads to a Chain. Pure; raises BadData, or LookupError, TypeError, ValueError."""

    @staticmethod
    def verdict(_: Json) -> VenueError | None:
        """The error this venue's own envelope reports, None when the body is an answer."""
        return None

    def _check_clock(self, chain: Chain, now: datetime) -> None:
        """Old data is kept with its age, which every message shows; data from the future is not."""
        ahead = chain.asof - now
        if ahead > _CLOCKS_DIFFER:
            raise BadData(
                f"{self.name}'s {chain.asset} data is {_words(ahead)} ahead of our clock:"
                " one of the two clocks is wrong."
            )


def _words(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.0f} h" if hours >= 2 else f"{hours * 60:.0f} min"
