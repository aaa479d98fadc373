"""``noormme status``: its arguments.

Invariant: reads only, and counts rows for no longer than it was told.
"""

from __future__ import annotations

from typing import Annotated

import typer

from noormme.cli.arguments import DatabaseOrConfigured, JsonOutput
from noormme.cli.guard import Debug, guarded

__all__ = ["status"]


def status(
    database: DatabaseOrConfigured = None,
    count_s: Annotated[
        float,
        typer.Option(
            "--count-time", min=0, metavar="S", help="Count rows for S seconds at most; 0 counts none."
        ),
    ] = 2.0,
    json: JsonOutput = False,
    debug: Debug = False,
) -> None:
    """Show what state a database is in.

    Its engine and version, size, tables, rows, write-ahead log, connections, and what is odd about its
    schema. Nothing is written.

    \b
    Examples:
      noormme status app.db
      noormme status postgresql://localhost/app --json
      noormme status --count-time 30
    """
    with guarded(debug=debug):
        from noormme.cli.status.show import show

        show(database, count_s=count_s, as_json=json)
