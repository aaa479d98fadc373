"""How values look in a table of the demo, and which columns fit.

Invariant: one line for a row, whatever is in it; nothing reaches the terminal but what is printable.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

import msgspec
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from noormme.cli.output import new_table, printable

__all__ = ["rows_table", "shown"]

_WIDEST, _NARROWEST = 60, 14
"""How many columns of the terminal one value may take; less where the whole row would not fit."""
_GAP = 3
_DIGITS = 15


def shown(value: object) -> str:
    """A value in a few characters."""
    match value:
        case None:
            return "None"
        case bytes():
            return f"<{len(value)} bytes>"
        case datetime():
            return value.isoformat(" ")
        case float():
            return f"{value:.10g}"
        case Decimal():
            return f"{value:f}" if len(value.as_tuple().digits) <= _DIGITS else f"{value:.4f}"
        case list():
            return ", ".join(shown(item) for item in cast("list[object]", value))
        case dict():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> RenderableType:
    """Rows as a table of at most ``width`` columns of the terminal.

    Values are cut where that makes room; fields that still do not fit are named under the table.
    """
    headings = [printable(name) for name in columns]
    lines = [[printable(shown(value)) for value in row] for row in rows]
    lengths = [max(map(cell_len, column)) for column in zip(headings, *lines, strict=True)]
    cap = next((cap for cap in range(_WIDEST, _NARROWEST, -1) if _taken(lengths, cap) <= width), _NARROWEST)
    fitting = next((n for n in range(len(lengths), 1, -1) if _taken(lengths[:n], cap) <= width), 1)
    numbers = [all(_is_number(row[index]) for row in rows) for index in range(fitting)]
    table = new_table()
    for heading, number in zip(headings, numbers, strict=False):
        table.add_column(_cut(heading, cap), justify="right" if number else "left", no_wrap=True)
    for line, row in zip(lines, rows, strict=True):
        pairs = zip(line[:fitting], row, strict=False)
        table.add_row(*(_cut(text, cap, "note" if value is None else "") for text, value in pairs))
    if fitting == len(headings):
        return table
    return Group(table, Text(f" and {', '.join(headings[fitting:])}", style="note"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal | None) and not isinstance(value, bool)


def _taken(lengths: Sequence[int], cap: int) -> int:
    return sum(min(length, cap) + _GAP for length in lengths)


def _cut(text: str, cap: int, style: str = "") -> Text:
    short = Text(text, style=style)
    short.truncate(cap, overflow="ellipsis")
    return short
