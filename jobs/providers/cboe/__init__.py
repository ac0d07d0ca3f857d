"""Cboe delayed quotes: any US option class, as JSON or as the website's CSV download.

Quotes are 15 minutes old when they appear, so the valuation instant is the payload's stamp less
that delay. Open interest is the previous session's. The website's CSV holds the same numbers.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import numpy as np
import orjson

from engine.domain import Chain, Market, Texts
from engine.errors import BadData, VenueError
from engine.expiry import is_open
from engine.intake import Book, admit
from engine.symbols import parse_osi
from jobs.http import Json, Refused
from jobs.providers.base import Files, Venue, unpacked
from jobs.providers.cboe.quotes import Sheet, json_sheet
from jobs.providers.cboe.website import Website, csv_sheet

INDICES = frozenset(
    ("SPX", "XSP", "OEX", "XEO", "NDX", "XND", "RUT", "MRUT", "DJX", "VIX",
     "RUI", "RLG", "RLV", "MXEA", "MXEF", "SPESG", "CBTX", "MBTX")
)  # fmt: skip
"""Underlyings that are indices: an underscore stands before their name in the address."""

AM_SETTLED = ("SPX", "NDX", "RUT", "DJX", "VIX", "VIXW", "RUI", "RLG", "RLV")
"""Roots that settle to the opening auction (Cboe and Nasdaq product specifications); every other
root, SPXW, NDXP, RUTW, XSP, OEX and XEO among them, settles to the close."""

_SHARES = 100.0


class Cboe(Venue):
    """No key; no limit is published."""

    name: ClassVar[str] = "cboe"

    async def download(self, asset: str) -> Json:
        symbol = f"_{asset}" if asset in INDICES else asset
        try:
            return await self._http.json(f"/api/global/delayed_quotes/options/{symbol}.json")
        except Refused as error:
            if error.status in (403, 404):
                reason = f"HTTP {error.status}: it may not list {asset} options"
                raise VenueError(self.name, reason) from error
            raise

    @staticmethod
    def read(files: Files) -> Json:
        """One JSON payload, decoded, or one website CSV."""
        if len(files) != 1:
            raise BadData(f"expected one file of Cboe (JSON or website CSV), found {len(files)}.")
        ((name, content),) = files
        plain = unpacked(name, content)
        if not plain.strip():
            raise BadData(f"{name}: expected JSON or a website CSV of Cboe, found nothing.")
        if plain.lstrip()[:1] not in (b"{", b"["):
            return Website(plain.decode("utf-8-sig", errors="replace"))
        try:
            payload = orjson.loads(plain)
        except orjson.JSONDecodeError as error:
            raise BadData(f"{name}: expected JSON of Cboe, found damaged JSON.") from error
        if not isinstance(payload, dict) or "data" not in payload:
            raise BadData(f"{name}: expected JSON of Cboe, found none of its data.")
        return payload

    @staticmethod
    def parse(raw: Json, asset: str, asof: datetime | None) -> Chain:
        sheet = csv_sheet(raw) if isinstance(raw, Website) else json_sheet(raw)
        instant = asof or sheet.quoted_at()
        terms = parse_osi(sheet.symbols)
        _check_asset(sheet, terms.root[terms.readable & ~terms.adjusted], asset)
        nothing = np.full(terms.strike.shape, np.nan)
        return admit(
            terms,
            Book(
                oi=sheet.oi,
                volume=sheet.volume,
                bid=sheet.bid,
                ask=sheet.ask,
                iv=sheet.iv,
                multiplier=np.full(terms.strike.shape, _SHARES),
                forward=nothing,
                delta=sheet.delta,
                gamma=sheet.gamma,
                malformed=sheet.malformed,
            ),
            am=np.isin(terms.root, AM_SETTLED),
            venue="cboe",
            asset=asset,
            market=Market.US,
            currency="USD",
            asof=instant,
            # Extended hours move the price after the close; the options do not trade then.
            spot=sheet.price if is_open(Market.US, instant) else sheet.close,
        )


def _check_asset(sheet: Sheet, roots: Texts, asset: str) -> None:
    """A payload of another class is refused; the CSV says its class by its roots only."""
    if sheet.underlying:
        ours = sheet.underlying == asset
    else:
        ours = roots.size == 0 or asset.replace(".", "") in roots
        ours = ours or (asset in INDICES and bool(np.char.startswith(roots, asset).any()))
    if not ours:
        found = sheet.underlying or str(roots[0])
        raise BadData(f"expected {asset} options of Cboe, found {found}.")
