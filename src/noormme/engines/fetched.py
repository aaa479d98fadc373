"""Rows that were read already, and what is left of a database that was closed."""

from __future__ import annotations

from typing import Any

from noormme.engines.base import Row
from noormme.errors import DatabaseClosed

__all__ = ["Fetched", "closed"]


class Fetched(list[Row]):
    """Rows that were read already, with the interface of a cursor."""

    __slots__ = ()

    def fetchall(self) -> list[Row]:
        """All rows."""
        return self

    @property
    def get(self) -> Any:
        """The only row, None where there is none, or all of several."""
        return self[0] if len(self) == 1 else self or None


def closed() -> DatabaseClosed:
    """The error for what is asked of a database after it was closed."""
    return DatabaseClosed("this database was closed", hint="connect() again")
