"""The two live venues behind one handle, so that one test body can run over both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from jobs.http import Http
from jobs.providers.base import Venue
from jobs.providers.cboe import Cboe
from jobs.providers.deribit import Deribit
from tests.jobs.payloads import Payload, Row, cboe_json, deribit_index, deribit_summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A venue, one asset of it, and where things are in its payloads.

    `make` gives the payloads by the end of their path; `rows` finds the contracts in them.
    `direct` arranges them as `download` returns them; `fields` names the venue's own field for
    symbol, oi, bid, ask, iv and volume.
    """

    venue: type[Venue]
    asset: str
    make: Callable[[], dict[str, Payload]]
    rows: Callable[[Mapping[str, Payload]], list[Row]]
    direct: Callable[[Mapping[str, Payload]], Any]
    set_spot: Callable[[Mapping[str, Payload], Any], None]
    fields: Mapping[str, str]
    expired: str
    """A symbol of a contract that had settled at the payload's time."""

    def raw(self, payloads: Mapping[str, Payload]) -> Any:
        """What `download` returns of these payloads."""
        return self.venue.read(
            [(name, orjson.dumps(payload)) for name, payload in payloads.items()]
        )

    def serving(self, payloads: Mapping[str, Payload]) -> Venue:
        """The venue, its network answering with these payloads."""
        return self.over(lambda request: _answer(request, payloads))

    def over(self, handler: Callable[[httpx.Request], httpx.Response]) -> Venue:
        http = Http(
            self.venue.name,
            "https://venue.test",
            timeout=5,
            requests_per_second=10_000,
            attempts=2,
            verdict=self.venue.verdict,
            transport=httpx.MockTransport(handler),
        )
        return self.venue(http)


def _answer(request: httpx.Request, payloads: Mapping[str, Payload]) -> httpx.Response:
    for path, payload in payloads.items():
        if request.url.path.endswith(path):
            return httpx.Response(200, content=orjson.dumps(payload))
    return httpx.Response(404)


def _set_deribit_spot(payloads: Mapping[str, Payload], value: Any) -> None:
    payloads["get_index_price"]["result"]["index_price"] = value


def _set_cboe_spot(payloads: Mapping[str, Payload], value: Any) -> None:
    payloads["_SPX.json"]["data"]["current_price"] = value


DERIBIT = Bench(
    venue=Deribit,
    asset="BTC",
    make=lambda: {
        "get_book_summary_by_currency": deribit_summary(),
        "get_index_price": deribit_index(),
    },
    rows=lambda payloads: payloads["get_book_summary_by_currency"]["result"],
    direct=lambda payloads: {
        "summary": payloads["get_book_summary_by_currency"],
        "index": payloads["get_index_price"],
    },
    set_spot=_set_deribit_spot,
    fields={
        "symbol": "instrument_name",
        "oi": "open_interest",
        "bid": "bid_price",
        "ask": "ask_price",
        "iv": "mark_iv",
        "volume": "volume",
    },
    expired="BTC-20NOV26-100000-C",
)

CBOE = Bench(
    venue=Cboe,
    asset="SPX",
    make=lambda: {"_SPX.json": cboe_json()},
    rows=lambda payloads: payloads["_SPX.json"]["data"]["options"],
    direct=lambda payloads: payloads["_SPX.json"],
    set_spot=_set_cboe_spot,
    fields={
        "symbol": "option",
        "oi": "open_interest",
        "bid": "bid",
        "ask": "ask",
        "iv": "iv",
        "volume": "volume",
    },
    expired="SPXW261119C06500000",
)

BENCHES = (DERIBIT, CBOE)


def assert_one_clear_sentence(text: str) -> None:
    assert text.endswith(".")
    assert "Traceback" not in text
    assert "\n" not in text
    assert len(text) < 200
    assert "/" not in text
