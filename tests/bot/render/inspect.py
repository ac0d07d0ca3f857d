"""Reads rendered messages back the way the platforms do, and refuses what they would refuse."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

from bot.render.discord import DiscordMessage, Embed
from bot.render.telegram import TelegramMessage

_ALLOWED = {"b", "i", "pre"}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class _Html(HTMLParser):
    """Telegram's subset: known tags, closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.entities = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, tag
        assert not attrs
        self.open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("a processing instruction")


def parsed(html: str) -> tuple[str, int]:
    """What is seen, and how many styled pieces it has."""
    reader = _Html()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"left open: {reader.open}"
    return reader.text, reader.entities


def seen(text: str) -> bool:
    return any(each.isprintable() and not each.isspace() for each in text)


def check_telegram(messages: Sequence[TelegramMessage]) -> str:
    """All visible text, in order."""
    whole = []
    for at, message in enumerate(messages):
        text, entities = parsed(message.text)
        assert entities <= 100
        assert utf16(text) <= (1024 if message.chart else 4096)
        assert message.chart or seen(text), "an empty message"
        assert not message.buttons or at == len(messages) - 1
        for label, data in message.buttons:
            assert seen(label)
            assert utf16(label) <= 64
            assert 1 <= len(data.encode()) <= 64
        whole.append(text)
    return "\n".join(whole)


def check_discord(messages: Sequence[DiscordMessage]) -> str:
    """All text, in the order it is shown."""
    for at, message in enumerate(messages):
        assert 1 <= len(message.embeds) <= 10
        assert sum(map(_embed, message.embeds)) <= 6000
        names = [name for name, _ in message.pictures]
        assert len(names) == len(set(names)) <= 10
        assert [each.image for each in message.embeds if each.image] == names
        assert not message.buttons or at == len(messages) - 1
        assert len(message.buttons) <= 25
        assert len({custom_id for _, custom_id in message.buttons}) == len(message.buttons)
        for label, custom_id in message.buttons:
            assert seen(label)
            assert utf16(label) <= 80
            assert 1 <= len(custom_id) <= 100
    return "\n".join(_text(embed) for message in messages for embed in message.embeds)


def _embed(embed: Embed) -> int:
    assert utf16(embed.title) <= 256
    assert utf16(embed.description) <= 4096
    assert len(embed.fields) <= 25
    assert utf16(embed.footer) <= 2048
    assert embed.description.count("```") % 2 == 0
    for name, value in embed.fields:
        assert seen(name)
        assert seen(value)
        assert utf16(name) <= 256
        assert utf16(value) <= 1024
    assert embed.fields or embed.image or seen(embed.title + embed.description + embed.footer)
    fields = sum(utf16(name) + utf16(value) for name, value in embed.fields)
    return utf16(embed.title) + utf16(embed.description) + utf16(embed.footer) + fields


def _text(embed: Embed) -> str:
    fields = [f"{name} {value}" for name, value in embed.fields]
    return "\n".join([embed.title, embed.description, *fields, embed.footer])
