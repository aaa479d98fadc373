"""Connections to PostgreSQL: how one is opened, and what psycopg makes of values on it.

Invariant: what is sent and read depends on the settings alone, never on what the server or the user has
configured: text is UTF-8, dates are ISO, and the time zone is that of the settings, or UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from psycopg import BaseConnection, RawCursor
from psycopg.adapt import AdaptersMap, Transformer
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import set_json_loads
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import TextLoader

from noormme.engines.server.postgresql.faults import lost, open_error

if TYPE_CHECKING:
    from psycopg.abc import Loader
    from psycopg.pq.abc import PGresult

    from noormme.settings import Settings

__all__ = ["Connection", "comes_in_binary", "connect", "is_pooled", "rows_with_text", "text_where_unreadable"]

Connection = psycopg.Connection[tuple[Any, ...]]

_AS_TEXT = (
    "inet",
    "cidr",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "int4multirange",
    "int8multirange",
    "nummultirange",
    "tsmultirange",
    "tstzmultirange",
    "datemultirange",
)
"""Types for which Python has no type of its own, or none that every program knows."""

_ALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""When the operating system takes a silent server for gone: after about a minute, not after two hours. The
last one is in milliseconds."""

_BINARY = frozenset(
    psycopg.adapters.types[name].oid
    for name in (
        *("bool", "bytea", "int2", "int4", "int8", "oid", "float8", "numeric", "uuid"),
        *("text", "varchar", "bpchar", "name", "date", "time", "timestamp", "timestamptz", "json", "jsonb"),
    )
)

_POOLED = "SELECT set_config('DateStyle', 'ISO', false), set_config('TimeZone', $1, false)"
_MOMENTS = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")


class _Values:
    """What psycopg asks for the adapters of a connection.

    Attributes:
        adapters: How values are sent and read.
        connection: None: it is for all of them.
    """

    def __init__(self) -> None:
        self.connection: BaseConnection[Any] | None = None
        self.adapters = AdaptersMap(psycopg.adapters)
        # One type for small and large numbers, so that a statement is planned once for all of them.
        self.adapters.register_dumper(int, Int8Dumper)
        for name in _AS_TEXT:
            self.adapters.register_loader(name, TextLoader)
        set_json_loads(msgspec.json.decode, self)


_VALUES = _Values()


def connect(url: str, where: str, settings: Settings, *, pooled: bool = False) -> Connection:
    """Open a connection on which each statement commits by itself.

    Args:
        url: Where to, in PostgreSQL's own form.
        where: The same without its password.
        settings: The time zone, the time limit, and whether nothing may be written.
        pooled: Whether a pooler gives every transaction another connection to the server.

    Raises:
        ConnectionFailed: The server cannot be reached, or did not let us in.
    """
    zone = settings.timezone or "UTC"
    try:
        given = conninfo_to_dict(url)
        options = [str(given.get("options") or "")]
        if not pooled:
            options += ["-c DateStyle=ISO", "-c IntervalStyle=postgres", f"-c TimeZone={zone}"]
        if settings.readonly and not pooled:
            options.append("-c default_transaction_read_only=on")
        more: dict[str, Any] = {
            "options": " ".join(options).strip(),
            "client_encoding": "UTF8",
            "connect_timeout": given.get("connect_timeout") or _seconds(settings.pool_timeout_s),
            **{name: given.get(name) or value for name, value in _ALIVE.items()},
            "application_name": given.get("application_name") or "noormme",
        }
        made = psycopg.connect(
            url,
            autocommit=True,
            cursor_factory=RawCursor,
            context=_VALUES,
            **more,
        )
        if pooled:
            made.prepare_threshold = None
            # Poolers know these two, and set them anew on each connection that they give us.
            made.execute(_POOLED, [zone])
        return made
    except (psycopg.Error, UnicodeError) as error:
        raise open_error(error, where) from None


def is_pooled(connection: Connection) -> bool:
    """Whether what answers is a pooler: it gives numbers of its own to connections, not those of the server.

    Args:
        connection: The connection.

    Raises:
        ConnectionLost: It is lost.
    """
    try:
        (row,) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchall()
    except psycopg.Error as error:
        raise lost() from error
    return bool(row[0] != connection.info.backend_pid)


def _seconds(wait_s: float) -> int:
    """How long to wait for one server to let us in: libpq takes whole seconds, from two on."""
    return max(2, round(min(wait_s, 10)))


def text_where_unreadable(cursor: RawCursor[tuple[Any, ...]]) -> None:
    """Let the values of a cursor that Python has no value for come as text.

    Args:
        cursor: A cursor that is used once.
    """
    for name in _MOMENTS:
        found = cursor.adapters.types[name]
        usual = cursor.adapters.get_loader(found.oid, psycopg.pq.Format.TEXT)
        assert usual is not None, "psycopg reads all moments"
        cursor.adapters.register_loader(name, _tolerant(usual))


def rows_with_text(connection: Connection, result: PGresult) -> list[tuple[Any, ...]]:
    """The rows of a result that has come, those values as text that Python has no value for.

    Args:
        connection: Where it came from.
        result: The result, as text.
    """
    cursor = RawCursor(connection)
    text_where_unreadable(cursor)
    reader = Transformer(cursor)
    reader.set_pgresult(result)
    return reader.load_rows(0, result.ntuples, tuple)


def comes_in_binary(result: PGresult) -> bool:
    """Whether the rows of a result mean the same to psycopg in PostgreSQL's own form as they do as text.

    That form saves PostgreSQL to write numbers and moments, and psycopg to read them. Left out are types of
    which psycopg makes something else, or nothing: ``real`` (0.1 would be 0.10000000149), ranges, enums.

    Args:
        result: The result.
    """
    return all(result.ftype(at) in _BINARY for at in range(result.nfields))


def _tolerant(usual: type[Loader]) -> type[Loader]:
    class Tolerant(TextLoader):
        def __init__(self, oid: int, context: Any = None) -> None:
            super().__init__(oid, context)
            self._load: Callable[[Any], Any] = usual(oid, context).load

        def load(self, data: Any) -> Any:
            try:
                return self._load(data)
            except psycopg.DataError:
                return super().load(data)

    return Tolerant
