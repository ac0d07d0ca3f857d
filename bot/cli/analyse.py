"""`gexwire analyse FILE...`: recorded venue payloads to the Snapshot the service would make."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.app import recorded_chain
from bot.cards.snapshot import summary
from bot.cli.config import ConfigOption
from bot.cli.exits import exits
from bot.cli.settings import load
from bot.render.text import render
from bot.reply import Reply
from engine.analyse import analyse
from engine.document import document
from engine.domain import Snapshot
from engine.errors import BadInput
from engine.terms import Rates

_GZIP = b"\x1f\x8b"


def command(
    files: Annotated[list[Path], typer.Argument(help="Recorded payloads; all form one snapshot")],
    venue: Annotated[str, typer.Option(help="Whose format they have: deribit, cboe")],
    asset: Annotated[str, typer.Option(help="The underlying, for example BTC or SPX")],
    asof: Annotated[
        str | None,
        typer.Option(help="Valuation instant with an offset; the payload's own time by default"),
    ] = None,
    convention: Annotated[
        str | None, typer.Option(help="Dealer-sign convention; the configured one by default")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Discount rate per year, continuous: 0.04")
    ] = None,
    dividend: Annotated[
        float | None, typer.Option(help="Income yield per year, continuous")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole snapshot as JSON (docs/snapshot.md)")
    ] = False,
    path: ConfigOption = None,
) -> None:
    """Analyse recorded payloads: the way to check a number."""
    with exits():
        settings = load(path)
        chain = recorded_chain(
            venue, asset.upper(), [(file.name, _bytes(file)) for file in files], instant(asof)
        )
        rates = _rates(rate, dividend)
        snapshot = analyse(chain, settings.engine, convention=convention, rates=rates)
        typer.echo(_json(snapshot) if as_json else _text(snapshot, settings.bot.timezone))


def instant(text: str | None) -> datetime | None:
    """ISO time with an offset to UTC. Raises BadInput."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        f"--asof: expected a time with an offset like 2026-04-08T10:01:19+00:00, found {text!r}."
    )


def _rates(rate: float | None, dividend: float | None) -> Rates | None:
    """What replaces parity forwards, None when neither is given. Raises BadInput."""
    for name, value in (("--rate", rate), ("--dividend", dividend)):
        if value is not None and not abs(value) <= 1:
            raise BadInput(f"{name}: expected a fraction per year like 0.04, found {value:g}.")
    given = rate is not None or dividend is not None
    return Rates(rate or 0.0, dividend or 0.0) if given else None


def _bytes(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: expected a readable file ({error.strerror}).") from None
    try:
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error):
        raise BadInput(f"{file}: expected a whole gzip file, found a damaged one.") from None


def _json(snapshot: Snapshot) -> str:
    return json.dumps(document(snapshot), indent=2, allow_nan=False)


def _text(snapshot: Snapshot, zone: str) -> str:
    return render(Reply(summary(snapshot, ZoneInfo(zone))))
