"""Whole processes for the tests: the service itself, and a venue on a local port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import yaml

from tests.jobs.payloads import ASOF, deribit_envelope, deribit_rows

GEXWIRE = Path(sys.executable).with_name("gexwire")
NO_TOKENS = {"TELEGRAM_TOKEN": "", "DISCORD_TOKEN": ""}


@dataclass
class LocalDeribit:
    """Deribit's two endpoints on 127.0.0.1; every summary is a second younger than the last.

    Attributes:
        put_heavy: True turns the book's gamma negative.
        broken: Answers an HTML page with status 502 instead.
        stalled: Accepts and never answers.
    """

    put_heavy: bool = False
    broken: bool = False
    stalled: bool = False
    asked: int = 0
    url: str = ""
    _free: threading.Event = field(default_factory=threading.Event)

    def body(self, path: str) -> bytes:
        self.asked += 1
        at = ASOF + timedelta(seconds=self.asked)
        if "get_index_price" in path:
            result: Any = {"index_price": 100_000.0, "estimated_delivery_price": 100_000.0}
            return orjson.dumps(deribit_envelope(result, at=at))
        rows = deribit_rows("BTC")
        for row in rows:
            is_call = row["instrument_name"].endswith("C")
            heavy = is_call != self.put_heavy
            row["open_interest"] *= 5.0 if heavy else 1.0
        return orjson.dumps(deribit_envelope(rows, at=at))

    @contextmanager
    def serving(self) -> Iterator[LocalDeribit]:
        venue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if venue.stalled:
                    venue._free.wait(60)
                    return
                data = b"<html>Bad gateway</html>" if venue.broken else venue.body(self.path)
                self.send_response(502 if venue.broken else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            self._free.set()
            server.shutdown()
            server.server_close()


def configuration(folder: Path, url: str, **bot: Any) -> Path:
    """BTC from one venue at this address, refreshed every second; nothing else."""
    tree = {
        "jobs": {
            "assets": {"BTC": {"group": "crypto", "venues": ["deribit"]}},
            "providers": {
                "deribit": {"base_url": url, "requests_per_second": 50},
                "cboe": {"enabled": False},
            },
            "refresh": {"crypto": {"every": "1s", "jitter": "0.1s"}},
            "workers": 1,
        },
        "bot": {"allow": {"open": True}, **bot},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return path


class Running:
    """A `gexwire` process in its own group and folder, its output in files."""

    def __init__(self, folder: Path, *arguments: str, env: Mapping[str, str] = NO_TOKENS) -> None:
        self._folder, self._arguments = folder, arguments
        self._env = {**os.environ, **NO_TOKENS, **env}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Running:
        with (self._folder / "out").open("ab") as out, (self._folder / "err").open("ab") as err:
            self.process = subprocess.Popen(
                [str(GEXWIRE), *self._arguments],
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return self

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 20.0) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(seconds)

    @property
    def out(self) -> str:
        return (self._folder / "out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return (self._folder / "err").read_text(encoding="utf-8")

    def __enter__(self) -> Running:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


def eventually(condition: Callable[[], bool], what: str, seconds: float = 40.0) -> None:
    """Wait for something another process does. Raises AssertionError naming it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"not seen within {seconds:.0f} s: {what}")


def gexwire(
    folder: Path, *arguments: str, typed: str = "", env: Mapping[str, str] = NO_TOKENS
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [str(GEXWIRE), *arguments],
        cwd=folder,
        env={**os.environ, **NO_TOKENS, **env},
        input=typed,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
