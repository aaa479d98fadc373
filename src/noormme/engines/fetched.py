"""Rows that were read already, and the errors for what no engine can do any more, or ever."""

from __future__ import annotations

from typing import Any

from noormme.engines.base import Row
from noormme.errors import DatabaseClosed, NotSupported

__all__ = ["Fetched", "closed", "no_replica"]


class Fetched(list[Row]):
    """Rows that were read already, with the interface of a cursor."""

    __slots__ = ()

    def fetchall(self) -> list[Row]:
        """All rows."""
        return self

    def close(self) -> None:
        """Nothing to give up: all rows were read."""

    @property
    def get(self) -> Any:
        """The only row, None where there is none, or all of several."""
        return self[0] if len(self) == 1 else self or None


def closed() -> DatabaseClosed:
    """The error for what is asked of a database after it was closed."""
    return DatabaseClosed("this database was closed", hint="connect() again")


def no_replica() -> NotSupported:
    """The error for what is asked of a replica, where there is none."""
    return NotSupported(
        "this database is no replica, so there is nothing to fetch",
        hint="connect() to libsql:///replica.db?sync_url=http://host:8080",
    )
