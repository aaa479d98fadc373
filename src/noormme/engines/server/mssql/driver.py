"""The SQL Server engine: pymssql's connections, discovery, and what a statement of the user's is.

Invariant: pymssql is imported here and in the modules that this one imports, and noormme imports this one
when a database of that kind is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pymssql

from noormme.engines.audit import AuditSQL
from noormme.engines.base import Description, Mode, Origin, Row
from noormme.engines.creating import Creator
from noormme.engines.server.encoding import zone_of
from noormme.engines.server.engine import ServerEngine
from noormme.engines.server.link import Link
from noormme.engines.server.mssql.addresses import without_password
from noormme.engines.server.mssql.catalog import CATALOG_QUERIES, Catalog
from noormme.engines.server.mssql.dialect import SQLServerDialect
from noormme.engines.server.mssql.faults import statement_error, unknown_name
from noormme.engines.server.mssql.introspect import schema_of
from noormme.engines.server.mssql.link import SQLServerLink
from noormme.engines.server.mssql.opening import connect
from noormme.engines.server.mssql.statements import numbered, only_statement, writes
from noormme.engines.server.session import current
from noormme.errors import (
    ConnectionFailed,
    DatabaseClosed,
    DatabaseError,
    NoormmeError,
    NotSupported,
    QueryFailed,
)
from noormme.schema.model import Schema
from noormme.settings import Settings

__all__ = ["SQLServerEngine"]

_LEVELS: dict[Mode, str] = {
    "immediate": "READ COMMITTED",
    "deferred": "REPEATABLE READ",
    "exclusive": "SERIALIZABLE",
}


class SQLServerEngine(ServerEngine[SQLServerLink]):
    """One SQL Server database; an ``engines.base.Engine``, which explains what is not explained here.

    Args:
        url: ``mssql://user:password@host:port/name``.
        settings: Time zone, time limits, how many connections.

    Raises:
        ConnectionFailed: The server cannot be reached, or does not let us in.

    Attributes:
        dialect: What the compiler asks.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self._snapshots = False
        self._namespace = "dbo"
        self.dialect = SQLServerDialect(self._known, zone_of(settings.timezone))
        super().__init__(without_password(url), settings)
        try:
            self._reach()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> SQLServerLink:
        raw = connect(self._url, self.path, self.settings)
        return SQLServerLink(raw, self._report, self._known, self.settings.timeout_s)

    def _begin(self, mode: Mode) -> Sequence[str]:
        # What only reads sees one state of the database, and waits for nobody, where that is switched on.
        level = "SNAPSHOT" if mode == "deferred" and self._snapshots else _LEVELS[mode]
        return (f"SET TRANSACTION ISOLATION LEVEL {level}", "BEGIN TRANSACTION")

    def _tolerable(self, error: Exception) -> bool:
        return False

    def _translated(self, error: Exception) -> NoormmeError | None:
        return statement_error(error, self._schema) if isinstance(error, pymssql.Error) else None

    # -- schema -------------------------------------------------------------------------------------

    def discover(self) -> Schema:
        """Read the schema, in a fixed number of queries.

        Raises:
            ConnectionFailed: The catalogue cannot be read.
        """
        try:
            catalog = Catalog({name: self._rows_of(sql) for name, sql in CATALOG_QUERIES.items()})
        except (ConnectionFailed, DatabaseClosed):
            raise
        except DatabaseError as error:
            raise ConnectionFailed(f"the schema of {self.path} cannot be read: {error}") from error
        self._schema = schema_of(catalog, types=self.settings.types, names=self.settings.names)
        self._snapshots = catalog.snapshots
        self._namespace = catalog.namespace
        self.dialect.forget()
        return self._schema

    def _rows_of(self, sql: str) -> list[Row]:
        session = current(self)
        # In a transaction, what that has made is there too.
        return self.local.read(_reading(sql)) if session is None else session.run(sql)

    # -- statements ---------------------------------------------------------------------------------

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        text, names = numbered(only_statement(sql))
        columns = self._alone(lambda link: link.describe(text, len(names)))
        for *_, number, message in columns:
            if number is not None:
                raise self._misunderstood(number, message)
        origins = tuple(
            Origin(name or "", *self._origin(namespace, table, column))
            for name, namespace, table, column, *_ in columns
        )
        return Description(text, names, origins, writes(text))

    def _misunderstood(self, number: int, message: str) -> NoormmeError:
        name = message.partition("'")[2].rpartition("'")[0]
        made = unknown_name(number, name, self._schema)
        return made or QueryFailed(f"SQL Server does not understand the statement: {message}")

    def _origin(self, namespace: str | None, table: str | None, column: str | None) -> tuple[str, str]:
        if table is None or column is None:
            return ("", "")
        name = table if namespace in (None, self._namespace) else f"{namespace}.{table}"
        found = self._schema.table(name)
        return (name, column) if found is not None and found.column(column) is not None else ("", "")

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """SQL Server's estimated plan, as text."""
        return "\n".join(self._alone(lambda link: link.plan(sql, len(parameters))))

    @property
    def creator(self) -> Creator:
        """No definitions yet."""
        raise NotSupported(
            "tables cannot be made on SQL Server yet, so nothing can be copied into or out of it",
            hint="make them with a script of your own meanwhile",
        )

    @property
    def audit(self) -> AuditSQL:
        """No audit trail yet."""
        raise NotSupported(
            "the audit trail is not there for SQL Server yet",
            hint="use a system-versioned table, or triggers of your own meanwhile",
        )


def _reading(sql: str) -> Callable[[Link], list[Row]]:
    return lambda link: link.run(sql)
