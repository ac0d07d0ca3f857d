"""Reply to Discord messages: embeds as plain data, the chart attached, buttons as command lines.

An embed shows title, description, fields, picture and footer in that order, whatever order they
were given in; so a block that would jump upwards opens the next embed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from bot.render.buttons import split
from bot.render.limits import DISCORD, utf16
from bot.render.lines import Line, blank, broken, clean, pages, table
from bot.reply import TINTS, Block, Chart, Choices, Facts, Footnote, Reply, Table, Text, Title
from engine.domain import Regime

COLOURS: dict[Regime | None, int] = {
    None: 0x5B6470,
    **{regime: int(tint.removeprefix("#"), 16) for regime, tint in TINTS.items()},
}
_MARKUP = re.compile(r"([\\*_~`|\[\]<>#])")
_BULLET = re.compile(r"^(\s*)([-+])(?=\s)", re.MULTILINE)
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Embed:
    """Texts are Discord markdown, escaped. `image` names one of the message's pictures."""

    title: str = ""
    description: str = ""
    colour: int = COLOURS[None]
    fields: tuple[tuple[str, str], ...] = ()
    footer: str = ""
    image: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The embed object of Discord's API, without what is empty."""
        whole = {
            "title": self.title,
            "description": self.description,
            "color": self.colour,
            "fields": [{"name": n, "value": v, "inline": True} for n, v in self.fields],
            "footer": {"text": self.footer} if self.footer else None,
            "image": {"url": f"attachment://{self.image}"} if self.image else None,
        }
        return {key: value for key, value in whole.items() if value}

    @property
    def size(self) -> int:
        """What counts towards the limit over all embeds of a message."""
        fields = (part for pair in self.fields for part in pair)
        return sum(map(utf16, (self.title, self.description, self.footer, *fields)))


