"""The same book elsewhere: exact where nothing changes, and along every axis where it does."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analyse import analyse
from engine.document import document
from engine.domain import Chain
from engine.errors import BadInput
from engine.exposure import hedge_flows
from engine.held import hold
from engine.pricing import bsm_greeks
from engine.profile import gamma_profile
from engine.settings import EngineSettings
from engine.whatif import WhatIf, moved, parse_whatif, what_if
from engine.window import Window
from tests.engine.random_chains import chains, rows
from tests.samples import make_chain

SETTINGS = EngineSettings()
ANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def merton() -> Chain:
    """Without venue forwards, so that spot is what stands still while time passes."""
    chain = make_chain(days=(30.0, 90.0), spot=600.0)
    return replace(chain, forward=np.full(len(chain), np.nan), rate=0.03)


@ANY
@given(chains(min_size=0), st.sampled_from(["naive", "inverse", "long_all"]))
def test_nothing_changed_is_what_analyse_gives(chain: Chain, convention: str) -> None:
    held = hold(chain, SETTINGS, convention=convention)
    answer = what_if(held, WhatIf(), SETTINGS)
    expected = document(analyse(chain, SETTINGS, convention=convention))
    assert document(answer.then) == document(answer.now) == expected
    assert (answer.hedge_units, answer.settled, answer.floored) == (0.0, 0, 0)


@ANY
@given(
    chains(min_size=0),
    st.floats(-0.9, 9.0),
    st.floats(-500, 500),
    st.floats(0, 3650) | st.floats(0, 1),
)
def test_any_shift_of_any_chain_is_finite_or_has_a_reason(
    chain: Chain, spot: float, iv: float, days: float
) -> None:
    what = WhatIf(spot=spot, iv=iv, days=days)
    answer = what_if(hold(chain, SETTINGS), what, SETTINGS)
    then = answer.then
    json.dumps(document(then), allow_nan=False)
    assert math.isfinite(answer.hedge_units)
    assert answer.hedge_units == answer.hedge_live_units + answer.hedge_settled_units
    assert all(map(math.isfinite, then.exposures.as_dict().values()))
    assert then.contracts.listed == then.contracts.used + sum(then.contracts.left_out.values())
    assert then.contracts.left_out["expired"] == answer.settled
    assert then.spot == pytest.approx(chain.spot * (1 + spot))
    for name, price in then.levels.more.items():
        assert (price is None) == (name in then.levels.unavailable), name


@ANY
@given(chains(complete=True), st.floats(-0.3, 0.3))
def test_net_gex_elsewhere_is_the_profile_there(chain: Chain, spot: float) -> None:
    held = hold(chain, SETTINGS)
    then = what_if(held, WhatIf(spot=spot), SETTINGS).then
    there, terms = np.array([chain.spot * (1 + spot)]), held.terms
    columns = (chain.strike, terms.years, terms.iv, terms.rate, terms.carry)
    net = gamma_profile(there, *columns, held.units)
    gross = gamma_profile(there, *columns, np.abs(held.units))
    found = then.exposures
    far = 1e-15 * float(np.abs(held.units).sum()) * chain.spot
    assert found.gex_usd_per_1pct == pytest.approx(net[0], abs=1e-8 * gross[0] + far)


def test_the_hedge_is_minus_the_change_of_delta() -> None:
    held = hold(merton(), SETTINGS)
    what = WhatIf(spot=0.03, iv=-5, days=1)
    answer = what_if(held, what, SETTINGS)
    chain, terms = held.chain, held.terms

    def delta(spot: float, iv: float, days: float) -> float:
        years = terms.years - days / 365
        each = bsm_greeks(
            spot, chain.strike, years, terms.rate, terms.carry, terms.iv + iv, chain.is_call,
            which=("delta",),
        ).as_dict()["delta"]  # fmt: skip
        return float((held.position * chain.multiplier * each).sum())

    change = delta(618.0, -0.05, 1.0) - delta(600.0, 0.0, 0.0)
    assert answer.hedge_units == pytest.approx(-change, rel=1e-10)


@pytest.mark.parametrize("convention", ["naive", "inverse", "short_all"])
def test_small_shifts_take_the_first_order_flows(convention: str) -> None:
    held = hold(merton(), SETTINGS, convention=convention)
    now = what_if(held, WhatIf(), SETTINGS).now
    flows = hedge_flows(now.exposures, now.spot)

    def hedged(**shift: float) -> float:
        return what_if(held, WhatIf(**shift), SETTINGS).hedge_units

    assert hedged(spot=1e-6) * 1e4 == pytest.approx(flows["gamma_up_1pct"], rel=1e-3)
    assert hedged(spot=-1e-6) * 1e4 == pytest.approx(flows["gamma_down_1pct"], rel=1e-3)
    assert hedged(iv=-1e-3) * 5e3 == pytest.approx(flows["vanna_crush_5pt"], rel=1e-3)
    assert hedged(days=1e-3) * 1e3 == pytest.approx(flows["charm_overnight"], rel=1e-3)


def test_what_settles_on_the_way_leaves_and_its_hedge_is_unwound() -> None:
    chain = make_chain(days=(0.8, 6.8))
    held = hold(chain, SETTINGS)
    answer = what_if(held, WhatIf(days=1), SETTINGS)
    first = chain.settlement == chain.settlement.min()
    gone = analyse(rows(chain, first), SETTINGS)
    assert answer.settled == first.sum()
    assert answer.hedge_settled_units == pytest.approx(gone.exposures.dex_units)
    assert answer.then.contracts.left_out["expired"] == first.sum()
    assert len(answer.then.by_expiry) == 1
    assert any("settled on the way" in each for each in answer.then.flags)
    assert answer.then.asof == chain.asof + timedelta(days=1)


def test_after_the_last_settlement_there_is_nothing_and_that_is_said() -> None:
    answer = what_if(hold(make_chain(days=(1.0,)), SETTINGS), WhatIf(days=1), SETTINGS)
    assert answer.then.contracts.used == 0
    assert set(answer.then.levels.unavailable.values()) == {"every contract has settled by then"}
    assert answer.then.regime is None
    assert answer.hedge_live_units == 0


def test_the_venue_s_forwards_move_with_spot_and_converge_with_time() -> None:
    chain = make_chain(days=(36.5,))
    chain = replace(chain, forward=np.full(len(chain), chain.spot * math.exp(0.01)))
    held = hold(chain, SETTINGS)
    then = moved(held, WhatIf(spot=0.1, days=18.25), SETTINGS)
    assert then.terms.forward == pytest.approx(1.1 * chain.spot * math.exp(0.005))
    assert then.chain.forward == pytest.approx(then.terms.forward)
    assert np.array_equal(then.terms.carry, held.terms.carry)


def test_a_volatility_does_not_fall_below_the_lowest_believed() -> None:
    chain = make_chain(days=(30.0,), width=3)
    answer = what_if(hold(chain, SETTINGS), WhatIf(iv=-60), SETTINGS)
    assert answer.floored == len(chain)
    assert answer.then.by_expiry[0].atm_iv == pytest.approx(SETTINGS.iv_low)
    assert any("14 contracts held at an IV of 0.5 %" in each for each in answer.then.flags)


def test_quotes_move_by_what_the_model_moves() -> None:
    chain = make_chain(days=(30.0,), rate=0.0)
    terms = hold(chain, SETTINGS).terms
    price = bsm_greeks(
        chain.spot, chain.strike, terms.years, 0.0, 0.0, terms.iv, chain.is_call, which=("price",)
    ).as_dict()["price"]
    quoted = replace(chain, bid=price - 50, ask=price + 50)
    there = what_if(hold(quoted, SETTINGS), WhatIf(spot=0.04), SETTINGS).then
    move = there.levels.expected_move
    assert move is not None
    assert move.strike == pytest.approx(104_000)
    at = np.isclose(chain.strike, 104_000)
    fair = bsm_greeks(
        104_000, chain.strike[at], terms.years[at], 0.0, 0.0, terms.iv[at], chain.is_call[at],
        which=("price",),
    ).as_dict()["price"]  # fmt: skip
    assert move.straddle == pytest.approx(fair.sum())


def test_a_window_and_a_book_go_along() -> None:
    chain = make_chain()
    book = np.where(chain.is_call, 5.0, -3.0)
    window = Window("7d", days=7)
    held = hold(chain, SETTINGS, convention="book", book=book, window=window)
    then = what_if(held, WhatIf(spot=0.01), SETTINGS).then
    assert (then.convention, then.window, len(then.by_expiry)) == ("book", "7d", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spot +3 %, iv -5, t +1d", WhatIf(spot=0.03, iv=-5, days=1)),
        ("t 12h iv +2.5 pts spot -1%", WhatIf(spot=-0.01, iv=2.5, days=0.5)),
        ("SPOT \u22122.5%", WhatIf(spot=-0.025)),
        ("iv 5 points; time 2 weeks", WhatIf(iv=5, days=14)),
        ("spot 10 % and vol -.5,", WhatIf(spot=0.1, iv=-0.5)),
        ("t +0d", WhatIf()),
    ],
)
def test_a_what_if_is_read_as_typed(text: str, expected: WhatIf) -> None:
    read = parse_whatif(text)
    assert (read.spot, read.iv, read.days) == pytest.approx(
        (expected.spot, expected.iv, expected.days)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Say what should change"),
        ("  , ", "Say what should change"),
        ("spot", "can't read 'spot'"),
        ("spot +3", "in per cent"),
        ("spot +3 pts", "in per cent"),
        ("iv -5 %", "vol points"),
        ("t +1", "days or hours"),
        ("t +1m", "days or hours"),
        ("t -1d", "0 to 3650 days"),
        ("spot -95 %", "between -90% and"),
        ("iv 9999", "within 500 points"),
        ("spot +3 %, spot +4 %", "twice"),
        ("spot +3 %, gamma +1", "can't read 'gamma"),
        ("spot +2,5 %", "in per cent"),
        ("spot +3 %iv -5", "in per cent"),
        ("spot nan %", "can't read"),
        ("spot 1" + "0" * 400 + " %", "between"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_whatif(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    with suppress(BadInput):
        assert isinstance(parse_whatif(text), WhatIf)


@given(st.integers(-899, 9000), st.integers(-5000, 5000), st.integers(0, 3000))
def test_what_is_written_is_read_back(spot: int, iv: int, hours: int) -> None:
    what = WhatIf(spot=spot / 1000, iv=iv / 10, days=hours / 24)
    read = parse_whatif(str(what))
    assert read.spot == pytest.approx(what.spot, abs=1e-9)
    assert read.iv == pytest.approx(what.iv, abs=1e-9)
    assert read.days == pytest.approx(what.days, abs=1e-5)
