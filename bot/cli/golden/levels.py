"""Section `chains`: whole chains through the engine, in the shape of the reference values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bot.cli.golden.base import Case, Section, missing
from bot.cli.golden.levels_check import check
from engine.analyse import profiled
from engine.domain import Chain, Floats, Levels, Market
from engine.exposure import hedge_flows
from engine.levels.active import active_gex
from engine.levels.max_pain import MaxPain
from engine.levels.summary import levels, max_pain_all, nearest_pin
from engine.metrics import METRICS
from engine.positions import BOOK, CONVENTIONS, signed
from engine.regime import regime, sign
from engine.settings import EngineSettings
from engine.terms import Rates, Terms, terms
from engine.valuation import Valuation, value


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """A case's chain. `rows`: where its contracts stand in the case; `expiry`: their texts."""

    chain: Chain
    rates: Rates
    previous: Floats
    book: Floats | None
    contracts: int
    rows: tuple[int, ...]
    expiry: Mapping[int, str]


def compute(case: Case) -> dict[str, Any]:
    """Everything of `expected`, by the functions the service itself uses."""
    settings = EngineSettings()
    given = read(case["input"])
    priced_at = terms(given.chain, settings, given.rates)
    held = {
        name: value(
            given.chain,
            priced_at,
            signed(given.chain.oi, given.chain.is_call, each, given.book),
        )
        for name, each in CONVENTIONS.items()
        if name != BOOK or given.book is not None
    }
    return {
        "contracts": _contracts(given, priced_at, held["naive"]),
        "conventions": {
            name: _convention(each, settings, given.previous) for name, each in held.items()
        },
        "common": _common(given, held["naive"], settings),
    }


def read(given: Case) -> Input:
    """A case's input as a Chain; what has expired is dropped, as a venue's parser does."""
    now = datetime.fromisoformat(given["now"]).astimezone(UTC)
    settles = [_instant(each["expiry"]) for each in given["contracts"]]
    rows = tuple(i for i, instant in enumerate(settles) if instant > now.timestamp())
    live = [given["contracts"][i] for i in rows]

    def column(key: str) -> Floats:
        return np.array([missing(each.get(key)) for each in live], dtype=np.float64)

    n = len(live)
    chain = Chain(
        asset="CASE",
        venue="case",
        market=Market.US,
        asof=now,
        spot=given["spot"],
        currency="USD",
        root=np.array([each.get("root", "CASE") for each in live], dtype=np.str_),
        settlement=np.array([settles[i] for i in rows], dtype=np.int64),
        strike=column("strike"),
        is_call=np.array([each["kind"] == "C" for each in live], dtype=np.bool_),
        oi=column("oi"),
        volume=column("volume"),
        bid=column("bid"),
        ask=column("ask"),
        iv=column("iv"),
        multiplier=column("mult"),
        forward=np.full(n, np.nan),
        listed=len(settles),
        left_out={"expired": len(settles) - n},
    )
    signed_by_trades = any("dealer_qty" in each for each in given["contracts"])
    return Input(
        chain=chain,
        rates=Rates(given["r"], given["q"]),
        previous=column("prev_oi"),
        book=column("dealer_qty") if signed_by_trades else None,
        contracts=len(settles),
        rows=rows,
        expiry={settles[i]: given["contracts"][i]["expiry"] for i in reversed(rows)},
    )


def _contracts(given: Input, priced_at: Terms, valuation: Valuation) -> list[dict[str, Any]]:
    """A row per contract of the case, the expired ones included."""
    nothing = dict.fromkeys(("sigma", "delta", "gamma", "vanna", "charm"))
    table: list[dict[str, Any]] = [
        {"T": 0.0, "used": False, **nothing} for _ in range(given.contracts)
    ]
    for i, years in zip(given.rows, given.chain.years, strict=True):
        table[i]["T"] = float(years)
    priced = valuation.priced
    for j, row in enumerate(priced.rows):
        table[given.rows[row]].update(
            used=True,
            sigma=float(priced_at.iv[row]),
            delta=float(priced.delta[j]),
            gamma=float(priced.gamma[j]),
            vanna=float(priced.vanna[j]),
            charm=float(priced.charm[j]),
        )
    return table


