"""Stores that tests opened are closed after them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.jobs.service import OPENED


@pytest.fixture(autouse=True)
def _closed_stores() -> Iterator[None]:
    yield
    while OPENED:
        asyncio.run(OPENED.pop().close())
