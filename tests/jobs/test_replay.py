from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from engine.errors import BadData, VenueError
from jobs.providers.cboe import Cboe
from jobs.providers.deribit import Deribit
from jobs.providers.replay import Replay
from tests.jobs.payloads import ASOF, cboe_json, deribit_index, deribit_summary

START = datetime(2030, 1, 1, tzinfo=UTC)
"""Long after the recordings: a replay's clock is the service's."""


def record(folder: Path, minute: int, spot: float) -> None:
    at = ASOF + timedelta(minutes=minute)
    entry = folder / "BTC" / f"{at:%Y%m%dT%H%M%SZ}"
    entry.mkdir(parents=True)
    (entry / "summary.json.gz").write_bytes(gzip.compress(orjson.dumps(deribit_summary(at=at))))
    (entry / "index.json").write_bytes(orjson.dumps(deribit_index(spot, at=at)))


@pytest.mark.anyio
async def test_recordings_play_at_their_own_pace_from_the_first_question_on(tmp_path: Path) -> None:
    for minute, spot in ((0, 100_000.0), (1, 100_100.0), (5, 100_500.0)):
        record(tmp_path, minute, spot)
    replay = Replay(tmp_path, Deribit.recorded, speed=1.0)
    heard = [
        (await replay.chain("BTC", START + timedelta(seconds=after))).spot
        for after in (0, 59, 60, 299, 300, 9999)
    ]
    assert heard == [100_000.0, 100_000.0, 100_100.0, 100_100.0, 100_500.0, 100_500.0]
    await replay.aclose()


@pytest.mark.anyio
async def test_a_faster_speed_skips_what_has_passed(tmp_path: Path) -> None:
    for minute in range(10):
        record(tmp_path, minute, 100_000.0 + minute)
    replay = Replay(tmp_path, Deribit.recorded, speed=60.0)
    await replay.chain("BTC", START)
    chain = await replay.chain("BTC", START + timedelta(seconds=7))
    assert chain.spot == 100_007.0


@pytest.mark.anyio
async def test_a_chain_is_of_the_venue_replay_and_keeps_its_recorded_time(tmp_path: Path) -> None:
    record(tmp_path, 0, 100_000.0)
    chain = await Replay(tmp_path, Deribit.recorded, 1.0).chain("BTC", START)
    assert (chain.venue, chain.asof) == ("replay", ASOF)


@pytest.mark.anyio
async def test_an_instant_may_be_a_single_file_and_assets_have_tapes_of_their_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "SPX").mkdir()
    for minute in (0, 10):
        payload = cboe_json(at=ASOF + timedelta(minutes=minute), price=6550.0 + minute)
        (tmp_path / "SPX" / f"{minute:02}.json").write_bytes(orjson.dumps(payload))
    (tmp_path / "SPX" / ".hidden").write_text("not a recording")
    replay = Replay(tmp_path, Cboe.recorded, 1.0)
    assert (await replay.chain("SPX", START)).spot == 6550.0
    assert (await replay.chain("SPX", START + timedelta(minutes=10))).spot == 6560.0
    with pytest.raises(VenueError, match="no recording of SPY"):
        await replay.chain("SPY", START)


@pytest.mark.anyio
async def test_a_broken_recording_is_said_once_and_passed_over(tmp_path: Path) -> None:
    record(tmp_path, 0, 100_000.0)
    record(tmp_path, 1, 100_100.0)
    record(tmp_path, 2, 100_200.0)
    (middle,) = (tmp_path / "BTC").glob("*T1546*")
    (middle / "index.json").write_text("<html>")
    replay = Replay(tmp_path, Deribit.recorded, 1.0)
    assert (await replay.chain("BTC", START)).spot == 100_000.0
    with pytest.raises(BadData, match=r"index\.json: expected JSON of Deribit"):
        await replay.chain("BTC", START + timedelta(minutes=2))
    assert (await replay.chain("BTC", START + timedelta(minutes=2))).spot == 100_200.0


@pytest.mark.anyio
async def test_a_tape_that_begins_broken_plays_from_its_first_sound_recording(
    tmp_path: Path,
) -> None:
    record(tmp_path, 0, 100_000.0)
    record(tmp_path, 1, 100_100.0)
    (first,) = (tmp_path / "BTC").glob("*T1545*")
    (first / "index.json").write_text("")
    replay = Replay(tmp_path, Deribit.recorded, 1.0)
    with pytest.raises(BadData):
        await replay.chain("BTC", START)
    assert (await replay.chain("BTC", START)).spot == 100_100.0
