"""Discord's objects as they look on the wire, as far as the library insists on them."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.bot.fakes.trouble import Fault, cut

APPLICATION = "1300000000000000001"
BOT = {"id": APPLICATION, "username": "gex", "discriminator": "0", "avatar": None, "bot": True}
GUILD, CHANNEL, THREAD = "700", "800", "801"
DANA = "900"
SINCE = "2026-01-01T00:00:00+00:00"


def interaction(
    number: str, token: str, kind: int, data: dict[str, Any], channel: str
) -> dict[str, Any]:
    """Dana uses the bot: kind 2 a command, 3 a button, 4 an option being typed."""
    user = {"id": DANA, "username": "dana", "discriminator": "0", "avatar": None}
    body: dict[str, Any] = {
        "id": number,
        "application_id": APPLICATION,
        "type": kind,
        "token": token,
        "version": 1,
        "data": data,
        "channel": channel_object(channel),
        "channel_id": channel,
        "attachment_size_limit": 10 << 20,
        "entitlements": [],
        "authorizing_integration_owners": {},
    }
    if channel not in (CHANNEL, THREAD):
        return body | {"user": user}
    member: dict[str, Any] = {"user": user, "roles": [], "joined_at": SINCE}
    member |= {"deaf": False, "mute": False, "flags": 0, "permissions": "0"}
    return body | {"guild_id": GUILD, "member": member}


def command_data(name: str, options: dict[str, str]) -> dict[str, Any]:
    given = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
    return {"id": "1", "name": name, "type": 1, "options": given}


def message(number: str, channel: str, body: dict[str, Any]) -> dict[str, Any]:
    """A message of the bot's, as Discord gives it back."""
    return {
        "id": number,
        "channel_id": channel,
        "author": BOT,
        "content": body.get("content") or "",
        "timestamp": "2026-11-20T12:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": body.get("embeds") or [],
        "components": body.get("components") or [],
        "pinned": False,
        "type": 0,
    }


def buttons(message: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, custom id) of a message's buttons."""
    return [
        (each["label"], each["custom_id"])
        for row in message["components"]
        for each in row["components"]
    ]


def template(parts: list[str]) -> str:
    """channels/800/messages to channels/messages: the ids do not matter."""
    kept = [each for each in parts if not each.isdigit() and not each.startswith("token")]
    return "/".join(each for each in kept if each != "@original")


def channel_object(channel: str) -> dict[str, Any]:
    if channel == THREAD:
        lock = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": SINCE}
        more = {"parent_id": CHANNEL, "owner_id": DANA, "message_count": 0, "member_count": 1}
        return {"id": THREAD, "type": 11, "name": "thread", "thread_metadata": lock, **more}
    if channel == CHANNEL:
        return {"id": CHANNEL, "type": 0, "name": "general", "position": 0}
    return {"id": channel, "type": 1, "last_message_id": None}


def application() -> dict[str, Any]:
    owner = {"id": DANA, "username": "dana", "discriminator": "0", "avatar": None}
    more = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "0", "flags": 0}
    return {
        "id": APPLICATION,
        "name": "gex",
        "description": "",
        "icon": None,
        "owner": owner,
        **more,
    }


def as_json(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Without a charset: discord.py decodes nothing else."""
    raw = json.dumps(body).encode()
    return web.Response(body=raw, status=status, headers=headers, content_type="application/json")


async def read(request: web.Request) -> Any:
    """The JSON, with the uploaded files under `files`."""
    files: dict[str, bytes] = {}
    body: Any = {}
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[value.filename] = value.file.read()
            elif name == "payload_json":
                body = json.loads(str(value))
    elif request.can_read_body:
        body = await request.json()
    return body | {"files": files} if isinstance(body, dict) else body


def wrong(request: web.Request, fault: Fault) -> web.StreamResponse:
    if not fault.status:
        return cut(request)
    if isinstance(fault.body, str):
        kind = "text/html" if fault.status >= 300 else "application/json"
        body, headers = fault.body.encode(), fault.headers
        return web.Response(body=body, status=fault.status, headers=headers, content_type=kind)
    return as_json(fault.body, status=fault.status, headers=fault.headers)
