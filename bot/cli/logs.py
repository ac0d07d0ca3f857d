"""Where log lines go: stderr, or a file while a terminal chat owns the screen."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import stamina.instrumentation
import structlog

from engine.errors import BadConfiguration

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, file: Path | None = None) -> None:
    """Send everything, the libraries' lines too, through one handler.

    httpx and the chat libraries log request addresses, which carry Telegram's token: they are
    held at WARNING whatever the level.

    Raises:
        BadConfiguration: the file cannot be written.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr) if file is None else _into(file)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    stamina.instrumentation.set_on_retry_hooks(())
    for noisy in ("httpx", "httpcore", "telegram", "discord", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # overruns: the scheduler says them
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _into(file: Path) -> logging.Handler:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return logging.FileHandler(file, encoding="utf-8")
    except OSError as error:
        raise BadConfiguration(
            f"bot.log_file: expected a file that can be written, found {str(file)!r}"
            f" ({error.strerror})."
        ) from None
