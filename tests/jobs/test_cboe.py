from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import orjson
import pytest

from engine.domain import COLUMNS, Chain, Market
from engine.errors import BadData, VenueError
from jobs.http import Http
from jobs.providers.cboe import AM_SETTLED, INDICES, Cboe
from tests.jobs.payloads import ASOF, CSV_DATE, SPX_STRIKES, cboe_csv, cboe_json

NEW_YORK_4PM = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)


def from_json(payload: Any, asset: str = "SPX", asof: datetime | None = None) -> Chain:
    return Cboe.recorded([("payload.json", orjson.dumps(payload))], asset, asof)


def from_csv(text: str, asset: str = "SPX", asof: datetime | None = None) -> Chain:
    return Cboe.recorded([("quotedata.csv", text.encode())], asset, asof)


def test_the_stamp_is_utc_and_the_quotes_are_fifteen_minutes_older() -> None:
    payload = cboe_json()
    assert payload["timestamp"] == "2026-11-20 16:00:00"
    assert from_json(payload).asof == datetime(2026, 11, 20, 15, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "spot"),
    [
        (NEW_YORK_4PM - timedelta(minutes=1), 6550.25),
        (NEW_YORK_4PM, 6540.0),
        (NEW_YORK_4PM + timedelta(hours=3), 6540.0),
        (datetime(2026, 11, 21, 18, tzinfo=UTC), 6540.0),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), 6540.0),
    ],
)
def test_the_spot_is_the_price_in_session_and_the_close_outside(at: datetime, spot: float) -> None:
    payload = cboe_json(at=at, price=6550.25, close=6540.0)
    assert from_json(payload).spot == spot
    assert from_json(cboe_json(), asof=at).spot == spot


def test_am_and_pm_roots_of_one_day_settle_at_the_opening_and_at_the_close() -> None:
    chain = from_json(cboe_json())
    third_friday = {
        root: int(chain.settlement[chain.root == root].max()) for root in ("SPX", "SPXW")
    }
    assert third_friday == {
        "SPX": datetime(2026, 12, 18, 14, 30, tzinfo=UTC).timestamp(),
        "SPXW": datetime(2026, 12, 18, 21, 0, tzinfo=UTC).timestamp(),
    }


def test_options_that_expired_today_leave_at_the_close_though_still_listed() -> None:
    payload = cboe_json()
    today = sum(row["option"].startswith("SPXW261120") for row in payload["data"]["options"])
    before = from_json(payload, asof=NEW_YORK_4PM - timedelta(seconds=1))
    after = from_json(payload, asof=NEW_YORK_4PM)
    assert (before.left_out, after.left_out) == ({}, {"expired": today})


def test_a_volatility_of_zero_is_none_and_a_contract_is_a_hundred_shares() -> None:
    chain = from_json(cboe_json())
    lowest = chain.strike == 6000.0
    assert np.isnan(chain.iv[lowest]).all()
    assert np.isfinite(chain.iv[~lowest]).all()
    assert set(chain.multiplier) == {100.0}
    assert (chain.market, chain.currency, chain.rate) == (Market.US, "USD", None)
    assert np.isnan(chain.forward).all()


def test_delta_and_gamma_are_the_venue_s_own() -> None:
    chain = from_json(cboe_json())
    assert set(chain.delta[chain.is_call]) == {0.5}
    assert set(chain.delta[~chain.is_call]) == {-0.5}
    assert set(chain.gamma) == {0.0007}


def test_greeks_that_are_missing_or_no_numbers_cost_no_contract() -> None:
    payload = cboe_json()
    rows = payload["data"]["options"]
    rows[0]["delta"], rows[1]["gamma"] = "n/a", None
    chain = from_json(payload)
    assert (len(chain), chain.left_out) == (len(rows), {})
    assert (int(np.isnan(chain.delta).sum()), int(np.isnan(chain.gamma).sum())) == (1, 1)
    for row in rows:
        del row["delta"]
    assert np.isnan(from_json(payload).delta).all()
    odd = from_csv(cboe_csv().replace(",0.0007,", ",n/a,"))
    assert (len(odd), odd.left_out) == (len(rows), {})
    assert np.isnan(odd.gamma).all()


