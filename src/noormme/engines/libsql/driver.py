"""The libSQL engine: a server's database over HTTP, a local file, or a replica.

Invariant: a server is reached with the standard library alone. A file is opened by the client ``libsql``,
which has a SQLite of its own, so it is guarded like every file that is open here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from noormme.engines.audit import AuditSQL
from noormme.engines.base import Description, Mode, Origin, Row
from noormme.engines.creating import Creator
from noormme.engines.fetched import no_replica
from noormme.engines.libsql.address import address_of
from noormme.engines.libsql.dialect import LibSQLDialect
from noormme.engines.libsql.faults import not_found
from noormme.engines.libsql.local import LocalLink, connect
from noormme.engines.libsql.places import numbered
from noormme.engines.libsql.remote import RemoteLink
from noormme.engines.libsql.skeleton import FUNCTIONS, OBJECTS, VERSION, Skeleton
from noormme.engines.libsql.transport import TextUnreadable, Transport
from noormme.engines.server.engine import ServerEngine
from noormme.engines.server.link import Link
from noormme.engines.sqlite.faults import check_file
from noormme.engines.sqlite.guard import Guard
from noormme.engines.sqlite.opening import zone
from noormme.engines.sqlite.plans import plan_text
from noormme.engines.sqlite.tolerant import decoded_row, with_bytes
from noormme.errors import (
    ConnectionFailed,
    DatabaseError,
    FieldNotFound,
    NoormmeError,
    NotSupported,
    QueryFailed,
    TableNotFound,
)
from noormme.schema.model import Schema
from noormme.schema.sql_tokens import quote_identifier
from noormme.settings import Settings

__all__ = ["LibSQLEngine"]

_BEGIN: dict[Mode, tuple[str, ...]] = {
    "immediate": ("BEGIN IMMEDIATE",),
    "deferred": ("BEGIN",),
    "exclusive": ("BEGIN EXCLUSIVE",),
}

_SAMPLED_ROWS = 50


class _Quiet(threading.local):
    """Whether what a thread runs is not reported."""

    on = False


class LibSQLEngine(ServerEngine[RemoteLink | LocalLink]):
    """One libSQL database; an ``engines.base.Engine``, which explains what is not explained here.

    Args:
        url: ``libsql://host:port``, or ``libsql:///path`` for a file, with options behind ``?``.
        settings: Time zone, time limits, how many connections.

    Raises:
        ConnectionFailed: The server cannot be reached, or the file cannot be opened.
        NotSupported: The URL is that of a file, and the client ``libsql`` is not installed.
        SettingsError: The URL is not one of libSQL's.

    Attributes:
        dialect: What the compiler asks.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._address = address_of(url)
        self._skeleton: Skeleton | None = None
        self._functions: list[str] = []
        self._quiet = _Quiet()
        self.dialect = LibSQLDialect(self._sample, zone(settings.timezone))
        self._guard: Guard | None = None
        if self._address.path:
            if not self._address.sync_url:
                # The client would make the file.
                check_file(self._address.path)
            self._guard = Guard(self._address.path, settings.sqlite3_guard, "libSQL")
        super().__init__(self._address.shown, settings)
        try:
            # The first connection tells whether there is such a database.
            self.local.read(_reading("SELECT 1"))
            if self._guard is not None and self._guard.file is None:
                # The client has made the file.
                self._guard = Guard(self._address.path, settings.sqlite3_guard, "libSQL")
        except BaseException:
            self.close()
            raise

    def _connect(self) -> RemoteLink | LocalLink:
        settings = self.settings
        if self._address.path:
            raw = connect(self._address)
            return LocalLink(raw, self._report, self._known, settings.timeout_s, settings.busy_timeout_s)
        transport = Transport(self._address, settings.pool_timeout_s)
        transport.connect()
        return RemoteLink(transport, self._report, self._known, settings.timeout_s)

    def _begin(self, mode: Mode) -> Sequence[str]:
        return _BEGIN[mode]

    def _tolerable(self, error: Exception) -> bool:
        return isinstance(error, TextUnreadable)

    def _translated(self, error: Exception) -> NoormmeError | None:
        return None

    # -- schema -------------------------------------------------------------------------------------

    def discover(self) -> Schema:
        """Read the schema, in two short queries.

        Raises:
            ConnectionFailed: It cannot be read.
        """
        try:
            with self._unreported():
                made = self._new_skeleton()
        except ConnectionFailed:
            raise
        except DatabaseError as error:
            raise ConnectionFailed(f"the schema of {self.path} cannot be read: {error}") from error
        self._schema = made.schema(self.settings.types, self.settings.names)
        self._skeleton = made
        self.dialect.forget()
        self.dialect.tables = {table.name.lower() for table in self._schema}
        return self._schema

    def _new_skeleton(self) -> Skeleton:
        """The tables as they are now, also as the open transaction of this context sees them."""
        run = self.local.new().execute
        if not self._functions:
            self._functions = [str(row[0]) for row in run(FUNCTIONS)]
        [[version]] = run(VERSION)
        return Skeleton(run(OBJECTS), self._functions, version)

    def _current(self) -> Skeleton:
        """The skeleton, made anew where the tables have changed since."""
        skeleton = self._skeleton
        with self._unreported():
            [[version]] = self.local.new().execute(VERSION)
            if skeleton is None or skeleton.version != version:
                skeleton = self._skeleton = self._new_skeleton()
        return skeleton

    @contextmanager
    def _unreported(self) -> Generator[None, None, None]:
        """A block whose statements on this thread are no statements of the user's."""
        before, self._quiet.on = self._quiet.on, True
        try:
            yield
        finally:
            self._quiet.on = before

    def _report(self, sql: str, parameters: Sequence[object]) -> None:
        if not self._quiet.on:
            super()._report(sql, parameters)

    def _sample(self, table: str, column: str) -> list[object]:
        """Some stored values of a column."""
        name, of = quote_identifier(column), quote_identifier(table)
        sql = f"SELECT {name} FROM {of} WHERE {name} IS NOT NULL LIMIT {_SAMPLED_ROWS}"
        try:
            with self._unreported():
                return [row[0] for row in self.fetch(sql, (), 1)]
        except QueryFailed:
            # What cannot be read teaches nothing; the query itself will say what is wrong.
            return []

    # -- statements ---------------------------------------------------------------------------------

    def fetch(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
        """Run a statement and give all of its rows; text that is not UTF-8 comes as bytes."""
        try:
            return super().fetch(sql, parameters, columns)
        except TextUnreadable:
            if columns is None:
                raise QueryFailed(
                    "a stored text is not valid UTF-8", hint="read that column by itself"
                ) from None
        rows = super().fetch(with_bytes(sql, columns), parameters)
        return [decoded_row(row, self.dialect.encoding) for row in rows]

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        try:
            found = self._current().describe(sql, self._schema)
        except (FieldNotFound, QueryFailed, TableNotFound):
            # What only libSQL understands: it knows its columns, and not where they come from.
            found = self._described(sql)
        return replace(found, sql=numbered(found.sql)) if any(found.parameters) else found

    def _described(self, sql: str) -> Description:
        try:
            found = self._alone(lambda link: link.describe(sql))
        except QueryFailed as error:
            raise not_found(error, self._schema) from error.__cause__
        columns = tuple(Origin(column.name or "") for column in found.cols)
        names = tuple(parameter.name and parameter.name.lstrip(":@$") for parameter in found.params)
        return Description(sql.strip(), names, columns, not (found.is_readonly or found.is_explain))

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """SQLite's query plan, indented as the sqlite3 shell shows it."""
        return plan_text(self.local.new().execute(f"EXPLAIN QUERY PLAN {sql}", tuple(parameters)))

    def pull(self) -> None:
        """Fetch what is new on the server of a replica."""
        if not self._address.sync_url:
            raise no_replica()
        with self._pool.lent() as link:
            assert isinstance(link, LocalLink), "a replica is a file"
            link.sync()

    @property
    def creator(self) -> Creator:
        """What writes definitions: SQLite's own."""
        # Imported here, because most programs define nothing.
        from noormme.engines.sqlite.creating import SQLiteCreator

        return SQLiteCreator()

    @property
    def audit(self) -> AuditSQL:
        """No audit trail yet."""
        raise NotSupported(
            "the audit trail is not there for libSQL yet", hint="use triggers of your own meanwhile"
        )

    def close(self) -> None:
        """Close every connection; using the engine afterwards raises DatabaseClosed."""
        super().close()
        if self._guard is not None:
            self._guard.release()

    def after_fork(self) -> None:
        """Forget, in a child process, the connections of its parent, and the skeleton of its threads."""
        super().after_fork()
        if self._skeleton is not None:
            self._skeleton.abandon()
            self._skeleton = None


def _reading(sql: str) -> Callable[[Link], list[Row]]:
    return lambda link: link.run(sql)
