"""Waiting for the schema of a database to change.

Invariant: the database is read and never locked. What goes wrong while waiting (a server that restarts, a
file that a migration replaces) is told once, and waiting goes on; what is wrong at the start ends it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping

import typer

from noormme import Database, connect
from noormme.cli.output import printable
from noormme.errors import NoormmeError

__all__ = ["watched"]

_PAUSE_S = 0.5
"""Between two looks at a file, whose answer is a number."""

_PAUSE_DISCOVERING_S = 2.0
"""Between two looks at a server, whose catalogue is read each time."""

_VERSIONS: Mapping[str, str] = {"sqlite": "PRAGMA schema_version"}
"""What gives a number that changes with the schema, for dialects that have one."""


def watched(target: str | None) -> Generator[Database, None, None]:
    """Give a database at once, and again each time its schema has changed.

    Args:
        target: A path or a URL; None for that of the configuration.

    Yields:
        The database, opened for reading.

    Raises:
        NoormmeError: It cannot be opened to begin with.
    """
    known: str | None = None
    complaint: str | None = None
    while True:
        try:
            with connect(target, readonly=True) as db:
                for fingerprint in _fingerprints(db):
                    complaint = None
                    if fingerprint != known:
                        known = fingerprint
                        yield db
        except NoormmeError as error:
            if known is None:
                raise
            if error.message != complaint:
                complaint = error.message
                typer.echo(printable(f"waiting: {complaint}"), err=True)
            time.sleep(_PAUSE_DISCOVERING_S)


def _fingerprints(db: Database) -> Generator[str, None, None]:
    """The schema's fingerprint at each look, until the file is another one."""
    question = _VERSIONS.get(db.schema.dialect)
    file = _file(db)
    version = _version(db, question)
    yield db.schema.fingerprint
    while True:
        time.sleep(_PAUSE_DISCOVERING_S if question is None else _PAUSE_S)
        if _file(db) != file:
            return
        now = _version(db, question)
        if question is None or now != version:
            version = now
            db.refresh()
            yield db.schema.fingerprint


def _version(db: Database, question: str | None) -> int | None:
    return None if question is None else int(db.execute(question)[0][0])


def _file(db: Database) -> tuple[int, int] | None:
    """Which file it is; None for what is no file, and for one that is gone."""
    try:
        found = os.stat(db.path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
