"""Conditions: from predicates of a shape to WHERE and HAVING.

Invariant: the meaning is Django's. A negated condition holds where the plain one is not true, NULLs
included. A negated condition over a to-many relation becomes NOT EXISTS, so it means "no such row".
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from noormme.query.comparisons import comparison
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.joins import Source, literal
from noormme.query.nodes import (
    Compared,
    Condition,
    Expression,
    Holds,
    Items,
    Junction,
    Predicate,
    Ref,
    Scoped,
    Subquery,
)
from noormme.query.resolve import FilteredHop, Target, key_columns
from noormme.schema.model import Relation

__all__ = ["Built", "Conditions"]


class Built(msgspec.Struct, frozen=True):
    """A compiled predicate: the AND of three parts, each of which may be missing.

    Attributes:
        where: What decides about rows, or None when it holds for every row.
        having: What decides about groups, or None when it holds for every group.
        qualify: What decides about rows after their windows were computed, or None.
        required: Joined rows without which it cannot hold.
        columns: What ``where`` reads of single rows.
        grouped: What ``having`` reads of single rows, which must therefore be grouped by.
    """

    where: Any = None
    having: Any = None
    qualify: Any = None
    required: frozenset[Source] = frozenset()
    columns: tuple[Any, ...] = ()
    grouped: tuple[Any, ...] = ()

    @property
    def parts(self) -> list[Any]:
        """Those of the three parts that there are."""
        return [part for part in (self.where, self.having, self.qualify) if part is not None]


_EVERY_ROW = Built(literal("1") == literal("1"))
"""What holds for every row, where that must be said: on one side of OR and XOR."""


class Conditions:
    """Compiles the predicates of one SELECT.

    Args:
        context: The SELECT that they belong to.
        subqueries: Whether a negation over a to-many relation becomes a subquery. Not inside an aggregate,
            which looks at the rows that are joined.
    """

    def __init__(self, context: Context, *, subqueries: bool = True) -> None:
        self.context = context
        self.subqueries = subqueries

    def junction(
        self,
        node: Junction,
        scope: int | None,
        *,
        under_not: bool = False,
        odd: bool = False,
        whole: bool = False,
    ) -> Built:
        """Compile a group of predicates.

        Args:
            node: The group.
            scope: The filter call it belongs to, for joins over to-many relations.
            under_not: Whether any group around it is negated.
            odd: Whether an odd number of them is.
            whole: Whether a group around it must stay in one clause, WHERE or HAVING.
        """
        under_not = under_not or node.negated
        odd = odd != node.negated
        inside_xor = node.connector == "XOR"
        whole = whole or node.connector != ("OR" if odd else "AND")
        parts = [
            self.predicate(child, scope, under_not=under_not, odd=odd and not inside_xor, whole=whole)
            for child in node.children
        ]
        if node.connector == "AND":
            parts = [part for part in parts if part.parts]
        if not parts:
            return Built()
        parts = [part if part.parts else _EVERY_ROW for part in parts]
        columns = tuple(column for part in parts for column in part.columns)
        grouped = tuple(column for part in parts for column in part.grouped)
        required = _required(node, parts)
        if any(part.qualify is not None for part in parts):
            if whole:
                qualify = _connected(node, [sa.and_(*part.parts) for part in parts])
                return Built(qualify=qualify, required=required, grouped=(*columns, *grouped))
        elif not any(part.having is not None for part in parts):
            return Built(_connected(node, [part.where for part in parts]), required=required, columns=columns)
        elif whole:
            having = _connected(node, [sa.and_(*part.parts) for part in parts])
            return Built(having=having, required=required, grouped=(*columns, *grouped))
        wheres = [part.where for part in parts if part.where is not None]
        havings = [part.having for part in parts if part.having is not None]
        qualifies = [part.qualify for part in parts if part.qualify is not None]
        return Built(
            _connected(node, wheres) if wheres else None,
            _connected(node, havings) if havings else None,
            _connected(node, qualifies) if qualifies else None,
            required,
            columns,
            grouped,
        )

    def predicate(
        self, node: Predicate, scope: int | None, *, under_not: bool, odd: bool, whole: bool
    ) -> Built:
        """Compile any predicate; the arguments are those of ``junction``."""
        if isinstance(node, Scoped):
            # The scopes of filter calls count upwards.
            scope = -1 - node.scope
            self.context.tree.share(scope, tuple(-1 - other for other in node.shares))
            node = node.predicate
        if isinstance(node, Junction):
            return self.junction(node, scope, under_not=under_not, odd=odd, whole=whole)
        if isinstance(node, Holds):
            return _split(self.context.expression(node.expression, scope))
        if isinstance(node, Compared):
            left = [self.context.expression(node.expression, scope)]
            target = Target((), self.context.table, (), annotation="", lookup=node.lookup, kind=left[0].kind)
            named = Condition(node.lookup, node.operand, node.folded, json=node.json)
            return self._condition(named, target, left, scope, odd=odd)
        target = self.context.target(node.name, with_lookup=True)
        if self.subqueries and under_not and target.to_many and target.annotation is None:
            return self._exists(node, target, scope)
        return self._condition(node, target, self.context.at(target, scope), scope, odd=odd)

    def _condition(
        self,
        node: Condition,
        target: Target,
        left: list[Computed],
        scope: int | None,
        *,
        odd: bool,
        right: list[Computed] | None = None,
    ) -> Built:
        read = list(left)
        required: frozenset[Source] = frozenset(part.source for part in left if part.source is not None)
        if _asks_null(node, target):
            sql: Any = sa.or_(*(part.sql.is_(None) for part in left))
            required = frozenset[Source]()
        elif target.lookup == "isnull":
            sql = sa.and_(*(part.sql.is_not(None) for part in left))
        else:
            sql, right = comparison(self.context, node, target, left, scope, right)
            read += right
            protected: list[Any] = []
            # As in Django a comparison with ``null`` is left as it is.
            if odd and node.json != ("null",):
                # As in Django only where a field stands on the left.
                plain = left if target.annotation is None else []
                if (
                    target.annotation is None
                    and isinstance(node.operand, Ref)
                    and self.context.target(node.operand.name).annotation is None
                ):
                    plain = plain + [part for part in right if not part.path]
                protected = [part.document.sql for part in plain if part.document.nullable]
            if protected:
                sql = sa.and_(sql, *(part.is_not(None) for part in protected))
        columns = tuple(column for part in read for column in part.reads)
        if any(part.window for part in read):
            return Built(qualify=sql, required=required, grouped=columns)
        if any(part.aggregate for part in read):
            return Built(having=sql, required=required, grouped=columns)
        return Built(sql, required=required, columns=columns)

    def _exists(self, node: Condition, target: Target, scope: int | None) -> Built:
        """A condition over a to-many relation inside a negation: is there such a row?"""
        # F() means the outer row's field; where its path joins this relation, that joined row is meant.
        operand = node.operand
        right: list[Computed] | None = None
        if isinstance(operand, Ref):
            right = self.context.name(operand.name, scope)
        elif isinstance(operand, Expression) and not isinstance(operand, Subquery):
            right = [self.context.expression(operand, scope)]
        first = next(index for index, hop in enumerate(target.hops) if hop.to_many)
        narrowed = any(isinstance(hop, FilteredHop) for hop in target.hops)
        if narrowed:
            # The condition of a filtered relation may look at each row on the way to it.
            first = 0
        before, relation, after = target.hops[:first], target.hops[first], target.hops[first + 1 :]
        outer = self.context.tree.root
        for hop in before:
            outer = self.context.tree.hop(outer, hop, None)
        missing = _asks_null(node, target)
        if missing or narrowed:
            # "has no such row" must also see the outer row that has none at all: start from a copy of it.
            filtered = self.context.filtered if narrowed else None
            inner = self.context.inner(outer.table, transparent=True, filtered=filtered)
            key = key_columns(outer.table)
            names = [column.name for column in key] or list(relation.columns)
            link = [(inner.tree.root.column(name), outer.column(name)) for name in names]
            left = inner.at(msgspec.structs.replace(target, hops=(relation, *after)))
        else:
            inner, link, left = self._inner(outer, relation, after, target, scope)
        if isinstance(operand, Items):
            right = [self.context.expression(item, scope, like=left[0]) for item in operand.items]
        built = Conditions(inner)._condition(node, target, left, None, odd=False, right=right)
        for source in built.required:
            source.require()
        query = (
            sa.select(literal("1"))
            .select_from(inner.tree.from_clause())
            .where(*(here == there for here, there in link), *built.parts)
            .correlate(*(source.selectable for source in self.context.tree.sources))
        )
        exists: Any = query.exists()
        sql = exists
        if missing and before:
            # An outer row that is not there has no such row either.
            sql = sa.or_(exists, *(there.is_(None) for _, there in link))
        columns = tuple(there for _, there in link)
        if before or any(part.source is not self.context.tree.root for part in right or ()):
            # Groups must not be split by joined rows: whether there is such a row is what matters.
            columns = (exists, *(columns if missing else ()))
        else:
            columns = (*columns, *(column for part in right or () for column in part.reads))
        return Built(sql, columns=columns)

    def _inner(
        self,
        outer: Source,
        relation: Relation,
        after: tuple[Relation, ...],
        target: Target,
        scope: int | None,
    ) -> tuple[Context, list[tuple[Any, Any]], list[Computed]]:
        """The SELECT of an EXISTS: its context, how it hangs on the outer row, and the columns compared."""
        if relation.through is not None:
            table, ends = self.context.schema.table(relation.through), relation.through_columns
            onward = msgspec.structs.replace(
                relation,
                source=relation.through,
                kind="many_to_one",
                columns=relation.through_target_columns,
                forward=True,
                through=None,
                through_columns=(),
                through_target_columns=(),
            )
            after = (onward, *after)
        else:
            table, ends = self.context.schema.table(relation.target), relation.target_columns
        assert table is not None, "a relation leads to a table of the same schema"
        inner = self.context.inner(table, transparent=True)
        link = [
            (inner.tree.root.column(there, like=outer.table.column(here)), outer.column(here))
            for here, there in zip(relation.columns, ends, strict=True)
        ]
        joined = self.context.tree.joined(outer, table, relation.columns, ends, scope)
        if joined is not None and (key := key_columns(table)):
            # Another condition of the same filter() chose a row: this one is about that row too.
            link = [(inner.tree.root.column(column.name), joined.column(column.name)) for column in key]
        return inner, link, inner.at(msgspec.structs.replace(target, hops=after))


def _asks_null(node: Condition, target: Target) -> bool:
    return target.lookup == "isnull" and node.operand is True


def _split(computed: Computed) -> Built:
    """An expression that is a condition, where it belongs."""
    if computed.window:
        return Built(qualify=computed.sql, grouped=computed.reads)
    if computed.aggregate:
        return Built(having=computed.sql, grouped=computed.reads)
    return Built(computed.sql, columns=computed.reads)


def _connected(node: Junction, parts: list[Any]) -> Any:
    """Conditions under the node's connector, and its NOT."""
    if node.connector == "AND" or len(parts) == 1:
        sql = sa.and_(*parts)
    elif node.connector == "OR":
        sql = sa.or_(*parts)
    else:
        # Django's meaning of a chained XOR is parity: an odd number of the conditions holds.
        one, zero = literal("1"), literal("0")
        total: Any = sa.case((parts[0], one), else_=zero)
        for part in parts[1:]:
            total = total + sa.case((part, one), else_=zero)
        sql = (total.self_group() % literal("2")) == one
    return sa.not_(sql.self_group()) if node.negated else sql


def _required(node: Junction, parts: list[Built]) -> frozenset[Source]:
    """The joined rows without which a group of conditions cannot hold."""
    if node.negated or (node.connector == "XOR" and len(parts) > 1):
        return frozenset()
    if node.connector == "AND":
        return frozenset[Source]().union(*(part.required for part in parts))
    return parts[0].required.intersection(*(part.required for part in parts[1:]))
