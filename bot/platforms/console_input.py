"""Lines typed at a prompt, or read from a pipe or file."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

from bot.command import Person
from bot.desk import Desk
from engine.service import Recipient

if TYPE_CHECKING:
    # Only a terminal with a person at it needs the library.
    from prompt_toolkit.completion import CompleteEvent, Completer
    from prompt_toolkit.document import Document

PROMPT = "gexwire> "
_CHUNK = 65_536


async def prompted(desk: Desk, who: Person, where: Recipient) -> AsyncIterator[str]:
    """Lines with history and completion until Ctrl-D or Ctrl-C.

    What is printed meanwhile appears above the prompt and does not garble it.
    """
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    session: PromptSession[str] = PromptSession(PROMPT, completer=completer(desk, who, where))
    with patch_stdout(raw=True):
        while True:
            try:
                yield await session.prompt_async(handle_sigint=False)
            except (EOFError, KeyboardInterrupt):
                return


async def piped(source: int) -> AsyncIterator[str]:
    """Lines of a file descriptor until its end, read beside the event loop.

    The thread is not waited for: it may hang in a read for as long as the pipe stays open, and it
    reads the descriptor itself, because a buffered stream's lock would hang with it.
    """
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        chunk = b"more"
        while chunk:
            try:
                chunk = os.read(source, _CHUNK)
            except OSError:
                chunk = b""
            try:
                loop.call_soon_threadsafe(chunks.put_nowait, chunk)
            except RuntimeError:
                return

    threading.Thread(target=read, name="stdin", daemon=True).start()
    rest = b""
    while chunk := await chunks.get():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")


def completer(desk: Desk, who: Person, where: Recipient) -> Completer:
    """Completes commands and, through the Desk, their arguments."""
    from prompt_toolkit.completion import Completer, Completion

    class FromDesk(Completer):
        def get_completions(self, document: Document, event: CompleteEvent) -> list[Completion]:  # noqa: ARG002
            return []

        async def get_completions_async(
            self,
            document: Document,
            complete_event: CompleteEvent,  # noqa: ARG002
        ) -> AsyncGenerator[Completion, None]:
            typed = document.text_before_cursor.split(" ")[-1]
            for each in await suggestions(desk, who, where, document.text_before_cursor):
                yield Completion(each, start_position=-len(typed))

    return FromDesk()


async def suggestions(desk: Desk, who: Person, where: Recipient, text: str) -> list[str]:
    """What the last word of an unfinished line may become."""
    name, *words = text.lstrip().removeprefix("/").split(" ")
    if not words:
        return [each for each in desk.commands if each.startswith(name.lower())]
    command = desk.commands.get(name.lower())
    parameters = command.parameters if command else ()
    if command is None or len(words) > len(parameters):
        return []
    given = {each.name: word for each, word in zip(parameters, words[:-1], strict=False)}
    return await desk.offer(
        who, where, command.name, parameters[len(words) - 1].name, given=given, typed=words[-1]
    )
