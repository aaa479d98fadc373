"""``noormme shell``: its arguments.

Invariant: the database is opened for reading only where that is asked for.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from noormme.cli.arguments import DatabaseOrConfigured
from noormme.cli.guard import Debug, guarded

__all__ = ["shell"]


class Interface(StrEnum):
    """The programs that can be the prompt."""

    IPYTHON = "ipython"
    PTPYTHON = "ptpython"
    PLAIN = "plain"


def shell(
    database: DatabaseOrConfigured = None,
    interface: Annotated[
        Interface | None,
        typer.Option(
            "--interface",
            show_default=False,
            help="Which prompt; without it the first of these that is installed.",
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option("--command", "-c", metavar="CODE", show_default=False, help="Run this code and end."),
    ] = None,
    readonly: Annotated[bool, typer.Option("--readonly", help="Let nothing be written.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print what would be at hand as JSON, and open no prompt.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Open a Python prompt with the database at hand.

    db is the database; Q, F, Count and everything else of noormme and noormme.functions is there too.
    IPython or ptpython is used where it is installed. Names complete with Tab. Code from standard input
    is run when that is no terminal.

    \b
    Examples:
      noormme shell app.db
      noormme shell app.db -c 'print(db.users.count())'
      noormme shell --readonly --interface plain
    """
    if json and command is not None:
        raise typer.BadParameter("--json opens no prompt, so there is nothing for --command")
    with guarded(debug=debug):
        from noormme.cli.shell.running import run

        run(
            database,
            interface=interface.value if interface else None,
            command=command,
            readonly=readonly,
            as_json=json,
        )
