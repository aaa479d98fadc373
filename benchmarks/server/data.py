"""What is asked of a server, and the rows that it is asked about.

Invariant: rows come from their number alone, so every process makes the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["FIELDS", "GROUPS", "OPERATIONS", "Operation", "rows"]

FIELDS = ("email", "name", "age", "score", "is_active", "created_at")
"""The columns of ``users`` but its key."""

GROUPS = 10
"""Of how many ages the users that are read are; a tenth of them has each."""

_START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        key: The method of a contender.
        title: What a reader of the table sees.
        iterations: How often a contender does it in a round.
        goal: What noormme aims at, times the driver by hand.
        writes: Whether it writes.
        one_transaction: Whether a round is one transaction, whose begin and end are not timed.
    """

    key: str
    title: str
    iterations: int
    goal: float
    writes: bool = False
    one_transaction: bool = False


OPERATIONS = (
    Operation("get", "one row by its key", 200, 1.25),
    Operation("list_1000", "1,000 rows", 10, 1.25),
    Operation("insert", "insert one row, which commits", 100, 1.4, writes=True),
    Operation(
        "insert_open", "insert one row in an open transaction", 100, 1.4, writes=True, one_transaction=True
    ),
    Operation("bulk", "insert 100,000 rows, with their keys", 1, 1.5, writes=True),
)


def rows(count: int, start: int = 0) -> list[tuple[Any, ...]]:
    """Rows in the order of ``FIELDS``.

    Args:
        count: How many.
        start: The number of the first.
    """
    return [
        (
            f"user{at}@example.com",
            f"User Number {at}",
            at % GROUPS,
            None if at % 10 == 9 else at / 7,
            at % 3 != 0,
            _START + timedelta(seconds=61 * at, microseconds=at),
        )
        for at in range(start, start + count)
    ]
