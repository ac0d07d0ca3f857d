"""Deribit: BTC and ETH options paid in coin, every other coin's options paid in USDC.

One call gives the whole chain (book summary), a second one the index price. Open interest is in
coins of the base currency, so one contract is one unit. `mark_iv` is percent. Prices of the
coin-paid options are in coin and become quote currency by the index price. `underlying_price` is
the forward of the row's expiry; Deribit discounts nothing (rate 0).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import compress
from typing import Any, ClassVar

import numpy as np
import orjson

from engine.domain import Chain, Market
from engine.errors import BadData, EmptyChain, RateLimited, VenueError
from engine.intake import Book, admit, cells, columns
from engine.symbols import ContractTerms, parse_deribit
from jobs.http import Json
from jobs.providers.base import Files, Venue, unpacked

_API = "/api/v2/public"
_COIN_PAID = ("BTC", "ETH")
_TOO_MANY_REQUESTS = (10028, 10066)
_WAIT = 10.0
_INDEX_AND_ESTIMATE = 2.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = (
    "open_interest", "volume", "bid_price", "ask_price", "mark_iv", "underlying_price",
)  # fmt: skip


class Deribit(Venue):
    """Public API v2, no key."""

    name: ClassVar[str] = "deribit"

    async def download(self, asset: str) -> Json:
        coin_paid = asset in _COIN_PAID
        summary, index = await asyncio.gather(
            self._http.json(
                f"{_API}/get_book_summary_by_currency",
                currency=asset if coin_paid else "USDC",
                kind="option",
            ),
            self._http.json(
                f"{_API}/get_index_price",
                index_name=f"{asset.lower()}_{'usd' if coin_paid else 'usdc'}",
            ),
        )
        return {"summary": summary, "index": index}

    @staticmethod
    def verdict(body: Json) -> VenueError | None:
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return None
        if error.get("code") in _TOO_MANY_REQUESTS:
            return RateLimited("deribit", _WAIT)
        return VenueError("deribit", _said(error))

    @staticmethod
    def read(files: Files) -> Json:
        """Book summary, and index price if there is one; without it the rows' own estimate."""
        raw: dict[str, Json] = {}
        for name, content in files:
            body = _decoded(name, content)
            error = Deribit.verdict(body)
            if error is not None:
                raise BadData(f"{name} holds an error of Deribit: {error.reason}.")
            role = _role(body.get("result") if isinstance(body, dict) else None)
            if role is None:
                raise BadData(
                    f"{name}: expected Deribit's get_book_summary_by_currency or get_index_price,"
                    f" found {_keys(body)}."
                )
            if role in raw:
                raise BadData(f"{name}: expected one {role} payload, found two.")
            raw[role] = body
        if "summary" not in raw:
            raise BadData("expected a get_book_summary_by_currency payload of Deribit, found none.")
        return raw

    @staticmethod
    def parse(raw: Json, asset: str, asof: datetime | None) -> Chain:
        coin_paid = asset in _COIN_PAID
        rows, terms = _of(asset, raw["summary"]["result"])
        if not rows:
            raise EmptyChain("deribit", asset)
        found, malformed = columns(rows, _FIELDS)
        spot = _spot(raw, rows, asset)
        unit = spot if coin_paid else 1.0
        return admit(
            terms,
            Book(
                oi=found["open_interest"],
                volume=found["volume"],
                bid=found["bid_price"] * unit,
                ask=found["ask_price"] * unit,
                iv=found["mark_iv"] / 100,
                multiplier=np.ones(len(rows)),
                forward=found["underlying_price"],
                malformed=malformed,
            ),
            venue="deribit",
            asset=asset,
            market=Market.CRYPTO,
            currency="USD" if coin_paid else "USDC",
            asof=asof or _answered(raw["summary"], rows),
            spot=spot,
            rate=0.0,
        )


def _said(error: dict[str, Any]) -> str:
    """The venue's own words, which people will see: printable and short."""
    words = f"{error.get('message', 'error')!s:.80}, code {error.get('code')!s:.20}"
    return "".join(filter(str.isprintable, words))


def _of(asset: str, result: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], ContractTerms]:
    """The asset's rows: all of a coin's own summary, its share of the USDC options' common one."""
    names = [str(each) for each in cells(result, "instrument_name")]
    root = asset
    if asset not in _COIN_PAID:
        root = f"{asset}_USDC"
        ours = [name.startswith(f"{root}-") for name in names]
        result, names = list(compress(result, ours)), list(compress(names, ours))
    terms = parse_deribit(names)
    readable = terms.readable & (terms.root == root)
    if terms.readable.any() and not readable.any():
        raise BadData(
            f"expected {asset} options of Deribit, found {terms.root[terms.readable][0]}."
        )
    return result, replace(terms, readable=readable)


def _spot(raw: Json, rows: list[dict[str, Any]], asset: str) -> float:
    """The index price; from a recording without it, the middle of the rows' own estimates.

    Raises:
        BadData: the two are of different coins.
    """
    if "index" not in raw:
        return _estimate(rows)
    index = _number(raw["index"]["result"]["index_price"], "index_price")
    estimate = _estimate(rows) if "estimated_delivery_price" in rows[0] else index
    if max(index, estimate) > _INDEX_AND_ESTIMATE * min(index, estimate) > 0:
        raise BadData(
            f"deribit gives an absurd {asset} spot: the index is {index:g},"
            f" its options say {estimate:g}."
        )
    return index


def _estimate(rows: list[dict[str, Any]]) -> float:
    found, _ = columns(rows, ("estimated_delivery_price",))
    values = found["estimated_delivery_price"]
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def _answered(summary: dict[str, Any], rows: list[dict[str, Any]]) -> datetime:
    """When Deribit answered; where the envelope lacks it, when its newest row was made."""
    if "usOut" in summary:
        return _EPOCH + timedelta(microseconds=int(_number(summary["usOut"], "usOut")))
    made, _ = columns(rows, ("creation_timestamp",))
    return _EPOCH + timedelta(milliseconds=float(np.nanmax(made["creation_timestamp"])))


def _number(value: Any, name: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise BadData(f"deribit: expected a number for {name}, found {value!r}.")


def _decoded(name: str, content: bytes) -> Json:
    try:
        return orjson.loads(unpacked(name, content))
    except orjson.JSONDecodeError as error:
        raise BadData(f"{name}: expected JSON of Deribit, found something else.") from error


def _role(result: Json) -> str | None:
    if isinstance(result, dict) and "index_price" in result:
        return "index"
    if isinstance(result, list):
        rows = [row for row in result if isinstance(row, dict)]
        if not result or any("instrument_name" in row and "mark_iv" in row for row in rows):
            return "summary"
    return None


def _keys(body: Json) -> str:
    if isinstance(body, dict):
        return f"an object with the keys {', '.join(list(body)[:8])}"
    return f"a {type(body).__name__}"
