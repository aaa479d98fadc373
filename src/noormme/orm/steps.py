"""Work of several statements, written once for any way of running them.

Invariant: such work is a generator that yields each statement it needs and receives its results; it never
runs one itself. ``run`` drives it on the calling thread.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

import msgspec

from noormme.orm.statement import Statement

__all__ = ["Call", "Steps", "run"]

T = TypeVar("T")


class Call(msgspec.Struct, frozen=True):
    """A statement to run, with its values."""

    statement: Statement
    values: tuple[object, ...]


Steps: TypeAlias = Generator[Call, list[Any], T]
"""A generator that yields calls, receives the list of results of each, and returns a ``T``."""


def run(steps: Steps[T]) -> T:
    """Run the statements of a generator one after the other, and give what it returns.

    Raises:
        DatabaseError: The database refused a statement.
    """
    try:
        call = next(steps)
        while True:
            call = steps.send(call.statement.fetch(call.values))
    except StopIteration as end:
        result: T = end.value
        return result
