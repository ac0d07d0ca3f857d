"""Section `jobs:` of config.yaml: assets, venues, schedule, storage."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from engine.domain import Market
from engine.settings import Strict

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds(value: object) -> float:
    """ "90s", "3m", "1h", "7d" or a plain number of seconds to seconds. [s]"""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip()
    number, unit = text[:-1], text[-1:]
    if unit not in _SECONDS or not number.replace(".", "", 1).isdecimal():
        raise ValueError("expected a duration like 60s, 3m, 1h or 7d")
    return float(number) * _SECONDS[unit]


Duration = Annotated[float, BeforeValidator(seconds), Field(gt=0)]


class AssetSettings(Strict):
    """One followed asset: declared once, with the venues it is read from."""

    group: Market = Field(description="Refresh group, calendar and clock: crypto, us or india")
    venues: tuple[str, ...] = Field(min_length=1, description="Where its chain is read from")


class ProviderSettings(Strict):
    """One venue's connection."""

    enabled: bool = Field(True, description="false: never asked")
    base_url: str = Field("", description="scheme://host[:port]; the venue's paths follow it")
    timeout: Duration = Field(8.0, description="A request is given up after this long")
    requests_per_second: float = Field(5.0, gt=0, description="Never asked more often than this")
    attempts: int = Field(3, ge=1, le=10, description="Tries per request, first one included")


class DeribitSettings(ProviderSettings):
    base_url: str = "https://www.deribit.com"


class CboeSettings(ProviderSettings):
    base_url: str = "https://cdn.cboe.com"
    requests_per_second: float = Field(1.0, gt=0, description="No limit is published; be polite")
    timeout: Duration = 20.0


class ReplaySettings(Strict):
    """Recorded payloads played as if they arrived now."""

    enabled: bool = Field(False, description="true: the assets of `venue` are read from `folder`")
    folder: str = Field("recordings", description="Folder of recorded payloads, one per instant")
    venue: str = Field("deribit", description="Whose format the recordings have")
    speed: float = Field(1.0, gt=0, description="Recorded seconds per second")


class DemoSettings(Strict):
    seed: int = Field(7, description="Another seed is another simulated market")


class ProvidersSettings(Strict):
    deribit: DeribitSettings = DeribitSettings()
    cboe: CboeSettings = CboeSettings()
    replay: ReplaySettings = ReplaySettings()
    demo: DemoSettings = DemoSettings()


class RefreshSettings(Strict):
    every: Duration = Field(description="Time between refreshes of this group's chains")
    jitter: Duration = Field(3.0, description="Each start is moved by up to this much")


class RefreshGroups(Strict):
    crypto: RefreshSettings = RefreshSettings(every=60.0)
    us: RefreshSettings = RefreshSettings(every=120.0)
    india: RefreshSettings = RefreshSettings(every=180.0)


class RetentionSettings(Strict):
    chains: Duration = Field(
        7 * 86_400.0, description="Raw chains are kept this long; longer costs disk"
    )
    snapshots: Duration = Field(
        400 * 86_400.0, description="Levels, metrics and per-strike sums are kept this long"
    )
    every: Duration = Field(3600.0, description="Time between prunings")


class StoreSettings(Strict):
    url: str = Field(
        "sqlite:///data/gexwire.db",
        description="SQLAlchemy URL; one with a password belongs into GEXWIRE_JOBS__STORE__URL",
    )
    retention: RetentionSettings = RetentionSettings()


def _assets() -> dict[str, AssetSettings]:
    crypto = AssetSettings(group=Market.CRYPTO, venues=("deribit",))
    us = AssetSettings(group=Market.US, venues=("cboe",))
    return {
        **dict.fromkeys(("BTC", "ETH", "SOL", "XRP"), crypto),
        **dict.fromkeys(("SPX", "SPY", "QQQ", "IBIT", "ETHA"), us),
    }


class JobsSettings(Strict):
    """Section `jobs:` of config.yaml."""

    assets: dict[str, AssetSettings] = Field(
        default_factory=_assets, description="Every followed asset, with its group and venues"
    )
    providers: ProvidersSettings = ProvidersSettings()
    refresh: RefreshGroups = RefreshGroups()
    store: StoreSettings = StoreSettings()
    workers: int = Field(2, ge=1, le=64, description="Processes that draw charts")

    @model_validator(mode="after")
    def _every_venue_is_known(self) -> JobsSettings:
        known = set(type(self.providers).model_fields)
        for asset, settings in self.assets.items():
            for venue in settings.venues:
                if venue not in known:
                    raise ValueError(
                        f"asset {asset}: expected venues among {', '.join(sorted(known))},"
                        f" found {venue!r}"
                    )
        return self
