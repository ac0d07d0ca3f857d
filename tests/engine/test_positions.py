"""Signs live in one place, under the field's names."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import BadInput
from engine.positions import BOOK, CONVENTIONS, PRESETS, assumed, convention, signed

OI = np.array([10.0, 20.0, np.nan])
IS_CALL = np.array([True, False, True])


@pytest.mark.parametrize(
    ("name", "calls", "puts"),
    [("naive", 10, -20), ("inverse", -10, 20), ("short_all", -10, -20), ("long_all", 10, 20)],
)
def test_a_convention_signs_calls_and_puts(name: str, calls: float, puts: float) -> None:
    held = signed(OI, IS_CALL, convention(name))
    assert held[:2].tolist() == [calls, puts]
    assert np.isnan(held[2]), "unpublished open interest is no position"


def test_every_convention_but_the_book_is_an_assumption() -> None:
    assert [name for name, each in CONVENTIONS.items() if not each.assumed] == [BOOK]
    assert all(each.assumed is (each.signs is not None) for each in CONVENTIONS.values())
    assert (assumed("opra_book"), assumed("fno_monitor"), assumed("mine")) == (False, True, True)


def test_a_book_is_taken_as_it_is_and_only_for_its_own_chain() -> None:
    book = np.array([-3.0, 4.0, np.nan])
    assert signed(OI, IS_CALL, convention(BOOK), book) is not None
    np.testing.assert_array_equal(signed(OI, IS_CALL, convention(BOOK), book), book)
    with pytest.raises(BadInput, match="signed from trades"):
        signed(OI, IS_CALL, convention(BOOK))
    with pytest.raises(BadInput, match="book of 3 positions, found 2"):
        signed(OI, IS_CALL, convention(BOOK), book[:2])


@pytest.mark.parametrize(("preset", "name"), PRESETS.items())
def test_a_preset_is_the_sign_its_tool_uses(preset: str, name: str) -> None:
    assert convention(preset) is CONVENTIONS[name]


def test_default_takes_the_book_where_there_is_one() -> None:
    assert convention("default").name == "naive"
    assert convention("default", has_book=True).name == BOOK


def test_a_user_may_define_a_convention_but_not_redefine_one() -> None:
    mine = convention("half", {"half": (1.0, -0.5)})
    assert signed(OI, IS_CALL, mine)[:2].tolist() == [10.0, -10.0]
    assert mine.assumed
    with pytest.raises(BadInput, match="taken"):
        convention("naive", {"naive": (0.0, 0.0)})
    with pytest.raises(BadInput, match="taken"):
        convention("fno_monitor", {"fno_monitor": (0.0, 0.0)})


def test_an_unknown_convention_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadInput) as caught:
        convention("nave", {"mine": (1.0, 1.0)})
    for name in ("'nave'", "naive", "book", "default", "fno_monitor", "mine"):
        assert name in str(caught.value)
