"""config.yaml and the environment to typed settings, or one sentence per mistake.

Order of precedence: environment over file over defaults. Any key can be set by
GEXWIRE_<SECTION>__<KEY>..., for example GEXWIRE_JOBS__STORE__URL; four platform addresses also have
short names of their own (`ADDRESSES`). Secrets come from the environment only (`Secrets`).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.config import BotSettings
from engine.errors import BadConfiguration, BadInput
from engine.positions import convention
from engine.settings import EngineSettings
from jobs.config import JobsSettings

PREFIX = "GEXWIRE_"
ADDRESSES = {
    "TELEGRAM_BASE_URL": ("bot", "telegram", "base_url"),
    "TELEGRAM_BASE_FILE_URL": ("bot", "telegram", "base_file_url"),
    "DISCORD_API_BASE": ("bot", "discord", "api_base"),
    "DISCORD_GATEWAY_URL": ("bot", "discord", "gateway_url"),
}
DEFAULT_FILE = Path("config.yaml")

Path_ = tuple[str, ...]


class Settings(BaseSettings):
    """The three sections, validated by the three packages."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    engine: EngineSettings = EngineSettings()
    jobs: JobsSettings = JobsSettings()
    bot: BotSettings = BotSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        addresses = InitSettingsSource(settings_cls, _addresses(os.environ))
        return env_settings, addresses, init_settings


class Secrets(BaseSettings):
    """Tokens: from the environment, never from a file, never printed. Empty: platform off."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    telegram_token: SecretStr = SecretStr("")
    discord_token: SecretStr = SecretStr("")

    @classmethod
    def none(cls) -> Secrets:
        """No platform, whatever the environment says."""
        return cls(telegram_token=SecretStr(""), discord_token=SecretStr(""))


def load(path: Path | None) -> Settings:
    """Read the file (`config.yaml` of this folder when none is named; it may be absent).

    Raises:
        BadConfiguration: one line per mistake: file and line, or variable; key; what was
            expected; what was found.
    """
    file = path or DEFAULT_FILE
    if path is not None and not path.is_file():
        raise BadConfiguration(f"{path}: expected a configuration file, found none.")
    root = _compose(file) if file.is_file() else None
    values = yaml.safe_load(file.read_text(encoding="utf-8")) if root is not None else {}
    if not isinstance(values or {}, dict):
        raise BadConfiguration(f"{file}:1: expected the sections engine, jobs and bot.")
    sections: dict[str, Any] = {name: section or {} for name, section in (values or {}).items()}
    try:
        return _checked(Settings(**sections), file, root)
    except ValidationError as error:
        lines = [_sentence(each, file, root) for each in error.errors()]
        raise BadConfiguration("\n".join(dict.fromkeys(lines))) from None


def _checked(settings: Settings, file: Path, root: yaml.Node | None) -> Settings:
    """What only the engine can judge: the convention must exist."""
    try:
        convention(settings.engine.convention, settings.engine.conventions)
    except BadInput as error:
        at = ("engine", "convention")
        raise BadConfiguration(f"{_place(at, file, root)}: {'.'.join(at)}: {error}") from None
    return settings


def _compose(file: Path) -> yaml.Node | None:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadConfiguration(f"{file}:{line}: not valid YAML ({error.problem}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{file}: not a YAML text file ({type(error).__name__}).") from None
    _refuse_repeated_keys(root, file, ())
    return root


def _refuse_repeated_keys(node: yaml.Node | None, file: Path, at: Path_) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            line = key.start_mark.line + 1
            raise BadConfiguration(f"{file}:{line}: {'.'.join((*at, name))} is set twice.")
        seen.add(name)
        _refuse_repeated_keys(value, file, (*at, name))


def _addresses(environment: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for variable, (section, platform, key) in ADDRESSES.items():
        if environment.get(variable):
            tree.setdefault(section, {}).setdefault(platform, {})[key] = environment[variable]
    return tree


def _sentence(error: ErrorDetails, file: Path, root: yaml.Node | None) -> str:
    at = tuple(str(part) for part in error["loc"])
    place = _place(at, file, root)
    key = ".".join(at) or "configuration"
    if error["type"] == "extra_forbidden":
        known = _known(at[:-1])
        close = difflib.get_close_matches(at[-1], known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        return f"{place}: {key}: unknown key; expected one of {', '.join(known)}.{hint}"
    expected = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    expected = (
        expected if expected.startswith("expected") or ":" in expected else f"expected {expected}"
    )
    return f"{place}: {key}: {expected}, found {_found(error['input'])}."


def _found(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(at: Path_, file: Path, root: yaml.Node | None) -> str:
    for variable, path in ADDRESSES.items():
        if path == at and os.environ.get(variable):
            return f"environment {variable}"
    variable = PREFIX + "__".join(at).upper()
    if any(name.upper() == variable for name in os.environ):
        return f"environment {variable}"
    line = _line(root, at)
    return f"{file}:{line}" if line else str(file)


def _line(node: yaml.Node | None, at: Path_) -> int | None:
    """Line of the deepest node of the path that the file has, counted from 1."""
    line = None
    for part in at:
        if isinstance(node, yaml.SequenceNode) and part.isdecimal():
            node = node.value[int(part)]
            line = node.start_mark.line + 1
            continue
        if not isinstance(node, yaml.MappingNode):
            break
        found = next(((k, v) for k, v in node.value if str(k.value) == part), None)
        if found is None:
            break
        key, node = found
        line = key.start_mark.line + 1
    return line


def _known(at: Path_) -> list[str]:
    """Names of the keys that may stand below this path."""
    model: Any = Settings
    for part in at:
        fields: Mapping[str, FieldInfo] = getattr(model, "model_fields", {})
        if part in fields:
            model = _model(fields[part].annotation)
        elif not fields:
            break
    return list(getattr(model, "model_fields", {}))


def _model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model(each))), None)


def as_yaml(settings: Settings) -> str:
    """The effective configuration; a password inside the store's URL is hidden."""
    tree = settings.model_dump(mode="json")
    tree["jobs"]["store"]["url"] = hide_password(tree["jobs"]["store"]["url"])
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


def hide_password(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    if not at or ":" not in user:
        return url
    return f"{scheme}{slashes}{user.split(':', 1)[0]}:***@{place}"
