"""What several compiled expressions make together: the kind, the form, and what is read of single rows.

Invariant: nothing is compiled here. What an expression gives is decoded like the column that it is or stands
for: the *model*, which is None where no part stands for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from noormme.query.computed import Computed
from noormme.query.functions.table import FUNCTIONS, common_kind
from noormme.query.kinds import call_kind
from noormme.query.nodes import Order
from noormme.schema.model import Kind

__all__ = ["combined", "directed", "in_common", "reads_of", "result_of"]


def directed(keys: Sequence[Computed], orders: Sequence[Order]) -> list[Any]:
    """Sort keys as clauses of ORDER BY.

    Args:
        keys: What is sorted by.
        orders: The direction of each.
    """
    clauses: list[Any] = []
    for key, order in zip(keys, orders, strict=True):
        clause: Any = key.sql.desc() if order.descending else key.sql.asc()
        if order.nulls is not None:
            clause = clause.nulls_first() if order.nulls == "first" else clause.nulls_last()
        clauses.append(clause)
    return clauses


def result_of(
    function: str, arguments: Sequence[Computed], option: str, output: Kind | None
) -> tuple[Kind, Computed | None]:
    """The kind of a function's values, and the argument in whose form they come.

    Args:
        function: Its name in ``query.functions``, or that of any SQL function.
        arguments: What it is called with.
        option: What selects one of several forms of it.
        output: The kind of its values where that was said.
    """
    rule = FUNCTIONS.get(function)
    if rule is None:
        return output or "any", None
    kinds: tuple[Kind, ...] = tuple([argument.kind for argument in arguments])
    kind = call_kind(function, kinds, option, output)
    if rule.like is None:
        return kind, None
    return kind, _model(arguments[rule.like :], kind)


def in_common(results: Sequence[Computed]) -> tuple[Kind, Computed | None]:
    """The kind that several results have in common, and the one in whose form they come.

    Args:
        results: Expressions of which one gives the value.
    """
    kinds: set[Kind] = {result.kind for result in results if result.kind != "any"}
    kind = common_kind(kinds)
    if len(kinds) > 1:
        return kind, None
    return kind, _model(results, kind)


def _model(results: Sequence[Computed], kind: Kind) -> Computed | None:
    """The column in whose form results of a kind come."""
    alike = [each for each in results if each.kind == kind]
    if kind == "decimal" and any(each.column is None for each in alike):
        # What was computed has digits of a float, which no column says to leave out.
        return None
    return next((each for each in alike if each.column is not None), None)


def combined(sql: Any, kind: Kind, parts: Sequence[Computed], model: Computed | None = None) -> Computed:
    """An expression made of others.

    Args:
        sql: Its SQL.
        kind: The kind of its values.
        parts: What it is made of.
        model: The part in whose form its values come, or None.
    """
    aggregate = any(part.aggregate for part in parts)
    window = any(part.window for part in parts)
    reads = reads_of(parts)
    if not (aggregate or window) and (reads or not parts):
        reads = (sql,)
    return Computed(
        sql,
        kind,
        table=None if model is None else model.table,
        column=None if model is None else model.column,
        aggregate=aggregate,
        window=window,
        reads=reads,
    )


def reads_of(parts: Sequence[Computed]) -> tuple[Any, ...]:
    """What several expressions read of single rows.

    Args:
        parts: The expressions.
    """
    return tuple(read for part in parts for read in part.reads)
