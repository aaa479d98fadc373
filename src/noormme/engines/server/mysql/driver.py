"""The MySQL and MariaDB engine: PyMySQL's connections, discovery, and what a statement of the user's is.

Invariant: PyMySQL is imported here and in the modules that this one imports, and noormme imports this one
when a database of that kind is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pymysql
from msgspec.structs import replace

from noormme.engines.audit import AuditSQL
from noormme.engines.base import Description, Mode, Row
from noormme.engines.server.encoding import zone_of
from noormme.engines.server.engine import ServerEngine
from noormme.engines.server.link import Link
from noormme.engines.server.mysql.catalog import CATALOG_QUERIES, Catalog
from noormme.engines.server.mysql.dialect import MySQLDialect
from noormme.engines.server.mysql.faults import not_found, statement_error
from noormme.engines.server.mysql.flavours import Flavour, sequence_of
from noormme.engines.server.mysql.introspect import schema_of
from noormme.engines.server.mysql.introspect_search import words_of
from noormme.engines.server.mysql.link import MySQLLink, UnreadableRow
from noormme.engines.server.mysql.lists import Listed
from noormme.engines.server.mysql.opening import address_of, connect
from noormme.engines.server.mysql.reading import Unreadable
from noormme.engines.server.mysql.statements import (
    MAY_WRITE,
    called,
    has_effects,
    only_statement,
    placed,
    returned_query,
    writes,
)
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

if TYPE_CHECKING:
    from noormme.engines.creating import Creator

__all__ = ["MySQLEngine"]

_BEGIN: dict[Mode, tuple[str, ...]] = {
    # The level of the session is READ COMMITTED: a row that another one has committed is seen.
    "immediate": ("START TRANSACTION",),
    "deferred": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT",
    ),
    "exclusive": ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "START TRANSACTION"),
}


class MySQLEngine(ServerEngine[MySQLLink]):
    """One database on MySQL or MariaDB; an ``engines.base.Engine``, which explains what is not said here.

    Args:
        url: ``mysql://user:password@host:port/name``, with options of the connection behind a ``?``.
        settings: Time zone, time limits, how many connections.

    Raises:
        ConnectionFailed: The server cannot be reached, or does not let us in.
        SettingsError: The URL names no database, or an option that there is not.

    Attributes:
        dialect: What the compiler asks.
    """

    _reads_replicas = True

    def __init__(self, url: str, settings: Settings) -> None:
        self._address = address_of(url)
        self._flavour = Flavour()
        # The part of the log that the primary writes, where it has said so.
        self._domain: int | None = None
        super().__init__(self._address.shown, settings)
        try:
            # The first connection tells whether there is such a database, and on which of the two servers.
            self._reach()
        except BaseException:
            self.close()
            raise
        self.dialect = MySQLDialect(self._known, self._flavour, zone_of(settings.timezone), self._knows_zone)

    def _connect(self) -> MySQLLink:
        unreadable = Unreadable()
        raw, self._flavour = connect(self._address, self.settings, unreadable)
        return self._link(raw, unreadable)

    def _connect_to(self, url: str) -> MySQLLink:
        unreadable = Unreadable()
        # A user with many rights may write to a replica, which would be another database from then on.
        raw, _ = connect(address_of(url), replace(self.settings, readonly=True), unreadable)
        return self._link(raw, unreadable)

    def _link(self, raw: pymysql.Connection[Any], unreadable: Unreadable) -> MySQLLink:
        return MySQLLink(raw, self._flavour, unreadable, self._report, self._known, self.settings.timeout_s)

    def _position(self, link: MySQLLink, of_primary: bool) -> int | None:
        if self._flavour.position is None:
            return None
        [(domain, said)] = link.send(self._flavour.position)
        if of_primary:
            self._domain = int(domain)
        return None if self._domain is None else sequence_of(said, self._domain)

    def _begin(self, mode: Mode) -> tuple[str, ...]:
        return _BEGIN[mode]

    def _tolerable(self, error: Exception) -> bool:
        return isinstance(error, UnreadableRow)

    def _translated(self, error: Exception) -> NoormmeError | None:
        return statement_error(error, self._schema) if isinstance(error, pymysql.Error) else None

    def _knows_zone(self, zone: str) -> bool:
        """Whether the server has loaded the time zone of a name."""
        asked = "SELECT CONVERT_TZ(TIMESTAMP'2000-01-01 00:00:00', '+00:00', %s) IS NOT NULL"
        return bool(self.local.read_primary(lambda link: link.run(asked, (zone,)))[0][0])

    # -- schema -------------------------------------------------------------------------------------

    def discover(self) -> Schema:
        """Read the schema, in a fixed number of queries.

        Raises:
            ConnectionFailed: The catalogue cannot be read.
        """
        try:
            catalog = Catalog(
                {name: self.local.read_primary(_reading(sql)) for name, sql in CATALOG_QUERIES.items()}
            )
        except (ConnectionFailed, DatabaseClosed):
            raise
        except DatabaseError as error:
            raise ConnectionFailed(f"the schema of {self.path} cannot be read: {error}") from error
        self._schema = schema_of(catalog, types=self.settings.types, names=self.settings.names)
        self.dialect.forget()
        self.dialect.words = words_of(catalog.search, self._stopwords(catalog))
        return self._schema

    def _stopwords(self, catalog: Catalog) -> list[str]:
        """The stop words that the server's owner keeps in a table; none where nobody does, or may read it."""
        named = catalog.search.get("innodb_ft_user_stopword_table") or catalog.search.get(
            "innodb_ft_server_stopword_table"
        )
        if not named or not self._schema.search_indexes:
            return []
        database, _, table = (part.replace("`", "``") for part in named.partition("/"))
        try:
            rows = self.local.read_primary(_reading(f"SELECT value FROM `{database}`.`{table}`"))
        except (ConnectionFailed, DatabaseClosed):
            raise
        except DatabaseError:
            return []
        return [str(word) for (word,) in rows]

    # -- statements ---------------------------------------------------------------------------------

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        text = only_statement(sql)
        found, database = placed(text), self._address.options["database"]
        try:
            origins = self._alone(lambda link: link.describe(found.prepared, database))
            given_back = None if origins else returned_query(found.prepared)
            if given_back is not None:
                origins = self._alone(lambda link: link.describe(given_back, database))
        except QueryFailed as error:
            raise not_found(error, self._schema) from error.__cause__
        reads = not writes(text)
        once = reads and not self.settings.readonly and self._may_write(text)
        return Description(found.sql, found.names, origins, not reads, found.places, once)

    def _may_write(self, text: str) -> bool:
        """Whether a statement that reads calls what may write all the same."""
        if has_effects(text):
            return True
        names = called(text)
        if not names:
            return False

        def look(link: MySQLLink) -> list[Row]:
            return link.send(link.written(MAY_WRITE, (Listed(names),)))

        return bool(self._alone(look)[0][0])

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """The server's plan, one table of it in a line."""
        rows = self.local.new().execute(f"EXPLAIN {sql}", tuple(parameters))
        return "\n".join("\t".join("" if each is None else str(each) for each in row) for row in rows)

    @property
    def creator(self) -> Creator:
        """What writes definitions."""
        # Imported here, because most programs define nothing.
        from noormme.engines.server.mysql.creating import MySQLCreator

        return MySQLCreator(self._flavour)

    @property
    def audit(self) -> AuditSQL:
        """No audit trail yet."""
        raise NotSupported(
            "the audit trail is not there for MySQL yet", hint="use triggers of your own meanwhile"
        )


def _reading(sql: str) -> Callable[[Link], list[Row]]:
    return lambda link: link.run(sql)
