"""A small Discord on loopback: REST v10 and gateway v10, as much as the tests need on the wire.

The people's side is `run`, `press`, `complete`; an `Asked` says what became of it.
"""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSMsgType, web

from bot.config import DiscordSettings
from tests.bot.fakes.discord_shapes import (
    APPLICATION,
    BOT,
    CHANNEL,
    THREAD,
    application,
    as_json,
    command_data,
    interaction,
    message,
    read,
    template,
    wrong,
)
from tests.bot.fakes.trouble import Faults

TOKEN = "MTIz.a-token-for-tests.only"
ACKNOWLEDGE_WITHIN = 3.0
EPHEMERAL = 1 << 6
ALL = (1 << 52) - 1
"""Every permission."""


@dataclass
class Asked:
    """An interaction and what the person saw of it."""

    id: str
    token: str
    channel: str
    at: float = field(default_factory=time.monotonic)
    acknowledged: int = 0
    private: bool = False
    message: dict[str, Any] = field(default_factory=dict)
    edits: list[dict[str, Any]] = field(default_factory=list)
    more: list[dict[str, Any]] = field(default_factory=list)
    choices: list[str] | None = None

    @property
    def answered(self) -> bool:
        return bool(self.edits)

    @property
    def embed(self) -> dict[str, Any]:
        embed: dict[str, Any] = self.message["embeds"][0]
        return embed


