"""One test body over every venue: each fault of a payload has its named outcome."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import orjson
import pytest

from engine.domain import COLUMNS
from engine.errors import BadData, EmptyChain, GexError
from jobs.providers import PARSERS, VENUES
from tests.jobs.payloads import ASOF, Payload, Row
from tests.jobs.venues import BENCHES, Bench, assert_one_clear_sentence

BENCH = pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.venue.name)


@BENCH
@pytest.mark.anyio
async def test_a_sound_payload_becomes_a_chain_of_the_payload_s_own_time(bench: Bench) -> None:
    venue = bench.serving(bench.make())
    chain = await venue.chain(bench.asset, ASOF)
    assert (chain.asset, chain.venue, chain.asof) == (bench.asset, venue.name, ASOF)
    assert chain.listed == len(chain) == len(bench.rows(bench.make()))
    assert chain.left_out == {}
    await venue.aclose()


@BENCH
@pytest.mark.anyio
async def test_live_and_recorded_payloads_give_the_same_chain(bench: Bench) -> None:
    payloads = bench.make()
    live = await bench.serving(payloads).chain(bench.asset, ASOF)
    files = [(name, orjson.dumps(each)) for name, each in payloads.items()]
    recorded = bench.venue.recorded(files, bench.asset, None)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(live, name), getattr(recorded, name))
    assert (live.asof, live.spot) == (recorded.asof, recorded.spot)


@BENCH
def test_a_given_instant_replaces_the_payload_s_time(bench: Bench) -> None:
    later = ASOF + timedelta(hours=1)
    assert bench.venue.understand(bench.raw(bench.make()), bench.asset, later).asof == later


Change = Callable[[Bench, Mapping[str, Payload]], None]


def first(field: str, value: Any) -> Change:
    """The first contract's `field` becomes `value`."""

    def change(bench: Bench, payloads: Mapping[str, Payload]) -> None:
        bench.rows(payloads)[0][bench.fields[field]] = value

    return change


def lose(field: str) -> Change:
    def change(bench: Bench, payloads: Mapping[str, Payload]) -> None:
        del bench.rows(payloads)[0][bench.fields[field]]

    return change


