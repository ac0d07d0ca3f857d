"""Snapshots without any gamma, as the engine makes them."""

from __future__ import annotations

import numpy as np

from engine.analyse import analyse
from engine.domain import Snapshot
from engine.settings import EngineSettings
from tests.samples import make_chain


def unpriced() -> Snapshot:
    """Everything is open, and nothing has a volatility or a quote to take it from."""
    unknown = np.full(len(make_chain()), np.nan)
    return analyse(make_chain(iv=unknown, bid=unknown, ask=unknown), EngineSettings())


def nothing_open() -> Snapshot:
    return analyse(make_chain(call_oi=0.0, put_oi=0.0), EngineSettings())
