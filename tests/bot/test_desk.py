from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.command import Asset, Call, Command, Expiry, Person
from bot.commands import COMMANDS
from bot.config import AllowSettings, BotSettings, CooldownSettings
from bot.format import MADE_UP
from bot.reply import Choices, Reply, Text
from engine.errors import StoreFailed, VenueError
from engine.service import Recipient, Status
from engine.window import ALL
from tests.bot.memory import ALICE, CHAT, MemoryBoard, make_desk, make_status
from tests.samples import NOON

STRANGER = Person("discord", "666", "Mallory", guild="7")
THERE = Recipient("discord", "70")


def said(reply: Reply) -> str:
    return "\n".join(block.text for block in reply.blocks if isinstance(block, Text))


def offered(reply: Reply) -> list[str]:
    blocks = [block for block in reply.blocks if isinstance(block, Choices)]
    return [line for block in blocks for _, line in block.options]


@dataclass
class Talker:
    """A command that says which arguments it got, or does something worse."""

    trouble: BaseException | None = None
    heard: list[tuple[str, str]] = field(default_factory=list)

    def command(self) -> Command:
        async def say(call: Call, asset: Asset, expiry: Expiry = ALL) -> Reply:
            self.heard.append((asset, expiry.label))
            if self.trouble:
                raise self.trouble
            return Reply((Text(f"{asset} {expiry.label}"),))

        return Command("say", "Says it", "/say BTC", say)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "line", ["/say BTC 7d", "say btc 7d", "/say@gexwire_bot BTC 7d", "  /SAY\n$btc\t7D "]
)
async def test_a_line_is_understood_from_every_platform(line: str) -> None:
    talker = Talker()
    reply = await make_desk(commands=[talker.command()]).line(ALICE, CHAT, line)
    assert (said(reply), reply.error) == ("BTC 7d", False)


@pytest.mark.anyio
async def test_a_mistyped_command_is_one_press_away_from_the_right_one() -> None:
    reply = await make_desk().line(ALICE, CHAT, "/gxe BTC")
    assert reply.error
    assert "Did you mean /gex BTC?" in said(reply)
    assert offered(reply) == ["gex BTC"]


@pytest.mark.anyio
async def test_a_mistyped_asset_is_one_press_away_too() -> None:
    reply = await make_desk().line(ALICE, CHAT, "/gex BTX 7d")
    assert reply.error
    assert "Did you mean BTC?" in said(reply)
    assert offered(reply) == ["gex BTC 7d"]


@pytest.mark.anyio
@pytest.mark.parametrize("line", ['/gex "BTX" 7d', "/gex 'BTX 7d"])
async def test_a_mistyped_asset_is_found_inside_quotes(line: str) -> None:
    assert offered(await make_desk().line(ALICE, CHAT, line)) == ["gex BTC 7d"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "line", ["/gxe BTC", "/gex BTX", "/gex", "/gex BTC someday", "/gex ETH", "/say BTC", "hello"]
)
async def test_errors_say_simulated_first_where_everything_is(line: str) -> None:
    simulated = MemoryBoard(state=make_status(simulated=True))
    commands = [*COMMANDS, Talker(RuntimeError("a bug")).command()]
    reply = await make_desk(simulated, commands=commands).line(ALICE, CHAT, line)
    assert reply.error
    assert reply.blocks[0] == Text(MADE_UP)
    assert "SIMULATED" not in said(await make_desk(commands=commands).line(ALICE, CHAT, line))


@pytest.mark.anyio
async def test_refusals_of_the_gate_say_nothing_of_the_market() -> None:
    desk = make_desk(MemoryBoard(state=make_status(simulated=True)), settings=BotSettings())
    reply = await desk.line(STRANGER, THERE, "/gex BTC")
    assert reply.error
    assert "SIMULATED" not in said(reply)


@pytest.mark.anyio
async def test_an_error_is_told_even_where_the_store_cannot_be_asked() -> None:
    class Broken(MemoryBoard):
        async def status(self) -> Status:
            raise StoreFailed("locked")

    reply = await make_desk(Broken()).line(ALICE, CHAT, "/gxe BTC")
    assert said(reply) == "I don't know /gxe. Did you mean /gex BTC?"
    assert offered(reply) == ["gex BTC"]


@pytest.mark.anyio
@pytest.mark.parametrize("line", ["hello there", "", "/", "@", "/@bot", "🚀", "'", "\x00"])
async def test_what_is_no_command_gets_help_instead_of_silence(line: str) -> None:
    reply = await make_desk().line(ALICE, CHAT, line)
    assert reply.error
    assert "/help" in said(reply)


