"""Many rows in one INSERT: its text, and the numbers that the rows got.

Invariant: a statement that is put together does what the statements of its rows would do one after the other.
One that could do something else for a row that is there already is not put together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from noormme.schema.model import Column, Table

__all__ = ["Pieces", "chunks", "insert_text", "numbers", "pieces_of"]

_MOST_BYTES = 512 * 1024
"""How long one statement becomes where the server takes more."""

_FRAME_BYTES = 1024
"""What a packet holds beside the statement, and more."""

_QUOTED = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`"""
_VALUES = re.compile(rf"{_QUOTED}|(?P<values>\bVALUES\s*(?=\())", re.IGNORECASE | re.DOTALL)
_PARENTHESIS = re.compile(rf"{_QUOTED}|(?P<open>\()|(?P<close>\))", re.DOTALL)


class Pieces(msgspec.Struct, frozen=True):
    """An INSERT of one row, taken apart; each piece has ``%s`` and ``%%`` as the whole has.

    Attributes:
        head: What stands before the row.
        row: The row, with its parentheses.
        tail: What stands behind it.
    """

    head: str
    row: str
    tail: str


@lru_cache(maxsize=256)
def pieces_of(sql: str) -> Pieces | None:
    """An INSERT taken apart, so that it can be given more rows.

    Args:
        sql: The statement, with ``%s`` for its parameters.

    Returns:
        Its pieces; None where it is something else, or minds rows that are there already.
    """
    if not sql.startswith("INSERT INTO "):
        return None
    found = next((each for each in _VALUES.finditer(sql) if each["values"]), None)
    if found is None:
        return None
    start, depth = found.end(), 0
    for each in _PARENTHESIS.finditer(sql, start):
        depth += (each["open"] is not None) - (each["close"] is not None)
        if not depth and each["close"]:
            tail = sql[each.end() :]
            if "%s" in sql[:start] or "%s" in tail or tail.lstrip().upper().startswith("ON DUPLICATE"):
                return None
            return Pieces(sql[:start], sql[start : each.end()], tail)
    return None


def insert_text(table: Table, columns: Sequence[Column]) -> str:
    """The INSERT of one row, with ``%s`` for each value.

    Args:
        table: The table.
        columns: The columns that are given.
    """
    names = ", ".join(_quoted(column.name) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks})"


def chunks(
    pieces: Pieces,
    rows: Iterable[Sequence[object]],
    written: Callable[[str, Sequence[object]], str],
    packet_bytes: int,
) -> Iterator[tuple[str, int]]:
    """Statements that insert rows, each as many as go together.

    Args:
        pieces: The INSERT of one row.
        rows: Their parameters, encoded.
        written: Writes parameters into a text.
        packet_bytes: How long a statement the server takes.

    Yields:
        A statement without parameters, and of how many rows it is.
    """
    head, tail = written(pieces.head, ()), written(pieces.tail, ())
    most = min(_MOST_BYTES, packet_bytes - _FRAME_BYTES - len((head + tail).encode("utf-8", "surrogatepass")))
    texts: list[str] = []
    size = 0
    for row in rows:
        text = written(pieces.row, row)
        length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if texts and size + length > most:
            yield f"{head}{', '.join(texts)}{tail}", len(texts)
            texts, size = [], 0
        texts.append(text)
        size += length + 2
    if texts:
        yield f"{head}{', '.join(texts)}{tail}", len(texts)


def numbers(first: int, step: int, count: int) -> Sequence[int]:
    """The numbers that the rows of one INSERT got, which the server takes at once before it writes them.

    Args:
        first: That of the first row; 0 where the server numbered none.
        step: How far apart the server numbers rows (``auto_increment_increment``).
        count: How many rows there were.
    """
    return range(first, first + step * count, step) if first else [0] * count


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"
