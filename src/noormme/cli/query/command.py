"""``noormme query``: its arguments.

Invariant: nothing is written to the database unless ``--write`` is given.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from noormme.cli.arguments import database_paths
from noormme.cli.guard import Debug, guarded

__all__ = ["query"]


class Format(StrEnum):
    """The forms in which rows are written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def query(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[DB] QUERY",
            show_default=False,
            autocompletion=database_paths,
            help="The database (without it the one that is configured), and the query; - reads the query "
            "from standard input.",
        ),
    ],
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            show_default=False,
            help="How rows are written; without it as FILE ends, or a table.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-n",
            min=0,
            metavar="N",
            show_default=False,
            help="Print so many rows at most, 0 for all. A table has 1,000 unless this says otherwise.",
        ),
    ] = None,
    sql: Annotated[
        bool | None,
        typer.Option("--sql/--python", show_default=False, help="What language QUERY is in."),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Let the query change the database.")] = False,
    timeout_s: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="S",
            show_default=False,
            help="Stop a statement of the database after S seconds; Python has no limit, but Ctrl-C ends it.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Run a query, in Python or in SQL, and print its rows.

    A query that begins with a word of SQL (SELECT, WITH, INSERT, …) is SQL; any other is a Python
    expression, in which db is the database, and all that noormme and noormme.functions have is at
    hand. It runs as Python does, so run only what you would run there.

    The database is opened for reading only, unless --write is given.

    \b
    Examples:
      noormme query app.db 'db.users.filter(age__gte=18).order_by("name")[:5]'
      noormme query app.db 'select name, email from users' --json
      noormme query app.db 'db.orders.all()' -o orders.csv
      noormme query app.db "update users set active = 0 where id = 7" --write
      noormme query 'db.users.count()'
    """
    if len(arguments) > 2:
        raise typer.BadParameter("there is one database and one query: put the query in quotes")
    if json and form not in (None, Format.JSON):
        raise typer.BadParameter("--json and --format exclude each other")
    if timeout_s is not None and not timeout_s > 0:
        raise typer.BadParameter("--timeout is a number of seconds above 0")
    with guarded(debug=debug):
        from noormme.cli.query.running import run

        run(
            arguments[0] if len(arguments) == 2 else None,
            arguments[-1],
            form="json" if json else form.value if form else None,
            output=output,
            limit=limit,
            is_sql=sql,
            write=write,
            timeout_s=timeout_s,
        )
