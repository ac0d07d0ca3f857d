"""The command line itself: every sub-command is registered here."""

from __future__ import annotations

import typer

from bot.cli import analyse, ask, chat, config, doctor, run, verify

app = typer.Typer(
    name="gexwire",
    help="The options dealer-exposure wire for Telegram, Discord and the terminal.",
    epilog="Exit codes: 0 done; 1 a check failed; 2 bad usage or request; 3 bad configuration; "
    "4 no data or no venue answers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("run")(run.run)
app.command("chat")(chat.chat)
app.command("ask")(ask.ask)
app.command("analyse")(analyse.command)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)
app.command("config")(config.config)


def main() -> None:
    app()
