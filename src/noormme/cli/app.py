"""The command line's front door: what ``noormme`` alone knows, and the list of commands.

Invariant: only Typer is loaded here. A command is loaded when it is called, and what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from noormme.cli.commands import Commands

__all__ = ["app", "main"]

app = typer.Typer(
    name="noormme",
    cls=Commands,
    # Plain help and one-line usage errors: they read well everywhere and need no Rich.
    rich_markup_mode=None,
    no_args_is_help=True,
    # A traceback is plain text, and shown only when --debug asks for it.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"noormme {version('noormme')}")
        raise typer.Exit


@app.callback()
def _noormme(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """What the database already knows, nobody writes again.

    \b
    Start here:
      noormme demo              a sample database, a dozen queries, their speed
      noormme inspect app.db    what is in a database of yours
      noormme init app.db       configuration and types for it
      noormme query app.db "db.users.filter(age__gte=18)[:5]"
      noormme sql check app.db  whether your statements fit the database
    """


def main() -> None:
    """Run the command line and end the process; see ``cli`` for the exit codes."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


def _open_closed_streams() -> None:
    """Put nothing in the place of streams that the caller has closed (``>&-``).

    Python has None there, and the next file that is opened would get the number: what is printed would end in
    it. The lowest free number is taken, so the order counts.
    """
    for name, flags, mode in (
        ("stdin", os.O_RDONLY, "r"),
        ("stdout", os.O_WRONLY, "w"),
        ("stderr", os.O_WRONLY, "w"),
    ):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))
