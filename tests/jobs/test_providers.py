"""What the composition root gets: enabled venues, the simulated market, the clock."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from engine.domain import Market
from engine.errors import BadConfiguration
from jobs import clock
from jobs.config import JobsSettings
from jobs.providers import PARSERS, demo_venue, open_venues
from jobs.providers.replay import Replay


@pytest.mark.anyio
async def test_the_usual_settings_open_the_public_venues() -> None:
    venues = open_venues(JobsSettings())
    assert list(venues) == ["deribit", "cboe"]
    for name, venue in venues.items():
        assert venue.name == name
        await venue.aclose()


def test_a_disabled_venue_is_not_opened_and_replay_only_when_enabled() -> None:
    settings = JobsSettings.model_validate(
        {
            "providers": {
                "deribit": {"enabled": False},
                "cboe": {"enabled": False},
                "replay": {"enabled": True},
            }
        }
    )
    venues = open_venues(settings)
    assert list(venues) == ["replay"]
    assert isinstance(venues["replay"], Replay)


def test_replay_of_a_venue_without_recordings_is_a_configuration_error() -> None:
    settings = JobsSettings.model_validate(
        {"providers": {"replay": {"enabled": True, "venue": "x"}}}
    )
    with pytest.raises(BadConfiguration, match=r"replay\.venue: expected one of deribit, cboe"):
        open_venues(settings)


def test_the_simulated_market_knows_each_asset_s_group() -> None:
    settings = JobsSettings.model_validate(
        {"assets": {"ABC": {"group": "crypto", "venues": ["deribit"]}}}
    )
    assert demo_venue(settings).simulate("ABC", clock.now()).market is Market.CRYPTO


def test_recorded_payloads_are_read_by_the_venues_that_download_them() -> None:
    assert list(PARSERS) == ["deribit", "cboe"]


def test_the_clock_is_utc_and_waits_are_measured_forwards() -> None:
    assert clock.now().tzinfo is UTC
    assert clock.now() - clock.now() < timedelta(seconds=1)
    assert clock.monotonic() <= clock.monotonic()
