"""The pieces of SQL that every dialect writes alike.

Invariant: what stands here as text is the library's own; nothing of a user's becomes SQL but as a parameter.
This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import ClauseList, Grouping
from sqlalchemy.sql.functions import Function

__all__ = ["called", "filtered", "literal", "on_conflict", "pieced"]


class _Insert(Protocol):
    """What the INSERT of SQLite and that of PostgreSQL have in common in SQLAlchemy."""

    @property
    def excluded(self) -> Any:
        """The columns of the row that was to be inserted."""
        ...

    def on_conflict_do_nothing(self, *, index_elements: Any = ..., index_where: Any = ...) -> Any:
        """Leave the row that is there."""
        ...

    def on_conflict_do_update(
        self, *, index_elements: Any = ..., index_where: Any = ..., set_: Any = ...
    ) -> Any:
        """Change the row that is there."""
        ...


I = TypeVar("I", bound=_Insert)  # noqa: E741


def literal(sql: str) -> ColumnElement[Any]:
    """SQL that is written as it stands; never anything of a user's."""
    return sa.literal_column(sql)


def called(name: str, *arguments: Any, gives: sa.types.TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """A call of an SQL function by its exact name, whose values are used as they come."""
    return Function(name, *arguments, type_=gives or sa.types.NullType())


def pieced(*parts: Any) -> ColumnElement[Any]:
    """Text and expressions in parentheses, one after the other with a blank between them."""
    elements: list[Any] = [literal(part) if isinstance(part, str) else part for part in parts]
    # No operator means a blank between the parts, which SQLAlchemy's types leave out.
    joined: Any = ClauseList(*elements, operator=None, group=False, group_contents=False)  # type: ignore[arg-type]
    return Grouping(joined)


def filtered(call: ColumnElement[Any], condition: ColumnElement[bool] | None) -> ColumnElement[Any]:
    """The call of an aggregate, over those rows alone for which a condition holds; None for all of them."""
    if condition is None:
        return call
    made: ColumnElement[Any] = sa.funcfilter(cast("Any", call), condition)
    return made


def on_conflict(
    statement: I, target: Sequence[ColumnElement[Any]], where: str | None, update: Sequence[str]
) -> I:
    """An INSERT with ON CONFLICT.

    Args:
        statement: The INSERT.
        target: The unique key by which a row is in the way; empty for any key.
        where: The condition of the index that keeps it unique, as SQL of the schema.
        update: The columns that the row in the way takes over; empty to leave it as it is.
    """
    # Typed as they are in SQLAlchemy: a column or its name.
    key: dict[str, Any] = {}
    if target:
        key = {"index_elements": list(target), "index_where": None if where is None else literal(where)}
    if not update:
        return cast("I", statement.on_conflict_do_nothing(**key))
    new = {name: statement.excluded[name] for name in update}
    return cast("I", statement.on_conflict_do_update(**key, set_=new))
