"""The venues: where chains come from. A new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.errors import BadConfiguration
from jobs.config import JobsSettings, ProviderSettings
from jobs.http import Http
from jobs.providers.base import Source, Venue
from jobs.providers.cboe import Cboe
from jobs.providers.demo import Demo
from jobs.providers.deribit import Deribit
from jobs.providers.replay import Replay

VENUES: tuple[type[Venue], ...] = (Deribit, Cboe)

PARSERS: Mapping[str, type[Venue]] = {venue.name: venue for venue in VENUES}
"""Who reads recorded payloads, by venue name: `PARSERS["cboe"].recorded(files, asset, asof)`."""


def open_venues(settings: JobsSettings) -> dict[str, Source]:
    """The enabled venues by name, ready to be asked; close each with `aclose`.

    Raises:
        BadConfiguration: a base_url is no address, or `replay.venue` has no recordings' format.
    """
    providers = settings.providers
    venues: dict[str, Source] = {}
    for venue in VENUES:
        connection: ProviderSettings = getattr(providers, venue.name)
        if connection.enabled:
            venues[venue.name] = venue(_http(venue, connection))
    if providers.replay.enabled:
        venues[Replay.name] = _replay(settings)
    return venues


def demo_venue(settings: JobsSettings) -> Demo:
    """The simulated market of the configured assets."""
    markets = {name: asset.group for name, asset in settings.assets.items()}
    return Demo(settings.providers.demo.seed, markets)


def _http(venue: type[Venue], settings: ProviderSettings) -> Http:
    return Http(
        venue.name,
        settings.base_url,
        timeout=settings.timeout,
        requests_per_second=settings.requests_per_second,
        attempts=settings.attempts,
        verdict=venue.verdict,
    )


def _replay(settings: JobsSettings) -> Replay:
    replay = settings.providers.replay
    if replay.venue not in PARSERS:
        raise BadConfiguration(
            f"jobs.providers.replay.venue: expected one of {', '.join(PARSERS)},"
            f" found {replay.venue!r}"
        )
    return Replay(Path(replay.folder), PARSERS[replay.venue].recorded, replay.speed)
