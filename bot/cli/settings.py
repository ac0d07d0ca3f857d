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
    SettingsError,
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

_EXPECTED = {
    "missing": "a value",
    "model_type": "keys below it",
    "dict_type": "keys below it",
    "tuple_type": "a list like [a, b]",
    "too_short": "at least one",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
"""The settings library's kinds of mistakes, where its own words are not plain ones."""

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


def load(path: Path | None) -> Settings:
    """Read the file (`config.yaml` of this folder when none is named; it may be absent).

    Raises:
        BadConfiguration: one line per mistake: file and line, or variable; key; what was
            expected; what was found.
    """
    file = path or DEFAULT_FILE
    if path is not None and not path.is_file():
        raise BadConfiguration(f"{path}: expected a configuration file, found none.")
    root, values = _read(file) if file.is_file() else (None, {})
    if not isinstance(values, dict):
        raise BadConfiguration(f"{file}:1: expected the sections engine, jobs and bot.")
    _refuse_unknown_variables(os.environ)
    sections: dict[str, Any] = {str(name): section or {} for name, section in values.items()}
    try:
        return _checked(Settings(**sections), file, root)
    except ValidationError as error:
        lines = [_sentence(each, file, root) for each in error.errors() if not _follows(each)]
        raise BadConfiguration("\n".join(dict.fromkeys(lines))) from None
    except SettingsError as error:
        raise BadConfiguration(_not_json(error, os.environ)) from None


def _checked(settings: Settings, file: Path, root: yaml.Node | None) -> Settings:
    """What only the engine can judge: the convention must exist."""
    at = ("engine", "convention")
    place = f"{_place(at, file, root)}: {'.'.join(at)}"
    try:
        named = convention(settings.engine.convention, settings.engine.conventions)
    except BadInput as error:
        raise BadConfiguration(f"{place}: {error}") from None
    if named.signs is None:
        raise BadConfiguration(
            f"{place}: expected a convention of signs, found {settings.engine.convention!r}:"
            " no venue's trades are stored to make a book of."
        )
    return settings


def _read(file: Path) -> tuple[yaml.Node | None, Any]:
    """The file's nodes, which know their lines, and its values. Raises BadConfiguration."""
    try:
        text = file.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_repeated_keys(root, file, ())
        return root, yaml.safe_load(text) or {}
    except OSError as error:
        raise BadConfiguration(f"{file}: expected a readable file ({error.strerror}).") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadConfiguration(f"{file}:{line}: not valid YAML ({error.problem}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{file}: not a YAML text file ({type(error).__name__}).") from None
    except ValueError as error:
        raise BadConfiguration(f"{file}: a date or number cannot be read ({error}).") from None
    except RecursionError:
        raise BadConfiguration(f"{file}: expected keys that do not contain themselves.") from None


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


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """A variable of no section would be passed over in silence."""
    for name in environment:
        section, nested, _ = name.upper().removeprefix(PREFIX).lower().partition("__")
        if name.upper().startswith(PREFIX) and nested and section not in Settings.model_fields:
            known = ", ".join(f"{PREFIX}{each.upper()}" for each in Settings.model_fields)
            raise BadConfiguration(f"environment {name}: expected one of {known} before the __.")


def _not_json(error: SettingsError, environment: Mapping[str, str]) -> str:
    """A list or several keys in one variable are written as JSON."""
    text = getattr(error.__cause__, "doc", None)
    names = [
        name
        for name, value in environment.items()
        if value == text and name.upper().startswith(PREFIX)
    ]
    return (
        f"environment {' or '.join(names) or PREFIX + '...'}: expected JSON, found {_found(text)}."
    )


def _addresses(environment: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for variable, (section, platform, key) in ADDRESSES.items():
        if environment.get(variable):
            tree.setdefault(section, {}).setdefault(platform, {})[key] = environment[variable]
    return tree


def _follows(error: ErrorDetails) -> bool:
    """A list that is only too short because its items were refused, which is told already."""
    return error["type"] == "too_short" and bool(error["input"])


def _sentence(error: ErrorDetails, file: Path, root: yaml.Node | None) -> str:
    at = tuple(str(part) for part in error["loc"] if part != "[key]")
    place = _place(at, file, root)
    key = ".".join(at) or "configuration"
    if error["type"] == "extra_forbidden":
        known = _known(at[:-1])
        close = difflib.get_close_matches(at[-1], known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        return f"{place}: {key}: unknown key; expected one of {', '.join(known)}.{hint}"
    found = "none" if error["type"] == "missing" else _found(error["input"])
    return f"{place}: {key}: {_expected(error)}, found {found}."


def _expected(error: ErrorDetails) -> str:
    if error["type"] == "string_pattern_mismatch":
        choices = error["ctx"]["pattern"].strip("^$()").split("|")
        return f"expected one of {', '.join(choices)}"
    told = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    told = _EXPECTED.get(error["type"], told)
    return told if told.startswith("expected") or ":" in told else f"expected {told}"


def _found(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(at: Path_, file: Path, root: yaml.Node | None) -> str:
    for variable, path in ADDRESSES.items():
        if path == at and os.environ.get(variable):
            return f"environment {variable}"
    given = {name.upper() for name in os.environ}
    for size in range(len(at), 0, -1):
        variable = PREFIX + "__".join(at[:size]).upper()
        if variable in given:
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
