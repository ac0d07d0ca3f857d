"""What a chat follows."""

from __future__ import annotations

from bot.reply import Text


def followed_here(assets: tuple[str, ...]) -> Text:
    return Text(f"Followed here: {', '.join(assets)}." if assets else "Nothing is followed here.")
