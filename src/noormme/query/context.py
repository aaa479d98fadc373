"""The state of one SELECT while it is compiled: its joins, its named expressions, the SELECT around it.

Invariant: a context belongs to one SELECT of one statement; subqueries get a context of their own that
shares the parameters and the alias names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa

from noormme.errors import InvalidQuery, LookupNotFound
from noormme.query.computed import Computed
from noormme.query.dialect import Dialect
from noormme.query.joins import AliasNames, JoinTree, Source
from noormme.query.lookups import transform_rule
from noormme.query.nodes import Expression, Junction
from noormme.query.parameters import Parameters
from noormme.query.resolve import FilteredHop, Target, resolve
from noormme.query.shape import Annotate, FilteredJoin, Shape
from noormme.query.suffix import Element, Path
from noormme.query.written import written
from noormme.schema.model import Schema, Table

__all__ = ["Context", "Hooks"]


class Hooks(Protocol):
    """The parts of the compiler that expressions need and that need expressions themselves."""

    def condition(self, context: Context, node: Junction, scope: int | None = None) -> Computed | None:
        """A condition inside an expression or a join; None when it always holds.

        Args:
            context: The SELECT of the expression.
            node: The condition.
            scope: The filter call that asks, or None to share what is joined already.
        """
        ...

    def expression(
        self, context: Context, node: Expression, scope: int | None, like: Computed | None
    ) -> Computed:
        """An expression of a shape.

        Args:
            context: The SELECT that it belongs to.
            node: The expression.
            scope: The filter call that asks, or None to share what is joined already.
            like: What it stands beside: values take the form in which that is stored.
        """
        ...

    def subquery(
        self, context: Context, shape: Shape, columns: tuple[str, ...] | None
    ) -> tuple[sa.Select[Any] | sa.CompoundSelect[Any], list[Computed]]:
        """A shape as a SELECT inside another statement.

        Args:
            context: The SELECT around it.
            shape: The shape.
            columns: The fields to select where the shape names none; its key by default.

        Returns:
            The SELECT, and what it selects.
        """
        ...

    def exists(self, context: Context, shape: Shape) -> sa.ColumnElement[bool]:
        """Whether a shape has any row, as a condition of another statement.

        Args:
            context: The SELECT around it.
            shape: The shape.
        """
        ...


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
        around: The SELECT that this one stands in, for ``OuterRef``.
        transparent: Whether it is only a part of the query around it: the EXISTS of a negation.
        filtered: The filtered relations of the shape.

    Attributes:
        aggregated: Aggregates that were computed in a subquery already, by their node.
        found: The full-text search of this SELECT (``query.searching.Found``), or None.
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
        around: Context | None = None,
        transparent: bool = False,
        filtered: Mapping[str, FilteredJoin] | None = None,
    ) -> None:
        self.schema = schema
        self.dialect = dialect
        self.table = table
        self.parameters = parameters
        self.names = names
        self.annotations = annotations
        self.hooks = hooks
        self.around = around
        self.transparent = transparent
        self.aggregated: dict[Expression, Computed] = {}
        self.found: Any = None
        self.filtered: Mapping[str, FilteredJoin] = filtered or {}
        self.tree = JoinTree(schema, table, names, self._narrow)
        self._computed: dict[str, Computed] = {}
        self._chosen: dict[str, list[Computed]] = {}

    def inner(
        self,
        table: Table,
        annotations: Mapping[str, Annotate] | None = None,
        *,
        transparent: bool = False,
        filtered: Mapping[str, FilteredJoin] | None = None,
    ) -> Context:
        """The context of a subquery.

        Args:
            table: The table that it starts from.
            annotations: Its named expressions.
            transparent: Whether it is only a part of this query.
            filtered: Its filtered relations.
        """
        return Context(
            self.schema,
            self.dialect,
            table,
            self.parameters,
            self.names,
            annotations or {},
            self.hooks,
            self,
            transparent,
            filtered,
        )

    def further_out(self, levels: int) -> Context | None:
        """The context of a query around this one; None where there are not so many.

        Args:
            levels: How many queries further out it is.
        """
        context: Context | None = self
        for level in range(levels + 1):
            if level and context is not None:
                context = context.around
            while context is not None and context.transparent:
                context = context.around
        return context

    def target(self, name: str, *, with_lookup: bool = False) -> Target:
        """What a name means here.

        Args:
            name: The name as it was written.
            with_lookup: Whether a lookup may follow.
        """
        return resolve(
            self.schema,
            self.table,
            name,
            annotations=self.annotations,
            filtered=self.filtered,
            with_lookup=with_lookup,
        )

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

    def expression(
        self, node: Expression, scope: int | None = None, *, like: Computed | None = None
    ) -> Computed:
        """An expression of a shape.

        Args:
            node: The expression.
            scope: The filter call that asks, or None to share what is joined already.
            like: What it stands beside: values take the form in which that is stored.
        """
        return self.hooks.expression(self, node, scope, like)

    def plain(self, computed: Computed) -> Computed:
        """JSON as the number or the text that it holds; anything else as it is.

        Args:
            computed: An expression.
        """
        if computed.kind != "json":
            return computed
        documents = self.dialect.expressions.documents
        return computed.derived(documents.value(computed.document, computed.path), "any")

    def _narrow(self, hop: FilteredHop, scope: int | None) -> sa.ColumnElement[bool] | None:
        """The condition of a filtered relation, about the row that was just joined."""
        joined = len(self.tree.sources)
        found = self.hooks.condition(self, hop.join.condition, scope)
        if len(self.tree.sources) > joined:
            raise InvalidQuery(
                f"the condition of the filtered relation '{hop.name}' reaches beyond it",
                hint=f"in OuterRef, write '{hop.name}' for '{hop.join.relation}'",
            )
        if found is not None and (found.aggregate or found.window):
            raise InvalidQuery(
                f"the condition of the filtered relation '{hop.name}' cannot hold an aggregate or a window",
                hint="filter the aggregate itself: Count(…, filter=Q(…))",
            )
        return None if found is None else found.sql

    def _transformed(self, computed: Computed, transforms: tuple[str | Path | Element, ...]) -> Computed:
        expressions = self.dialect.expressions
        for step in transforms:
            if isinstance(step, Path):
                document, path = computed.document, (*computed.path, *step.keys)
                if document.kind != "json":
                    raise InvalidQuery(f"a path leads into JSON, and this is {document.kind}")
                computed = document.derived(expressions.documents.part(document, path), "json", path)
                continue
            if isinstance(step, Element):
                computed = computed.derived(
                    expressions.element(computed.sql, step.start, step.end), step.kind
                )
                # An array may be too short.
                computed.nullable = True
                continue
            rule = transform_rule(step, computed.kind)
            if rule is None:
                raise LookupNotFound(f"no transform '{step}' any more", hint="it was unregistered")
            if rule.sql is not None:
                if "json" not in rule.takes:
                    computed = self.plain(computed)
                sql = written(expressions.sqlalchemy, step, rule.sql(computed.sql))
            else:
                sql = expressions.transform(
                    step, computed.sql, computed.kind, computed.table, computed.column
                )
            computed = computed.derived(sql, rule.gives or computed.kind)
        return computed
