"""Random chains for property tests: small, but with everything that occurs in real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.domain import COLUMNS, Chain, Floats, Market
from tests.samples import NOON

OI = st.one_of(st.integers(0, 50), st.integers(1, 5000), st.floats(0.1, 500).map(lambda x: x))
IV = st.floats(0.05, 1.5)


@st.composite
def chains(draw: st.DrawFn, *, complete: bool = False, min_size: int = 1) -> Chain:
    """`complete`: every contract has a volatility and published open interest."""
    spot = draw(st.sampled_from([0.55, 50.0, 603.27, 24_483.2, 97_500.0]))
    step = draw(st.sampled_from([0.01, 0.025, 0.05]))
    listed = draw(
        st.lists(
            st.tuples(
                st.sampled_from([0.02, 0.4, 3.7, 30.0, 200.0]),
                st.integers(-9, 9),
                st.booleans(),
                st.sampled_from(["X", "XW"]),
            ),
            min_size=min_size,
            max_size=24,
            unique=True,
        )
    )
    n = len(listed)

    def column(values: st.SearchStrategy[float]) -> Floats:
        missing = st.just(float("nan"))
        one = values if complete else st.one_of(values, values, values, missing)
        return np.array(draw(st.lists(one, min_size=n, max_size=n)), dtype=np.float64)

    days = [each[0] for each in listed]
    strike = np.array([spot * (1 + step * each[1]) for each in listed])
    price = strike * draw(st.floats(0.001, 0.2))
    return Chain(
        asset="X",
        venue="test",
        market=Market.CRYPTO,
        asof=NOON,
        spot=spot,
        currency=draw(st.sampled_from(["USD", "EUR"])),
        root=np.array([each[3] for each in listed], dtype=np.str_),
        settlement=np.array(
            [int((NOON + timedelta(days=each)).timestamp()) for each in days], dtype=np.int64
        ),
        strike=strike,
        is_call=np.array([each[2] for each in listed], dtype=np.bool_),
        oi=column(OI),
        volume=column(OI),
        bid=price * column(st.floats(0, 1)),
        ask=price * column(st.floats(0.5, 1.5)),
        iv=column(IV),
        multiplier=np.array(draw(st.lists(st.sampled_from([1.0, 100.0]), min_size=n, max_size=n))),
        forward=np.full(n, np.nan) if draw(st.booleans()) else np.full(n, spot * 1.001),
        listed=n,
    )


def rows(chain: Chain, order: Any) -> Chain:
    """The chain's rows in another order, or some of them."""
    columns = {name: getattr(chain, name)[order] for name in COLUMNS}
    return replace(chain, listed=len(columns["strike"]), **columns)
