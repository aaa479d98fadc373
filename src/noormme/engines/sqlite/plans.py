"""SQLite's query plans as text.

Invariant: a step stands below the one that it is a part of, two blanks further in.
"""

from __future__ import annotations

from collections.abc import Iterable

from noormme.engines.base import Row

__all__ = ["plan_text"]


def plan_text(rows: Iterable[Row]) -> str:
    """The rows of EXPLAIN QUERY PLAN, indented as the sqlite3 shell shows them.

    Args:
        rows: Each with its number, that of its parent, a number that means nothing, and what is done.
    """
    depth: dict[int, int] = {0: 0}
    lines: list[str] = []
    for number, parent, _, detail in rows:
        depth[number] = depth.get(parent, 0) + 1
        lines.append("  " * (depth[number] - 1) + str(detail))
    return "\n".join(lines)
