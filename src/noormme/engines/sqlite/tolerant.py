"""What the driver refuses, sent and read in another way: integers beyond 64 bits, text that is not UTF-8.

Invariant: the rows are those of the statement itself, and nothing of them is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from noormme.engines.base import Row

__all__ = ["decoded_row", "in_range", "with_bytes"]


def in_range(parameters: Sequence[object]) -> tuple[object, ...]:
    """Parameters whose integers SQLite can take: those beyond 64 bits become the float next to them."""
    return tuple(_within_range(value) for value in parameters)


def _within_range(value: object) -> object:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float("inf") if value > 10**300 else float("-inf") if value < -(10**300) else float(value)
    return value


def with_bytes(sql: str, columns: int) -> str:
    """A statement around another one that gives each value's type and, for text, its bytes.

    Args:
        sql: The other statement.
        columns: How many columns it gives.
    """
    name = "found"
    while name in sql:
        name += "_"
    names = ", ".join(f"c{index}" for index in range(columns))
    read = ", ".join(
        f"typeof(c{index}), CASE typeof(c{index}) WHEN 'text' THEN CAST(c{index} AS BLOB) ELSE c{index} END"
        for index in range(columns)
    )
    return f"WITH {name}({names}) AS ({sql}\n) SELECT {read} FROM {name}"


def decoded_row(row: Row, encoding: str) -> Row:
    """A row of such a statement as the row itself; what is not text in the encoding stays bytes.

    Args:
        row: The row: a type and a value in turn.
        encoding: How the database stores text.
    """
    return tuple(
        _text(row[index + 1], encoding) if row[index] == "text" else row[index + 1]
        for index in range(0, len(row), 2)
    )


def _text(value: bytes, encoding: str) -> str | bytes:
    try:
        return value.decode(encoding)
    except UnicodeDecodeError:
        return value
