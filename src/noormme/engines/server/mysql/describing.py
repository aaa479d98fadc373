"""What the server says of a statement without running it.

Invariant: the server prepares the statement, tells what it would give, and forgets it again; nothing of it
runs. PyMySQL has no method for that, but all the parts: what reads packets, and what reads a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pymysql
from pymysql.constants import COMMAND, FIELD_TYPE
from pymysql.protocol import FieldDescriptorPacket

from noormme.engines.base import Origin
from noormme.schema.model import Kind

__all__ = ["described"]

_CANNOT_PREPARE = 1295
"""The server runs such a statement, but does not prepare it; none of that kind gives columns."""


def described(raw: pymysql.Connection[Any], sql: str, database: str) -> tuple[Origin, ...]:
    """The columns that a statement would give. Touches the database.

    Args:
        raw: A connection on which nothing runs.
        sql: The statement, with ``?`` for its parameters.
        database: The database whose tables are known; what comes from another one is an expression here.

    Raises:
        pymysql.Error: The server does not understand it.
    """
    connection: Any = raw
    try:
        connection._execute_command(COMMAND.COM_STMT_PREPARE, sql)
        answer = connection._read_packet()
    except pymysql.Error as error:
        if error.args and error.args[0] == _CANNOT_PREPARE:
            return ()
        raise
    answer.advance(1)
    number = answer.read_uint32()
    columns, parameters = answer.read_uint16(), answer.read_uint16()
    _read(connection, parameters)
    origins = tuple(_origin(packet, database) for packet in _read(connection, columns))
    # The server does not answer to this one.
    connection._execute_command(COMMAND.COM_STMT_CLOSE, number.to_bytes(4, "little"))
    return origins


def _read(connection: Any, count: int) -> list[Any]:
    """The descriptions that the server sends, which end with a packet of their own."""
    found = [connection._read_packet(FieldDescriptorPacket) for _ in range(count)]
    if count:
        connection._read_packet()
    return found


def _origin(packet: Any, database: str) -> Origin:
    if not packet.org_name or packet.db.decode() != database:
        return Origin(packet.name, kind=_kind(packet))
    return Origin(packet.name, packet.org_table, packet.org_name)


def _kind(packet: Any) -> Kind:
    if packet.type_code in _TEXTS:
        return "blob" if packet.charsetnr == _BINARY else "text"
    return _KINDS.get(packet.type_code, "any")


_BINARY = 63
"""The number of the character set of what is no text."""

_TEXTS = frozenset(
    {
        FIELD_TYPE.BLOB,
        FIELD_TYPE.LONG_BLOB,
        FIELD_TYPE.MEDIUM_BLOB,
        FIELD_TYPE.STRING,
        FIELD_TYPE.TINY_BLOB,
        FIELD_TYPE.VARCHAR,
        FIELD_TYPE.VAR_STRING,
    }
)
_KINDS: Mapping[int, Kind] = {
    FIELD_TYPE.TINY: "integer",
    FIELD_TYPE.SHORT: "integer",
    FIELD_TYPE.INT24: "integer",
    FIELD_TYPE.LONG: "integer",
    FIELD_TYPE.LONGLONG: "integer",
    FIELD_TYPE.YEAR: "integer",
    FIELD_TYPE.DECIMAL: "decimal",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.FLOAT: "real",
    FIELD_TYPE.DOUBLE: "real",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "datetime",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.JSON: "json",
}
