"""SQL that users write as SQLAlchemy expressions, in lookups and transforms of their own.

Invariant: a plan has parameters for the values of a query only, so a constant that such an expression holds
becomes a literal. It is the programmer's, never the value of a query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard, cast

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from noormme.errors import UsageError

__all__ = ["written"]


def written(dialect: sa.Dialect, name: str, made: object) -> ColumnElement[Any]:
    """What the ``sql`` of a lookup or a transform gave, in a form that a plan can hold.

    Args:
        dialect: Writes literals.
        name: The name of the lookup or the transform.
        made: What it gave.

    Raises:
        UsageError: It is no expression, or it holds a constant that SQL cannot write.
    """
    if not _is_expression(made):
        raise UsageError(f"the sql of '{name}' gave no SQLAlchemy expression but {type(made).__name__}")

    def literal(element: object, **options: object) -> ColumnElement[Any] | None:
        # The parameters of the query have no value yet, and a name that no other can have.
        if not _is_parameter(element) or str(element.key).startswith("\0"):
            return None
        value: object = element.effective_value
        if element.expanding:
            parts = [_literal(dialect, name, each) for each in cast("Sequence[object]", value)]
            return sa.literal_column(f"({', '.join(parts)})")
        return sa.literal_column(_literal(dialect, name, value))

    return cast("Any", visitors).replacement_traverse(made, {}, literal)  # type: ignore[no-any-return]


def _is_expression(made: object) -> TypeGuard[ColumnElement[Any]]:
    return isinstance(made, ColumnElement)


def _is_parameter(element: object) -> TypeGuard[BindParameter[Any]]:
    return isinstance(element, BindParameter)


def _literal(dialect: sa.Dialect, name: str, value: object) -> str:
    try:
        text = str(sa.literal(value).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    except SQLAlchemyError:
        text = "\0"
    if "\0" in text:
        raise UsageError(
            f"the sql of '{name}' holds a constant of type {type(value).__name__} that cannot be written",
            hint="use numbers, texts and None",
        )
    return text
