"""Pages by cursor: the rows behind a place in an order, found by an index without stepping over others.

Invariant: each SELECT asks for one run of the order: some keys equal to the place, the next one beyond it,
and nothing is said of the rest. An index serves such a run with one search; OR would make the database read
and sort. UNION ALL puts the runs together in the same order, and merges them as far as the page needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.context import Context
from noormme.query.joins import AliasNames, literal
from noormme.query.nodes import WindowCall
from noormme.query.outputs import Columns, columns_of
from noormme.query.select import Key, Parts, assembled, parts_of
from noormme.query.shape import Seek, Shape, walk

__all__ = ["seek_rows"]

_Test: TypeAlias = Literal["equal", "beyond", "empty", "filled"]
_Run: TypeAlias = tuple[_Test, ...]
"""What is asked of each sort key from the first one on; nothing of those that it does not reach."""


def seek_rows(shape: Shape, context: Context) -> tuple[sa.Select[Any] | sa.CompoundSelect[Any], Columns]:
    """The rows of a shape from a place in its order, with the values of their sort keys among them.

    Args:
        shape: The shape; its limit is that of the page.
        context: Its SELECT.

    Raises:
        InvalidQuery: The rows of the shape cannot be told apart, or depend on the rows before the page.
    """
    seek = shape.seek
    assert seek is not None, "called for shapes that seek"
    if any(isinstance(part, WindowCall) for part in walk((shape.steps, shape.ordering))):
        raise InvalidQuery(
            "a cursor cannot part rows that were numbered or summed up by a window",
            hint="use paginate(page=…)",
        )
    parts = parts_of(shape, context)
    columns = columns_of(shape, context)
    if context.tree.repeats_rows and not (shape.distinct or parts.group):
        raise InvalidQuery(
            f"rows of {context.table.name} can come several times here, and a cursor cannot part those",
            hint="add .distinct()",
        )
    runs: list[_Run] = [()] if seek.slots is None else _runs(parts.order, seek, context)
    if len(runs) == 1:
        return _run(shape, context, parts, columns, runs[0])
    whole = msgspec.structs.replace(shape, limit=None)
    statements: list[Any] = []
    for number, run in enumerate(runs):
        if number > 0:
            # Each SELECT has names and joins of its own.
            context = Context(
                context.schema,
                context.dialect,
                context.table,
                context.parameters,
                AliasNames(context.schema),
                context.annotations,
                context.hooks,
                filtered=context.filtered,
            )
            parts = parts_of(shape, context)
            columns = columns_of(shape, context)
        statement, columns = _run(whole, context, parts, columns, run)
        statements.append(statement.order_by(None))
    merged = sa.union_all(*statements).order_by(
        *(key.clause(literal(str(at + 1))) for at, key in zip(columns.keys, parts.order, strict=True))
    )
    assert shape.limit is not None, "a page has a size"
    return merged.limit(context.parameters.take(shape.limit, None)), columns


def _runs(keys: Sequence[Key], seek: Seek, context: Context) -> list[_Run]:
    """The runs that lie behind a place, the nearest one first."""
    assert seek.slots is not None, "called where there is a place"
    runs: list[_Run] = []
    before: _Run = ()
    for key, slot in zip(keys, seek.slots, strict=True):
        nulls_last = key.order.descending == context.dialect.features.nulls_are_smallest
        if key.order.nulls is not None:
            nulls_last = key.order.nulls == "last"
        if slot is not None:
            runs.append((*before, "beyond"))
            if nulls_last and key.computed.nullable:
                runs.append((*before, "empty"))
        elif not nulls_last:
            runs.append((*before, "filled"))
        before = (*before, "empty" if slot is None else "equal")
    if seek.inclusive:
        runs.append(before)
    return sorted(runs, key=len, reverse=True)


def _run(
    shape: Shape, context: Context, parts: Parts, columns: Columns, run: _Run
) -> tuple[sa.Select[Any], Columns]:
    """The SELECT of one run."""
    assert shape.seek is not None, "called for shapes that seek"
    for key, slot, test in zip(parts.order, shape.seek.slots or (), run, strict=False):
        condition = _condition(key, slot, test, context)
        (parts.having if key.computed.aggregate else parts.where).append(condition)
        if test != "empty" and key.computed.source is not None:
            key.computed.source.require()
    chosen = list(columns.expressions)
    keys: list[int] = []
    for key in parts.order:
        # A column that is part of the row anyway is not read a second time.
        at = next((at for at, part in enumerate(chosen) if part is key.computed.sql), len(chosen))
        if at == len(chosen):
            chosen.append(key.computed.sql)
        keys.append(at)
    trailing = len(chosen) - len(columns.expressions)
    columns = msgspec.structs.replace(columns, expressions=tuple(chosen))
    statement, columns = assembled(shape, context, parts, columns)
    return statement, msgspec.structs.replace(columns, trailing=trailing, keys=tuple(keys))


def _condition(key: Key, slot: int | None, test: _Test, context: Context) -> sa.ColumnElement[bool]:
    # The value is the one that the database gave for this very expression: it needs no encoding.
    sql = key.computed.sql
    if slot is None or test == "empty":
        empty: sa.ColumnElement[bool] = sql.is_not(None) if test == "filled" else sql.is_(None)
        return empty
    value = context.parameters.take(slot, None)
    found: sa.ColumnElement[bool] = (
        sql == value if test == "equal" else sql < value if key.order.descending else sql > value
    )
    return found
