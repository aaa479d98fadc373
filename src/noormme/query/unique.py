"""Whether a query can give one row at most, which lets ``get`` do without a LIMIT."""

from __future__ import annotations

from noormme.query.nodes import Condition, Param, Params
from noormme.query.resolve import resolve
from noormme.query.shape import Filter, Shape
from noormme.schema.model import Schema

__all__ = ["selects_one", "selects_plainly"]


def selects_one(shape: Shape, schema: Schema) -> bool:
    """Whether plain equalities on the query's own columns cover a key or a unique index.

    Args:
        shape: The query.
        schema: Its schema.

    Returns:
        True only where the database itself guarantees it. Does not touch the database.
    """
    table = schema.table(shape.table)
    if table is None or shape.sliced:
        return False
    fixed: set[str] = set()
    for step in shape.steps:
        if not isinstance(step, Filter):
            return False
        predicate = step.predicate
        if predicate.connector != "AND" or predicate.negated:
            return False
        for child in predicate.children:
            if not isinstance(child, Condition):
                return False
            target = resolve(schema, table, child.name, annotations=shape.annotations, with_lookup=True)
            if target.hops or target.transforms:
                # A join could repeat the row.
                return False
            if target.lookup == "exact" and isinstance(child.operand, Param | Params):
                fixed.update(column.name for column in target.columns)
    rowid = {frozenset({table.rowid})} if table.rowid else set[frozenset[str]]()
    return any(key <= fixed for key in (*table.unique_keys, *rowid))


def selects_plainly(shape: Shape) -> bool:
    """Whether a query that can give one row at most does no more than to find it.

    Args:
        shape: A query for which ``selects_one`` holds.

    Returns:
        False where it computes something, or looks at other rows to decide.
    """
    return not shape.annotations and all(
        isinstance(step, Filter)
        and all(
            isinstance(child, Condition)
            and "__" not in child.name
            and isinstance(child.operand, Param | Params)
            for child in step.predicate.children
        )
        for step in shape.steps
    )
