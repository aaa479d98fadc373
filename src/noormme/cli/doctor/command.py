"""``noormme doctor``: its arguments.

Invariant: nothing is changed; ends with 1 where there is a problem.
"""

from __future__ import annotations

from typing import Annotated

import typer

from noormme.cli.arguments import DatabaseOrConfigured, JsonOutput
from noormme.cli.guard import Debug, guarded

__all__ = ["doctor"]


def doctor(
    database: DatabaseOrConfigured = None,
    full: Annotated[
        bool, typer.Option("--full", help="Check the whole file, however long it takes.")
    ] = False,
    check_s: Annotated[
        float,
        typer.Option("--check-time", min=0.1, metavar="S", help="Check the file for S seconds at most."),
    ] = 5.0,
    json: JsonOutput = False,
    debug: Debug = False,
) -> None:
    """Look for what is wrong, and say what to do about it.

    Versions, settings, permissions, disk, pragmas, broken rows and pages; of a server its version, its
    limits, its connections. Changes nothing. Ends with 1 where a problem was found, with 0 otherwise,
    warnings included. Without a database it looks at the machine alone.

    \b
    Examples:
      noormme doctor app.db
      noormme doctor app.db --full
      noormme doctor postgresql://localhost/app --json
    """
    with guarded(debug=debug):
        from noormme.cli.doctor.examination import examine

        examine(database, full=full, check_s=check_s, as_json=json)
