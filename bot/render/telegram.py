"""Reply to Telegram messages: HTML, a photo with its caption, buttons under the last one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from bot.render.buttons import split
from bot.render.limits import TELEGRAM
from bot.render.lines import Line, Span, broken, clean, pages, table
from bot.reply import Block, Chart, Choices, Facts, Footnote, Reply, Table, Text, Title


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """One message, to be sent in order.

    Attributes:
        text: HTML: the message, or the photo's caption (then it may be empty).
        chart: What to draw and send as photo; None for a text message.
        buttons: (label, callback data) pairs.
    """

    text: str
    chart: Chart | None = None
    buttons: tuple[tuple[str, str], ...] = ()


def render(reply: Reply) -> tuple[TelegramMessage, ...]:
    """The messages of a reply; a picture's caption is the text when that is short enough."""
    charts = [each for each in reply.blocks if isinstance(each, Chart)]
    buttons, typed = split(
        reply,
        line_bytes=TELEGRAM.callback_bytes,
        label_length=TELEGRAM.label,
        most=TELEGRAM.buttons,
    )
    lines = [line for each in reply.blocks for line in _lines(each)]
    lines += [Line((Span(each),)) for each in typed]
    messages = _messages(lines, charts)
    if buttons and not messages:
        messages = [TelegramMessage("Choose:")]
    return (*messages[:-1], *(replace(each, buttons=buttons) for each in messages[-1:]))


def _messages(lines: list[Line], charts: list[Chart]) -> list[TelegramMessage]:
    captions = pages(lines, TELEGRAM.caption)
    if charts and len(captions) <= 1:
        first = TelegramMessage(_html(captions[0]) if captions else "", charts[0])
        return [first, *(_photo(each) for each in charts[1:])]
    texts = [TelegramMessage(_html(page)) for page in pages(lines, TELEGRAM.text)]
    return [*(_photo(each) for each in charts), *texts]


def _photo(chart: Chart) -> TelegramMessage:
    caption = broken(clean(chart.caption), TELEGRAM.caption)[0]
    return TelegramMessage(escape(caption, quote=False), chart)


def _lines(block: Block) -> list[Line]:
    match block:
        case Title(text):
            return _styled(text, Span("", "b"))
        case Text(text):
            return _styled(text, Span(""))
        case Footnote(text):
            return _styled(text, Span("", "i"))
        case Facts(pairs):
            return [line for label, value in pairs for line in _fact(label, value)]
        case Table():
            return table(block, TELEGRAM.columns)
        case Chart() | Choices():
            return []


def _styled(text: str, like: Span) -> list[Line]:
    return [Line((replace(like, text=each),)) for each in clean(text).split("\n")]


def _fact(label: str, value: str) -> list[Line]:
    first, *rest = clean(value).split("\n")
    name = " ".join(clean(label).split())
    return [
        Line((Span(f"{name}:", "b"), Span(f" {first}"))),
        *(Line((Span(each),)) for each in rest),
    ]


def _html(page: list[Line]) -> str:
    """Markup is made here from whole spans, so that it is balanced on every page."""
    parts = []
    for pre, lines in groupby(page, key=lambda line: line.pre):
        if pre:
            text = "\n".join(escape(line.text, quote=False) for line in lines)
            parts.append(f"<pre>{text}</pre>")
        else:
            parts.extend("".join(_markup(span) for span in line.spans) for line in lines)
    return "\n".join(parts)


def _markup(span: Span) -> str:
    text = escape(span.text, quote=False)
    return f"<{span.style}>{text}</{span.style}>" if span.style and text else text
