"""Section `jobs:` of config.yaml: assets, venues, schedule, storage."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from engine.domain import DEMO, Market
from engine.settings import Duration, Strict

_NAME = re.compile(r"[A-Z0-9][A-Z0-9.&_-]{0,15}")


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        wrong = parts.port == 0 or not parts.hostname or "@" in place or " " in place
    except ValueError:
        wrong = True
    if wrong or parts.scheme not in ("http", "https") or url.rstrip("/") != place:
        raise ValueError("expected scheme://host[:port]")
    return place


Address = Annotated[str, AfterValidator(_address)]


class ProviderSettings(Strict):
    """One venue's connection."""

    enabled: bool = Field(True, description="false: never asked")
    base_url: Address = Field(description="scheme://host[:port]; the venue's paths follow it")
    timeout: Duration = Field(8.0, description="A request is given up after this long")
    requests_per_second: float = Field(5.0, gt=0, description="Never asked more often than this")
    attempts: int = Field(3, ge=1, le=10, description="Tries per request, first one included")


class DeribitSettings(ProviderSettings):
    """Public endpoints, no key."""

    base_url: Address = "https://www.deribit.com"


class CboeSettings(ProviderSettings):
    """Delayed quotes (15 minutes), no key."""

    base_url: Address = "https://cdn.cboe.com"
    requests_per_second: float = Field(1.0, gt=0, description="No limit is published; be polite")
    timeout: Duration = 20.0


class ReplaySettings(Strict):
    """Recorded payloads played as if they arrived now."""

    enabled: bool = Field(
        False, description="true: assets with `replay` among their venues are read from `folder`"
    )
    folder: str = Field(
        "recordings",
        description="Folder of recordings: ASSET/INSTANT, a file or a folder of files per instant",
    )
    venue: str = Field("deribit", description="Whose format the recordings have")
    speed: float = Field(1.0, gt=0, description="Recorded seconds per second")


class DemoSettings(Strict):
    """The simulated market: asked for with --demo, or standing in while no venue answers."""

    seed: int = Field(7, description="Another seed is another simulated market")


class ProvidersSettings(Strict):
    """How each venue is reached."""

    deribit: DeribitSettings = DeribitSettings()
    cboe: CboeSettings = CboeSettings()
    replay: ReplaySettings = ReplaySettings()
    demo: DemoSettings = DemoSettings()


def _known_venue(name: str) -> str:
    known = sorted(set(ProvidersSettings.model_fields) - {DEMO})
    if name not in known:
        raise ValueError(f"expected one of {', '.join(known)}")
    return name


VenueName = Annotated[str, AfterValidator(_known_venue)]


class AssetSettings(Strict):
    """One followed asset: declared once, with the venues it is read from."""

    group: Market = Field(description="Refresh group, calendar and clock: crypto, us or india")
    venues: tuple[VenueName, ...] = Field(min_length=1, description="Where its chain is read from")


class RefreshSettings(Strict):
    """When the chains of one group are fetched."""

    every: Duration = Field(description="Time between refreshes of this group's chains")
    jitter: Duration = Field(3.0, description="Each start is moved by up to this much")
    before_open: Duration = Field(
        5400.0,
        description="Refreshing starts this long before a session opens (crypto: never stops)",
    )
    after_close: Duration = Field(1800.0, description="And ends this long after it closes")


class CryptoRefresh(RefreshSettings):
    """When the chains of the crypto group are fetched: always."""

    every: Duration = 60.0


class UsRefresh(RefreshSettings):
    """When the chains of the us group are fetched: around the sessions of the US exchanges."""

    every: Duration = 120.0


class IndiaRefresh(RefreshSettings):
    """When the chains of the india group are fetched: around the sessions of the NSE."""

    every: Duration = 180.0


class RefreshGroups(Strict):
    """Groups follow their exchanges' calendars; crypto is always open."""

    crypto: CryptoRefresh = CryptoRefresh()
    us: UsRefresh = UsRefresh()
    india: IndiaRefresh = IndiaRefresh()

    def of(self, group: Market) -> RefreshSettings:
        return {Market.CRYPTO: self.crypto, Market.US: self.us, Market.INDIA: self.india}[group]


class RetentionSettings(Strict):
    """What is deleted, and when."""

    chains: Duration = Field(
        7 * 86_400.0, description="Raw chains are kept this long; they cost half of the disk"
    )
    snapshots: Duration = Field(
        30 * 86_400.0, description="Levels, metrics and per-strike sums are kept this long"
    )
    every: Duration = Field(3600.0, description="Time between prunings")


class StoreSettings(Strict):
    """Storage: SQLite by default, PostgreSQL by its URL."""

    url: str = Field(
        "sqlite:///data/gexwire.db",
        description="SQLAlchemy URL; one with a password belongs into GEXWIRE_JOBS__STORE__URL",
    )
    retention: RetentionSettings = RetentionSettings()


def _name(asset: str) -> str:
    if not _NAME.fullmatch(asset):
        raise ValueError("expected a name of capital letters and digits like BTC or BRK.B")
    return asset


AssetName = Annotated[str, AfterValidator(_name)]


def _assets() -> dict[str, AssetSettings]:
    crypto = AssetSettings(group=Market.CRYPTO, venues=("deribit",))
    us = AssetSettings(group=Market.US, venues=("cboe",))
    return {
        **dict.fromkeys(("BTC", "ETH", "SOL", "XRP"), crypto),
        **dict.fromkeys(("SPX", "SPY", "QQQ", "IBIT", "ETHA"), us),
    }


class JobsSettings(Strict):
    """Section `jobs:` of config.yaml."""

    assets: dict[AssetName, AssetSettings] = Field(
        default_factory=_assets, description="Every followed asset, with its group and venues"
    )
    providers: ProvidersSettings = ProvidersSettings()
    refresh: RefreshGroups = RefreshGroups()
    store: StoreSettings = StoreSettings()
    workers: int = Field(2, ge=1, le=64, description="Processes that draw charts")
