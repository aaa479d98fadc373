"""In which order tables are copied.

Invariant: a table comes behind those that its foreign keys refer to, wherever they are not in a circle; what
is in a circle, or refers to itself, keeps the order of its names.
"""

from __future__ import annotations

from collections.abc import Sequence

from noormme.schema.model import Table

__all__ = ["parents_first"]


def parents_first(tables: Sequence[Table]) -> list[Table]:
    """Tables in the order in which their rows can be written.

    Args:
        tables: The tables.

    Returns:
        The same tables.
    """
    names = {table.name for table in tables}
    waits = {
        table.name: {key.target for key in table.foreign_keys if key.target in names} - {table.name}
        for table in tables
    }
    left = {table.name: table for table in tables}
    ordered: list[Table] = []
    while left:
        ready = [name for name in left if not waits[name] & left.keys()]
        # Where all wait for each other, the one that waits for the fewest goes first.
        chosen = ready or [min(left, key=lambda name: (len(waits[name] & left.keys()), name))]
        ordered += [left.pop(name) for name in chosen]
    return ordered
