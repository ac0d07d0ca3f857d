"""config.yaml with every key, its default and what it means, written from the settings' types."""

from __future__ import annotations

import textwrap
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.cli.settings import Settings

_WIDTH = 96
_HEAD = """\
gexwire's configuration: three sections, one per package. Every key has the default shown, so a
file may hold only what differs. Unknown keys are refused. Any key can also be set by the
environment: GEXWIRE_<SECTION>__<KEY>, for example GEXWIRE_JOBS__STORE__URL. Secrets come from
the environment only: TELEGRAM_TOKEN, DISCORD_TOKEN. An empty token switches that platform off.
Durations: 60s, 3m, 1h, 7d, or plain seconds."""


def template() -> str:
    """The whole commented file."""
    lines = _comment(_HEAD, "")
    for name, info in Settings.model_fields.items():
        default = info.get_default(call_default_factory=True)
        lines += ["", *_entry(Settings, name, default, default.model_dump(mode="json"), "")]
    return "\n".join(lines) + "\n"


def _entry(model: type[BaseModel], name: str, value: Any, plain: Any, indent: str) -> list[str]:
    """One key below its comment. `plain` is the value as it is written."""
    head = _comment(_about(model, name, value), indent)
    deeper = indent + "  "
    if isinstance(value, BaseModel):
        head.append(f"{indent}{name}:")
        for key in type(value).model_fields:
            head += _entry(type(value), key, getattr(value, key), plain[key], deeper)
        return head
    members = list(value.values()) if isinstance(value, dict) else []
    if members and isinstance(members[0], BaseModel):
        head.append(f"{indent}{name}:")
        for key, info in type(members[0]).model_fields.items():
            head += _comment(f"{key}: {info.description}", deeper)
        return head + [f"{deeper}{key}: {_flow(each)}" for key, each in plain.items()]
    return [*head, f"{indent}{name}: {_flow(plain)}"]


def _about(model: type[BaseModel], name: str, value: Any) -> str:
    """The key's description; one that only changes a default keeps its base's."""
    for each in model.__mro__:
        fields: dict[str, FieldInfo] = getattr(each, "model_fields", {})
        if name in fields and fields[name].description:
            return fields[name].description or ""
    return (type(value).__doc__ or "") if isinstance(value, BaseModel) else ""


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def _comment(text: str, indent: str) -> list[str]:
    width = _WIDTH - len(indent)
    paragraphs = text.strip().splitlines()
    return [f"{indent}# {line}" for each in paragraphs for line in textwrap.wrap(each, width)]
