"""Rows as text and files: a table, CSV, JSON, lines of JSON, Parquet.

Invariant: but for a table, which has to be measured, no more than a few thousand rows are in memory.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import IO, Any, TypeAlias

import msgspec
from rich.console import RenderableType
from rich.text import Text

from noormme.cli.output import Terminal, key_values, new_table, plural, printable, size
from noormme.cli.query.results import Rows
from noormme.errors import InvalidValue, NotSupported

__all__ = ["WRITERS", "Writer", "table"]

Writer: TypeAlias = "Callable[[Rows, IO[bytes]], int]"
"""Writes rows to a stream, and says how many there were."""

_CELL_CHARACTERS = 500
_LEAST_CHARACTERS = 8
"""What is left of a column at least that is cut; with less, rows are shown one value a line."""

_GAP_CHARACTERS = 3
_FRAME_CHARACTERS = 2

_BATCH_ROWS = 10_000
_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="string")


def table(rows: Rows, console: Terminal, more: bool) -> int:
    """Show rows as a table.

    Args:
        rows: The rows.
        console: Where to.
        more: Whether there are more rows than these.
    """
    if rows.single:
        for (value,) in rows.rows:
            console.print(_cell(value), soft_wrap=True)
        return 1
    found = list(rows.rows)
    if rows.columns:
        cells = [[_cell(value) for value in row] for row in found]
        headings = [Text(printable(name)) for name in rows.columns]
        natural = [max(text.cell_len for text in column) for column in zip(headings, *cells, strict=True)]
        widths = _fitting(natural, console.width - _FRAME_CHARACTERS)
        if widths is None:
            console.show(*_records(headings, cells))
        else:
            console.show(_grid(headings, cells, widths, _numeric(found, len(headings))))
    console.show(Text(f"{'first ' if more else ''}{plural(len(found), 'row')}", style="note"))
    return len(found)


def _fitting(natural: Sequence[int], room: int) -> list[int] | None:
    """The widths of columns that fit into a line, the widest cut; None where too little would be left."""
    widths = list(natural)
    room -= _GAP_CHARACTERS * (len(widths) - 1)
    while (excess := sum(widths) - room) > 0:
        widest = max(widths)
        if widest <= _LEAST_CHARACTERS:
            return None
        at = widths.index(widest)
        below = max((width for width in widths if width < widest), default=0)
        widths[at] = max(widest - excess, below, _LEAST_CHARACTERS)
        if widths[at] == widest:
            widths[at] -= 1
    return widths


def _numeric(found: Sequence[Sequence[object]], count: int) -> list[bool]:
    """Which columns hold numbers, and are set to the right."""
    columns = ([row[at] for row in found if row[at] is not None] for at in range(count))
    return [
        bool(values) and all(type(value) in (int, float, Decimal) for value in values) for values in columns
    ]


def _grid(
    headings: Sequence[Text], cells: Sequence[Sequence[Text]], widths: Sequence[int], numeric: Sequence[bool]
) -> RenderableType:
    """A line for each row; what is too long for a narrow terminal is cut."""
    grid = new_table()
    for heading, width, right in zip(headings, widths, numeric, strict=True):
        grid.add_column(heading, width=width, no_wrap=True, justify="right" if right else "left")
    for row in cells:
        grid.add_row(*row)
    return grid


def _records(headings: Sequence[Text], cells: Sequence[Sequence[Text]]) -> Iterator[RenderableType]:
    """A line for each value, where rows have too many columns for the terminal."""
    for number, row in enumerate(cells, 1):
        yield Text(f"row {number:,}", style="title")
        yield key_values((name.plain, cell) for name, cell in zip(headings, row, strict=True))
        yield Text()


def _cell(value: object) -> Text:
    match value:
        case None:
            return Text("NULL", style="note")
        case bytes():
            return Text(f"<{size(len(value))}>", style="note")
        case dict() | list() | bool():
            text = _encoder.encode(value).decode()
        case _:
            text = str(value)
    return Text(printable(text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"))


def _csv(rows: Rows, stream: IO[bytes]) -> int:
    text = _Text(stream)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    count = 0
    for batch in _batches(rows.rows, 1_000):
        writer.writerows([_plain(value) for value in row] for row in batch)
        count += len(batch)
    return count


class _Text:
    """What the csv module writes to; a lone surrogate in a value becomes an escape."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.encode("utf-8", "backslashreplace"))


