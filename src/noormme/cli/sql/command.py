"""``noormme sql generate`` and ``noormme sql check``: their arguments.

Invariant: no statement runs. ``check`` writes nothing, and ``generate`` writes one file, and only where
nothing is wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from noormme.cli.commands import Group
from noormme.cli.guard import Debug, guarded

__all__ = ["sql"]

sql = typer.Typer(
    name="sql",
    cls=Group,
    help="Make typed functions from files of SQL, and check them.",
    rich_markup_mode=None,
    no_args_is_help=True,
    # ``noormme`` itself installs it, for all commands.
    add_completion=False,
)

_Database: TypeAlias = Annotated[str, typer.Argument(metavar="DB", help="The database: a path or a URL.")]
_Paths: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH…", help="Files of SQL, or folders that have them; without one, 'queries'."),
]
_Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the problems as JSON, for programs.")]


@sql.command()
def generate(
    database: _Database,
    paths: _Paths = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The module that is written.")
    ] = Path("queries.py"),
    json: _Json = False,
    debug: Debug = False,
) -> None:
    """Write a Python module with a typed function for each statement.

    Each statement is prepared on the database and never run; nothing is written to it. Ends with 1 where
    something is wrong, and then writes no module.

    \b
    Examples:
      noormme sql generate app.db
      noormme sql generate app.db queries/ --out app/queries.py
      noormme sql generate postgresql://localhost/app reports.sql -o reports.py
    """
    with guarded(debug=debug):
        from noormme.cli.sql.running import generate as run

        run(database, paths or [Path("queries")], out, json=json)


@sql.command()
def check(
    database: _Database,
    paths: _Paths = None,
    module: Annotated[
        Path | None,
        typer.Option("--module", "-m", metavar="FILE", help="Check too that this module is up to date."),
    ] = None,
    json: _Json = False,
    debug: Debug = False,
) -> None:
    """Check every statement against the database, and say at which line one does not fit.

    Each statement is prepared and never run; nothing is written. Ends with 1 where something is wrong.

    \b
    Examples:
      noormme sql check app.db
      noormme sql check app.db queries/ --module app/queries.py
      noormme sql check postgresql://localhost/app --json
    """
    with guarded(debug=debug):
        from noormme.cli.sql.running import check as run

        run(database, paths or [Path("queries")], module, json=json)
