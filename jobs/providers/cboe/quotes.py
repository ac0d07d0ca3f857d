"""What both forms of Cboe's data hold, and the JSON form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.domain import Bools, Floats
from engine.errors import BadData
from engine.intake import cells, columns, numbers
from jobs.http import Json

DELAY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """One option class as published; the arrays have shape (n,).

    Attributes:
        underlying: The class's name where the payload says it, else "".
        stamp: When the payload was made, aware; None where its date cannot be read.
        stamp_text: The date as written, for the message that asks for one.
        price: Last price of the underlying, extended hours included, NaN = not given. [quote]
        close: Its last regular close, NaN = not given. [quote]
        symbols: OSI, as written.
        iv: 0 = none. [fraction per sqrt(year)]
        delta, gamma: Of one unit, to spot, four decimals; NaN = not a number.
        malformed: Rows with a cell that is not a number, greeks apart: nothing hangs on them.
    """

    underlying: str
    stamp: datetime | None
    stamp_text: str
    price: float
    close: float
    symbols: Sequence[str]
    oi: Floats
    volume: Floats
    bid: Floats
    ask: Floats
    iv: Floats
    delta: Floats
    gamma: Floats
    malformed: Bools

    def quoted_at(self) -> datetime:
        """The instant the quotes are of. Raises BadData when the payload's date is unreadable."""
        if self.stamp is None:
            raise BadData(
                f"cboe: can't read the payload's date {self.stamp_text!r}:"
                " give the instant with --asof."
            )
        return self.stamp.astimezone(UTC) - DELAY


_FIELDS = ("open_interest", "volume", "bid", "ask", "iv")
_GREEKS = ("delta", "gamma")


def json_sheet(raw: Json) -> Sheet:
    """The `delayed_quotes` payload. Raises LookupError, TypeError, ValueError on surprises."""
    data = raw["data"]
    options = data["options"]
    found, malformed = columns(options, _FIELDS)
    delta, gamma = (numbers([each.get(name) for each in options])[0] for name in _GREEKS)
    (price, close), _ = numbers([data["current_price"], data["close"]])
    text = str(raw["timestamp"])
    return Sheet(
        underlying=str(data.get("symbol") or raw.get("symbol") or "").lstrip("^_"),
        stamp=_stamp(text),
        stamp_text=text,
        price=float(price),
        close=float(close),
        symbols=[str(each) for each in cells(options, "option")],
        oi=found["open_interest"],
        volume=found["volume"],
        bid=found["bid"],
        ask=found["ask"],
        iv=found["iv"],
        delta=delta,
        gamma=gamma,
        malformed=malformed,
    )


def _stamp(text: str) -> datetime | None:
    """UTC, written without a zone: 2026-08-13 22:23:33."""
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
