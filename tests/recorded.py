"""Where the recorded payloads and reference values lie, when they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def recorded(*parts: str) -> Path:
    """A file or folder below shared/data; skips the test, with the reason, when it is not there."""
    return _there(SHARED.joinpath("data", *parts))


def golden(name: str) -> Path:
    """A file of reference values: the project's own copy, numbers only."""
    return Path(__file__).parent / "golden" / name


def _there(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"the recorded payload {path.name} is not on this machine")
    return path
