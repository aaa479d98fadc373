"""From the shape of a query in tables to a plan: SQLAlchemy Core writes the SQL, once for each shape.

Invariant: what is compiled depends on the shape, the schema and the dialect only, never on a value.
This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
import sqlalchemy as sa

from noormme.errors import InvalidQuery, NotSupported
from noormme.query.builder.evaluate import Evaluator
from noormme.query.builder.functions import FUNCTIONS
from noormme.query.builder.names import of_columns
from noormme.query.builder.nodes import (
    Call,
    Col,
    Compound,
    Derived,
    Mode,
    Ordering,
    Query,
    Select,
    Source,
    Star,
    TableSource,
)
from noormme.query.builder.nodes import Output as OutputNode
from noormme.query.builder.scope import Columns, Scope
from noormme.query.builder.typed import JoinedClause, SourceColumns, Typed, alike, output_of, table_columns
from noormme.query.dialect import Dialect
from noormme.query.joins import literal, quoted
from noormme.query.plan import Output, Plan
from noormme.schema.model import Schema

__all__ = ["compile_query"]


_JOINED: dict[str, Any] = {
    "union": sa.union,
    "union_all": sa.union_all,
    "intersect": sa.intersect,
    "except": sa.except_,
}


def compile_query(node: Query, mode: Mode, schema: Schema, dialect: Dialect, slots: int) -> Plan:
    """Compile one shape.

    Args:
        node: What is asked.
        mode: ``"rows"`` for the rows themselves, else their number or whether there are any.
        schema: The schema that its names belong to.
        dialect: The engine's side.
        slots: How many values travel beside it.

    Returns:
        The plan. The database is touched only where the dialect must learn how a column stores its values.

    Raises:
        TableNotFound: A name's table is not joined.
        FieldNotFound: A name of an outer query does not exist there.
        InvalidQuery: The combination has no meaning.
    """
    compiler = _Compiler(schema, dialect)
    if mode == "rows":
        statement, columns = compiler.query(node, None)
        outputs = tuple(output_of(name, typed) for name, typed in columns)
    elif mode == "count":
        statement, outputs = compiler.counted(node), (Output("count", "integer", nullable=False),)
    else:
        statement, outputs = compiler.existing(node), (Output("exists", "integer", nullable=False),)
    compiled = statement.compile(dialect=dialect.expressions.sqlalchemy)
    sql, binds = compiler.parameters.placed(compiled.string, dialect.expressions.placeholder)
    return Plan(
        sql,
        binds,
        outputs,
        style="row" if mode == "rows" else "tuple",
        reads=tuple(sorted(compiler.tables)),
        slots=slots,
    )


class _Compiler(Evaluator):
    """Compiles one statement.

    Args:
        schema: The schema.
        dialect: The engine's side.

    Attributes:
        tables: Exact names of the tables that it reads.
    """

    def __init__(self, schema: Schema, dialect: Dialect) -> None:
        super().__init__(schema, dialect)
        self.tables: set[str] = set()

    # -- queries ------------------------------------------------------------------------------------

    def query(self, node: Query, parent: Scope | None, *, labelled: bool = False) -> tuple[Any, Columns]:
        """A query and its columns.

        Args:
            node: The query.
            parent: The scope around it.
            labelled: Whether each column needs its name in SQL, because something refers to it.
        """
        if isinstance(node, Select):
            return self._select(node, parent, labelled)
        return self._compound(node, parent)

    def _select(self, node: Select, parent: Scope | None, labelled: bool) -> tuple[Any, Columns]:
        scope = Scope(parent)
        clause = self._from(node, scope)
        outputs = [
            output for item in node.outputs or (OutputNode(Star()),) for output in self._output(item, scope)
        ]
        columns: Columns = [(name, typed) for name, typed, _ in outputs]
        expressions = [
            typed.sql.label(quoted(name)) if labelled or named else typed.sql
            for name, typed, named in outputs
        ]
        return self._clauses(node, scope, clause, expressions), columns

    def _clauses(self, node: Select, scope: Scope, clause: Any, expressions: list[Any]) -> Any:
        statement: Any = sa.select(*expressions).set_label_style(sa.LABEL_STYLE_NONE).select_from(clause)
        if node.where is not None:
            statement = statement.where(self.conditions.condition(node.where, scope))
        if node.group:
            statement = statement.group_by(*(self.expression(part, scope).sql for part in node.group))
        if node.having is not None:
            statement = statement.having(self.conditions.condition(node.having, scope))
        if node.distinct:
            statement = statement.distinct()
        for cte, _ in scope.ctes.values():
            statement = statement.add_cte(cte)
        statement = self._ordered(statement, node, [self._sort_key(key, scope) for key in node.order])
        # Only what it names of the queries around it is theirs; another table of the same name is its own.
        return statement.correlate(*scope.used) if scope.used else statement.correlate(None)

    def _compound(self, node: Compound, parent: Scope | None) -> tuple[Any, Columns]:
        parts, columns = self._parts(node, parent)
        statement = _JOINED[node.operator](*parts)
        names = {name for name, _ in columns}
        keys: list[Any] = []
        for key in node.order:
            if not isinstance(key.expression, Col) or key.expression.name not in names:
                raise InvalidQuery(
                    f"{node.operator} is sorted by names of its columns only",
                    hint="sort by a name of select()",
                )
            keys.append(_directed(sa.column(quoted(key.expression.name)), key))
        return self._ordered(statement, node, keys), columns

    def _parts(self, node: Compound, parent: Scope | None) -> tuple[list[Any], Columns]:
        """The SELECTs of a compound; the same operator again goes on with the same list."""
        left, right = node.left, node.right
        if isinstance(left, Compound) and left.operator == node.operator and not _is_cut(left):
            parts, columns = self._parts(left, parent)
        else:
            part, columns = self._part(left, parent)
            parts = [part]
        part, others = self._part(right, parent)
        both = zip(columns, others, strict=True)
        return [*parts, part], [(name, alike(mine, theirs)) for (name, mine), (_, theirs) in both]

    def _part(self, node: Query, parent: Scope | None) -> tuple[Any, Columns]:
        """One SELECT of a compound; what SQLite does not take there is read from a sub-select."""
        plain = isinstance(node, Select) and not _is_cut(node)
        statement, columns = self.query(node, parent, labelled=True)
        if plain:
            return statement, columns
        inner = statement.subquery(quoted("part"))
        return sa.select(*inner.c).set_label_style(sa.LABEL_STYLE_NONE), columns

    def _ordered(self, statement: Any, node: Query, keys: list[Any]) -> Any:
        if keys:
            statement = statement.order_by(*keys)
        if node.limit is not None:
            statement = statement.limit(self.parameters.take(node.limit, None))
        if node.offset is not None:
            statement = statement.offset(self.parameters.take(node.offset, None))
        return statement

    def counted(self, node: Query) -> Any:
        """How many rows a query gives."""
        count: Any = sa.func.count(sa.text("*"))
        if isinstance(node, Select) and not (
            node.distinct
            or node.group
            or node.having
            or node.limit is not None
            or node.offset is not None
            or _aggregates(node.outputs)
        ):
            scope = Scope(None)
            clause = self._from(node, scope)
            return self._clauses(msgspec.structs.replace(node, order=()), scope, clause, [count])
        return sa.select(count).select_from(self._inner(node, "counted"))

    def existing(self, node: Query) -> Any:
        """Whether a query gives any row."""
        one = literal("1")
        return sa.select(one).select_from(self._inner(node, "found")).limit(one)

    def _inner(self, node: Query, name: str) -> Any:
        """A query as a sub-select whose columns nobody names, in no order unless that decides."""
        if node.limit is None and node.offset is None:
            node = msgspec.structs.replace(node, order=())
        statement, columns = self.query(node, None, labelled=True)
        if isinstance(node, Select) and len({key.lower() for key, _ in columns}) < len(columns):
            labels = [
                getattr(column, "element", column).label(f"c{index}")
                for index, column in enumerate(statement.selected_columns)
            ]
            statement = statement.with_only_columns(*labels, maintain_column_froms=True)
        return statement.subquery(quoted(name))

    # -- sources ------------------------------------------------------------------------------------

    def _from(self, node: Select, scope: Scope) -> Any:
        for name, query in node.ctes:
            statement, columns = self.query(query, None, labelled=True)
            scope.ctes[name] = (statement.cte(quoted(name), nesting=True), columns)
        first = self._source(node.source, scope)
        clause: Any = first.selectable
        for join in node.joins:
            if join.kind == "full" and not self.dialect.features.full_joins:
                raise NotSupported(
                    "this database has no FULL JOIN",
                    hint="write a left join, and a union with the rows that only the other table has",
                )
            before = list(scope.sources.values())
            source = self._source(join.source, scope)
            if join.kind in ("left", "full"):
                source.make_nullable()
            if join.kind in ("right", "full"):
                for each in before:
                    each.make_nullable()
            condition = None if join.condition is None else self.conditions.condition(join.condition, scope)
            clause = JoinedClause(clause, source.selectable, condition, join.kind)
        return clause

    def _source(self, node: Source, scope: Scope) -> SourceColumns:
        if isinstance(node, TableSource):
            table = self.schema.table(node.table)
            assert table is not None, "a shape names a table of its schema"
            self.tables.add(table.name)
            made = table_columns(table, node.alias)
        elif isinstance(node, Derived):
            statement, columns = self.query(node.query, None, labelled=True)
            made = _derived(statement.subquery(quoted(node.alias)), columns, node.alias)
        else:
            _, columns = scope.ctes[node.name]
            ends: list[sa.ColumnClause[Any]] = [sa.column(quoted(name)) for name, _ in columns]
            plain = sa.table(quoted(node.name), *ends)
            named = plain if node.alias == node.name else plain.alias(quoted(node.alias))
            made = _derived(named, columns, node.alias)
        scope.sources[node.alias] = made
        return made

    def _output(self, item: OutputNode, scope: Scope) -> list[tuple[str, Typed, bool]]:
        if not isinstance(item.expression, Star):
            return [(item.name, self.expression(item.expression, scope), item.labelled)]
        wanted = item.expression.source
        if wanted is not None and wanted not in scope.sources:
            raise self._not_joined(wanted, scope)
        return [
            (field, source.columns[name], False)
            for alias, source in scope.sources.items()
            if wanted in (None, alias)
            for name, field in source.known.star
        ]

    def _sort_key(self, key: Ordering, scope: Scope) -> Any:
        return _directed(self.expression(key.expression, scope).sql, key)


def _derived(selectable: Any, columns: Columns, alias: str) -> SourceColumns:
    typed = {
        name: msgspec.structs.replace(each, sql=selectable.c[name], whole=True) for name, each in columns
    }
    return SourceColumns(selectable, typed, of_columns(list(typed), alias))


def _is_cut(node: Query) -> bool:
    return bool(node.order) or node.limit is not None or node.offset is not None or bool(_ctes(node))


def _ctes(node: Query) -> tuple[object, ...]:
    return node.ctes if isinstance(node, Select) else ()


def _directed(sql: Any, key: Ordering) -> Any:
    directed = sql.desc() if key.descending else sql.asc()
    if key.nulls == "first":
        return directed.nulls_first()
    return directed.nulls_last() if key.nulls == "last" else directed


def _aggregates(node: object) -> bool:
    """Whether there is an aggregate in an expression, outside of its sub-selects."""
    if isinstance(node, Call) and FUNCTIONS[node.function].aggregate:
        return True
    if isinstance(node, (Select, Compound)):
        return False
    if isinstance(node, tuple):
        return any(map(_aggregates, cast("tuple[object, ...]", node)))
    if isinstance(node, msgspec.Struct):
        return any(_aggregates(getattr(node, name)) for name in node.__struct_fields__)
    return False
