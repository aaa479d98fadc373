"""What a transaction is to a connection, where the server can end it by itself.

Invariant: no statement of a transaction runs outside of it. A deadlock undoes the whole transaction on these
servers, after which each statement would commit by itself; from then on all are refused until it is rolled
back. A statement that would end the transaction is refused before it runs.
"""

from __future__ import annotations

import re
from typing import Any

from pymysql.constants import SERVER_STATUS

from noormme.errors import DatabaseLocked, DiskFull, QueryTimeout, TransactionError

__all__ = ["Transacting", "in_transaction", "more_results"]

_UNDOING = (DatabaseLocked, DiskFull, QueryTimeout)
"""What may have ended the transaction: deadlocks, a lack of room for locks, the certification of Galera."""

_COMMITS = re.compile(
    # Behind white space and comments, but for those that the server executes.
    r"(?:\s|/\*(?!M?!).*?\*/|--\s[^\n]*\n|\#[^\n]*\n)*"
    r"(?P<what>(?:CREATE|DROP)(?!\s+(?:OR\s+REPLACE\s+)?TEMPORARY\b)|ALTER|TRUNCATE|RENAME|GRANT|REVOKE|FLUSH|INSTALL|UNINSTALL"
    r"|(?:ANALYZE|OPTIMIZE|REPAIR|CHECK)\s+(?=(?:LOCAL\s+|NO_WRITE_TO_BINLOG\s+)?TABLES?\b))\b",
    re.IGNORECASE | re.DOTALL,
)
"""Statements before and after which the server commits, whatever was begun."""


def in_transaction(raw: Any) -> bool:
    """Whether the server has said, when it last spoke, that a transaction is open.

    Args:
        raw: PyMySQL's connection.
    """
    return bool(int(raw.server_status) & SERVER_STATUS.SERVER_STATUS_IN_TRANS)


def more_results(raw: Any) -> bool:
    """Whether the rows of another statement follow those that were read.

    Args:
        raw: PyMySQL's connection.
    """
    return bool(int(raw.server_status) & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)


class Transacting:
    """Where one connection stands.

    Attributes:
        inside: Whether a transaction was begun that has not been ended from here.
        undone: Whether the server has ended it meanwhile.
    """

    __slots__ = ("inside", "undone")

    def __init__(self) -> None:
        self.inside = False
        self.undone = False

    def check(self, sql: str) -> None:
        """Refuse a statement that would run outside of the transaction, or end it.

        Args:
            sql: The statement.

        Raises:
            DatabaseLocked: The server has undone the transaction.
            TransactionError: The statement would commit it.
        """
        if not self.inside:
            return
        if self.undone:
            raise _undone()
        found = _COMMITS.match(sql)
        if found is not None:
            raise TransactionError(
                f"{found['what'].strip().upper()} would commit the transaction: MySQL does not undo it",
                hint="run it outside of the transaction",
            )

    def skips(self, sql: str) -> bool:
        """Whether there is nothing to control any more, because the server has undone it all.

        Args:
            sql: What is to be said of the transaction.

        Raises:
            DatabaseLocked: It is to be committed, and was undone.
        """
        if not self.undone or sql == "ROLLBACK":
            return False
        if sql == "COMMIT":
            raise _undone()
        return True

    def controlled(self, sql: str) -> None:
        """Note what was said of the transaction.

        Args:
            sql: What was said.
        """
        if sql.startswith("START"):
            self.inside = True
        elif sql in ("COMMIT", "ROLLBACK"):
            self.inside = self.undone = False

    def failed(self, error: Exception | None, raw: Any) -> None:
        """Look whether the transaction outlived a statement that failed.

        Args:
            error: What the failure was found to be.
            raw: PyMySQL's connection.
        """
        if not self.inside or not isinstance(error, _UNDOING):
            return
        try:
            raw.ping(reconnect=False)
        except Exception:
            self.undone = True
        else:
            self.undone = not in_transaction(raw)


def _undone() -> DatabaseLocked:
    return DatabaseLocked(
        "another transaction was in the way of this one, and the server has undone it",
        hint="run it again with db.run_in_transaction(), which tries again",
    )
