"""Option symbols to contract terms and back, a whole chain at a time.

OSI as Cboe writes it: root of one to six characters, not padded, then YYMMDD, C or P, and the
strike in thousandths (`SPXW260918C06500000`). Deribit: `BTC-27DEC24-100000-C`, the day without a
leading zero, `d` for the decimal point (`XRP_USDC-21SEP26-1d25-C`).

A symbol that cannot be read is not an exception: it is marked in `ContractTerms.readable`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.domain import Bools, Floats, Texts
from engine.expiry import Dates

Bytes = NDArray[np.uint8]

_TAIL = 15
_ROOT = 6
_WIDTH = _ROOT + _TAIL
_ZERO, _NINE, _A, _Z, _C, _P = (ord(each) for each in "09AZCP")
_DECIMALS = 10 ** np.arange(7, -1, -1, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ContractTerms:
    """What the symbols say; where `readable` is False the other columns hold placeholders.

    Attributes:
        root: Shape (n,).
        expiry: Expiry days as written, shape (n,), NaT where not readable.
        strike: Shape (n,), NaN where not readable. [quote]
        is_call: Shape (n,).
        readable: Shape (n,).
        adjusted: Non-standard deliverable: a digit in the root, shape (n,).
    """

    root: Texts
    expiry: Dates
    strike: Floats
    is_call: Bools
    readable: Bools
    adjusted: Bools


def parse_osi(symbols: Sequence[str]) -> ContractTerms:
    """OSI symbols, padded or not.

    >>> terms = parse_osi(["SPXW260918C06500000", "SPY1  260918P00412500", "nonsense"])
    >>> terms.root.tolist(), terms.strike.tolist()
    (['SPXW', 'SPY1', ''], [6500.0, 412.5, nan])
    >>> terms.adjusted.tolist(), terms.readable.tolist()
    ([False, True, False], [True, True, False])
    """
    chars, size = _characters(symbols)
    fits = (size > _TAIL) & (size <= _WIDTH)
    start = np.where(fits, size - _TAIL, 0)
    tail = np.take_along_axis(chars, start[:, None] + np.arange(_TAIL), axis=1)
    inside = np.arange(_ROOT) < start[:, None]
    root = np.where(inside & (chars[:, :_ROOT] != ord(" ")), chars[:, :_ROOT], 0).astype(np.uint8)
    hole = root == 0
    digit = (root >= _ZERO) & (root <= _NINE)
    letter = (root >= _A) & (root <= _Z)
    numbers = np.delete(tail, 6, axis=1).astype(np.int64) - _ZERO
    day, real = _days(
        2000 + _number(numbers[:, :2]), _number(numbers[:, 2:4]), _number(numbers[:, 4:6])
    )
    kind = tail[:, 6]
    readable = fits & real & ((kind == _C) | (kind == _P)) & (letter | digit | hole).all(axis=1)
    readable &= ~(hole[:, :-1] & ~hole[:, 1:]).any(axis=1)
    readable &= ((numbers >= 0) & (numbers <= 9)).all(axis=1) & letter.any(axis=1)
    thousandths = numbers[:, 6:] @ _DECIMALS
    return ContractTerms(
        root=np.where(readable, _texts(root), ""),
        expiry=np.where(readable, day, np.datetime64("NaT", "D")),
        strike=np.where(readable, thousandths / 1000, np.nan),
        is_call=kind == _C,
        readable=readable,
        adjusted=readable & digit.any(axis=1),
    )


def format_osi(root: str, expiry: date, strike: float, *, is_call: bool) -> str:
    """The symbol of one contract, root not padded.

    >>> format_osi("SPXW", date(2026, 9, 18), 6500.0, is_call=True)
    'SPXW260918C06500000'
    """
    return f"{root}{expiry:%y%m%d}{'C' if is_call else 'P'}{round(strike * 1000):08d}"


_DERIBIT = re.compile(
    r"([A-Z0-9]+(?:_[A-Z]+)?)-(\d{1,2})([A-Z]{3})(\d\d)-(\d+(?:d\d+)?)-([CP])", re.ASCII
)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_UNREADABLE = ("", "0", "", "0", "nan", "")


def parse_deribit(symbols: Sequence[str]) -> ContractTerms:
    """Deribit instrument names; the root is the part before the expiry.

    >>> terms = parse_deribit(["BTC-27DEC24-100000-C", "XRP_USDC-5SEP26-1d25-P", "BTC-PERPETUAL"])
    >>> terms.root.tolist(), terms.strike.tolist()
    (['BTC', 'XRP_USDC', ''], [100000.0, 1.25, nan])
    >>> terms.expiry.astype(str).tolist()
    ['2024-12-27', '2026-09-05', 'NaT']
    """
    found = [_DERIBIT.fullmatch(str(each)) for each in symbols]
    parts = np.array(
        [_UNREADABLE if each is None else each.groups() for each in found], dtype=np.str_
    ).reshape(-1, 6)
    root, day, month, year, strike, kind = parts.T
    months = np.select([month == each for each in _MONTHS], range(1, 13), 0)
    prices = np.array([float(each.replace("d", ".")) for each in strike], dtype=np.float64)
    expiry, real = _days(2000 + year.astype(np.int64), months, day.astype(np.int64))
    return ContractTerms(
        root=root.copy(),
        expiry=expiry,
        strike=np.where(real, prices, np.nan),
        is_call=kind == "C",
        readable=real,
        adjusted=np.zeros(real.shape, dtype=bool),
    )


def format_deribit(root: str, expiry: date, strike: float, *, is_call: bool) -> str:
    """The instrument name of one contract.

    >>> format_deribit("XRP_USDC", date(2026, 9, 5), 1.25, is_call=False)
    'XRP_USDC-5SEP26-1d25-P'
    """
    digits = f"{strike:.8f}".rstrip("0").rstrip(".").replace(".", "d")
    day = f"{expiry.day}{_MONTHS[expiry.month - 1]}{expiry:%y}"
    return f"{root}-{day}-{digits}-{'C' if is_call else 'P'}"


def _characters(symbols: Sequence[str]) -> tuple[Bytes, NDArray[np.int64]]:
    """ASCII codes padded with zeros, shape (n, width), and the lengths; others become `?`."""
    try:
        text = np.array(symbols, dtype=np.bytes_)
    except UnicodeEncodeError:
        text = np.array([str(each).encode("ascii", "replace") for each in symbols], dtype=np.bytes_)
    size = np.char.str_len(text).astype(np.int64)
    fixed = text.astype(f"S{_WIDTH}")
    return fixed.view(np.uint8).reshape(size.size, _WIDTH), size


def _texts(characters: Bytes) -> Texts:
    """ASCII codes, shape (n, width), to an array of strings."""
    width = characters.shape[1]
    return np.ascontiguousarray(characters).view(f"S{width}").ravel().astype(f"U{width}")


def _number(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two decimal digits a row to their value."""
    return digits[:, 0] * 10 + digits[:, 1]


def _days(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[Dates, Bools]:
    """Calendar days, and where they exist; elsewhere NaT."""
    plausible = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(plausible, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(plausible, day - 1, 0)
    real = plausible & (days.astype("datetime64[M]") == months)
    return np.where(real, days, np.datetime64("NaT", "D")), real
