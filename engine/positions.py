"""Who holds what: a sign convention, or a trade book, to signed dealer contracts.

ALL signs live here. A position is one number per contract, + = dealer long; every exposure is
position x multiplier x greek of a LONG option, so a call's and a put's greeks are never re-signed.

| name      | calls, puts  | who uses it |
| --------- | ------------ | ----------- |
| naive     | +1, -1       | SqueezeMetrics 2016, Perfiliev, tradingvolatility ("naive GEX") |
| inverse   | -1, +1       | the "customers buy calls" squeeze view |
| short_all | -1, -1       | customers long everything |
| long_all  | +1, +1       | the holder's view, gross |
| book      | per contract | signed from trades: the only one that rests on evidence |

Presets are other names for these: a tool's name for the sign that tool uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.domain import Bools, Chain, Floats
from engine.errors import BadInput

Weight = Literal["oi", "volume"]
"""What a convention signs: all that is open, or what was traded today (in 24 h on crypto)."""

ASSUMED = "Dealer sign assumed, not observed"
"""How the flag of such a convention begins."""

BOOK = "book"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Convention:
    """How open interest becomes the dealers' position. `signs` (calls, puts); None: a book."""

    name: str
    signs: tuple[float, float] | None

    @property
    def assumed(self) -> bool:
        """True when the sign is a belief about who holds what, not read from trades."""
        return assumed(self.name)


CONVENTIONS: Mapping[str, Convention] = {
    each.name: each
    for each in (
        Convention("naive", (1.0, -1.0)),
        Convention("inverse", (-1.0, 1.0)),
        Convention("short_all", (-1.0, -1.0)),
        Convention("long_all", (1.0, 1.0)),
        Convention(BOOK, None),
    )
}

PRESETS: Mapping[str, str] = {
    "flow_dashboard": "naive",
    "etf_dashboard": "naive",
    "opra_book": BOOK,
    "fno_monitor": "inverse",
}


def convention(
    name: str, own: Mapping[str, tuple[float, float]] | None = None, *, has_book: bool = False
) -> Convention:
    """The convention of a name, a preset, or one of the user's `own`.

    `default` is the book where there is one, else naive.

    Raises:
        BadInput: an unknown name, or a user's own name that is taken.
    """
    if name == DEFAULT:
        return CONVENTIONS[BOOK if has_book else "naive"]
    known = PRESETS.get(name, name)
    if own and name in own:
        if known in CONVENTIONS:
            raise BadInput(f"The convention name {name!r} is taken: give yours another one.")
        return Convention(name, own[name])
    if known in CONVENTIONS:
        return CONVENTIONS[known]
    names = ", ".join([*CONVENTIONS, DEFAULT, *PRESETS, *(own or ())])
    raise BadInput(f"I don't know the sign convention {name!r}. I know: {names}.")


def assumed(name: str) -> bool:
    """Whether a convention, by any of its names, is a belief: only a trade book is observed."""
    return PRESETS.get(name, name) != BOOK


def weighed(chain: Chain, weight: Weight, convention: Convention) -> Floats:
    """Contracts to be signed, shape (n,), NaN = not published. [contracts]

    Volume says where positions may be changing, open interest where they are: a contract opened
    and closed today has volume and no position.

    Raises:
        BadInput: an unknown weight, or volume for a book, which is signed from trades already.
    """
    if weight == "oi":
        return chain.oi
    if weight != "volume":
        raise BadInput(f"I don't know the weight {weight!r}. I know: oi, volume.")
    if not convention.assumed:
        raise BadInput("A book is signed from trades: it cannot be weighed by volume.")
    return chain.volume


def signed(
    oi: Floats, is_call: Bools, convention: Convention, book: Floats | None = None
) -> Floats:
    """The dealers' position per contract, shape (n,), + = long; NaN where unknown. [contracts]

    Raises:
        BadInput: the convention is `book` and there is none, or one for another chain.
    """
    if convention.signs is not None:
        calls, puts = convention.signs
        return np.where(is_call, calls, puts) * oi
    if book is None:
        raise BadInput("The book convention needs positions signed from trades; there are none.")
    if book.shape != oi.shape:
        raise BadInput(f"Expected a book of {oi.size} positions, found {book.size}.")
    return np.asarray(book, dtype=np.float64)
