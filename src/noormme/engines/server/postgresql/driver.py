"""The PostgreSQL engine: psycopg's connections, discovery, and what a statement of the user's is.

Invariant: psycopg is imported here and in the modules that this one imports, and noormme imports this one
when a database of that kind is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import psycopg
from msgspec.structs import replace

from noormme.engines.audit import AuditSQL
from noormme.engines.base import Description, Mode, Origin, Row
from noormme.engines.server.encoding import zone_of
from noormme.engines.server.engine import ServerEngine
from noormme.engines.server.link import Link
from noormme.engines.server.postgresql.catalog import CATALOG_QUERIES, Catalog
from noormme.engines.server.postgresql.dialect import PostgreSQLDialect
from noormme.engines.server.postgresql.faults import not_found, statement_error, unreadable
from noormme.engines.server.postgresql.introspect import schema_of
from noormme.engines.server.postgresql.link import PostgreSQLLink
from noormme.engines.server.postgresql.opening import Connection, connect, is_pooled
from noormme.engines.server.postgresql.pooled import PooledLink
from noormme.engines.server.postgresql.statements import called, numbered, only_statement, writes
from noormme.engines.server.postgresql.types import kind_of_oid
from noormme.engines.server.session import current
from noormme.errors import (
    ConnectionFailed,
    DatabaseClosed,
    DatabaseError,
    NoormmeError,
    QueryFailed,
)
from noormme.schema.model import Schema, Table
from noormme.settings import Settings

if TYPE_CHECKING:
    from noormme.engines.creating import Creator

__all__ = ["PostgreSQLEngine"]

_BEGIN: dict[Mode, tuple[str, ...]] = {
    "immediate": ("BEGIN",),
    "deferred": ("BEGIN ISOLATION LEVEL REPEATABLE READ",),
    "exclusive": ("BEGIN ISOLATION LEVEL SERIALIZABLE",),
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

    _reads_replicas = True

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        # By URL: what was found out.
        self._poolers: dict[str, bool] = {}
        self.dialect = PostgreSQLDialect(self._known, zone_of(settings.timezone))
        self._namespace = "public"
        # The tables to which COPY does what INSERT would.
        self._copied: frozenset[str] = frozenset()
        super().__init__(_without_password(url), settings)
        # By the number of a table: its exact name, and its columns by their numbers.
        self._origins: dict[int, tuple[str, dict[int, str]]] = {}
        try:
            self._reach()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> PostgreSQLLink:
        return self._link(self._url, self.settings)

    def _connect_to(self, url: str) -> PostgreSQLLink:
        # Where it is no replica any more, or never was one, it must not be written to all the same.
        return self._link(url, replace(self.settings, readonly=True))

    def _link(self, url: str, settings: Settings) -> PostgreSQLLink:
        raw = self._connected(url, settings)
        if not self._poolers[url]:
            return PostgreSQLLink(raw, self._report, self._known, settings.timeout_s, self._copies)
        return PooledLink(
            raw, self._report, self._known, settings.timeout_s, self._copies, readonly=settings.readonly
        )

    def _connected(self, url: str, settings: Settings) -> Connection:
        """A connection that is right for what stands between us and the server, if anything does."""
        where = _without_password(url)
        if settings.pooler != "detect":
            self._poolers[url] = settings.pooler == "transaction"
        pooled = self._poolers.get(url)
        if pooled is not None:
            return connect(url, where, settings, pooled=pooled)
        try:
            raw = connect(url, where, settings)
        except ConnectionFailed as error:
            if "startup parameter" not in error.message:
                raise
        else:
            self._poolers[url] = is_pooled(raw)
            if not self._poolers[url]:
                return raw
            raw.close()
        self._poolers[url] = True
        return connect(url, where, settings, pooled=True)

    @property
    def pooled(self) -> bool:
        """Whether a pooler gives every transaction another connection to the server."""
        return self._poolers[self._url]

    def _copies(self, table: Table) -> bool:
        return table.name in self._copied

    def _position(self, link: PostgreSQLLink, of_primary: bool) -> int | None:
        return link.position()

    def _begin(self, mode: Mode) -> tuple[str, ...]:
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
            catalog = Catalog({name: self._rows_of(sql) for name, sql in CATALOG_QUERIES.items()})
        except (ConnectionFailed, DatabaseClosed):
            raise
        except DatabaseError as error:
            raise ConnectionFailed(f"the schema of {self.path} cannot be read: {error}") from error
        self._namespace = catalog.namespace
        self._schema = schema_of(catalog, types=self.settings.types, names=self.settings.names)
        self._origins = {
            relation.oid: (
                catalog.exact_name(relation),
                {row.number: row.name for row in catalog.columns.get(relation.oid, [])},
            )
            for relation in catalog.relations
        }
        self._copied = frozenset(catalog.exact_name(each) for each in catalog.relations if each.copied)
        self.dialect.forget()
        return self._schema

    def _rows_of(self, sql: str) -> list[Row]:
        session = current(self)
        # In a transaction, what that has made is there too.
        return self.local.read_primary(_reading(sql)) if session is None else session.run(sql)

    # -- statements ---------------------------------------------------------------------------------

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        text, names = numbered(only_statement(sql))
        reads = not writes(text)
        names_called = called(text) if reads and not self.settings.readonly else []

        def look(link: PostgreSQLLink) -> tuple[tuple[list[int], list[tuple[str, int, int, int]]], bool]:
            described = link.describe(text)
            return described, bool(names_called) and link.may_write(names_called)

        try:
            (types, columns), once = self._alone(look)
        except QueryFailed as error:
            raise not_found(error, self._schema) from error.__cause__
        names = (*names, *([None] * (len(types) - len(names))))
        origins = tuple(
            Origin(name, *self._origin(oid, at), kind_of_oid(type_)) for name, oid, at, type_ in columns
        )
        return Description(
            text, names, origins, not reads, once=once, kinds=tuple([kind_of_oid(oid) for oid in types])
        )

    def _origin(self, oid: int, number: int) -> tuple[str, str]:
        table, columns = self._origins.get(oid, ("", {}))
        column = columns.get(number, "")
        return (table, column) if column else ("", "")

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """PostgreSQL's plan, as ``psql`` shows it."""
        return "\n".join(str(row[0]) for row in self.local.new().execute(f"EXPLAIN {sql}", tuple(parameters)))

    @property
    def creator(self) -> Creator:
        """What writes definitions."""
        # Imported here, because most programs define nothing.
        from noormme.engines.server.postgresql.creating import PostgreSQLCreator

        return PostgreSQLCreator()

    @property
    def audit(self) -> AuditSQL:
        """The SQL of the audit trail."""
        # Imported here, because most programs keep none.
        from noormme.engines.server.postgresql.audit import PostgreSQLAudit

        return PostgreSQLAudit(self._namespace, self.dialect)


def _reading(sql: str) -> Callable[[Link], list[Row]]:
    return lambda link: link.run(sql)


def _without_password(url: str) -> str:
    """A URL for messages: the user, the host and the name of the database, and nothing else."""
    parts = urlsplit(url)
    user = "" if parts.username is None else f"{quote(unquote(parts.username))}@"
    host = parts.netloc.rpartition("@")[2]
    return f"postgresql://{user}{host}{parts.path}"
