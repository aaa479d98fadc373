"""Which rows a query in tables gives: its conditions and its joins.

Invariant: each condition applies to everything before it; the calls read from left to right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Self, TypeAlias, cast

import msgspec

from noormme.errors import InvalidQuery, UsageError
from noormme.query.builder.base import Aliased, Base, label
from noormme.query.builder.build import Assembler, nested_too_deeply
from noormme.query.builder.expressions import ConditionLike, Ref
from noormme.query.builder.names import of_columns
from noormme.query.builder.nodes import Compare, Condition, Join, JoinKind, Junction
from noormme.query.builder.selecting import Selecting

__all__ = ["Conditions", "Filtering", "Where"]


class Where:
    """A group of conditions under construction: what a callable given to ``where`` receives."""

    __slots__ = ("_assembler", "condition")

    def __init__(self, assembler: Assembler, condition: Condition | None = None) -> None:
        self._assembler = assembler
        self.condition = condition

    def where(self, *condition: Any) -> Where:
        """Add a condition that must hold as well; the arguments are those of the query's ``where``."""
        return Where(self._assembler, _both("and", self.condition, _condition(self._assembler, condition)))

    def or_where(self, *condition: Any) -> Where:
        """Add a condition that may hold instead of those so far."""
        return Where(self._assembler, _both("or", self.condition, _condition(self._assembler, condition)))


Conditions: TypeAlias = Callable[[Where], Where]


class Filtering(Selecting):
    """The conditions and joins of a query."""

    __slots__ = ()

    def where(self, *condition: Any) -> Self:
        """Keep the rows for which a condition holds, besides those so far.

        Args:
            *condition: An operand, an operator and a value: ``where("age", ">=", 18)``; an operand and an
                operator that needs none: ``where("age", "is null")``; what ``and_``, ``or_``, ``not_`` and
                ``exists`` give; or a function that adds conditions to a group:
                ``where(lambda group: group.where("age", "<", 18).or_where("age", ">", 65))``.

        Raises:
            FieldNotFound: There is no such column.
            UsageError: The operator is unknown.
            InvalidValue: The value does not fit the operator.
        """
        return self._filtered("where", "and", condition)

    def or_where(self, *condition: Any) -> Self:
        """Keep also the rows for which this condition holds instead of all of those before it."""
        return self._filtered("where", "or", condition)

    def where_exists(self, query: Base) -> Self:
        """Keep the rows for which a sub-select gives a row; ``outer`` names columns of this query."""
        return self._filtered("where", "and", ("exists", query))

    def where_not_exists(self, query: Base) -> Self:
        """Keep the rows for which a sub-select gives no row; ``outer`` names columns of this query."""
        return self._filtered("where", "and", ("not exists", query))

    def having(self, *condition: Any) -> Self:
        """Keep the groups for which a condition holds, besides those so far.

        Args:
            *condition: As ``where`` takes it; an operand can be an aggregate, or a name that ``select`` gave.
        """
        return self._filtered("having", "and", condition)

    def or_having(self, *condition: Any) -> Self:
        """Keep also the groups for which this condition holds instead of all of those before it."""
        return self._filtered("having", "or", condition)

    def _filtered(
        self, clause: Literal["where", "having"], connector: Literal["and", "or"], condition: tuple[Any, ...]
    ) -> Self:
        select = self._plain(clause)
        assembler = self._assembler(labels=clause == "having")
        try:
            made = _condition(assembler, condition)
        except RecursionError:
            raise nested_too_deeply() from None
        both = _both(connector, select.where if clause == "where" else select.having, made)
        changed = (
            msgspec.structs.replace(select, where=both)
            if clause == "where"
            else msgspec.structs.replace(select, having=both)
        )
        return self._with(changed, assembler.values)

    # -- joins --------------------------------------------------------------------------------------

    def inner_join(self, source: str | Aliased, /, *on: Any) -> Self:
        """Join a table, and keep the rows that have a counterpart there.

        Args:
            source: The table (``"users"``, ``"users as u"``), or a query with a name (``query.as_("u")``).
            *on: Two names of columns that must be equal, ``"users.id", "posts.author_id"``; or several
                such pairs as tuples; or conditions as ``where`` takes them, each a tuple of its own.

        Raises:
            TableNotFound: There is no such table.
            FieldNotFound: There is no such column.
            InvalidQuery: The query has a table of that name already.
        """
        return self._joined("inner", source, on)

    def left_join(self, source: str | Aliased, /, *on: Any) -> Self:
        """Join a table; rows without a counterpart there stay. The arguments are those of ``inner_join``."""
        return self._joined("left", source, on)

    def right_join(self, source: str | Aliased, /, *on: Any) -> Self:
        """Join a table of which every row stays. The arguments are those of ``inner_join``."""
        return self._joined("right", source, on)

    def full_join(self, source: str | Aliased, /, *on: Any) -> Self:
        """Join a table; the rows of both sides stay. The arguments are those of ``inner_join``."""
        return self._joined("full", source, on)

    def cross_join(self, source: str | Aliased, /) -> Self:
        """Combine every row with every row of a table."""
        return self._joined("cross", source, ())

    def _joined(self, kind: JoinKind, source: str | Aliased, on: tuple[Any, ...]) -> Self:
        select = self._plain(f"{kind}_join")
        assembler = self._assembler()
        node, known = self._source(source, assembler)
        if any(each.alias.lower() == known.alias.lower() for each in self._sources):
            raise InvalidQuery(
                f"the query has a table '{known.alias}' already",
                hint=f"name this one: '{known.alias} as other'",
            )
        sources = (*self._sources, known)
        assembler.sources = sources
        condition = _join_condition(assembler, on)
        if (condition is None) != (kind == "cross"):
            raise UsageError(
                f"{kind}_join of '{known.alias}' needs the columns to join on",
                hint=f"write {kind}_join('{known.alias}', '{known.alias}.id', …), or cross_join",
            )
        joins = (*select.joins, Join(kind, node, condition))
        return self._with(msgspec.structs.replace(select, joins=joins), assembler.values, sources)

    def with_(self, name: str, query: Base) -> Self:
        """Give a query a name (``WITH name AS …``) under which joins can use it, any number of times.

        Args:
            name: The name.
            query: The query.

        Raises:
            InvalidQuery: A table or another query has that name.
        """
        select = self._plain("with_")
        taken = {table.name.lower() for table in self._schema} | {each.lower() for each in self._withs}
        if label(name).lower() in taken:
            raise InvalidQuery(
                f"there is a table or query named '{name}' already", hint="choose another name"
            )
        assembler = self._assembler()
        node = assembler.query(query)
        made = self._with(
            msgspec.structs.replace(select, ctes=(*select.ctes, (name, node))), assembler.values
        )
        made._withs = {**self._withs, name: of_columns(query.output_names(), name)}
        return made