@pytest.mark.anyio
async def test_a_bare_command_asks_for_its_argument_with_buttons() -> None:
    reply = await make_desk().line(ALICE, CHAT, "/gex")
    assert "Missing asset" in said(reply)
    assert offered(reply) == ["gex BTC", "gex ETH", "gex SPX", "gex IBIT"]


@pytest.mark.anyio
async def test_an_unreadable_expiry_comes_with_readable_ones() -> None:
    reply = await make_desk().line(ALICE, CHAT, "/gex BTC someday")
    assert "I can't read the expiry 'someday'" in said(reply)
    assert offered(reply)[:2] == ["gex BTC 0dte", "gex BTC 7d"]


@pytest.mark.anyio
async def test_an_expected_error_is_its_sentence() -> None:
    talker = Talker(VenueError("deribit", "timeout"))
    reply = await make_desk(commands=[talker.command()]).line(ALICE, CHAT, "/say BTC")
    assert reply == Reply((Text("deribit is not answering (timeout)."),), error=True)


@pytest.mark.anyio
async def test_a_bug_is_an_apology_whose_reference_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    talker = Talker(RuntimeError("secret /etc/token"))
    with caplog.at_level(logging.ERROR):
        reply = await make_desk(commands=[talker.command()]).line(ALICE, CHAT, "/say BTC")
    [record] = caplog.records
    assert reply.error
    assert "secret" not in said(reply)
    reference = said(reply).rstrip(".").split()[-1]
    assert reference in record.getMessage()
    assert "secret" in str(record.exc_info)


@pytest.mark.anyio
async def test_being_cancelled_is_no_bug() -> None:
    desk = make_desk(commands=[Talker(asyncio.CancelledError()).command()])
    with pytest.raises(asyncio.CancelledError):
        await desk.line(ALICE, CHAT, "/say BTC")


@pytest.mark.anyio
async def test_who_is_not_allowed_learns_how_to_be_and_nothing_else_runs() -> None:
    talker = Talker()
    desk = make_desk(settings=BotSettings(), commands=[talker.command()])
    reply = await desk.line(STRANGER, THERE, "/say BTC")
    assert reply.error
    assert "666 to bot.allow.users" in said(reply)
    assert talker.heard == []


@pytest.mark.anyio
async def test_too_fast_is_said_with_the_seconds_to_wait() -> None:
    settings = BotSettings(
        allow=AllowSettings(open=True), cooldown=CooldownSettings(burst=1, every=30)
    )
    desk = make_desk(settings=settings, commands=[Talker().command()])
    assert not (await desk.line(ALICE, CHAT, "/say BTC")).error
    assert said(await desk.line(ALICE, CHAT, "/say BTC")) == "Too fast: try again in 30 s."


@pytest.mark.anyio
async def test_suggestions_come_from_the_argument_itself() -> None:
    desk = make_desk()
    assert await desk.offer(ALICE, CHAT, "gex", "asset", given={}, typed="b") == ["BTC", "IBIT"]
    days = await desk.offer(ALICE, CHAT, "gex", "expiry", given={"asset": "BTC"}, typed="2026")
    assert days == ["2026-11-21", "2026-11-27", "2026-12-25"]


@pytest.mark.anyio
async def test_suggestions_never_fail_and_strangers_get_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(MemoryBoard):
        async def latest(self, asset: str):  # type: ignore[no-untyped-def]  # never returns
            raise RuntimeError("disk")

    desk = make_desk(Broken())
    assert await desk.offer(ALICE, CHAT, "gex", "expiry", given={"asset": "BTC"}, typed="") == []
    assert await desk.offer(ALICE, CHAT, "gex", "colour", given={}, typed="") == []
    assert await desk.offer(ALICE, CHAT, "nope", "asset", given={}, typed="") == []
    closed = make_desk(settings=BotSettings())
    assert await closed.offer(STRANGER, THERE, "gex", "asset", given={}, typed="") == []


@pytest.mark.anyio
async def test_a_broken_store_is_an_apology_on_every_command(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(MemoryBoard):
        async def latest(self, asset: str):  # type: ignore[no-untyped-def]  # never returns
            raise OSError("disk I/O error at /var/lib/gexwire.db")

    for command in COMMANDS:
        line = command.example
        reply = await make_desk(Broken(), now=NOON + timedelta(minutes=1)).line(ALICE, CHAT, line)
        assert "/var/lib" not in said(reply)
