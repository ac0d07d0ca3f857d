"""Rules about the code itself."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import bot.charts
import bot.commands
import engine.metrics
import engine.signals
import jobs.tasks

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("engine", "jobs", "bot")
FILES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "tools"}

Registry = tuple[ModuleType, str, list[Any]]


def _registries() -> list[Registry]:
    return [
        (bot.commands, "COMMAND", list(bot.commands.COMMANDS)),
        (bot.charts, "CHART", list(bot.charts.CHARTS)),
        (engine.signals, "RULE", list(engine.signals.RULES)),
        (engine.metrics, "METRIC", list(engine.metrics.METRICS)),
        (jobs.tasks, "JOB", list(jobs.tasks.JOBS)),
    ]


@pytest.mark.parametrize(
    ("package", "constant", "registered"),
    _registries(),
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_every_plugin_file_is_registered(
    package: ModuleType, constant: str, registered: list[Any]
) -> None:
    found = 0
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        plugin = getattr(importlib.import_module(module.name), constant, None)
        found += plugin is not None
        assert plugin is None or plugin in registered, f"{module.name} is not registered"
    assert found


@pytest.mark.parametrize("registered", [each[2] for each in _registries()])
def test_names_of_plugins_are_unique(registered: list[Any]) -> None:
    names = [plugin.name for plugin in registered]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_read_in_one_sitting_and_says_what_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert file.stem not in VAGUE
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "expected a module docstring"


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_left_unfinished(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)
    assert not re.search(r"# type: ignore(?!\[)", text)


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_knows_what_time_it_is(file: Path) -> None:
    if file == ROOT / "jobs" / "clock.py":
        return
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {
                ("datetime", "now"),
                ("datetime", "utcnow"),
                ("date", "today"),
                ("time", "time"),
            }, f"line {node.lineno}"


def test_nothing_recorded_by_others_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        assert not name.endswith((".csv", ".gz", ".parquet", ".db")), name
        if name.endswith(".json"):
            assert name.startswith(("tests/golden/", "benchmarks/results/")), name
