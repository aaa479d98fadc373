"""How a query set looks in a terminal and in a notebook.

Invariant: showing never fetches more than a page of rows, and never changes the query set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from noormme.orm.model import Model

__all__ = ["html_table", "text_table"]

_CELL_CHARACTERS = 40
_LINE_CHARACTERS = 120


def _cells(row: Any, header: Sequence[str]) -> list[str]:
    if isinstance(row, Model):
        missing = row.__noormme_mapper__.deferred_of(row)
        values: list[Any] = ["…" if name in missing else getattr(row, name) for name in header]
    elif isinstance(row, dict):
        values = [row[name] for name in header]
    else:
        values = list(row)
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = f"<{len(value)} bytes>" if isinstance(value, bytes) else str(value)
    text = text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"
    if text.isprintable():
        return text
    # A table stays a table, and a terminal is told nothing by what is stored.
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "�" for sign in text)


def text_table(
    title: str, rows: Sequence[Any], names: Sequence[str], *, more: bool, kind: str = "QuerySet"
) -> str:
    """Rows as a table of plain text.

    Args:
        title: What the rows are, put into the first line.
        rows: The rows to show.
        names: The names of the columns.
        more: Whether there are rows that are not shown.
        kind: What holds them.
    """
    count = f"{len(rows)}+ rows" if more else f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    head = f"<{kind} of {title}: {count}>"
    if not rows:
        return head
    table = [[_cell(name) for name in names], *(_cells(row, names) for row in rows)]
    widths = [max(len(line[index]) for line in table) for index in range(len(names))]
    lines = [head]
    for number, line in enumerate(table):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        lines.append(text if len(text) <= _LINE_CHARACTERS else text[: _LINE_CHARACTERS - 1] + "…")
        if number == 0:
            lines.append("  ".join("─" * width for width in widths)[:_LINE_CHARACTERS])
    if more:
        lines.append("…")
    return "\n".join(lines)


def html_table(title: str, rows: Sequence[Any], names: Sequence[str], *, more: bool) -> str:
    """Rows as an HTML table, every value escaped.

    Args:
        title: What the rows are, put into the caption.
        rows: The rows to show.
        names: The names of the columns.
        more: Whether there are rows that are not shown.
    """
    from html import escape  # here, because only notebooks need it

    count = f"{len(rows)}+ rows" if more else f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    cells = "".join(f"<th>{escape(_cell(name))}</th>" for name in names)
    lines = [f"<table><caption>{escape(title)}: {count}</caption><thead><tr>{cells}</tr></thead><tbody>"]
    for row in rows:
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row, names)) + "</tr>")
    if more:
        lines.append(f"<tr><td colspan='{max(1, len(names))}'>…</td></tr>")
    lines.append("</tbody></table>")
    return "".join(lines)
