"""Who a token belongs to: one call to the platform, for `gexwire doctor`."""

from __future__ import annotations

from bot.config import DiscordSettings, TelegramSettings


async def telegram_name(token: str, settings: TelegramSettings) -> str:
    """The bot's @name. Raises whatever the library raises when it is refused or unreachable."""
    from telegram import Bot

    bot = Bot(token, base_url=settings.base_url, base_file_url=settings.base_file_url)
    async with bot:
        return bot.name


async def discord_name(token: str, settings: DiscordSettings) -> str:
    """The bot's name. Raises whatever the library raises when it is refused or unreachable."""
    import discord

    discord.http.Route.BASE = settings.api_base
    client = discord.Client(intents=discord.Intents.none())
    async with client:
        await client.login(token)
        return str(client.user)
