"""The engine's knobs, typed. Definitions behind the defaults: docs/words.md."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """Frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(Strict):
    """Section `engine:` of config.yaml."""

    convention: str = Field(
        "naive", description="Dealer-sign convention or preset: naive, inverse, short_all, long_all"
    )
    conventions: dict[str, tuple[float, float]] = Field(
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