@dataclass(frozen=True, slots=True)
class DiscordMessage:
    """One message, to be sent in order.

    Attributes:
        embeds: At most ten, and within every limit together.
        pictures: (file name, what to draw) to attach; embeds refer to the names.
        buttons: (label, custom id) pairs; the custom id is the command line.
    """

    embeds: tuple[Embed, ...]
    pictures: tuple[tuple[str, Chart], ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()


def render(reply: Reply) -> tuple[DiscordMessage, ...]:
    """The messages of a reply, each within every limit."""
    buttons, typed = split(
        reply, line_bytes=DISCORD.custom_id, label_length=DISCORD.label, most=DISCORD.buttons
    )
    pieces = [piece for block in reply.blocks for piece in _pieces(block)]
    pieces += [piece for each in typed for piece in _said(each)]
    if buttons and not pieces:
        pieces = [_Said("Choose:")]
    embeds = [replace(each, colour=_colour(reply)) for each in _embeds(pieces)]
    charts = {each.filename: each for each in reply.blocks if isinstance(each, Chart)}
    messages = [_message(page, charts) for page in _messages(embeds)]
    return (*messages[:-1], *(replace(each, buttons=buttons) for each in messages[-1:]))


def _colour(reply: Reply) -> int:
    regimes = [each.regime for each in reply.blocks if isinstance(each, Title)]
    return COLOURS[regimes[0] if regimes else None]


def _message(embeds: list[Embed], charts: dict[str, Chart]) -> DiscordMessage:
    names = [each.image for each in embeds if each.image]
    return DiscordMessage(tuple(embeds), tuple((each, charts[each]) for each in names))


@dataclass(frozen=True, slots=True)
class _Named:
    text: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A piece of the description; within it pieces stand on lines of their own."""

    text: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Image:
    name: str


@dataclass(frozen=True, slots=True)
class _Small:
    text: str


_Piece = _Named | _Said | _Field | _Image | _Small
_ORDER: tuple[type[_Piece], ...] = (_Named, _Said, _Field, _Image, _Small)


def _pieces(block: Block) -> Iterator[_Piece]:
    """A block as pieces, each small enough for an embed of its own; what is invisible is left."""
    match block:
        case Title(text):
            yield from _titled(" ".join(clean(text).split()))
        case Text(text):
            yield from _said(clean(text))
        case Facts(pairs):
            for name, value in pairs:
                yield from _fact(" ".join(clean(name).split()), clean(value))
        case Table():
            yield from _tabled(block)
        case Chart():
            yield _Image(block.filename)
        case Footnote(text):
            yield from (_Small(each) for each in broken(clean(text), DISCORD.footer))
        case Choices():
            pass


def _titled(text: str) -> Iterator[_Piece]:
    title = _escaped(text)
    yield from [_Named(title)] if utf16(title) <= DISCORD.title else _said(text)


def _said(text: str) -> Iterator[_Piece]:
    for line in text.split("\n"):
        for piece in broken(line, DISCORD.description, lambda part: utf16(_escaped(part))):
            yield _Said(_escaped(piece))


def _fact(name: str, value: str) -> Iterator[_Piece]:
    shown, said = _escaped(name), _escaped(value)
    small = utf16(shown) <= DISCORD.field_name and utf16(said) <= DISCORD.field_value
    if small and not blank(shown) and not blank(said):
        yield _Field(shown, said)
    else:
        yield from _said(f"{name}: {value}")


def _tabled(block: Table) -> Iterator[_Piece]:
    room = DISCORD.description - 2 * len(_FENCE) - 2
    for pre, lines in groupby(table(block, DISCORD.columns), key=lambda line: line.pre):
        if pre:
            for page in pages(lines, room):
                text = "\n".join(line.text for line in page).replace("`", "\u02cb")
                yield _Said(f"{_FENCE}\n{text}\n{_FENCE}")
        else:
            for line in lines:
                yield from _marked(line)


def _marked(line: Line) -> Iterator[_Piece]:
    parts = ((_escaped(each.text), "**" if each.style == "b" else "") for each in line.spans)
    text = "".join(f"{mark}{part}{mark}" if part.strip() else part for part, mark in parts)
    yield from [_Said(text)] if utf16(text) <= DISCORD.description else _said(line.text)


def _escaped(text: str) -> str:
    return _BULLET.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def _embeds(pieces: list[_Piece]) -> list[Embed]:
    embeds: list[Embed] = []
    current, last = Embed(), 0
    for piece in pieces:
        order = _ORDER.index(type(piece))
        grown = _grown(current, piece) if order >= last else None
        if grown is None:
            embeds.append(current)
            grown = _grown(Embed(), piece) or Embed()
        current, last = grown, order
    return [each for each in (*embeds, current) if _visible(each)]


def _grown(embed: Embed, piece: _Piece) -> Embed | None:
    """The embed with the piece in it; None when there is no room."""
    match piece:
        case _Named(text):
            grown, fits = replace(embed, title=text), not embed.title
        case _Said(text):
            whole = f"{embed.description}\n{text}" if embed.description else text
            grown, fits = replace(embed, description=whole), utf16(whole) <= DISCORD.description
        case _Field(name, value):
            fields = (*embed.fields, (name, value))
            grown, fits = replace(embed, fields=fields), len(fields) <= DISCORD.fields
        case _Image(name):
            grown, fits = replace(embed, image=name), not embed.image
        case _Small(text):
            whole = f"{embed.footer}\n{text}" if embed.footer else text
            grown, fits = replace(embed, footer=whole), utf16(whole) <= DISCORD.footer
    return grown if fits and grown.size <= DISCORD.all_embeds else None


def _visible(embed: Embed) -> bool:
    texts = (embed.title, embed.description, embed.footer)
    return bool(embed.fields or embed.image) or not all(map(blank, texts))


def _messages(embeds: list[Embed]) -> list[list[Embed]]:
    pages: list[list[Embed]] = []
    room = 0
    for each in embeds:
        if not pages or each.size > room or len(pages[-1]) == DISCORD.embeds:
            pages.append([])
            room = DISCORD.all_embeds
        pages[-1].append(each)
        room -= each.size
    return pages
