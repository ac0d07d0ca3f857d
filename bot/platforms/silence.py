"""Log lines of the libraries that must not be written."""

from __future__ import annotations

import logging


class Silence(logging.Filter):
    """Leaves out every line with the token in it, since addresses carry it, and the traces with
    which the library comments each unreadable answer of an outage: `Contact` speaks of that once.
    """

    _loggers = ("httpx", "telegram.Bot", "telegram.request.BaseRequest")

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        return self._secret not in message and not message.startswith("Can not load invalid JSON")

    def begin(self) -> None:
        for name in self._loggers:
            logging.getLogger(name).addFilter(self)

    def end(self) -> None:
        for name in self._loggers:
            logging.getLogger(name).removeFilter(self)