def test_adjusted_contracts_are_left_out_and_counted() -> None:
    payload = cboe_json()
    payload["data"]["options"][0]["option"] = "SPX1261127C00650000"
    assert from_json(payload).left_out == {"adjusted": 1}


def test_a_payload_without_its_symbol_is_taken_by_its_roots() -> None:
    payload = cboe_json()
    del payload["data"]["symbol"], payload["symbol"], payload["data"]["security_type"]
    assert len(from_json(payload)) == len(payload["data"]["options"])
    with pytest.raises(BadData, match="expected QQQ options of Cboe, found SPXW"):
        from_json(payload, "QQQ")


def test_an_unreadable_stamp_asks_for_the_instant() -> None:
    payload = cboe_json()
    payload["timestamp"] = "yesterday"
    with pytest.raises(BadData, match=r"can't read the payload's date 'yesterday'.*--asof"):
        from_json(payload)
    assert from_json(payload, asof=ASOF).asof == ASOF


def test_two_files_are_one_too_many() -> None:
    with pytest.raises(BadData, match=r"expected one file of Cboe .*, found 2"):
        Cboe.recorded([("a", b"{}"), ("b", b"{}")], "SPX", None)


def test_the_website_s_csv_holds_the_same_chain_as_the_json() -> None:
    one, other = from_json(cboe_json()), from_csv(cboe_csv())
    assert (one.asof, one.spot, one.listed) == (other.asof, other.spot, other.listed)
    keys = [np.lexsort((c.is_call, c.strike, c.settlement)) for c in (one, other)]
    for name in COLUMNS:
        np.testing.assert_array_equal(
            getattr(one, name)[keys[0]], getattr(other, name)[keys[1]], err_msg=name
        )


@pytest.mark.parametrize(
    "date_cell",
    [
        CSV_DATE,
        "Date: November 20, 2026 at 11:00 AM EST",
        '"Date: November 20, 2026, 11:00 AM EST"',
        "Date: November 20 2026, 11:00 AM EST",
        "Date: 20 November 2026, 11:00 AM EST",
        "Date: 20 Nov 2026, 11:00 a.m. EST",
        "Date: November 20, 2026 at 11:00\u202fAM EST",
        '"Date: 20 ноября 2026 г. в 11:00 GMT-5"',
        "Date: 20 de novembro de 2026 às 11:00 GMT-5",
        "Date: 20 de noviembre de 2026, 11:00 GMT-5",
        "Date: 20. November 2026 um 17:00 GMT+1",
        "Date: 20 novembre 2026 à 11:00 UTC\u22125",
        "Date: 20 novembre 2026 alle ore 11:00 GMT-5",
        "Date: 20 November 2026 16:00 GMT",
        "Date: November 20, 2026 at 11:00:00 AM",
    ],
)
def test_the_date_is_read_as_browsers_of_many_languages_write_it(date_cell: str) -> None:
    assert from_csv(cboe_csv(date_cell=date_cell)).asof == ASOF


@pytest.mark.parametrize(
    ("date_cell", "shown"),
    [
        ("Date: 4 June 4, 3:15 PM EDT", "4 June 4, 3:15 PM EDT"),
        ("Date: November 31, 2026 at 11:00 AM EST", "November 31"),
        ("Date: 20 2026 at 11:00 AM EST", "20 2026"),
        ("Date: 20 21 November 2026 at 11:00 AM EST", "20 21 November"),
        ("Date: 20 November 2026 at 25:00 EST", "25:00"),
        ("Date: November 20, 2026", "November 20, 2026"),
        ("Date: ", "''"),
        ("Something else", "''"),
    ],
)
def test_a_damaged_date_asks_for_the_instant_and_shows_what_was_found(
    date_cell: str, shown: str
) -> None:
    text = cboe_csv(date_cell=date_cell)
    with pytest.raises(BadData, match=r"can't read the payload's date .* give .* --asof") as error:
        from_csv(text)
    assert shown in str(error.value)
    assert from_csv(text, asof=ASOF).asof == ASOF


@pytest.mark.parametrize("first_line", ["", "---Example Data---", "\n"])
def test_the_lines_above_the_header_vary(first_line: str) -> None:
    text = cboe_csv(first_line=first_line)
    assert len(from_csv(text)) == len(from_json(cboe_json()))
    headless = text.split("\r\n", 1)[1].replace("10.25", "10.25,,,,,,,,")
    assert len(from_csv(headless)) == len(from_json(cboe_json()))


