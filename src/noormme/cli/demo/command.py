"""``noormme demo``: its arguments.

Invariant: checks how it was called, and leaves the work to ``tour``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from noormme.cli.guard import Debug, guarded

__all__ = ["demo"]


def demo(
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="DB", help="Use this database (path or URL); it is only read."),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Keep the sample database in this new file.")
    ] = None,
    speed: Annotated[bool, typer.Option("--speed/--no-speed", help="Compare the speed with sqlite3.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, for programs.")] = False,
    debug: Debug = False,
) -> None:
    """See noormme work: discovery, a dozen queries, their speed.

    Makes a sample database of 50,000 rows (the work of a video-production studio), shows what
    noormme finds in it, what it can ask, and how long that takes beside hand-written sqlite3. With
    --database it does the same on a database of yours, without writing to it.

    \b
    Examples:
      noormme demo
      noormme demo --keep studio.db
      noormme demo --database app.db --no-speed
    """
    if database is not None and keep is not None:
        raise typer.BadParameter("--keep keeps the sample database; it does not go with --database")
    with guarded(debug=debug):
        from noormme.cli.demo.tour import tour

        tour(database, keep, speed=speed, as_json=json)
