"""The numbers beside the levels; add a file and a line here."""

from __future__ import annotations

from engine.metrics import (
    atm_iv,
    atm_iv_30d,
    call_oi,
    expected_move,
    gross_gex,
    iv_deviation,
    net_dealer_delta_flow_dashboard,
    net_gex,
    net_gex_local,
    pcr_oi,
    pcr_volume,
    pin_score,
    put_oi,
    rr25,
    skew_otm,
    smile_error,
    venue_delta_deviation,
    venue_gamma_deviation,
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
    smile_error.METRIC,
    iv_deviation.METRIC,
    venue_delta_deviation.METRIC,
    venue_gamma_deviation.METRIC,
)
