"""Every error this project raises on purpose.

* GexError
  + BadInput         the user asked for something that cannot be (bot: tell them)
    - UnknownAsset
    - BadExpiry
  + NotAllowed       this person or chat may not use the bot
  + TooFast          asked too often; carries `retry_after`
  + NoData           nothing has been stored for the asset yet
  + BadData          a venue answered, but the answer cannot be trusted
    - EmptyChain
  + VenueError       a venue did not answer (jobs: keep the last good snapshot)
    - RateLimited    carries `retry_after`
  + StoreFailed      the database could not be read or written just now
  + ChartUnavailable the picture could not be drawn in time
  + CalendarExpired  a session was asked for that lies past the calendar's last known day
  + BadConfiguration the configuration file or environment cannot be used
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


class GexError(Exception):
    """Base class. `str(error)` is safe to show to a user; details go to the log."""


class BadInput(GexError):
    """The request itself is wrong; retrying it unchanged cannot help."""


class UnknownAsset(BadInput):
    def __init__(self, asset: str, known: Sequence[str], meant: str | None = None) -> None:
        hint = f" Did you mean {meant}?" if meant else ""
        super().__init__(f"I don't follow {asset!r}.{hint} I know: {', '.join(known)}.")
        self.asset = asset
        self.known = tuple(known)
        self.meant = meant


class BadExpiry(BadInput):
    def __init__(self, text: str, listed: Sequence[str]) -> None:
        offered = f", or one of {', '.join(listed)}" if listed else ""
        super().__init__(
            f"I can't read the expiry {text!r}."
            f" Use 0dte, 7d, 30d, all, a date like 2026-12-18{offered}."
        )
        self.text = text


class NotAllowed(GexError):
    """The gate said no; the message says what the owner has to add."""


class TooFast(GexError):
    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Too fast: try again in {max(1, round(retry_after))} s.")
        self.retry_after = retry_after


class NoData(GexError):
    """Nothing stored yet; the message says why, as far as it is known."""


class BadData(GexError):
    """A venue answered with something we refuse to compute on."""


class EmptyChain(BadData):
    def __init__(self, venue: str, asset: str) -> None:
        super().__init__(f"{venue} lists no usable {asset} options.")


class VenueError(GexError):
    """A venue could not be reached or refused us; the next run may succeed."""

    def __init__(self, venue: str, reason: str) -> None:
        super().__init__(f"{venue} is not answering ({reason}).")
        self.venue = venue
        self.reason = reason


class RateLimited(VenueError):
    def __init__(self, venue: str, retry_after: float) -> None:
        super().__init__(venue, f"rate limit, retry in {retry_after:.0f} s")
        self.retry_after = retry_after


class StoreFailed(GexError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The database is not answering ({reason}).")
        self.reason = reason


class ChartUnavailable(GexError):
    """The text of the answer stands without its picture."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The chart is not available ({reason}).")
        self.reason = reason


class CalendarExpired(GexError):
    def __init__(self, market: str, known_until: date) -> None:
        super().__init__(
            f"The {market} trading calendar is known until {known_until:%Y-%m-%d} only:"
            " update engine/calendars.py."
        )


class BadConfiguration(GexError):
    """Says file, line, key, what was expected and what was found."""
