"""The PostgreSQL engine: psycopg's connections, discovery, and what a statement of the user's is.

Invariant: psycopg is imported here and in the modules that this one imports, and noormme imports this one
when a database of that kind is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from urllib.parse import quote, unquote, urlsplit

import psycopg

from noormme.engines.audit import AuditSQL
from noormme.engines.base import Description, Mode, Origin, Row
from noormme.engines.server.engine import ServerEngine
from noormme.engines.server.link import Link
from noormme.engines.server.postgresql.catalog import CATALOG_QUERIES, Catalog
from noormme.engines.server.postgresql.dialect import PostgreSQLDialect
from noormme.engines.server.postgresql.faults import not_found, statement_error, unreadable
from noormme.engines.server.postgresql.introspect import schema_of
from noormme.engines.server.postgresql.link import PostgreSQLLink
from noormme.engines.server.postgresql.opening import connect
from noormme.engines.server.postgresql.statements import numbered, only_statement, writes
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

__all__ = ["PostgreSQLEngine"]

_BEGIN: dict[Mode, str] = {
    "immediate": "BEGIN",
    "deferred": "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "exclusive": "BEGIN ISOLATION LEVEL SERIALIZABLE",
}


class PostgreSQLEngine(ServerEngine[PostgreSQLLink]):
    """One PostgreSQL database; an ``engines.base.Engine``, which explains what is not explained here.

    Args:
        url: ``postgresql://user:password@host:port/name``; what it leaves out, libpq's environment says.
        settings: Time zone, time limits, how many connections.

    Raises:
        ConnectionFailed: The server cannot be reached, or does not let us in.

    Attributes:
        dialect: What the compiler asks.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self.dialect = PostgreSQLDialect(self._known, _zone(settings.timezone))
        super().__init__(_without_password(url), settings)
        # By the number of a table: its exact name, and its columns by their numbers.
        self._origins: dict[int, tuple[str, dict[int, str]]] = {}
        try:
            # The first connection tells whether there is such a database.
            with self._pool.lent():
                pass
        except BaseException:
            self.close()
            raise

    def _connect(self) -> PostgreSQLLink:
        raw = connect(self._url, self.path, self.settings)
        return PostgreSQLLink(raw, self._report, self._known, self.settings.timeout_s)

    def _begin(self, mode: Mode) -> str:
        return _BEGIN[mode]

    def _tolerable(self, error: Exception) -> bool:
        return unreadable(error)

    def _translated(self, error: Exception) -> NoormmeError | None:
        return statement_error(error, self._schema) if isinstance(error, psycopg.Error) else None

    # -- schema -------------------------------------------------------------------------------------

    def discover(self) -> Schema:
        """Read the schema, in a fixed number of queries.

        Raises:
            ConnectionFailed: The catalogue cannot be read.
        """
        try:
            catalog = Catalog({name: self.local.read(_reading(sql)) for name, sql in CATALOG_QUERIES.items()})
        except (ConnectionFailed, DatabaseClosed):
            raise
        except DatabaseError as error:
            raise ConnectionFailed(f"the schema of {self.path} cannot be read: {error}") from error
        self._schema = schema_of(catalog, types=self.settings.types, names=self.settings.names)
        self._origins = {
            relation.oid: (
                catalog.exact_name(relation),
                {row.number: row.name for row in catalog.columns.get(relation.oid, [])},
            )
            for relation in catalog.relations
        }
        self.dialect.forget()
        return self._schema

    # -- statements ---------------------------------------------------------------------------------

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        text, names = numbered(only_statement(sql))
        try:
            with self._pool.lent() as link:
                types, columns = link.describe(text)
        except QueryFailed as error:
            raise not_found(error, self._schema) from error.__cause__
        names = (*names, *([None] * (len(types) - len(names))))
        origins = tuple(Origin(name, *self._origin(oid, at)) for name, oid, at in columns)
        return Description(text, names, origins, writes(text))

    def _origin(self, oid: int, number: int) -> tuple[str, str]:
        table, columns = self._origins.get(oid, ("", {}))
        column = columns.get(number, "")
        return (table, column) if column else ("", "")

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """PostgreSQL's plan, as ``psql`` shows it."""
        return "\n".join(str(row[0]) for row in self.local.new().execute(f"EXPLAIN {sql}", tuple(parameters)))

    @property
    def audit(self) -> AuditSQL:
        """No audit trail yet."""
        raise NotSupported(
            "the audit trail is not there for PostgreSQL yet", hint="use triggers of your own meanwhile"
        )


def _reading(sql: str) -> Callable[[Link], list[Row]]:
    return lambda link: link.run(sql)


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    # Most databases need no time zone, and reading one is file access.
    import zoneinfo

    return zoneinfo.ZoneInfo(name)


def _without_password(url: str) -> str:
    """A URL for messages: the user, the host and the name of the database, and nothing else."""
    parts = urlsplit(url)
    user = "" if parts.username is None else f"{quote(unquote(parts.username))}@"
    host = parts.netloc.rpartition("@")[2]
    return f"postgresql://{user}{host}{parts.path}"
