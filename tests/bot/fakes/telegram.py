"""A small Bot API on loopback: what the tests need of Telegram, on the wire.

The people's side is `say`, `press`, `block`, `migrate`; what reached them stands in `sent`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from bot.config import TelegramSettings
from tests.bot.fakes.trouble import Fault, Faults, cut

TOKEN = "1234567:a-token-for-tests-only-AAAAAAAAA"
BOT = {"id": 1234567, "is_bot": True, "first_name": "Gex", "username": "gex_test_bot"}
ALICE = 42
GROUP = -4001
SUPERGROUP = -1001


@dataclass(frozen=True)
class Sent:
    """One message as it reached a chat."""

    id: int
    chat: int
    text: str
    thread: str = ""
    photo: bytes = b""
    filename: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    rows: tuple[int, ...] = ()
    answers: int | None = None


class Refusal(Exception):
    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.body = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters
        self.status = status


class TelegramServer:
    """Speaks /bot<token>/<method>; use as an async context manager."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.acknowledged: list[str] = []
        self.menus: dict[str, list[str]] = {}
        self.pending: list[dict[str, Any]] = []
        self.refusing: dict[int, Refusal] = {}
        self.no_photos: set[int] = set()
        self.token = TOKEN
        self.webhook = "https://left.over.example/hook"
        self._ids = itertools.count(1)
        self._fresh = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def settings(self) -> TelegramSettings:
        base = f"http://127.0.0.1:{self._port}"
        return TelegramSettings(base_url=f"{base}/bot", base_file_url=f"{base}/file/bot")

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()

    async def up(self) -> None:
        """Also after `down`, on the same port."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def say(
        self,
        text: str,
        *,
        chat: int = ALICE,
        user: int = ALICE,
        topic: int | None = None,
        kind: str = "message",
        **more: Any,
    ) -> int:
        """A message arrives; its id."""
        number = next(self._ids)
        message: dict[str, Any] = {"message_id": number, "date": 0, "chat": _chat(chat)}
        message["text"] = text
        if kind == "channel_post":
            message["chat"] = {"id": chat, "type": "channel", "title": "News"}
            message["sender_chat"] = message["chat"]
        else:
            message["from"] = _user(user)
        if topic:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        self.push(kind, message | more)
        return number

    def press(self, line: str, *, message: Sent | None = None, user: int = ALICE) -> str:
        """A button is pressed; the query's id. Without `message`: one too old to be shown."""
        chat = message.chat if message else user
        shown: dict[str, Any] = {"chat": _chat(chat), "message_id": 1, "date": 0}
        if message:
            shown |= {"message_id": message.id, "date": 1, "from": BOT, "text": message.text}
            if message.thread:
                shown |= {"message_thread_id": int(message.thread), "is_topic_message": True}
        query = f"q{next(self._ids)}"
        body = {"id": query, "from": _user(user), "chat_instance": "1", "data": line}
        self.push("callback_query", body | {"message": shown})
        return query

    def push(self, kind: str, body: dict[str, Any]) -> None:
        self.pending.append({"update_id": 1000 + next(self._ids), kind: body})
        self._fresh.set()

    def block(self, chat: int = ALICE) -> None:
        self.refusing[chat] = Refusal(403, "Forbidden: bot was blocked by the user")

    def migrate(self, old: int, new: int) -> None:
        gone = "Bad Request: group chat was upgraded to a supergroup chat"
        self.refusing[old] = Refusal(400, gone, migrate_to_chat_id=new)

    def flood(self, seconds: int, call: str = "*", chat: int | None = None, times: int = 1) -> None:
        refusal = Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        where = "" if chat is None else str(chat)
        self.faults.append(Fault(call, 429, refusal.body, chat=where, times=times))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        if request.match_info["token"] != self.token:
            return web.json_response(Refusal(401, "Unauthorized").body, status=401)
        fields, photo = await _read(request)
        fault = self.faults.take(method, str(fields.get("chat_id", "")))
        if fault and not fault.done:
            await asyncio.sleep(fault.delay)
            return _wrong(request, fault)
        try:
            result = await self._answer(method, fields, photo)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        if fault:
            await asyncio.sleep(fault.delay)
            return _wrong(request, fault)
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, method: str, fields: dict[str, Any], photo: tuple[str, bytes]) -> Any:
        match method:
            case "getMe":
                return BOT
            case "deleteWebhook":
                self.webhook = ""
                return True
            case "setMyCommands":
                scope = json.loads(fields["scope"])["type"]
                self.menus[scope] = [each["command"] for each in json.loads(fields["commands"])]
                return True
            case "getUpdates":
                return await self._updates(fields)
            case "answerCallbackQuery":
                self.acknowledged.append(fields["callback_query_id"])
                return True
            case "sendMessage" | "sendPhoto":
                return self._deliver(fields, photo)
        raise Refusal(404, "Not Found")

    async def _updates(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(fields.get("offset") or 0)
        self.pending = [each for each in self.pending if each["update_id"] >= offset]
        wanted = json.loads(fields["allowed_updates"])
        self.pending = [each for each in self.pending if set(each) & set(wanted)]
        if not self.pending and int(fields.get("timeout") or 0):
            self._fresh.clear()
            await asyncio.wait_for(self._fresh.wait(), 60)
        return self.pending[:100]

    def _deliver(self, fields: dict[str, Any], photo: tuple[str, bytes]) -> dict[str, Any]:
        chat = int(fields["chat_id"])
        if chat in self.refusing:
            raise self.refusing[chat]
        if photo[1] and chat in self.no_photos:
            raise Refusal(400, "Bad Request: not enough rights to send photos to the chat")
        keyboard = json.loads(fields.get("reply_markup") or "{}").get("inline_keyboard", [])
        reply = json.loads(fields.get("reply_parameters") or "{}")
        message = Sent(
            id=next(self._ids),
            chat=chat,
            text=fields.get("text") or fields.get("caption") or "",
            thread=fields.get("message_thread_id", ""),
            photo=photo[1],
            filename=photo[0],
            buttons=tuple((key["text"], key["callback_data"]) for row in keyboard for key in row),
            rows=tuple(map(len, keyboard)),
            answers=reply.get("message_id"),
        )
        self.sent.append(message)
        return {"message_id": message.id, "date": 1, "chat": _chat(chat), "text": message.text}


def _user(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": f"Person {user}"}


def _chat(chat: int) -> dict[str, Any]:
    if chat > 0:
        return {"id": chat, "type": "private", "first_name": f"Person {chat}"}
    kind = "supergroup" if chat in (SUPERGROUP,) else "group"
    return {"id": chat, "type": kind, "title": "Traders"}


async def _read(request: web.Request) -> tuple[dict[str, Any], tuple[str, bytes]]:
    form = await request.post()
    photo = form.get("photo")
    held = (photo.filename, photo.file.read()) if isinstance(photo, web.FileField) else ("", b"")
    return {key: value for key, value in form.items() if isinstance(value, str)}, held


def _wrong(request: web.Request, fault: Fault) -> web.StreamResponse:
    if not fault.status:
        return cut(request)
    if isinstance(fault.body, str):
        return web.Response(status=fault.status, text=fault.body, content_type="text/html")
    return web.json_response(fault.body, status=fault.status, headers=fault.headers)
