from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from bot import gate as gates
from bot.command import Person
from bot.config import AllowSettings, BotSettings, CooldownSettings
from bot.gate import Gate
from engine.errors import NotAllowed, TooFast
from engine.service import Recipient

ALICE = Person("telegram", "11", "Alice")
DANA = Person("discord", "22", "Dana", guild="900")
PRIVATE = Recipient("telegram", "11")
GROUP = Recipient("telegram", "-500", "7")
CHANNEL = Recipient("discord", "700")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def make_gate(clock: Clock | None = None, burst: int = 3, **settings: object) -> Gate:
    cooldown = CooldownSettings(burst=burst, every=2.0)
    whole = BotSettings.model_validate({"cooldown": cooldown, **settings})
    return Gate(whole, clock or Clock())


def test_nobody_is_let_in_until_the_owner_says_so() -> None:
    for who, where in ((ALICE, PRIVATE), (ALICE, GROUP), (DANA, CHANNEL)):
        assert not make_gate().allows(who, where)


@pytest.mark.parametrize(
    ("allow", "who", "where"),
    [
        ({"users": [11]}, ALICE, GROUP),
        ({"chats": [-500]}, ALICE, GROUP),
        ({"chats": ["7"]}, ALICE, GROUP),
        ({"chats": [700]}, DANA, CHANNEL),
        ({"guilds": [900]}, DANA, CHANNEL),
        ({"open": True}, DANA, CHANNEL),
    ],
)
def test_each_key_of_the_list_lets_in_whom_it_names(
    allow: dict[str, Any], who: Person, where: Recipient
) -> None:
    make_gate(allow=AllowSettings(**allow)).enter(who, where)


def test_being_on_one_server_is_no_key_to_another() -> None:
    gate = make_gate(allow=AllowSettings(guilds=("901",)))
    assert not gate.allows(DANA, CHANNEL)
    assert not gate.allows(ALICE, PRIVATE)


def test_admins_and_the_terminal_always_may() -> None:
    gate = make_gate(admins=["22"], burst=1)
    for _ in range(5):
        gate.enter(DANA, CHANNEL)
        gate.enter(Person("console", "local"), Recipient("console", "local"))


def test_the_refusal_says_which_id_goes_where() -> None:
    with pytest.raises(NotAllowed, match=r"user id 22 to bot.allow.users") as caught:
        make_gate().enter(DANA, CHANNEL)
    assert "700 to bot.allow.chats" in str(caught.value)
    assert "900 to bot.allow.guilds" in str(caught.value)
    with pytest.raises(NotAllowed) as caught:
        make_gate().enter(ALICE, PRIVATE)
    assert "bot.allow.chats" not in str(caught.value)


def test_a_burst_is_free_and_then_commands_are_earned() -> None:
    clock = Clock()
    gate = make_gate(clock, allow=AllowSettings(open=True))
    for _ in range(3):
        gate.enter(ALICE, PRIVATE)
    with pytest.raises(TooFast) as caught:
        gate.enter(ALICE, PRIVATE)
    assert caught.value.retry_after == pytest.approx(2.0)
    gate.enter(DANA, CHANNEL)
    clock.now = 2.0
    gate.enter(ALICE, PRIVATE)
    with pytest.raises(TooFast):
        gate.enter(ALICE, PRIVATE)


def test_refused_attempts_do_not_lengthen_the_wait() -> None:
    clock = Clock()
    gate = make_gate(clock, burst=1, allow=AllowSettings(open=True))
    gate.enter(ALICE, PRIVATE)
    for step in range(1, 20):
        clock.now = step * 0.1
        with pytest.raises(TooFast):
            gate.enter(ALICE, PRIVATE)
    clock.now = 2.0
    gate.enter(ALICE, PRIVATE)


def test_strangers_are_slowed_down_too() -> None:
    gate = make_gate()
    for _ in range(3):
        with pytest.raises(NotAllowed):
            gate.enter(ALICE, PRIVATE)
    with pytest.raises(TooFast):
        gate.enter(ALICE, PRIVATE)


def answered(gate: Gate, who: Person) -> bool:
    """Whether a platform that may keep silent says anything to one more command."""
    if gate.mutes(who):
        return False
    with suppress(NotAllowed, TooFast):
        gate.enter(who, PRIVATE)
    return True


@pytest.mark.parametrize("allow", [AllowSettings(), AllowSettings(open=True)])
def test_an_empty_bucket_is_told_once_and_then_there_is_silence(allow: AllowSettings) -> None:
    clock = Clock()
    gate = make_gate(clock, allow=allow)
    assert sum(answered(gate, ALICE) for _ in range(100)) == 3 + 1
    assert answered(gate, DANA), "only whoever asks too often is muted"
    clock.now = 1.9
    assert not answered(gate, ALICE)
    clock.now = 2.0
    assert [answered(gate, ALICE) for _ in range(3)] == [True, True, False]


def test_admins_are_never_muted() -> None:
    gate = make_gate(admins=["22"], burst=1)
    assert all(answered(gate, DANA) for _ in range(5))


def test_looking_whether_somebody_may_costs_nothing() -> None:
    gate = make_gate(burst=1, allow=AllowSettings(open=True))
    for _ in range(10):
        assert gate.allows(ALICE, PRIVATE)
    gate.enter(ALICE, PRIVATE)


def test_a_crowd_of_strangers_does_not_fill_the_memory() -> None:
    gate = make_gate(allow=AllowSettings(open=True))
    for each in range(gates._REMEMBERED + 500):
        gate.enter(Person("telegram", str(each)), PRIVATE)
    assert len(gate._cooldown._spent) == gates._REMEMBERED
