"""`gexwire config`: the effective configuration, secrets hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.exits import exits
from bot.cli.settings import Secrets, as_yaml, load

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        readable=False,  # `load` says it, with the exit code of a bad configuration
        help="Configuration file; config.yaml of this folder by default",
    ),
]


def config(path: ConfigOption = None) -> None:
    """Print every key with the value in force: environment over file over defaults."""
    with exits():
        settings = load(path)
    typer.echo(as_yaml(settings), nl=False)
    secrets = Secrets()
    for name in Secrets.model_fields:
        state = "set" if getattr(secrets, name).get_secret_value() else "not set"
        typer.echo(f"# {name.upper()}: {state} (environment only)")
