"""The text of statements that write many rows: COPY, INSERT, and what takes keys for them beforehand.

Invariant: names are quoted here, and values are parameters or rows of COPY; nothing of a row is in a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import quote_identifier

__all__ = ["Reservation", "copy_text", "insert_text", "numbers", "relation_text", "reservation"]

_NEXTVAL = re.compile(r"nextval\('(?P<sequence>(?:[^']|'')+)'::regclass\)")

_SEQUENCE = """
WITH sequence AS MATERIALIZED (
    SELECT id, seqincrement AS step FROM (SELECT {sequence} AS id) found JOIN pg_sequence ON seqrelid = id
    WHERE has_sequence_privilege(id, 'USAGE, UPDATE')
)
"""

_SPAN = """
SELECT min(number), max(number), count(*), abs(min(step))
FROM (SELECT nextval(id) AS number, step FROM sequence, generate_series(1, $1::int8)) taken
"""

_EACH = "SELECT nextval(id) FROM sequence, generate_series(1, $1::int8)"


class Reservation(msgspec.Struct, frozen=True):
    """How values for new rows are taken beforehand.

    Attributes:
        span: The statement that takes numbers of a sequence and says the first, the last, how many they are
            and the step of the sequence; None where it is no sequence. Its first parameter is how many.
        each: The statement that gives a value for each row; its parameters are the same.
        parameters: The parameters behind the first one.
    """

    span: str | None
    each: str
    parameters: tuple[object, ...] = ()


def relation_text(table: Table) -> str:
    """A table as SQL names it, with its schema where a bare name would mean another one.

    Args:
        table: The table.
    """
    names = [table.bare_name] if table.namespace is None else [table.namespace, table.bare_name]
    return ".".join(map(quote_identifier, names))


def copy_text(table: Table, columns: Sequence[Column]) -> str:
    """The COPY that takes rows from the client.

    Args:
        table: The table.
        columns: The columns that are given, at least one.
    """
    return f"COPY {relation_text(table)} ({_names(columns)}) FROM STDIN"


def insert_text(table: Table, columns: Sequence[Column]) -> str:
    """The INSERT of one row, for tables that take no COPY.

    Args:
        table: The table.
        columns: The columns that are given.
    """
    if not columns:
        return f"INSERT INTO {relation_text(table)} DEFAULT VALUES"
    marks = ", ".join(f"${at}" for at in range(1, len(columns) + 1))
    # A number that was reserved may be written where the table would number its rows itself.
    overriding = "OVERRIDING SYSTEM VALUE " if any(_is_identity(column) for column in columns) else ""
    return f"INSERT INTO {relation_text(table)} ({_names(columns)}) {overriding}VALUES ({marks})"


def reservation(table: Table, column: Column) -> Reservation | None:
    """How values for a column of new rows are taken beforehand.

    Args:
        table: The table.
        column: The column.

    Returns:
        The statements; None where the column has no default.
    """
    if _is_identity(column):
        sequence = "pg_get_serial_sequence($2::text, $3::text)::regclass"
        return _of_sequence(sequence, (relation_text(table), column.name))
    if column.default is None or column.generated is not None:
        return None
    found = _NEXTVAL.fullmatch(column.default)
    if found is not None:
        return _of_sequence("$2::text::regclass", (found["sequence"].replace("''", "'"),))
    return Reservation(None, f"SELECT {column.default} FROM generate_series(1, $1::int8)")


def _of_sequence(sequence: str, parameters: tuple[object, ...]) -> Reservation:
    named = _SEQUENCE.format(sequence=sequence)
    return Reservation(named + _SPAN, named + _EACH, parameters)


def numbers(row: Sequence[Any], count: int) -> range | None:
    """The numbers that were taken, where what is known of them says which they are.

    Args:
        row: The row of ``Reservation.span``.
        count: How many were asked for.

    Returns:
        The numbers; None where others took some in between, or the user may not use the sequence.
    """
    first, last, taken, step = row
    if taken != count or last - first != (count - 1) * step:
        return None
    return range(first, last + 1, step)


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(quote_identifier(column.name) for column in columns)


def _is_identity(column: Column) -> bool:
    return (column.default or "").endswith(" AS IDENTITY")