def _condition(assembler: Assembler, condition: tuple[Any, ...]) -> Condition:
    if len(condition) != 1:
        return assembler.comparison(condition)
    single: ConditionLike | Conditions = condition[0]
    if callable(single):
        made: object = single(Where(assembler))
        if not isinstance(made, Where) or made.condition is None:
            raise UsageError(
                "a function in where() returns the group that it was given, with conditions",
                hint="write where(lambda group: group.where(…).or_where(…))",
            )
        return made.condition
    return assembler.condition(single)


def _both(connector: Literal["and", "or"], before: Condition | None, added: Condition) -> Condition:
    if before is None:
        return added
    if isinstance(before, Junction) and before.connector == connector:
        return Junction(connector, (*before.parts, added))
    return Junction(connector, (before, added))


def _join_condition(assembler: Assembler, on: tuple[Any, ...]) -> Condition | None:
    if len(on) == 2 and isinstance(on[0], str) and isinstance(on[1], str):
        on = (on,)
    parts: list[Condition] = []
    for item in on:
        if _is_pair(item):
            parts.append(Compare("=", assembler.named(item[0]), assembler.expression(Ref(item[1]))))
        else:
            parts.append(assembler.condition(item))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Junction("and", tuple(parts))


def _is_pair(item: object) -> bool:
    """Whether it is two names that must be equal, rather than an operand and an operator."""
    parts = cast("tuple[object, ...]", item) if isinstance(item, tuple) else ()
    return (
        len(parts) == 2 and isinstance(parts[1], str) and parts[1].lower() not in ("is null", "is not null")
    )
