"""Everything that a database holds, in a form that can be compared.

Invariant: two databases have the same contents exactly when a user would say so: what is stored is compared with
its type, real numbers to twelve digits (the order of operations decides the last ones), documents without blanks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import md5
from typing import Any, TypeAlias

__all__ = ["Contents", "contents", "rows_of"]

_DECIMALS = ("amount", "balance", "budget", "fee", "price")

Contents: TypeAlias = dict[str, str]
"""A digest for each table."""

Run: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]


def contents(run: Run, columns: dict[str, list[str]]) -> Contents:
    """A digest of each table.

    Args:
        run: Runs a query and gives its rows.
        columns: The columns of each table.
    """
    return {
        table: md5("\n".join(rows_of(run, table, columns[table])).encode()).hexdigest() for table in columns
    }


def rows_of(run: Run, table: str, columns: list[str]) -> list[str]:
    """The rows of a table, each as one text, sorted.

    Args:
        run: Runs a query and gives its rows.
        table: The table.
        columns: Its columns.
    """
    names = sorted(columns)
    places = [place for place, name in enumerate(names) if name == "meta"]
    found: list[str] = []
    for row in run(f'SELECT {", ".join(map(_cell, names))} FROM "{table}"'):
        cells = list(map(str, row))
        for place in places:
            cells[place] = "NULL" if row[place] is None else json.dumps(json.loads(row[place]))
        found.append(" | ".join(cells))
    return sorted(found)


def _cell(column: str) -> str:
    if column == "meta":
        return "\"meta\" || ''"
    return (
        f"""CASE typeof("{column}") WHEN 'real' THEN format('%.12g', "{column}") ELSE quote("{column}") END"""
    )
