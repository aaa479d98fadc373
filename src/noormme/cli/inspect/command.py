"""``noormme inspect``: its arguments, and which view answers them.

Invariant: reads the schema, never the rows (but to count them, when asked); writes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from noormme.cli.arguments import DatabaseOrConfigured
from noormme.cli.guard import Debug, guarded

__all__ = ["inspect"]


class Diagram(StrEnum):
    """The languages in which a diagram can be written."""

    MERMAID = "mermaid"
    DOT = "dot"


def inspect(
    database: DatabaseOrConfigured = None,
    table: Annotated[str | None, typer.Argument(metavar="TABLE", help="One table or view only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the schema as JSON, for programs.")] = False,
    diagram: Annotated[
        Diagram | None, typer.Option("--diagram", help="Print an entity diagram instead.", show_default=False)
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Count the rows of each table too.")] = False,
    debug: Debug = False,
) -> None:
    """Show tables, columns, keys, relations and warnings.

    Reads the schema only; nothing is written to the database.

    \b
    Examples:
      noormme inspect app.db
      noormme inspect app.db users
      noormme inspect app.db --json > schema.json
      noormme inspect app.db orders --diagram mermaid
    """
    if json and diagram is not None:
        raise typer.BadParameter("--json and --diagram exclude each other")
    if rows and (json or diagram is not None):
        raise typer.BadParameter("--rows goes with the tables, not with --json or --diagram")
    with guarded(debug=debug):
        from noormme.cli.inspect.report import report

        report(database, table, form="json" if json else diagram.value if diagram else "tables", rows=rows)
