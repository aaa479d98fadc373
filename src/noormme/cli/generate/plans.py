"""``noormme generate --plans``: the plans of a database as a file to ship.

Invariant: the database is only read, and the file is replaced as a whole.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import typer

from noormme.cli.output import plural
from noormme.database import open_registry
from noormme.orm.stored_plans import export

__all__ = ["ship"]


def ship(database: str | None, path: Path, *, json: bool) -> None:
    """Write the plans that programs of this user have kept for a database to a file, and say how many.

    Args:
        database: A path or a URL; None for that of the configuration.
        path: The file.
        json: Say it as JSON.

    Raises:
        NoormmeError: Plans of such a database are not kept, or the file cannot be written.
    """
    registry = open_registry(database, readonly=True)
    try:
        number = export(registry, path)
    finally:
        registry.engine.close()
    if json:
        typer.echo(msgspec.json.encode({"output": str(path), "plans": number}).decode())
    else:
        typer.echo(f"{path}  written: {plural(number, 'plan')}")
    if not number:
        typer.echo(
            "hint:  run the program that is to find them once; what it compiles is kept when it ends",
            err=True,
        )
