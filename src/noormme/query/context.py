"""The state of one SELECT while it is compiled: its joins, its parameters, its named expressions.

Invariant: a context belongs to one SELECT of one statement; subqueries get a context of their own that
shares the parameters and the alias names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa

from noormme.query.dialect import Dialect, Encode, Slot
from noormme.query.joins import AliasNames, JoinTree, Source
from noormme.query.lookups import TRANSFORMS
from noormme.query.plan import Bind
from noormme.query.resolve import Target, resolve
from noormme.query.shape import AggregateCall, Annotate, Junction, Ref, Shape
from noormme.schema.model import Column, Kind, Schema, Table

__all__ = ["Computed", "Context", "Hooks", "Parameters"]

_PARAMETER = re.compile(":\0([0-9]+)")


class Parameters:
    """The parameters of one statement: which slot each comes from and how its value is encoded."""

    def __init__(self) -> None:
        self._binds: list[Bind] = []

    def take(self, slot: int, encode: Encode | None, native: type | None = None) -> sa.BindParameter[Any]:
        """A new parameter.

        Args:
            slot: Where its value is.
            encode: Turns the value into what the driver binds; None to pass it on.
            native: The type whose values ``encode`` would pass on unchanged.
        """
        # A NUL cannot stand in an identifier, so no name of the database can look like a parameter.
        name = f"\0{len(self._binds)}"
        self._binds.append(Bind(slot, encode, native=native))
        return sa.bindparam(name, type_=sa.types.NullType())

    def slot(self, slot: int) -> Slot:
        """Something that makes parameters for one slot, each with an encoding of its own."""
        return lambda encode: self.take(slot, encode)

    def placed(self, sql: str, placeholder: str) -> tuple[str, tuple[Bind, ...]]:
        """The SQL with a placeholder for each parameter, and the parameters in its order.

        Args:
            sql: What SQLAlchemy wrote, with named parameters.
            placeholder: How the driver writes one parameter.
        """
        order: list[Bind] = []

        def place(found: re.Match[str]) -> str:
            order.append(self._binds[int(found[1])])
            return placeholder

        return _PARAMETER.sub(place, sql), tuple(order)


class Hooks(Protocol):
    """The parts of the compiler that expressions need and that need expressions themselves."""

    def condition(self, context: Context, node: Junction) -> sa.ColumnElement[bool] | None:
        """A condition inside an expression; None when it always holds.

        Args:
            context: The SELECT of the expression.
            node: The condition.
        """
        ...

    def subquery(self, context: Context, shape: Shape, columns: tuple[str, ...] | None) -> sa.Select[Any]:
        """A shape as a SELECT inside another statement.

        Args:
            context: The SELECT around it.
            shape: The shape.
            columns: The fields to select where the shape names none; its key by default.
        """
        ...


class Computed:
    """An expression with what is known of its values.

    Attributes:
        sql: The expression.
        kind: The kind of its values.
        table: The table of the column it is, or None.
        column: The column it is (before transforms), or None.
        nullable: Whether it can be NULL.
        aggregate: Whether it is computed from several rows.
        source: Where the column is read from, or None.
        origin: What a transform was applied to, or None.
    """

    __slots__ = ("aggregate", "column", "kind", "nullable", "origin", "source", "sql", "table")

    kind: Kind

    def __init__(
        self,
        sql: sa.ColumnElement[Any],
        kind: Kind,
        *,
        table: Table | None = None,
        column: Column | None = None,
        nullable: bool = True,
        aggregate: bool = False,
        source: Source | None = None,
        origin: Computed | None = None,
    ) -> None:
        self.sql = sql
        self.kind = kind
        self.table = table
        self.column = column
        self.nullable = nullable
        self.aggregate = aggregate
        self.source = source
        self.origin = origin


class Context:
    """One SELECT under construction.

    Args:
        schema: The schema.
        dialect: The engine's side.
        table: The table that the SELECT starts from.
        parameters: Shared by the whole statement.
        names: Shared by the whole statement.
        annotations: The named expressions of the shape.
        hooks: What other parts of the compiler do.
    """

    def __init__(
        self,
        schema: Schema,
        dialect: Dialect,
        table: Table,
        parameters: Parameters,
        names: AliasNames,
        annotations: Mapping[str, Annotate],
        hooks: Hooks,
    ) -> None:
        self.schema = schema
        self.dialect = dialect
        self.table = table
        self.parameters = parameters
        self.names = names
        self.annotations = annotations
        self.hooks = hooks
        self.tree = JoinTree(schema, table, names)
        self._computed: dict[str, Computed] = {}
        self._chosen: dict[str, list[Computed]] = {}

    def inner(self, table: Table, annotations: Mapping[str, Annotate] | None = None) -> Context:
        """The context of a subquery.

        Args:
            table: The table that it starts from.
            annotations: Its named expressions.
        """
        return Context(
            self.schema, self.dialect, table, self.parameters, self.names, annotations or {}, self.hooks
        )

    def target(self, name: str, *, with_lookup: bool = False) -> Target:
        """What a name means here.

        Args:
            name: The name as it was written.
            with_lookup: Whether a lookup may follow.
        """
        return resolve(self.schema, self.table, name, annotations=self.annotations, with_lookup=with_lookup)

    def name(self, name: str, scope: int | None = None) -> list[Computed]:
        """The expressions that a name stands for: one, or several for a composite key.

        Args:
            name: The name, without a lookup.
            scope: The filter call that asks, or None to share what is joined already.
        """
        return self.at(self.target(name), scope)

    def choose(self, fields: tuple[str, ...]) -> None:
        """Make the joins of some fields now, for ``chosen`` to find them."""
        self._chosen |= {name: self.name(name) for name in fields}

    def chosen(self, name: str) -> list[Computed]:
        """The expressions of a field of ``values()``."""
        return self._chosen.get(name) or self.name(name)

    def at(self, target: Target, scope: int | None = None, *, start: Source | None = None) -> list[Computed]:
        """The expressions of a resolved target, transforms applied.

        Args:
            target: The target.
            scope: The filter call that asks, or None to share what is joined already.
            start: Where its path begins; the first table by default.
        """
        if target.annotation is not None:
            found = self.annotation(target.annotation)
            return [self._transformed(found, target.transforms)]
        source, expressions, columns = self.tree.follow(target.hops, target.columns, scope, start=start)
        outer = source is not self.tree.root
        return [
            self._transformed(
                Computed(
                    expression,
                    column.kind,
                    table=source.table,
                    column=column,
                    nullable=column.nullable or outer,
                    source=source,
                ),
                target.transforms,
            )
            for expression, column in zip(expressions, columns, strict=True)
        ]

    def annotation(self, name: str) -> Computed:
        """A named expression; the same one each time, so that its joins are made once."""
        found = self._computed.get(name)
        if found is None:
            found = self._computed[name] = self.expression(self.annotations[name].expression)
        return found

    def expression(self, node: Ref | AggregateCall) -> Computed:
        """An expression of a shape."""
        if isinstance(node, Ref):
            return self.name(node.name)[0]
        return self.aggregate(node)

    def aggregate(self, call: AggregateCall) -> Computed:
        """An aggregate over the rows of a group."""
        argument = None if call.argument is None else self.name(call.argument.name)[0]
        condition = None
        if call.condition is not None:
            condition = self.hooks.condition(self, call.condition)
        return self.apply(call, argument, condition)

    def apply(
        self, call: AggregateCall, argument: Computed | None, condition: sa.ColumnElement[bool] | None
    ) -> Computed:
        """An aggregate over what is compiled already.

        Args:
            call: The function and its options.
            argument: What is aggregated; None counts rows.
            condition: Only rows for which this holds are aggregated.
        """
        over: Any = sa.text("*") if argument is None else argument.sql
        if call.distinct and argument is not None:
            over = sa.distinct(argument.sql)
        function: Any = getattr(sa.func, call.function)(over, type_=sa.types.NullType())
        if condition is not None:
            function = sa.funcfilter(function, condition)
        kind = _aggregate_kind(call.function, "any" if argument is None else argument.kind)
        if call.default is not None:
            encode = self.dialect.encoder(kind, None, None)
            function = sa.func.coalesce(
                function,
                self.dialect.expressions.comparable(kind, self.parameters.take(call.default.slot, encode)),
            )
        same = call.function in ("min", "max") and argument is not None
        return Computed(
            function,
            kind,
            table=argument.table if same and argument else None,
            column=argument.column if same and argument else None,
            nullable=call.function != "count" and call.default is None,
            aggregate=True,
        )

    def _transformed(self, computed: Computed, transforms: tuple[str, ...]) -> Computed:
        for name in transforms:
            sql = self.dialect.expressions.transform(
                name, computed.sql, computed.kind, computed.table, computed.column
            )
            computed = Computed(
                sql,
                TRANSFORMS[name].gives,
                nullable=computed.nullable,
                aggregate=computed.aggregate,
                source=computed.source,
                origin=computed,
            )
        return computed


def _aggregate_kind(function: str, kind: Kind) -> Kind:
    if function == "count":
        return "integer"
    if function == "avg":
        return "decimal" if kind == "decimal" else "real"
    if function == "sum":
        return "integer" if kind == "boolean" else kind
    return kind
