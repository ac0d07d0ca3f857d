"""What keeping the book hedged takes overnight, while volatility falls, rises or stays.

Each flow twice: from the first-order exposures, as everybody quotes it, and priced anew at the
other end, which holds for large shifts too and leaves out what settles before the morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from engine.domain import Chain
from engine.expiry import hours, trading_date, zone
from engine.held import Held
from engine.settings import EngineSettings
from engine.whatif import WhatIf, hedge, moved

SCENARIOS = {
    "charm_overnight": (True, 0.0),
    "vanna_crush_5pt": (False, -5.0),
    "vanna_spike_5pt": (False, 5.0),
    "overnight_combined": (True, -0.5),
    "overnight_crush_5pt": (True, -5.0),
    "overnight_spike_5pt": (True, 5.0),
}
"""Name: does the night pass, and by how many vol points every volatility moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One scenario. Units of the underlying, + = dealers BUY.

    Attributes:
        first_order: -CEX units per day x nights - VEX units per vol point x points.
        repriced: Minus the change of delta of what is alive in the morning.
        settled: To unwind the hedges of what settles during the night.
    """

    name: str
    nights: int
    iv_points: float
    first_order: float
    repriced: float
    settled: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overnight:
    """`nights`: calendar days from this session to the next: Friday to Monday 3."""

    nights: int
    flows: tuple[Flow, ...]


def overnight(held: Held, settings: EngineSettings) -> Overnight:
    """All scenarios of one held book.

    Raises:
        CalendarExpired: the chain lies past its market's calendar.
    """
    nights = nights_ahead(held.chain)
    start = held.value()
    charm, vanna = start.exposures.cex_units_per_day, start.exposures.vex_units_per_volpt
    flows = []
    for name, (passes, points) in SCENARIOS.items():
        days = nights if passes else 0
        then = moved(held, WhatIf(days=days, iv=points), settings)
        flow = hedge(start, then.value())
        flows.append(
            Flow(
                name=name,
                nights=days,
                iv_points=points,
                first_order=0.0 - charm * days - vanna * points,
                repriced=flow.live,
                settled=flow.settled,
            )
        )
    return Overnight(nights=nights, flows=tuple(flows))


def nights_ahead(chain: Chain) -> int:
    """Calendar days over the coming close of the market, or over the one just past.

    Raises:
        CalendarExpired: the chain lies past its market's calendar.
    """
    here: ZoneInfo = zone(chain.market)
    today, session = chain.asof.astimezone(here).date(), trading_date(chain.market, chain.asof)
    if session > today:
        return (session - today).days
    day = session + timedelta(days=1)
    while hours(chain.market, day) is None:
        day += timedelta(days=1)
    return (day - session).days
