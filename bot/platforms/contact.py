"""Whether a platform answers: said once when it stops to, and once when it does again."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class Contact:
    """Turns a run of failures into two lines of the log.

    Args:
        name: As in the sentences: "Telegram".
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._up: bool | None = None

    def failed(self, reason: str) -> None:
        if self._up is not False:
            log.warning("%s is not answering (%s). I keep trying.", self._name, reason)
        self._up = False

    def ok(self) -> None:
        if self._up is False:
            log.warning("%s is answering again.", self._name)
        self._up = True


def refused(name: str, variable: str, where: str) -> str:
    """The sentence about a token the platform does not take."""
    return (
        f"{name} does not accept {variable}: copy the bot's token from {where},"
        f" or leave it empty to switch {name} off."
    )


def usable(token: str) -> bool:
    """Whether it could be a token at all: one word of visible characters."""
    return token.isascii() and token.isprintable() and bool(token) and " " not in token