class Refusal(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


class DiscordServer:
    """Use as an async context manager."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.commands: list[dict[str, Any]] = []
        self.channels: dict[str, list[dict[str, Any]]] = {CHANNEL: [], THREAD: []}
        self.files: dict[str, dict[str, bytes]] = {}
        self.refusing: dict[str, Refusal] = {}
        self.asked: dict[str, Asked] = {}
        self.remembers_nonces = True
        self.identified = self.resumed = 0
        self.intents = 0
        self.app_permissions = ALL
        self.refuse_gateway = 0
        """How many connections to it are turned away."""
        self._ids = itertools.count(1)
        self._sockets: set[web.WebSocketResponse] = set()
        self._sequence = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def settings(self) -> DiscordSettings:
        host = f"127.0.0.1:{self._port}"
        return DiscordSettings(api_base=f"http://{host}/api/v10", gateway_url=self._gateway)

    @property
    def _gateway(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def connected(self) -> bool:
        return bool(self._sockets)

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()

    async def up(self) -> None:
        """Also after `down`, on the same port."""
        app = web.Application()
        app.router.add_get("/gateway", self._gate)
        app.router.add_get("/gateway/", self._gate)
        app.router.add_route("*", "/api/v10/{path:.+}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        self.hang_up()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def hang_up(self) -> None:
        """The gateway's connections break."""
        for socket in tuple(self._sockets):
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def run(self, command: str, channel: str = CHANNEL, **options: str) -> Asked:
        return await self._ask(2, command_data(command, options), channel)

    async def press(self, line: str, channel: str = CHANNEL) -> Asked:
        shown = message(self._snowflake(), channel, {"embeds": []})
        data = {"custom_id": line, "component_type": 2}
        return await self._ask(3, data, channel, shown=shown)

    async def complete(self, command: str, name: str, typed: str, **others: str) -> Asked:
        data = command_data(command, others)
        data["options"].append({"name": name, "type": 3, "value": typed, "focused": True})
        return await self._ask(4, data, CHANNEL)

    async def late(self, command: str, seconds: float, **options: str) -> Asked:
        """A command whose delivery to the bot took so long."""
        long_ago = time.monotonic() - seconds
        return await self._ask(2, command_data(command, options), CHANNEL, at=long_ago)

    async def _ask(
        self,
        kind: int,
        data: dict[str, Any],
        channel: str,
        shown: dict[str, Any] | None = None,
        at: float | None = None,
    ) -> Asked:
        number = self._snowflake()
        asked = self.asked[f"token{number}"] = Asked(number, f"token{number}", channel)
        asked.at = at or asked.at
        body = interaction(number, asked.token, kind, data, channel)
        body["app_permissions"] = str(self.app_permissions)
        if shown:
            body["message"] = shown
        await self._dispatch("INTERACTION_CREATE", body)
        return asked

    async def _gate(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_gateway:
            self.refuse_gateway -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None}
        await socket.send_json(hello)
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    await self._received(socket, json.loads(received.data))
        finally:
            self._sockets.discard(socket)
        return socket

    async def _received(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        if said["op"] == 1:
            await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        elif said["op"] in (2, 6) and said["d"]["token"] != self.token:
            await socket.close(code=4004)
        elif said["op"] == 2:
            self.identified += 1
            self.intents = said["d"]["intents"]
            self._sockets.add(socket)
            ready = {"v": 10, "user": BOT, "guilds": [], "session_id": "s", "private_channels": []}
            application = {"id": APPLICATION, "flags": 0}
            ready |= {"resume_gateway_url": self._gateway, "application": application}
            await self._dispatch("READY", ready)
        elif said["op"] == 6:
            self.resumed += 1
            self._sockets.add(socket)
            await self._dispatch("RESUMED", {"_trace": []})

    async def _dispatch(self, event: str, body: dict[str, Any]) -> None:
        for socket in tuple(self._sockets):
            sequence = next(self._sequence)
            await socket.send_json({"op": 0, "s": sequence, "t": event, "d": body})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        parts = request.match_info["path"].split("/")
        call = f"{request.method} {template(parts)}"
        self.calls[call] += 1
        open_to_all = parts[0] in ("interactions", "webhooks")
        if not open_to_all and request.headers.get("Authorization") != f"Bot {self.token}":
            return as_json({"code": 0, "message": "401: Unauthorized"}, status=401)
        body = await read(request)
        channel = parts[1] if parts[0] == "channels" else ""
        fault = self.faults.take(call, channel)
        if fault and not fault.done:
            return wrong(request, fault)
        try:
            result = self._answer(call, parts, body)
        except Refusal as refusal:
            return as_json(refusal.body, status=refusal.status)
        if fault:
            return wrong(request, fault)
        return as_json(result)

    def _answer(self, call: str, parts: list[str], body: Any) -> Any:  # noqa: PLR0911
        match call:
            case "GET users/@me":
                return BOT
            case "GET oauth2/applications/@me":
                return application()
            case "GET applications/commands":
                return self.commands
            case "PUT applications/commands":
                self.commands = [{**each, "id": self._snowflake(), "nsfw": False} for each in body]
                return self.commands
            case "POST interactions/callback":
                return self._acknowledge(self.asked[parts[2]], body)
            case "PATCH webhooks/messages":
                return self._filled(self.asked[parts[2]], body)
            case "POST webhooks":
                asked = self.asked[parts[2]]
                asked.more.append(body)
                return message(self._snowflake(), asked.channel, body)
            case "POST channels/messages":
                return self._post(parts[1], body)
            case "GET channels/messages":
                return self._permitted(parts[1])[::-1]
        raise Refusal(404, 0, "404: Not Found")

    def _acknowledge(self, asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
        if time.monotonic() - asked.at > ACKNOWLEDGE_WITHIN:
            raise Refusal(404, 10062, "Unknown interaction")
        if asked.acknowledged:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        asked.acknowledged = body["type"]
        asked.private = bool(body.get("data", {}).get("flags", 0) & EPHEMERAL)
        if body["type"] == 8:
            asked.choices = [each["value"] for each in body["data"]["choices"]]
        return {"interaction": {"id": asked.id, "type": 2}}

    def _filled(self, asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
        refusal = self.refusing.get(asked.channel)
        if refusal and body.get("embeds"):
            raise refusal
        asked.edits.append(body)
        asked.message = body
        return message(self._snowflake(), asked.channel, body)

    def _post(self, channel: str, body: dict[str, Any]) -> dict[str, Any]:
        messages = self._permitted(channel)
        nonce = body.get("nonce")
        for each in messages:
            if self.remembers_nonces and body.get("enforce_nonce") and each.get("nonce") == nonce:
                return each
        messages.append(message(self._snowflake(), channel, body) | {"nonce": nonce})
        self.files[messages[-1]["id"]] = body["files"]
        return messages[-1]

    def _permitted(self, channel: str) -> list[dict[str, Any]]:
        if channel in self.refusing:
            raise self.refusing[channel]
        if channel not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        return self.channels[channel]

    def _snowflake(self) -> str:
        return str(1_400_000_000_000_000_000 + next(self._ids))
