"""The README stays true: every command in it is run, every feature in it exists."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.main import app
from bot.commands import COMMANDS
from tests.processes import NO_TOKENS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every line of every shell block, without its remark."""
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def words(line: str) -> list[str]:
    """The command's words without variables set for it."""
    return [each for each in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=\S*", each)]


@pytest.mark.parametrize("line", [each for each in commands() if "gexwire" in each])
def test_a_gexwire_command_of_the_readme_runs(line: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "golden", tmp_path / "tests" / "golden")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    done = subprocess.run(
        words(line),
        cwd=tmp_path,
        env={**os.environ, **NO_TOKENS},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    allowed = {0, 1} if "doctor" in line else {0}
    assert done.returncode in allowed, done.stdout + done.stderr
    assert done.stdout


@pytest.mark.parametrize("line", [each for each in commands() if "make" in each])
def test_a_make_command_of_the_readme_is_a_target(line: str) -> None:
    done = subprocess.run(
        [*words(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_shell_line_is_one_of_the_two_kinds() -> None:
    assert len(commands()) >= 8
    assert all("gexwire" in each or "make" in each for each in commands())


def test_every_sub_command_and_chat_command_is_told() -> None:
    for registered in app.registered_commands:
        assert f"`{registered.name}" in README
    for command in COMMANDS:
        assert f"/{command.name}" in README


def test_every_link_into_the_project_leads_somewhere() -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