def crossed(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    row = bench.rows(payloads)[0]
    bid, ask = bench.fields["bid"], bench.fields["ask"]
    row[bid], row[ask] = row[ask], row[bid]


def repeat(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    rows = bench.rows(payloads)
    rows.append(dict(rows[0]))


def expire(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    first("symbol", bench.expired)(bench, payloads)


@BENCH
@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        pytest.param(first("symbol", "gibberish"), {"invalid": 1}, id="malformed symbol"),
        pytest.param(first("symbol", None), {"invalid": 1}, id="null symbol"),
        pytest.param(lose("symbol"), {"invalid": 1}, id="missing symbol"),
        pytest.param(first("oi", -3.0), {"invalid": 1}, id="negative OI"),
        pytest.param(first("oi", "12"), {"invalid": 1}, id="OI as text"),
        pytest.param(first("oi", 1e300), {"invalid": 1}, id="absurd OI"),
        pytest.param(lose("oi"), {"invalid": 1}, id="OI missing in one row"),
        pytest.param(first("iv", [0.5]), {"invalid": 1}, id="a list for a number"),
        pytest.param(expire, {"expired": 1}, id="expired"),
        pytest.param(repeat, {"duplicate": 1}, id="the same row twice"),
        pytest.param(crossed, {}, id="crossed quotes"),
        pytest.param(first("bid", None), {}, id="no bid"),
        pytest.param(first("oi", None), {}, id="OI not published"),
        pytest.param(first("iv", 0.0), {}, id="no volatility"),
    ],
)
def test_one_odd_row_is_counted_and_the_rest_is_used(
    bench: Bench, change: Change, left_out: dict[str, int]
) -> None:
    payloads = bench.make()
    change(bench, payloads)
    chain = bench.venue.understand(bench.raw(payloads), bench.asset, None)
    assert chain.left_out == left_out
    assert chain.listed == len(chain) + sum(left_out.values()) == len(bench.rows(payloads))


@BENCH
def test_crossed_quotes_are_no_quotes(bench: Bench) -> None:
    payloads = bench.make()
    crossed(bench, payloads)
    chain = bench.venue.understand(bench.raw(payloads), bench.asset, None)
    assert np.isnan(chain.bid[0])
    assert np.isnan(chain.ask[0])
    assert np.isfinite(chain.bid[1:]).all()


def every(field: str, edit: Callable[[Row, str], None]) -> Change:
    def change(bench: Bench, payloads: Mapping[str, Payload]) -> None:
        for row in bench.rows(payloads):
            edit(row, bench.fields[field])

    return change


def rename(row: Row, field: str) -> None:
    row["renamed"] = row.pop(field)


def as_text(row: Row, field: str) -> None:
    row[field] = str(row[field])


def blur(row: Row, field: str) -> None:
    row[field] = "gibberish"


def disagree(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    rows = bench.rows(payloads)
    rows.append({**rows[0], bench.fields["oi"]: 999.0})


def empty(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    bench.rows(payloads).clear()


def all_expired(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    every("symbol", lambda row, field: row.update({field: bench.expired}))(bench, payloads)


def spot(value: Any) -> Change:
    return lambda bench, payloads: bench.set_spot(payloads, value)


def not_rows(bench: Bench, payloads: Mapping[str, Payload]) -> None:
    rows: list[Any] = bench.rows(payloads)
    rows[:] = ["a", "b"]


@BENCH
@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        pytest.param(every("oi", rename), BadData, "format: no 'open_interest'", id="renamed"),
        pytest.param(every("symbol", rename), BadData, "format: no '", id="no symbols"),
        pytest.param(every("oi", as_text), BadData, "contracts cannot be read", id="texts"),
        pytest.param(every("symbol", blur), BadData, "cannot be read", id="nothing parses"),
        pytest.param(not_rows, BadData, "changed its .* format", id="rows that are none"),
        pytest.param(disagree, BadData, "twice, with different values of oi", id="two versions"),
        pytest.param(empty, EmptyChain, "lists no usable", id="empty chain"),
        pytest.param(all_expired, EmptyChain, "lists no usable", id="all expired"),
        pytest.param(spot(None), BadData, "spot|index_price", id="null spot"),
        pytest.param(spot("100000"), BadData, "spot|index_price", id="spot as text"),
        pytest.param(spot(-1.0), BadData, "no usable .* spot", id="negative spot"),
        pytest.param(spot(1e9), BadData, "absurd .* spot", id="absurd spot"),
    ],
)  # fmt: skip
def test_a_payload_that_cannot_be_trusted_is_refused_whole(
    bench: Bench, change: Change, kind: type[GexError], words: str
) -> None:
    payloads = bench.make()
    change(bench, payloads)
    with pytest.raises(kind, match=words) as error:
        bench.venue.understand(bench.direct(payloads), bench.asset, None)
    assert_one_clear_sentence(str(error.value))


@BENCH
def test_recorded_files_may_be_packed_and_damage_is_said(bench: Bench) -> None:
    files = [(name, orjson.dumps(each)) for name, each in bench.make().items()]
    packed = [(f"{name}.gz", gzip.compress(content)) for name, content in files]
    assert len(bench.venue.recorded(packed, bench.asset, None)) == len(bench.rows(bench.make()))
    name, content = packed[0]
    for damaged in (content[:50], content[:20] + b"\0" * 40 + content[60:]):
        with pytest.raises(BadData, match="the compression is damaged"):
            bench.venue.recorded([(name, damaged), *packed[1:]], bench.asset, None)
    name, content = files[0]
    with pytest.raises(BadData, match="expected JSON of"):
        bench.venue.recorded([(name, content[:50]), *files[1:]], bench.asset, None)


@BENCH
def test_another_asset_s_payload_is_refused(bench: Bench) -> None:
    other = "ETH" if bench.asset == "BTC" else "SPY"
    with pytest.raises(BadData, match=f"expected {other} options of .*, found {bench.asset}"):
        bench.venue.understand(bench.raw(bench.make()), other, None)


def test_every_venue_is_registered_once_and_has_a_bench() -> None:
    assert list(PARSERS) == [venue.name for venue in VENUES]
    assert {bench.venue for bench in BENCHES} == set(VENUES)
