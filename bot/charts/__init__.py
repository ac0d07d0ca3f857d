"""One picture per file. Importing this imports no plotting library."""

from __future__ import annotations

from bot.charts import gex
from bot.charts.base import Picture

CHARTS: tuple[Picture, ...] = (gex.CHART,)