def _convention(held: Valuation, settings: EngineSettings, previous: Floats) -> dict[str, Any]:
    flips, primary, _ = profiled(held, settings)
    found = levels(held, settings, flips, primary, empty="")
    table, spot = held.by_strike, held.chain.spot
    local = {each.name: each for each in METRICS}["net_gex_local"].compute(held, settings)
    by_strike = zip(
        table.strike,
        np.nan_to_num(table.call_oi),
        np.nan_to_num(table.put_oi),
        table.call_gex,
        table.put_gex,
        table.net_gex,
        table.net_dex,
        table.net_vex,
        table.net_cex,
        strict=True,
    )
    return {
        "totals": held.exposures.as_dict(),
        "by_strike": [dict(zip(_BY_STRIKE, map(float, each), strict=True)) for each in by_strike],
        "gamma_walls": list(found.lists["gamma_walls"]),
        "regime": regime(held.exposures, settings.neutral_band),
        "regime_local_2pct": sign(local),
        "flips": [asdict(flip) for flip in flips],
        "gamma_flip": primary,
        **{
            name: found.more[name] for name in ("flip_strike_cumulative", "flip_strike_sign", "hvl")
        },
        "active": _active(held, previous),
        "flows": hedge_flows(held.exposures, spot),
    }


_BY_STRIKE = (
    "strike", "call_oi", "put_oi", "call_gex", "put_gex", "net_gex",
    "net_dex_usd", "net_vex", "net_cex",
)  # fmt: skip


def _active(held: Valuation, previous: Floats) -> dict[str, Any] | None:
    found = active_gex(held.chain, held.priced, held.book, held.grid, previous)
    if found is None:
        return None
    keys = [str(float(strike)) for strike in held.by_strike.strike]
    return {
        "total": found.total,
        "by_strike": dict(zip(keys, found.by_strike.tolist(), strict=True)),
        "literal_by_strike": dict(zip(keys, found.literal_by_strike.tolist(), strict=True)),
        "literal_total": found.literal_total,
    }


def _common(given: Input, valuation: Valuation, settings: EngineSettings) -> dict[str, Any]:
    found = levels(valuation, settings, (), None, empty="")
    metric = {each.name: each.compute(valuation, settings) for each in METRICS}
    nearest = valuation.nearest
    pin = nearest_pin(valuation)
    skew, reversal = valuation.skew, valuation.risk_reversal
    live, used = len(given.chain), len(valuation.priced)
    return {
        "n_contracts": given.contracts,
        "n_used": used,
        "n_expired": given.contracts - live,
        "n_no_vol": live - used,
        "total_call_oi": metric["call_oi"],
        "total_put_oi": metric["put_oi"],
        "pcr_oi": metric["pcr_oi"],
        "pcr_volume": metric["pcr_volume"],
        **_levels(found),
        "max_pain": {
            given.expiry[each.instant]: _pain(each.max_pain) for each in valuation.settlements
        },
        "max_pain_all": _pain(max_pain_all(valuation)),
        "nearest_expiry": given.expiry[nearest.instant] if nearest else None,
        "atm_iv_nearest_expiry": metric["atm_iv"],
        "expected_move": asdict(nearest.expected_move) if nearest else None,
        "skew_otm": asdict(skew) if skew else None,
        "rr25": asdict(reversal) if reversal else None,
        "pin": asdict(pin) if pin else None,
        "net_dealer_delta_flow_dashboard": metric["net_dealer_delta_flow_dashboard"],
    }


def _levels(found: Levels) -> dict[str, Any]:
    """What does not depend on the sign convention."""
    names = (
        "atm_strike", "call_wall_oi", "put_wall_oi", "abs_gamma_strike", "gamma_centroid",
        "R1", "R2", "S1", "S2", "delta_flip", "delta_flip_strike_flow_dashboard",
    )  # fmt: skip
    return {
        "call_wall": found.call_wall,
        "put_wall": found.put_wall,
        **{name: found.more[name] for name in names},
        "call_oi_walls": list(found.lists["call_oi_walls"]),
        "put_oi_walls": list(found.lists["put_oi_walls"]),
        "vacuum": {
            "up": _pairs(found.lists["vacuum_up"]),
            "down": _pairs(found.lists["vacuum_down"]),
        },
    }


def _pain(pain: MaxPain) -> dict[str, Any]:
    return {"strike": pain.strike, "ties": list(pain.ties), "payout": pain.payout}


def _pairs(edges: tuple[float, ...]) -> list[list[float]]:
    return [list(pair) for pair in zip(edges[::2], edges[1::2], strict=True)]


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


CHAINS = Section("chains", compute, check)
