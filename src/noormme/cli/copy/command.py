"""``noormme copy``: its arguments.

Invariant: nothing is asked back, and nothing is written with ``--dry-run``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from noormme.cli.guard import Debug, guarded

__all__ = ["copy"]


class BadValue(StrEnum):
    """What becomes of a value that is none of its column's type."""

    ERROR = "error"
    NULL = "null"
    TEXT = "text"


def copy(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="What is read: a path or a URL.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="What is written: a path or a URL.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would be.")] = False,
    tables: Annotated[
        list[str] | None, typer.Option("--tables", metavar="NAME", help="This table only; may be repeated.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="NAME", help="Not this table; may be repeated.")
    ] = None,
    schema_only: Annotated[
        bool, typer.Option("--schema-only", help="Make the tables and leave them empty.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove tables of these names from the target first.")
    ] = False,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Do not read the tables again to compare them.")
    ] = False,
    on_bad_value: Annotated[
        BadValue, typer.Option("--on-bad-value", help="For a value that is none of its column's type.")
    ] = BadValue.ERROR,
    batch_rows: Annotated[
        int, typer.Option("--batch-rows", min=1, metavar="N", help="How many rows are committed together.")
    ] = 5_000,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, for programs.")] = False,
    debug: Debug = False,
) -> None:
    """Copy a database into another one, of any engine.

    Stopped in between, it goes on where it was when the same command is run again. Ends with 3 where a table
    was found to be another at the target.

    \b
    Examples:
      noormme copy app.db postgresql://localhost/app --dry-run
      noormme copy app.db postgresql://localhost/app
      noormme copy postgresql://localhost/app backup.db --exclude sessions
    """
    if dry_run and replace:
        raise typer.BadParameter("--dry-run writes nothing, and --replace removes tables")
    with guarded(debug=debug):
        from noormme.cli.copy.running import run

        run(
            source,
            target,
            tables=tables or (),
            exclude=exclude or (),
            schema_only=schema_only,
            dry_run=dry_run,
            replace=replace,
            verify=not no_verify,
            batch_rows=batch_rows,
            on_bad_value=on_bad_value.value,
            json=json,
        )
