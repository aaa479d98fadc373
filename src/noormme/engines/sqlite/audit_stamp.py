"""Who writes and in which transaction, for the audit trail: what the connection that writes adds.

Invariant: the functions are called by a temporary trigger of the same connection only, so a program that does
not have them never needs them.
"""

from __future__ import annotations

from typing import cast

import apsw

from noormme.engines.audit import ACTOR

__all__ = ["AUDIT_TABLE", "EXISTS", "PREFIX", "STAMP", "AuditStamp"]

AUDIT_TABLE = "noormme_audit"
PREFIX = "noormme_audit_"
"""What the names of the triggers begin with."""

EXISTS = f"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '{AUDIT_TABLE}'"
STAMP = (
    f"CREATE TEMP TRIGGER IF NOT EXISTS {PREFIX}stamp AFTER INSERT ON main.{AUDIT_TABLE} BEGIN "
    f"UPDATE {AUDIT_TABLE} SET actor = noormme_actor(), transaction_id = noormme_transaction(NEW.id) "
    "WHERE id = NEW.id; END"
)
"""Adds to every new entry what only this connection knows."""


class AuditStamp:
    """What one engine's connection that writes adds.

    Attributes:
        stamped: Whether it adds it by now.
    """

    def __init__(self) -> None:
        self.stamped = False

    def attach(self, connection: apsw.Connection) -> None:
        """Let a connection add it, where there is a trail.

        Args:
            connection: The connection.
        """
        transaction = _Transaction(connection)
        connection.create_scalar_function("noormme_actor", lambda *_: ACTOR.get(), 0)
        connection.create_scalar_function("noormme_transaction", transaction.number, 1)
        self.stamped = bool(connection.execute(EXISTS).fetchall())
        if self.stamped:
            connection.execute(STAMP)


class _Transaction:
    """The number of the open transaction: that of its first entry."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._number: int | None = None
        self._watched = False

    def number(self, *arguments: object) -> int | None:
        """The number, which is that of the entry that is given where it is the first."""
        if self._number is None:
            self._number = cast("int", arguments[0])
            if not self._watched:
                # Only now: who keeps no trail should not pay for it at every commit.
                self._connection.set_commit_hook(self._ended, id=self)
                self._connection.set_rollback_hook(self._undone, id=self)
                self._watched = True
        return self._number

    def _ended(self) -> bool:
        self._number = None
        return False

    def _undone(self) -> None:
        self._number = None