def _plain(value: object) -> object:
    match value:
        case str() | int() | float() | None if not isinstance(value, bool):
            return value
        case dict() | list():
            return _encoder.encode(value).decode()
        case _:
            plain: object = msgspec.to_builtins(value, enc_hook=str)
            return str(plain).lower() if isinstance(plain, bool) else plain


def _json(rows: Rows, stream: IO[bytes]) -> int:
    if rows.single:
        (row,) = rows.rows
        stream.write(_encoded(row[0]) + b"\n")
        return 1
    stream.write(b"[")
    count = 0
    for count, line in enumerate(_lines(rows), 1):
        stream.write(b"\n  " if count == 1 else b",\n  ")
        stream.write(line)
    stream.write(b"\n]\n" if count else b"]\n")
    return count


def _jsonl(rows: Rows, stream: IO[bytes]) -> int:
    count = 0
    for line in _lines(rows):
        stream.write(line + b"\n")
        count += 1
    return count


def _lines(rows: Rows) -> Iterator[bytes]:
    for row in rows.rows:
        yield _encoded(dict(zip(rows.columns, row, strict=True)))


def _encoded(value: object) -> bytes:
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        # A lone surrogate, which UTF-8 has no form for; it stays readable as an escape.
        return _encoder.encode(_escaped(msgspec.to_builtins(value, enc_hook=str)))


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_escaped(key): _escaped(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_escaped(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _parquet(rows: Rows, stream: IO[bytes]) -> int:
    try:
        import pyarrow  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an extra
        import pyarrow.parquet  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise NotSupported(
            "Parquet needs a package that is not installed", hint="pip install 'noormme[parquet]'"
        ) from error
    arrow: Any = pyarrow
    batches = _batches(rows.rows, _BATCH_ROWS)
    nothing: list[Sequence[object]] = []
    first = next(batches, nothing)
    arrays = {
        name: _array(arrow, name, [row[at] for row in first], None) for at, name in enumerate(rows.columns)
    }
    # A column without any value so far may have some later; text takes whatever comes.
    schema = arrow.schema(
        (name, arrow.string() if arrow.types.is_null(array.type) else array.type)
        for name, array in arrays.items()
    )
    count = len(first)
    with arrow.parquet.ParquetWriter(stream, schema) as writer:
        writer.write_table(_table(arrow, rows.columns, first, schema))
        for batch in batches:
            writer.write_table(_table(arrow, rows.columns, batch, schema))
            count += len(batch)
    return count


def _table(arrow: Any, columns: Sequence[str], batch: Sequence[Sequence[object]], schema: Any) -> Any:
    arrays = [
        _array(arrow, name, [row[at] for row in batch], schema.field(at).type)
        for at, name in enumerate(columns)
    ]
    return arrow.Table.from_arrays(arrays, schema=schema)


def _array(arrow: Any, name: str, values: list[object], kind: Any) -> Any:
    if any(isinstance(value, dict | list) for value in values) or kind == arrow.string():
        values = [value if value is None or isinstance(value, str) else _text(value) for value in values]
    else:
        values = [str(value) if type(value).__name__ == "UUID" else value for value in values]
    try:
        return arrow.array(values, type=kind)
    except (arrow.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise InvalidValue(
            f"column '{name}' holds values of several types, and Parquet wants one",
            hint="write CSV or JSON, or choose one type in the query (a cast)",
        ) from error


def _text(value: object) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else str(plain)


def _batches(rows: Iterator[Sequence[object]], count: int) -> Iterator[list[Sequence[object]]]:
    while batch := list(islice(rows, count)):
        yield batch


WRITERS: Mapping[str, Writer] = {"csv": _csv, "json": _json, "jsonl": _jsonl, "parquet": _parquet}
