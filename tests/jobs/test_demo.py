from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import COLUMNS, Chain, Market
from engine.expiry import hours, trading_date
from engine.window import Window, expiry_dates, within
from jobs.providers.demo import Demo

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ASSETS = ("BTC", "ETH", "SOL", "XRP", "SPX", "SPY", "QQQ", "IBIT", "ETHA", "NIFTY", "ACME")
MINUTES = st.integers(0, 500 * 24 * 60).map(
    lambda minutes: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def same(one: Chain, other: Chain) -> bool:
    return one.spot == other.spot and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name != "root")
        for name in COLUMNS
    )


def net_share(chain: Chain) -> float:
    """Net over gross gamma, calls counted plus and puts minus."""
    spread = chain.iv * np.sqrt(chain.years)
    d1 = np.log(chain.forward / chain.strike) / spread + spread / 2
    gamma = np.exp(-d1 * d1 / 2) / spread * chain.oi
    return float((gamma * np.where(chain.is_call, 1, -1)).sum() / gamma.sum())


@pytest.mark.parametrize("asset", ASSETS)
def test_the_same_seed_asset_and_minute_give_the_same_chain(asset: str) -> None:
    one = Demo(7).simulate(asset, FRIDAY)
    assert same(one, Demo(7).simulate(asset, FRIDAY + timedelta(seconds=59)))
    assert one.venue == "demo"
    assert one.asof == FRIDAY
    assert not same(one, Demo(8).simulate(asset, FRIDAY))
    assert not same(one, Demo(7).simulate(asset, FRIDAY + timedelta(minutes=1)))


@settings(max_examples=40, deadline=None)
@given(asset=st.sampled_from(ASSETS), minute=MINUTES, seed=st.integers(0, 5))
def test_every_minute_of_years_is_a_believable_chain(
    asset: str, minute: datetime, seed: int
) -> None:
    chain = Demo(seed).simulate(asset, minute)
    assert 200 < len(chain) == chain.listed < 8000
    identity = {*zip(chain.root, chain.settlement, chain.strike, chain.is_call, strict=True)}
    assert len(identity) == len(chain)
    assert chain.strike.min() < chain.spot < chain.strike.max()
    assert ((chain.iv > 0.03) & (chain.iv < 3.1)).all()
    assert ((chain.bid >= 0) & (chain.bid <= chain.ask) & (chain.ask > 0)).all()
    assert (chain.oi >= 0).all()
    assert chain.oi.sum() > 0
    assert expiry_dates(chain)[0] >= trading_date(chain.market, chain.asof)
    calls, puts = chain.is_call, ~chain.is_call
    assert np.array_equal(chain.strike[calls], chain.strike[puts])


@settings(max_examples=60, deadline=None)
@given(asset=st.sampled_from(ASSETS), minute=MINUTES)
def test_the_spot_moves_without_jumps(asset: str, minute: datetime) -> None:
    demo = Demo(7)
    before, after = (demo.simulate(asset, minute + timedelta(minutes=i)).spot for i in (0, 1))
    assert abs(after / before - 1) < 0.006


@pytest.mark.parametrize("asset", ["BTC", "ETH", "SOL", "XRP"])
def test_the_regime_turns_every_twenty_to_ninety_minutes(asset: str) -> None:
    demo, turns, side = Demo(7), [], 0
    for minute in range(0, 12 * 60, 2):
        share = net_share(demo.simulate(asset, FRIDAY + timedelta(minutes=minute)))
        now = 0 if abs(share) <= 0.05 else int(np.sign(share))
        if now not in (0, side):
            side = now
            turns.append(minute)
    gaps = np.diff(turns[1:])
    assert len(gaps) >= 8
    assert gaps.min() >= 20
    assert gaps.max() <= 90


def test_us_assets_turn_within_a_session_and_rest_outside() -> None:
    demo = Demo(7)
    shares = [
        net_share(demo.simulate("SPY", FRIDAY + timedelta(minutes=m))) for m in range(0, 350, 10)
    ]
    assert min(shares) < -0.05 < 0.05 < max(shares)
    saturday = datetime(2026, 11, 21, 18, tzinfo=UTC)
    spots = {demo.simulate("SPY", saturday + timedelta(hours=i)).spot for i in range(20)}
    assert len(spots) == 1


def test_open_interest_moves_with_time_and_keeps_its_shape() -> None:
    demo = Demo(7)
    one, other = (demo.simulate("BTC", FRIDAY + timedelta(hours=i)) for i in (0, 3))
    assert np.array_equal(one.strike, other.strike)
    assert 0.01 < float(np.abs(other.oi - one.oi).sum() / one.oi.sum()) < 0.6
    assert np.corrcoef(one.oi, other.oi)[0, 1] > 0.9


def test_the_smile_is_skewed_in_equities_and_curved_everywhere() -> None:
    for asset, skewed in (("SPX", True), ("BTC", False)):
        chain = Demo(7).simulate(asset, FRIDAY)
        month = within(chain, Window("", day=date(2026, 12, 18 if asset == "SPX" else 25)))
        away = np.log(month.strike / month.forward) / (0.15 if asset == "SPX" else 0.48)
        low, mid, high = (
            float(month.iv[np.abs(away - place).argmin()]) for place in (-0.5, 0.0, 0.5)
        )
        assert low + high > 2 * mid
        assert ((low - high) / mid > 0.15) is skewed


def test_each_asset_follows_its_market() -> None:
    for asset, market, size in (
        ("BTC", Market.CRYPTO, 1.0), ("SPX", Market.US, 100.0), ("NIFTY", Market.INDIA, 65.0)
    ):  # fmt: skip
        chain = Demo(7).simulate(asset, FRIDAY)
        assert (chain.market, set(chain.multiplier)) == (market, {size})
    assert Demo(7, {"DOGE": Market.CRYPTO}).simulate("DOGE", FRIDAY).market is Market.CRYPTO
    assert Demo(7).simulate("TSLA", FRIDAY).market is Market.US


def test_expiries_are_the_real_calendar_s() -> None:
    btc = expiry_dates(Demo(7).simulate("BTC", FRIDAY))
    assert btc[:3] == [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)]
    assert {date(2026, 11, 27), date(2026, 12, 25), date(2027, 3, 26)} <= set(btc)
    spx = Demo(7).simulate("SPX", FRIDAY)
    assert set(spx.root) == {"SPX", "SPXW"}
    assert date(2026, 11, 26) not in expiry_dates(spx)  # Thanksgiving
    assert {date(2026, 11, 27), date(2026, 12, 18), date(2027, 1, 15)} <= set(expiry_dates(spx))
    half_day = hours(Market.US, date(2026, 11, 27))
    assert half_day is not None
    assert half_day[1].timestamp() in spx.settlement


def test_an_expiry_moved_off_a_holiday_is_listed_once() -> None:
    before_juneteenth = datetime(2026, 6, 16, 15, tzinfo=UTC)
    chain = Demo(7).simulate("SPY", before_juneteenth)
    assert date(2026, 6, 18) in expiry_dates(chain)
    assert date(2026, 6, 19) not in expiry_dates(chain)


@pytest.mark.anyio
async def test_it_is_asked_like_every_venue() -> None:
    demo = Demo(7)
    assert (await demo.chain("BTC", FRIDAY)).asof == FRIDAY
    await demo.aclose()
