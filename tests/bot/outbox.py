"""An outbox in memory that behaves like the stored one: it leases, and remembers uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.domain import Signal
from engine.service import Delivery, Recipient

LEASE = timedelta(minutes=5)


@dataclass
class Row:
    id: int
    recipient: Recipient
    signal: Signal
    due: datetime
    state: str = "pending"
    attempts: int = 0
    again: bool = False
    receipt: str = ""
    reason: str = ""
    gone: bool = False


@dataclass
class MemoryOutbox:
    rows: list[Row] = field(default_factory=list)
    broken: int = 0
    """How many of the next calls fail."""

    def put(self, signal: Signal, *recipients: Recipient) -> None:
        for each in recipients:
            self.rows.append(Row(len(self.rows) + 1, each, signal, signal.asof))

    def states(self) -> dict[str, str]:
        return {each.recipient.chat: each.state for each in self.rows}

    def row(self, chat: str) -> Row:
        return next(each for each in self.rows if each.recipient.chat == chat)

    async def claim(self, platforms: Sequence[str], limit: int, now: datetime) -> list[Delivery]:
        self._fail()
        claimed: list[Delivery] = []
        for row in self.rows:
            waiting = row.state in ("pending", "sending") and row.due <= now
            if waiting and row.recipient.platform in platforms and len(claimed) < limit:
                row.again = row.again or row.state == "sending"
                row.state, row.due = "sending", now + LEASE
                row.attempts += 1
                claimed.append(
                    Delivery(
                        id=row.id,
                        recipient=row.recipient,
                        signal=row.signal,
                        attempts=row.attempts,
                        again=row.again,
                    )
                )
        return claimed

    async def sent(self, delivery: Delivery, receipt: str, now: datetime) -> None:
        self._fail()
        row = self.rows[delivery.id - 1]
        row.state, row.receipt = "sent", receipt

    async def retry(
        self, delivery: Delivery, reason: str, at: datetime, *, again: bool = True
    ) -> None:
        self._fail()
        row = self.rows[delivery.id - 1]
        row.state, row.due, row.reason, row.again = "pending", at, reason, again

    async def give_up(
        self, delivery: Delivery, reason: str, now: datetime, *, gone: bool = True
    ) -> None:
        row = self.rows[delivery.id - 1]
        row.state, row.reason, row.gone = "given_up", reason, gone

    async def record(self, limit: int) -> list[Signal]:
        return [each.signal for each in self.rows[-limit:]][::-1]

    def _fail(self) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("database is locked")
