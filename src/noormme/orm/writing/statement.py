"""Statements that write rows, with what reads the rows that they give back.

Invariant: what a statement gives back is read as the rows of a query are, whatever its form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from noormme.engines.base import Engine, Row
    from noormme.query.plan import Plan

__all__ = ["WriteStatement"]


class WriteStatement:
    """A plan that writes, on an engine.

    Args:
        plan: The plan.
        engine: Where it runs.
        counts: Whether how many rows it changes is looked at.
        numbers: Whether the row id of the last row inserted is looked at.

    Attributes:
        plan: The plan.
        run: Runs it with encoded parameters: its rows, how many it changed, the row id of the last row
            inserted, and the block of the open transaction.
    """

    __slots__ = ("_decoders", "_engine", "plan", "run")

    def __init__(self, plan: Plan, engine: Engine, *, counts: bool = True, numbers: bool = False) -> None:
        self.plan = plan
        self._engine = engine
        self.run = engine.ready(plan.sql, gives_rows=bool(plan.outputs), counts=counts, numbers=numbers)
        dialect = engine.dialect
        self._decoders: list[Callable[[object], object]] = [
            _decoder(dialect.decode, output.kind, output.table, output.column) for output in plan.outputs
        ]

    def decoded(self, rows: Sequence[Row]) -> list[tuple[object, ...]]:
        """The rows that it gave back, as reading them would give them.

        Args:
            rows: The rows.
        """
        return [
            tuple(decode(value) for decode, value in zip(self._decoders, row, strict=True)) for row in rows
        ]


def _decoder(decode: Callable[..., object], kind: Any, table: str, column: str) -> Callable[[object], object]:
    return lambda value: None if value is None else decode(kind, value, table, column)
