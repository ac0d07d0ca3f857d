"""What the platforms accept, as data. Lengths are UTF-16 code units unless named otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TelegramLimits:
    """https://core.telegram.org/bots/api; text and caption count after entities are parsed."""

    text: int = 4096
    caption: int = 1024
    callback_bytes: int = 64
    label: int = 64
    buttons: int = 100
    columns: int = 46
    """Widest preformatted line that does not wrap on a phone."""


@dataclass(frozen=True, slots=True)
class DiscordLimits:
    """https://discord.com/developers/docs/resources/message#embed-object-embed-limits"""

    title: int = 256
    description: int = 4096
    fields: int = 25
    field_name: int = 256
    field_value: int = 1024
    footer: int = 2048
    embeds: int = 10
    all_embeds: int = 6000
    """Sum over all embeds of one message."""
    custom_id: int = 100
    label: int = 80
    columns: int = 56
    """Widest code block that does not wrap in a narrow window."""
    buttons: int = 25
    """Five rows of five."""


TELEGRAM = TelegramLimits()
DISCORD = DiscordLimits()
BUTTON_BYTES = TELEGRAM.callback_bytes
"""A button is a command line, and the same one everywhere: the narrowest platform decides."""


def utf16(text: str) -> int:
    """Length as Telegram and Discord's clients count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