def test_a_byte_order_mark_and_unix_line_ends_do_not_matter() -> None:
    text = "\ufeff" + cboe_csv().replace("\r\n", "\n")
    assert len(from_csv(text)) == len(from_json(cboe_json()))


def test_a_price_with_thousands_separators_is_read() -> None:
    text = cboe_csv().replace("Last: 6550.25,", '"Last: 6,550.25",')
    assert from_csv(text).spot == 6550.25


def test_a_line_cut_short_is_two_contracts_left_out_and_an_odd_cell_one() -> None:
    lines = cboe_csv().split("\r\n")
    cut = [*lines[:6], lines[6][:60], *lines[7:]]
    assert from_csv("\r\n".join(cut)).left_out == {"invalid": 2}
    cells = lines[6].split(",")
    cells[10] = "n/a"
    odd = [*lines[:6], ",".join(cells), *lines[7:]]
    assert from_csv("\r\n".join(odd)).left_out == {"invalid": 1}
    cells[10] = ""
    unpublished = from_csv("\r\n".join([*lines[:6], ",".join(cells), *lines[7:]]))
    assert unpublished.left_out == {}
    assert int(np.isnan(unpublished.oi).sum()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "found no header"),
        ("", "found nothing"),
        ("<html>no</html>", "found no header"),
        (cboe_csv().replace("Open Interest", "OI"), "no 'Open Interest'"),
        (cboe_csv().replace("Last: 6550.25", "Last: "), "no usable SPX spot"),
        (cboe_csv().split("Fri", 1)[0], "lists no usable SPX options"),
    ],
)
def test_a_csv_that_is_none_of_cboe_s_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadData, match=words):
        from_csv(text)


def test_a_csv_of_another_class_is_refused() -> None:
    with pytest.raises(BadData, match="expected NDX options of Cboe, found SPXW"):
        from_csv(cboe_csv(), "NDX")


async def asked_path(asset: str, status: int = 200) -> str:
    paths = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        payload = cboe_json()
        payload["data"]["symbol"] = asset
        return httpx.Response(status, content=orjson.dumps(payload))

    http = Http(
        "cboe", "https://cboe.test", timeout=5, requests_per_second=10_000, attempts=1,
        transport=httpx.MockTransport(answer),
    )  # fmt: skip
    await Cboe(http).chain(asset, ASOF)
    return paths[0]


@pytest.mark.anyio
async def test_indices_are_asked_for_with_an_underscore() -> None:
    base = "/api/global/delayed_quotes/options"
    assert await asked_path("SPX") == f"{base}/_SPX.json"
    assert await asked_path("SPY") == f"{base}/SPY.json"


@pytest.mark.anyio
@pytest.mark.parametrize("status", [403, 404])
async def test_an_unknown_symbol_is_said_to_be_perhaps_not_listed(status: int) -> None:
    with pytest.raises(VenueError, match=f"HTTP {status}: it may not list XYZ options"):
        await asked_path("XYZ", status)


@pytest.mark.anyio
async def test_data_of_the_last_session_is_taken_while_the_market_is_closed() -> None:
    payload = orjson.dumps(cboe_json(at=NEW_YORK_4PM + timedelta(minutes=5)))
    http = Http(
        "cboe", "https://cboe.test", timeout=5, requests_per_second=10_000, attempts=1,
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=payload)),
    )  # fmt: skip
    chain = await Cboe(http).chain("SPX", NEW_YORK_4PM + timedelta(days=2))
    assert chain.asof == NEW_YORK_4PM + timedelta(minutes=5)
    assert chain.left_out == {"expired": 2 * len(SPX_STRIKES)}


def test_the_root_lists_agree_with_the_product_specifications() -> None:
    morning = {"SPX", "NDX", "RUT", "DJX", "VIX", "VIXW"}
    evening = {"SPXW", "NDXP", "RUTW", "XSP", "OEX", "XEO", "XND", "MRUT", "SPY", "AAPL"}
    assert morning <= set(AM_SETTLED)
    assert not evening & set(AM_SETTLED)
    assert {"SPX", "NDX", "RUT", "DJX", "VIX", "XSP", "OEX"} <= INDICES
    assert not {"SPY", "QQQ", "IBIT", "ETHA", "AAPL"} & INDICES
