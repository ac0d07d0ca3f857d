from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.domain import COLUMNS, Chain, Market, Profile
from engine.errors import BadData
from jobs.providers.cboe import Cboe
from jobs.providers.deribit import Deribit
from jobs.store.archive import pack_chain, pack_sums, unpack_chain, unpack_sums
from jobs.store.columns import pack, unpack
from tests.recorded import recorded
from tests.samples import make_chain, make_snapshot

FIELDS = ("asset", "venue", "market", "asof", "spot", "currency", "rate", "listed", "left_out")


def us_chain(expiries: int = 40, strikes: int = 250) -> Chain:
    """Quotes as an American index has them: cents, whole open interest, vols of four places."""
    rng = np.random.default_rng(11)
    asof = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    strike = np.tile(np.repeat(4000.0 + 10 * np.arange(strikes), 2), expiries)
    n = strike.size
    bid = np.round(np.abs(strike - 5200) / 20 + rng.exponential(8, n), 2)
    columns = {
        "root": np.where(np.arange(n) < n // 9, "SPX", "SPXW"),
        "settlement": int(asof.timestamp())
        + 86_400 * np.repeat(1 + np.arange(expiries, dtype=np.int64), 2 * strikes),
        "strike": strike,
        "is_call": np.tile([True, False], n // 2),
        "oi": np.floor(rng.exponential(600, n)) * (rng.random(n) < 0.7),
        "volume": np.floor(rng.exponential(90, n)) * (rng.random(n) < 0.4),
        "bid": bid,
        "ask": np.round(bid + 0.05 + rng.exponential(0.4, n), 2),
        "iv": np.round(0.14 + np.abs(strike / 5200 - 1) + rng.normal(0, 0.004, n).clip(-0.1), 4),
        "multiplier": np.full(n, 100.0),
        "forward": np.full(n, np.nan),
        "delta": np.round(np.where(np.arange(n) % 2, -1, 1) * rng.random(n), 4),
        "gamma": np.round(rng.exponential(0.002, n), 4),
    }
    return make_chain(
        asset="SPX", venue="cboe", market=Market.US, asof=asof, spot=5213.37,
        listed=n + 5, left_out={"expired": 5}, **columns,
    )  # fmt: skip


def test_a_chain_comes_back_exactly() -> None:
    for chain in (make_chain(), us_chain(3, 20), make_chain(rate=0.043, left_out={})):
        back = unpack_chain(pack_chain(chain))
        for name in FIELDS:
            assert getattr(back, name) == getattr(chain, name), name
        for name in COLUMNS:
            column = getattr(back, name)
            assert column.dtype.kind == getattr(chain, name).dtype.kind
            np.testing.assert_array_equal(column, getattr(chain, name))
        assert back.asof.tzinfo is UTC


def test_a_chain_stored_before_there_were_greeks_has_none() -> None:
    chain = us_chain(3, 20)
    kept = tuple(name for name in COLUMNS if name not in ("delta", "gamma"))
    header, columns = unpack(pack_chain(chain))
    back = unpack_chain(pack(header, {name: columns[name] for name in kept}, chain.spot))
    for name in kept:
        np.testing.assert_array_equal(getattr(back, name), getattr(chain, name))
    for column in (back.delta, back.gamma):
        assert column.shape == chain.strike.shape
        assert np.isnan(column).all()
    assert np.isfinite(unpack_chain(pack_chain(chain)).delta).all()


def test_greeks_that_no_venue_gave_cost_next_to_nothing() -> None:
    blob = pack_chain(make_chain())
    header, columns = unpack(blob)
    bare = {name: each for name, each in columns.items() if name not in ("delta", "gamma")}
    assert len(blob) - len(pack(header, bare, header["spot"])) < 40


def test_an_american_chain_costs_under_twelve_bytes_a_contract() -> None:
    chain = us_chain()
    assert len(pack_chain(chain)) / len(chain) < 12


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("venue", "asset", "asof", "names"),
    [
        (Cboe, "SPX", None, ("cboe/json/_SPX_2026-08-13.json.gz",)),
        (
            Deribit,
            "BTC",
            datetime(2026, 4, 8, 10, 1, 19, tzinfo=UTC),
            (
                "deribit/wire/20260408T100119Z_get_book_summary_by_currency_BTC_option.json",
                "deribit/wire/20260408T100119Z_get_index_price_btc_usd.json",
            ),
        ),
    ],
)
def test_a_recorded_chain_comes_back_exactly_for_under_twelve_bytes_a_contract(
    venue: type[Cboe] | type[Deribit], asset: str, asof: datetime | None, names: tuple[str, ...]
) -> None:
    files = [(Path(name).name, recorded(*name.split("/")).read_bytes()) for name in names]
    chain = venue.recorded(files, asset, asof)
    blob = pack_chain(chain)
    back = unpack_chain(blob)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(back, name), getattr(chain, name))
    assert len(blob) / len(chain) < 12


def test_sums_by_strike_and_the_profile_come_back_exactly() -> None:
    snapshot = make_snapshot()
    by_strike, profile = unpack_sums(pack_sums(snapshot.by_strike, snapshot.profile))
    for name in ("strike", "call_gex", "net_gex", "put_volume", "net_cex"):
        np.testing.assert_array_equal(getattr(by_strike, name), getattr(snapshot.by_strike, name))
    np.testing.assert_array_equal(profile.spots, snapshot.profile.spots)
    np.testing.assert_array_equal(profile.gex, snapshot.profile.gex)


def test_an_empty_book_keeps_its_empty_profile() -> None:
    nothing = Profile(np.array([]), np.array([]))
    _, profile = unpack_sums(pack_sums(make_snapshot().by_strike, nothing))
    assert profile.spots.shape == profile.gex.shape == (0,)


def test_another_kind_of_blob_is_refused_in_one_sentence() -> None:
    blob = pack({"asset": "BTC"}, {"strike": np.arange(3.0)})
    with pytest.raises(BadData, match=r"^Stored data is not an option chain\.$"):
        unpack_chain(blob)
    with pytest.raises(BadData, match=r"^Stored data is not a table of sums by strike\.$"):
        unpack_sums(blob)
