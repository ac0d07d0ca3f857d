"""The Dockerfile's first stage, step by step, in a clean directory; no container is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import NO_TOKENS

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def stages() -> list[str]:
    return re.split(r"^FROM ", TEXT, flags=re.MULTILINE)[1:]


def test_two_stages_not_root_and_a_health_check() -> None:
    build, run = stages()
    assert " AS build" in build.splitlines()[0]
    assert re.search(r"^USER gexwire$", run, flags=re.MULTILINE)
    assert "HEALTHCHECK" in run
    assert "pip install" not in run


def test_the_steps_build_an_environment_that_answers(tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(uv).exists():
        pytest.skip("uv is not on this machine")
    path = f"{Path(uv).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, **NO_TOKENS, "PATH": path, "UV_PYTHON": sys.executable}
    env.pop("VIRTUAL_ENV", None)
    ran = 0
    for line in stages()[0].splitlines():
        if line.startswith("COPY"):
            *sources, target = line.split()[1:]
            for source in sources:
                copied(ROOT / source, tmp_path / target)
        elif line.startswith("RUN uv"):
            subprocess.run(line.removeprefix("RUN ").split(), cwd=tmp_path, env=env, check=True)
            ran += 1
    assert ran == 2
    for package in ("engine", "jobs", "bot"):
        shutil.rmtree(tmp_path / package)
    shutil.copy(ROOT / "config.yaml", tmp_path)
    done = subprocess.run(
        [".venv/bin/gexwire", "ask", "/gex BTC", "--demo"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("SIMULATED · BTC")
    assert list((tmp_path / "charts").glob("*.png"))


def copied(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
