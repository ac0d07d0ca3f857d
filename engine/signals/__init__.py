"""What is watched for between snapshots; add a file and a line here."""

from __future__ import annotations

from engine.signals import gamma_flip
from engine.signals.base import Rule

RULES: tuple[Rule, ...] = (gamma_flip.RULE,)
