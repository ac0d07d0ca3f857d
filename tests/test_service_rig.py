"""The whole service as a process, against strict stand-ins of both platforms and a local venue."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import AT_ONCE
from bot.app import ALERTS_EVERY
from tests.bot.rig import chatrig
from tests.processes import LocalDeribit, Running, configuration, eventually

pytestmark = [pytest.mark.rig, pytest.mark.timeout(240)]

NEWS = "dealer gamma turned"


@pytest.fixture
def rig() -> Iterator[Any]:
    with chatrig().RemoteRig.spawn() as made:
        process = made._process
        made.dc.set_limits(enforce_identify_gap=False)
        yield made
    process.stdout.close()


@pytest.fixture
def venue() -> Iterator[LocalDeribit]:
    with LocalDeribit().serving() as made:
        yield made


def ready(rig: Any) -> None:
    assert rig.tg.wait_ready(timeout=60)
    assert rig.dc.wait_ready(timeout=60, commands=["gex", "follow"])


def clean(side: Any, allowed: tuple[str, ...] = ()) -> None:
    found = side.violations()
    assert [each for each in found["refused"] if not any(part in each for part in allowed)] == []
    assert not found.get("floods")
    assert not found.get("unsupported")


def test_gex_is_answered_with_text_and_chart_on_both_platforms(
    rig: Any, venue: LocalDeribit, tmp_path: Path
) -> None:
    alice, dana = rig.tg.add_user(name="Alice")["id"], rig.dc.add_user(name="Dana")["id"]
    desk = rig.dc.add_guild(name="Desk", members=[dana], channels=["general"])
    general = desk["channels"]["general"]
    config = str(configuration(tmp_path, venue.url))
    with Running(tmp_path, "run", "--config", config, env=rig.env()) as service:
        ready(rig)
        eventually(lambda: venue.asked > 3, "the first refresh")
        asked = rig.tg.ask(user=alice, text="/gex BTC", media="photo", timeout=30)
        photo = asked["replies"][-1]
        assert rig.tg.image(sha=photo["file"]["sha"])["distinct_colors"] > 50
        for label in ("Net GEX", "Call wall", "Put wall", "Gamma flip", "Max pain"):
            assert label in photo["text"]
        assert "SIMULATED" not in photo["text"]
        answer = rig.dc.run(user=dana, channel=general, command="gex", options={"asset": "BTC"})
        assert answer["message"]["files"]
        assert service.stop() == 0
    clean(rig.tg)
    clean(rig.dc)
    token = rig.settings["telegram.token"]
    assert token not in service.out + service.err
    assert "Traceback" not in service.out + service.err


def test_a_flip_reaches_every_follower_once_though_the_service_is_killed(
    rig: Any, venue: LocalDeribit, tmp_path: Path
) -> None:
    users = rig.tg.add_users(count=40)
    dana = rig.dc.add_user(name="Dana")["id"]
    desk = rig.dc.add_guild(name="Desk", members=[dana], channels=["one", "two", "three"])
    channels = list(desk["channels"].values())
    config = str(configuration(tmp_path, venue.url))
    chance = random.Random(7)
    with Running(tmp_path, "run", "--config", config, env=rig.env()) as service:
        ready(rig)
        for user in users:
            rig.tg.say(user=user, text="/follow BTC")
        for channel in channels:
            rig.dc.run(user=dana, channel=channel, command="follow", options={"asset": "BTC"})
        rig.tg.wait_sent(contains="followed here now", count=len(users), timeout=60)
        eventually(lambda: venue.asked > 3, "a regime to turn from")
        for regime in ("NEGATIVE", "POSITIVE"):
            news = f"{NEWS} {regime}"
            venue.put_heavy = regime == "NEGATIVE"
            eventually(lambda told=news: bool(rig.tg.sent(contains=told)), "an alert on its way")  # type: ignore[misc]
            time.sleep(chance.uniform(0.0, 0.5))
            service.kill()
            service.start()
            ready(rig)
            everybody_told(rig, news, users, channels)
        time.sleep(2 * ALERTS_EVERY)
        assert service.stop() == 0
    for regime in ("NEGATIVE", "POSITIVE"):
        news = f"{NEWS} {regime}"
        for channel in channels:
            assert len(rig.dc.sent(chat=channel, contains=news)) == 1, "Discord drops a repeat"
        repeats = len(rig.tg.sent(contains=news)) - len(users)
        assert repeats <= AT_ONCE, "only what was under way in the moment of the kill"
    clean(rig.tg)
    clean(rig.dc)


def everybody_told(rig: Any, news: str, users: list[int], channels: list[str]) -> None:
    def told() -> bool:
        chats = {each["chat"] for each in rig.tg.sent(contains=news)}
        return chats == set(users) and all(
            rig.dc.sent(chat=channel, contains=news) for channel in channels
        )

    eventually(told, "every follower was told", seconds=60)
