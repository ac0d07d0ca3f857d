"""Recorded payloads, played as if they arrived now.

Layout of the folder: one folder per asset, in it one entry per instant, in the order of their
names; an entry is a file (Cboe), or a folder of the files that belong together (Deribit: book
summary and index price). Gzip or plain.

    recordings/BTC/20260408T100119Z/summary.json
    recordings/BTC/20260408T100119Z/index.json
    recordings/SPX/20260813T222324Z.json.gz

The first question about an asset starts its tape. A chain keeps the time it was recorded at, and
the last one stays when the tape is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.domain import Chain
from engine.errors import VenueError
from jobs.providers.base import Files

Recorded = Callable[[Files, str, datetime | None], Chain]
"""`Venue.recorded` of the venue whose payloads these are."""


@dataclass(slots=True)
class _Tape:
    """How far one asset has been played: since when, what plays, what is next and beyond."""

    entries: list[Path]
    started: datetime
    origin: datetime
    playing: Chain
    ahead: Chain | None = None


class Replay:
    """The recorded venue.

    Args:
        folder: Laid out as the module's text says.
        recorded: Reads the payloads.
        speed: Recorded seconds per second.
    """

    name = "replay"

    def __init__(self, folder: Path, recorded: Recorded, speed: float) -> None:
        self._folder = folder
        self._recorded = recorded
        self._speed = speed
        self._entries: dict[str, list[Path]] = {}
        self._tapes: dict[str, _Tape] = {}
        self._playing = asyncio.Lock()

    async def aclose(self) -> None:
        """Nothing is open."""

    async def chain(self, asset: str, asof: datetime) -> Chain:
        """What plays at `asof`, the service's clock.

        Raises:
            VenueError: nothing is recorded of the asset.
            BadData: the next recording cannot be trusted; it is passed over from then on.
        """
        async with self._playing:
            return await asyncio.to_thread(self._play, asset, asof)

    def _play(self, asset: str, asof: datetime) -> Chain:
        tape = self._tapes.get(asset)
        if tape is None:
            tape = self._tapes[asset] = self._opened(asset, asof)
            return tape.playing
        while tape.ahead is not None or tape.entries:
            if tape.ahead is None:
                tape.ahead = self._load(tape.entries.pop(0), asset)
            if tape.ahead.asof > tape.origin + (asof - tape.started) * self._speed:
                break
            tape.playing, tape.ahead = tape.ahead, None
        return tape.playing

    def _opened(self, asset: str, asof: datetime) -> _Tape:
        if asset not in self._entries:
            self._entries[asset] = _entries(self._folder / asset)
        entries = self._entries[asset]
        if not entries:
            raise VenueError(self.name, f"no recording of {asset} in {self._folder.name}")
        first = self._load(entries.pop(0), asset)
        return _Tape(entries, started=asof, origin=first.asof, playing=first)

    def _load(self, entry: Path, asset: str) -> Chain:
        paths = _entries(entry) if entry.is_dir() else [entry]
        files = [(path.name, path.read_bytes()) for path in paths]
        return replace(self._recorded(files, asset, None), venue=self.name)


def _entries(folder: Path) -> list[Path]:
    """Everything in `folder` but hidden files, by name; nothing when it is not there."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if not each.name.startswith("."))
