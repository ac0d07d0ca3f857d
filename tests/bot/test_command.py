from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.command import Asset, Call, Command, CommandName, Expiry
from bot.commands import COMMANDS
from bot.reply import Reply
from engine.errors import BadExpiry, BadInput, UnknownAsset
from engine.window import ALL, Window
from tests.bot.memory import ASSETS, MemoryBoard, known, make_call
from tests.samples import NOON


async def both(call: Call, asset: Asset, expiry: Expiry = ALL) -> Reply:
    return Reply(())


async def maybe(call: Call, asset: Asset | None = None) -> Reply:
    return Reply(())


async def named(call: Call, command: CommandName) -> Reply:
    return Reply(())


BOTH = Command("both", "Two arguments", "/both BTC 7d", both)


@pytest.mark.parametrize("typed", ["BTC", "btc", "$BTC", "$btc", " Btc "])
def test_an_asset_is_understood_however_it_is_typed(typed: str) -> None:
    assert BOTH.parse(make_call(), f"'{typed}'")["asset"] == "BTC"


def test_the_signature_is_the_syntax() -> None:
    assert BOTH.usage == "/both ASSET [EXPIRY]"
    assert Command("maybe", "", "", maybe).usage == "/maybe [ASSET]"
    assert [each.kind.name for each in BOTH.parameters] == ["asset", "expiry"]


def test_an_argument_left_out_keeps_its_default() -> None:
    assert BOTH.parse(make_call(), "BTC") == {"asset": "BTC"}
    assert Command("maybe", "", "", maybe).parse(make_call(), "") == {}


def test_a_close_miss_is_recognised() -> None:
    with pytest.raises(UnknownAsset, match="Did you mean BTC") as caught:
        BOTH.parse(make_call(), "BTX")
    assert caught.value.meant == "BTC"


def test_a_wild_miss_lists_what_there_is() -> None:
    with pytest.raises(UnknownAsset, match="I know: BTC, ETH, SPX, IBIT") as caught:
        BOTH.parse(make_call(), "QQQQQQ")
    assert caught.value.meant is None


def test_a_date_typed_in_words_is_one_argument() -> None:
    window = BOTH.parse(make_call(), "BTC 18 Dec 2026")["expiry"]
    assert window == Window("2026-12-18", day=date(2026, 12, 18))


@pytest.mark.parametrize("arguments", ["BTC soon", "BTC 12/11", "BTC ''"])
def test_an_expiry_nobody_can_read_is_refused(arguments: str) -> None:
    with pytest.raises(BadExpiry):
        BOTH.parse(make_call(), arguments)


def test_too_few_and_too_many_words_show_the_usage() -> None:
    with pytest.raises(BadInput, match=r"Missing asset. Usage: /both ASSET \[EXPIRY\]"):
        BOTH.parse(make_call(), "")
    with pytest.raises(BadInput, match="don't know what to do with 'b c d'"):
        BOTH.parse(make_call(), "BTC a b c d")


@pytest.mark.parametrize("arguments", ["'BTC", 'BTC "'])
def test_unbalanced_quotes_are_no_crash(arguments: str) -> None:
    assert BOTH.parse(make_call(), arguments)["asset"] == "BTC"


def test_a_long_argument_is_not_repeated_at_length() -> None:
    with pytest.raises(UnknownAsset) as caught:
        BOTH.parse(make_call(), "x" * 5_000)
    assert len(str(caught.value)) < 200


def test_a_command_name_is_read_with_and_without_slash_and_corrected() -> None:
    command = Command("named", "", "", named)
    assert command.parse(make_call(), "/GEX") == {"command": "gex"}
    with pytest.raises(BadInput, match="Did you mean /levels"):
        command.parse(make_call(), "levls")


@pytest.mark.anyio
async def test_assets_are_offered_by_their_beginning_first() -> None:
    offer = BOTH.parameters[0].kind.offer
    assert await offer(make_call(), {}, "") == list(ASSETS)
    assert await offer(make_call(), {}, "$b") == ["BTC", "IBIT"]


@pytest.mark.anyio
async def test_expiries_are_offered_as_windows_and_the_listed_days_of_the_asset() -> None:
    offer = BOTH.parameters[1].kind.offer
    everything = await offer(make_call(), {"asset": "btc"}, "")
    assert everything == ["0dte", "7d", "30d", "all", "2026-11-21", "2026-11-27", "2026-12-25"]
    assert await offer(make_call(), {"asset": "btc"}, "2026-12") == ["2026-12-25"]
    assert await offer(make_call(), {}, "") == ["0dte", "7d", "30d", "all"]


@pytest.mark.anyio
async def test_settled_expiries_and_assets_without_data_offer_no_days() -> None:
    offer = BOTH.parameters[1].kind.offer
    late = make_call(now=NOON + timedelta(days=2))
    assert "2026-11-21" not in await offer(late, {"asset": "BTC"}, "")
    empty = make_call(MemoryBoard(snapshots=[]))
    assert await offer(empty, {"asset": "BTC"}, "") == ["0dte", "7d", "30d", "all"]


def test_an_argument_of_no_kind_is_a_mistake_that_shows_at_once() -> None:
    async def odd(call: Call, number: int) -> Reply:
        return Reply(())

    with pytest.raises(TypeError, match="number"):
        _ = Command("odd", "", "", odd).parameters


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_every_command_explains_itself_and_its_example_works(command: Command) -> None:
    assert 0 < len(command.description) <= 100
    name, _, arguments = command.example.removeprefix("/").partition(" ")
    assert name == command.name
    command.parse(make_call(), arguments)
    assert len(known(COMMANDS)) == len(COMMANDS)
