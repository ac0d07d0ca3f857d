"""The numbers beside the levels; add a file and a line here."""

from __future__ import annotations

from engine.metrics import (
    atm_iv,
    atm_iv_30d,
    call_oi,
    expected_move,
    gross_gex,
    net_dealer_delta_flow_dashboard,
    net_gex,
    net_gex_local,
    pcr_oi,
    pcr_volume,
    pin_score,
    put_oi,
    rr25,
    skew_otm,
)
from engine.metrics.base import Metric

METRICS: tuple[Metric, ...] = (
    net_gex.METRIC,
    gross_gex.METRIC,
    net_gex_local.METRIC,
    call_oi.METRIC,
    put_oi.METRIC,
    pcr_oi.METRIC,
    pcr_volume.METRIC,
    atm_iv.METRIC,
    atm_iv_30d.METRIC,
    rr25.METRIC,
    skew_otm.METRIC,
    expected_move.METRIC,
    pin_score.METRIC,
    net_dealer_delta_flow_dashboard.METRIC,
)
