"""The engine's knobs, typed. Definitions behind the defaults: docs/words.md."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_UNITS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


_LONGEST = 10 * 365 * 86_400.0
"""Ten years: longer is a slip of the finger. [s]"""


def seconds(value: object) -> float:
    """Seconds of "90s", "3m", "1h", "7d", or of a plain number. [s]"""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip()
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.replace(".", "", 1).isdecimal():
        raise ValueError("expected a duration like 60s, 3m, 1h or 7d")
    return float(number) * _UNITS[unit]


def duration(value: float) -> str:
    """The shortest text that `seconds` reads back."""
    unit = next((name for name, size in _UNITS.items() if value >= size and not value % size), "s")
    return f"{value / _UNITS[unit]:g}{unit}"


Duration = Annotated[
    float,
    BeforeValidator(seconds),
    Field(gt=0, le=_LONGEST),
    PlainSerializer(duration, return_type=str, when_used="json"),
]
"""A time span in config.yaml. [s]"""


Sign = Annotated[float, Field(ge=-1, le=1)]
"""The dealers' share of what is open, + = long: -1..1."""


class Strict(BaseModel):
    """Frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(Strict):
    """Section `engine:` of config.yaml."""

    convention: str = Field(
        "naive", description="Dealer-sign convention or preset: naive, inverse, short_all, long_all"
    )
    conventions: dict[str, tuple[Sign, Sign]] = Field(
        default_factory=dict,
        description="Your own conventions: name: [sign of calls, sign of puts]",
    )
    rates: dict[str, float] = Field(
        default_factory=lambda: {"USD": 0.04, "INR": 0.065},
        description="Continuously compounded discount rate per currency [fraction per year]",
    )
    neutral_band: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="Regime is NEUTRAL when |net GEX| is within this share of gross",
    )
    local_band: float = Field(
        0.02, gt=0, lt=1, description="Half-width of the local regime around spot [fraction]"
    )
    profile_low: float = Field(0.65, gt=0, lt=1, description="Lowest profile spot, of spot")
    profile_high: float = Field(1.35, gt=1, description="Highest profile spot, of spot")
    min_seconds: float = Field(
        60.0, ge=0, description="Time to settlement is floored here inside sums [s]"
    )
    iv_low: float = Field(0.005, gt=0, description="Implied vols below are not believed")
    iv_high: float = Field(5.0, gt=0, description="Implied vols above are not believed")
    use_venue_iv: bool = Field(
        True,
        description="Take the venue's IV where it is believable; false: always solve from quotes",
    )
    use_venue_greeks: bool = Field(
        False,
        description="Take the venue's delta and gamma where it gives them, at today's spot only;"
        " false: compute all greeks",
    )
