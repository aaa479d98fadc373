"""The databases that are written to: a copy for each contender, made whole again between two rounds.

Invariant: before each round every copy is page for page the same and its write-ahead log is empty, so the
same writes meet tables of the same size and cause the same checkpoints. The process that copies and compares
is none that writes.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from benchmarks.data import USER_FIELDS
from benchmarks.plain import digest

__all__ = ["Copies"]

_PATIENCE_S = 20.0


class Copies:
    """Copies of one database.

    Args:
        original: What they are copies of; nothing writes to it.
        directory: Where they are kept.
    """

    def __init__(self, original: Path, directory: Path) -> None:
        self._original = original
        self._directory = directory

    def path(self, name: str) -> Path:
        """Where a contender's copy is."""
        return self._directory / f"{name}.sqlite"

    def restore(self, name: str) -> None:
        """Make a contender's copy the same as the original, and its log empty.

        Args:
            name: Which contender; it must have no transaction open.
        """
        source = sqlite3.connect(f"file:{self._original}?immutable=1", uri=True)
        copy = sqlite3.connect(self.path(name), timeout=_PATIENCE_S)
        with closing(source), closing(copy):
            source.backup(copy)
            copy.execute("pragma journal_mode = wal")
            [(busy, *_)] = copy.execute("pragma wal_checkpoint(truncate)")
        if busy:
            raise RuntimeError(f"{name} holds a transaction open between two rounds")

    def digest(self, name: str) -> str:
        """The digest of all users in a contender's copy, dates and booleans as values."""
        connection = sqlite3.connect(self.path(name), timeout=_PATIENCE_S)
        with closing(connection):
            rows = connection.execute(f"select {', '.join(USER_FIELDS)} from users order by id").fetchall()
        return digest([(*row[:5], bool(row[5]), datetime.fromisoformat(row[6])) for row in rows])
