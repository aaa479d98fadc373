"""Rows as PostgreSQL writes them as JSON, read again.

Invariant: a value comes back as reading its column would give it: numbers digit for digit, moments to the
microsecond. The parts of a key are their text, which PostgreSQL reads again as the column's type.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import msgspec
import psycopg
from psycopg.adapt import Transformer

from noormme.engines.server.postgresql.types import kind_of_type
from noormme.schema.model import Column, Kind

__all__ = ["decode", "key_cast", "read_key", "read_row"]

_ROWS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KEYS = msgspec.json.Decoder(list[msgspec.Raw])
_INTERVAL = psycopg.adapters.types["interval"].oid


def read_row(written: str | None) -> dict[str, object] | None:
    """The values of a row by the columns' exact names; None for NULL.

    Args:
        written: A JSON object.
    """
    if written is None:
        return None
    return {name: None if _is_null(raw) else raw for name, raw in _ROWS.decode(written).items()}


def read_key(written: str | None) -> tuple[object, ...] | None:
    """The text of each part of a key; None for NULL.

    Args:
        written: A JSON array.
    """
    return None if written is None else tuple(_text(raw) for raw in _KEYS.decode(written))


def key_cast(column: Column, parameter: str) -> str:
    """A part of a key, given as its text, as the type of its column.

    Args:
        column: The column.
        parameter: The parameter.
    """
    declared = column.declared_type
    if declared.startswith("character varying"):
        # With its length it would be cut, and be another key.
        declared = "character varying"
    return f"{parameter}::text::{declared}"


def decode(kind: Kind, declared: str, value: object, timezone: tzinfo | None) -> object:
    """A value as reading its column gives it, as far as Python has one.

    Args:
        kind: The kind of the column.
        declared: Its type.
        value: What ``read_row`` or ``read_key`` gave, not None.
        timezone: The zone of moments; None for UTC.
    """
    if kind == "json":
        return msgspec.json.decode(value if isinstance(value, msgspec.Raw) else str(value))
    if kind == "array" and declared.endswith("[]") and isinstance(value, msgspec.Raw):
        return _array(declared.removesuffix("[]"), value, timezone)
    text = _text(value) if isinstance(value, msgspec.Raw) else str(value)
    try:
        return _read(kind, declared, text, timezone)
    except (ValueError, ArithmeticError, psycopg.DataError):
        # What Python has no value for is returned as PostgreSQL writes it.
        return text


def _read(kind: Kind, declared: str, text: str, timezone: tzinfo | None) -> object:
    if kind == "integer":
        return int(text)
    if kind == "real":
        return float(text)
    if kind == "decimal":
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    if kind == "uuid":
        return UUID(text)
    if kind == "blob":
        return bytes.fromhex(text.removeprefix("\\x"))
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "time":
        return time.fromisoformat(text)
    if kind == "datetime":
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is None else found.astimezone(timezone or UTC)
    if kind == "duration":
        return cast("object", Transformer().get_loader(_INTERVAL, psycopg.pq.Format.TEXT).load(text.encode()))
    return text


def _array(declared: str, raw: msgspec.Raw, timezone: tzinfo | None) -> object:
    kind = kind_of_type(declared)

    def read(part: msgspec.Raw) -> object:
        if _is_null(part):
            return None
        if bytes(part)[:1] == b"[":
            return [read(each) for each in _KEYS.decode(part)]
        return decode(kind, declared, part, timezone)

    return read(raw)


def _is_null(raw: msgspec.Raw) -> bool:
    return bytes(raw) == b"null"


def _text(raw: msgspec.Raw) -> str:
    """A scalar as PostgreSQL would show it, without the quotes of JSON."""
    written = bytes(raw)
    if written[:1] == b'"':
        found: Any = msgspec.json.decode(written)
        return str(found)
    return written.decode()
