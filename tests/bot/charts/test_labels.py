"""Where labels are put, without drawing anything."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.labels import Place, Shelf

LOW, HIGH, GAP = 30.0, 1180.0, 8.0
SHELF = Shelf(LOW, HIGH, GAP)

labels = st.lists(st.tuples(st.floats(LOW, HIGH), st.floats(20, 400)), min_size=1, max_size=12)


def apart(first: tuple[Place, float], second: tuple[Place, float]) -> bool:
    (one, wide), (other, broad) = first, second
    if one.row != other.row:
        return True
    return abs(one.centre - other.centre) >= (wide + broad) / 2 + GAP - 1e-6


@given(labels)
def test_labels_never_touch_and_never_leave_the_picture(things: list[tuple[float, float]]) -> None:
    wanted, widths = zip(*things, strict=True)
    places = SHELF.place(wanted, widths, most=3)
    if places is None:
        assert SHELF.place(wanted, widths, most=2) is None
        return
    placed = list(zip(places, widths, strict=True))
    assert all(apart(one, other) for one, other in combinations(placed, 2))
    for place, width in placed:
        assert place.centre - width / 2 >= LOW - 1e-6
        assert place.centre + width / 2 <= HIGH + 1e-6


@given(labels)
def test_in_a_row_labels_stand_in_the_order_of_their_things(
    things: list[tuple[float, float]],
) -> None:
    wanted, widths = zip(*sorted(things), strict=True)
    centres = SHELF.spread(wanted, widths)
    assert centres is None or centres == sorted(centres)


def test_a_label_alone_stands_exactly_above_its_thing() -> None:
    assert SHELF.place([600.0], [100.0], most=1) == [Place(0, 600.0)]
    assert SHELF.place([LOW], [100.0], most=1) == [Place(0, LOW + 50)]


def test_labels_of_the_same_place_form_a_block_around_it() -> None:
    places = SHELF.place([600.0, 600.0, 600.0], [100.0, 100.0, 100.0], most=1)
    assert places is not None
    assert [each.centre for each in places] == pytest.approx([492, 600, 708])


def test_a_second_row_is_begun_only_when_one_is_full() -> None:
    wide = (HIGH - LOW - GAP) / 2
    one = SHELF.place([500.0, 600.0], [wide, wide], most=3)
    two = SHELF.place([500.0, 600.0], [wide, wide + 1], most=3)
    assert one is not None
    assert two is not None
    assert {each.row for each in one} == {0}
    assert {each.row for each in two} == {0, 1}


def test_what_fits_nowhere_is_refused() -> None:
    assert SHELF.place([600.0], [HIGH - LOW + 1], most=3) is None
    assert SHELF.place([], [], most=1) == []
