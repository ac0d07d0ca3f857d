"""Log lines that must not be written."""

from __future__ import annotations

import logging


class Silence(logging.Filter):
    """Leaves out log lines with the token in them: the libraries log addresses that carry it."""

    _loggers = ("httpx", "telegram.Bot")

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        return self._secret not in record.getMessage()

    def begin(self) -> None:
        for name in self._loggers:
            logging.getLogger(name).addFilter(self)

    def end(self) -> None:
        for name in self._loggers:
            logging.getLogger(name).removeFilter(self)
