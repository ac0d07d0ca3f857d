"""Section `bot:` of config.yaml: who may use the bot, and how platforms are reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from engine.domain import Market
from engine.settings import Duration, Strict


def _id(value: object) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not text:
        raise ValueError("expected an id, a number as the platform shows it")
    return text


Id = Annotated[str, BeforeValidator(_id)]


def _address(schemes: tuple[str, ...]) -> AfterValidator:
    def check(url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in schemes or not parts.hostname):
            raise ValueError(f"expected an address like {schemes[0]}://host/path")
        return url

    return AfterValidator(check)


Web = Annotated[str, _address(("https", "http"))]
Socket = Annotated[str, _address(("wss", "ws"))]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("expected a time zone like UTC or America/New_York") from error
    return name


class TelegramSettings(Strict):
    """On when TELEGRAM_TOKEN is set; the addresses suit a self-hosted Bot API server."""

    base_url: Web = Field(
        "https://api.telegram.org/bot", description="Bot API; also TELEGRAM_BASE_URL"
    )
    base_file_url: Web = Field(
        "https://api.telegram.org/file/bot", description="Its files; also TELEGRAM_BASE_FILE_URL"
    )


class DiscordSettings(Strict):
    """On when DISCORD_TOKEN is set."""

    api_base: Web = Field(
        "https://discord.com/api/v10", description="REST API; also DISCORD_API_BASE"
    )
    gateway_url: Socket = Field(
        "", description="Gateway, empty: Discord's own; also DISCORD_GATEWAY_URL"
    )


class AllowSettings(Strict):
    """Who may use the bot. The terminal on this machine always may."""

    users: tuple[Id, ...] = Field((), description="Telegram or Discord user ids")
    chats: tuple[Id, ...] = Field((), description="Telegram chat ids, Discord channel ids")
    guilds: tuple[Id, ...] = Field((), description="Discord server ids")
    open: bool = Field(False, description="true: everybody may use the bot")


class CooldownSettings(Strict):
    """How fast one person may ask."""

    burst: int = Field(10, ge=1, description="Commands a person may send at once")
    every: Duration = Field(1.0, description="One more command is earned per this time")


class StaleSettings(Strict):
    """While its market is open, an older answer is marked STALE."""

    crypto: Duration = Field(600.0, description="Live data")
    us: Duration = Field(1800.0, description="Cboe's data is 15 minutes late by itself")
    india: Duration = Field(900.0, description="Live data, refreshed every few minutes")

    def of(self, market: Market) -> timedelta:
        seconds = {Market.CRYPTO: self.crypto, Market.US: self.us, Market.INDIA: self.india}
        return timedelta(seconds=seconds[market])


class BotSettings(Strict):
    """Section `bot:` of config.yaml."""

    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()
    allow: AllowSettings = AllowSettings()
    admins: tuple[Id, ...] = Field((), description="User ids that may do everything, everywhere")
    cooldown: CooldownSettings = CooldownSettings()
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="Zone in which times are shown"
    )
    stale_after: StaleSettings = StaleSettings()
    charts: str = Field("charts", description="Folder where the terminal's pictures are written")
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="debug, info, warning or error"
    )
    log_file: str = Field(
        "data/gexwire.log", description="The log while a terminal chat owns the screen; else stderr"
    )
    theme: str = Field("dark", pattern="^(dark|light)$", description="Charts: dark or light")
