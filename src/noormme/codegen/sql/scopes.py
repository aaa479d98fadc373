"""What the names in a statement mean: tables, queries in FROM, and the columns that they have.

Invariant: a table that cannot be told is kept as one with unknown columns, so that no name is taken for that
of another table. An outer join makes everything nullable that it can leave out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlglot import exp

from noormme.codegen.sql.names import is_aggregate
from noormme.codegen.sql.value import UNKNOWN, Value
from noormme.schema.model import Schema, Table

if TYPE_CHECKING:
    from noormme.codegen.sql.values import Values

__all__ = ["From", "Scope", "Scopes"]

_DEFAULT_NAMESPACES: Mapping[str, str] = {
    "sqlite": "main",
    "libsql": "main",
    "postgresql": "public",
    "mssql": "dbo",
}
_ROW_IDS = frozenset({"rowid", "_rowid_", "oid"})
_QUERIES = (exp.Select, exp.SetOperation)
_STATEMENTS = (exp.Insert, exp.Update, exp.Delete)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.In, exp.Between)


class From:
    """Something in FROM that has columns.

    Args:
        name: What the statement calls it.
        table: The table, if it is one.
        query: The query, if it is one.
        columns: The names that its columns are given, the first ones first.
        flexible: Whether the table has row ids.

    Attributes:
        nullable: Whether an outer join can leave it out.
        merged: Names of columns that a join has made one of with those of another table, in lower case.
        apart: Whether ``*`` leaves it out, and its columns need its name.
        columns: As given.
    """

    def __init__(
        self,
        name: str,
        table: Table | None = None,
        query: exp.Expr | None = None,
        columns: tuple[str, ...] = (),
        *,
        flexible: bool = False,
        apart: bool = False,
    ) -> None:
        self.name = name
        self.table = table
        self.query = query
        self.nullable = False
        self.merged: frozenset[str] = frozenset()
        self.apart = apart
        self.columns = columns
        self._flexible = flexible

    @property
    def known(self) -> bool:
        """Whether its columns can be told."""
        return self.table is not None or self.query is not None

    def column_names(self, values: Values) -> list[str] | None:
        """The names of its columns in their order; None where they cannot be told."""
        if self.table is not None:
            found = [column.name for column in self.table.columns if not column.hidden]
        else:
            outputs = values.outputs(self.query)
            if outputs is None:
                return None
            found = [name for name, _ in outputs]
        return [*self.columns, *found[len(self.columns) :]]

    def column(self, name: str, values: Values) -> Value | None:
        """What is known of one of its columns; None where it has none of that name."""
        if self.table is not None:
            column = next((each for each in self.table.columns if each.name == name), None) or next(
                (each for each in self.table.columns if each.name.lower() == name.lower()), None
            )
            if column is not None:
                return Value(column.kind, column.nullable, self.table, column)
            if self._flexible and self.table.kind == "table" and name.lower() in _ROW_IDS:
                return Value("integer", nullable=False)
            return None
        outputs = values.outputs(self.query)
        if outputs is None:
            return UNKNOWN
        names = [*self.columns, *(each for each, _ in outputs[len(self.columns) :])]
        for each, (_, value) in zip(names, outputs, strict=False):
            if each.lower() == name.lower():
                return value
        return None


class Scope:
    """The names that the parts of one SELECT, INSERT, UPDATE or DELETE can use.

    Args:
        query: The statement.
        outer: The names around it.

    Attributes:
        sources: What is in FROM, in order.
        grouped: Whether every group has a row.
    """

    def __init__(self, query: exp.Expr, outer: Scope | None) -> None:
        self.query = query
        self.outer = outer
        self.sources: list[From] = []
        group = query.args.get("group")
        names = ("rollup", "cube", "grouping_sets", "totals")
        self._rolled_up = group is not None and (
            any(group.args.get(name) for name in names)
            or group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None
        )
        self.grouped = group is not None and not self._rolled_up
        # What is made of all rows is made of none too, and columns beside it are NULL then.
        self._can_be_empty = group is None and _is_aggregate(query)
        self._not_null: set[tuple[int, str]] | None = None

    def column(self, qualifier: str, name: str, values: Values) -> Value | None:
        """What is known of a column; None where there is none of that name.

        Args:
            qualifier: The table that it is of, or ``""``.
            name: The column.
            values: Tells what queries give.
        """
        for at, source in enumerate(self.sources):
            if qualifier.lower() != source.name.lower() if qualifier else source.apart:
                continue
            found = source.column(name, values) if source.known else None
            if found is not None:
                return self._narrowed(found, at, name, values)
            if qualifier:
                return UNKNOWN
        if not all(source.known for source in self.sources):
            return UNKNOWN
        return None if self.outer is None else self.outer.column(qualifier, name, values)

    def _narrowed(self, value: Value, at: int, name: str, values: Values) -> Value:
        nullable = value.nullable or self.sources[at].nullable
        if nullable and (at, name.lower()) in self._filtered(values):
            nullable = False
        return replace(value, nullable=nullable or self._rolled_up or self._can_be_empty)

    def _filtered(self, values: Values) -> set[tuple[int, str]]:
        """The columns that the conditions let through only where they are not NULL."""
        if self._not_null is None:
            self._not_null = set()
            found: set[tuple[int, str]] = set()
            for column in _not_null(self._conditions()):
                for at, source in enumerate(self.sources):
                    if column.table.lower() != source.name.lower() if column.table else source.apart:
                        continue
                    if source.known and source.column(column.name, values) is not None:
                        found.add((at, column.name.lower()))
                        break
            self._not_null = found
        return self._not_null

    def _conditions(self) -> Iterator[exp.Expr]:
        where = self.query.args.get("where")
        if where is not None and isinstance(self.query, exp.Select):
            yield where.this
        joins = self.query.args.get("joins") or ()
        if all(join.side not in ("RIGHT", "FULL") for join in joins):
            for join in joins:
                if not join.side and join.args.get("on") is not None:
                    yield join.args["on"]


def _is_aggregate(query: exp.Expr) -> bool:
    """Whether a SELECT makes something of all of its rows together."""
    parts = [*query.expressions, query.args.get("having")] if isinstance(query, exp.Select) else []
    return any(
        is_aggregate(node) for part in parts if part is not None for node in part.walk(prune=_is_apart)
    )


def _is_apart(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Subquery, exp.Select, exp.Window))


def _not_null(conditions: Iterator[exp.Expr]) -> Iterator[exp.Column]:
    stack = list(conditions)
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack += [node.this, node.expression]
        elif isinstance(node, exp.Paren):
            stack.append(node.this)
        elif isinstance(node, exp.Not):
            # One release of the parser writes IS NOT NULL so, another as IS that is negated.
            if _is_null(node.this, negated=False):
                yield from _plain(node.this.this)
        elif _is_null(node, negated=True):
            yield from _plain(node.this)
        elif isinstance(node, _COMPARISONS) and not _holds_of_nothing(node):
            yield from _plain(node.this)
            yield from _plain(node.args.get("expression"))


def _holds_of_nothing(node: exp.Expr) -> bool:
    """Whether a condition is about many values, and true where there is none: ``x NOT IN ()``."""
    many = (exp.Any, exp.All, exp.Subquery)
    negated = isinstance(node, exp.In) and bool(node.args.get("negate"))
    return negated or any(isinstance(part, many) for part in (node.this, node.args.get("expression")))


def _is_null(node: exp.Expr, *, negated: bool) -> bool:
    asked = isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
    return asked and bool(node.args.get("negate")) is negated


def _plain(node: object) -> Iterator[exp.Column]:
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        yield node


class Scopes:
    """The scopes of one statement.

    Args:
        root: The statement, parsed.
        schema: The schema.
        dialect: The name of the dialect.

    Attributes:
        dialect: The same.
        flexible: Whether the database takes any value in any column, as SQLite does.
    """

    def __init__(self, root: exp.Expr, schema: Schema, dialect: str) -> None:
        self.dialect = dialect
        self.flexible = dialect in ("sqlite", "libsql")
        self._schema = schema
        self._scopes: dict[int, Scope] = {}
        self._build(root, None, {})

    def of(self, query: exp.Expr | None) -> Scope | None:
        """The scope of a statement; None for what has none."""
        return self._scopes.get(id(query))

    def around(self, node: exp.Expr) -> Scope | None:
        """The scope that an expression is in."""
        parent: exp.Expr | None = node
        while parent is not None:
            found = self.of(parent)
            if found is not None:
                return found
            parent = parent.parent
        return None

    def projection(self, query: exp.Expr) -> list[exp.Expr]:
        """What a statement gives, each column or ``*`` as it is written."""
        if isinstance(query, exp.Select):
            return list(query.expressions)
        returning = query.args.get("returning")
        return [] if returning is None else list(returning.expressions)

    def table(self, node: exp.Expr | None) -> Table | None:
        """The table that a name stands for; None where it is not in the schema."""
        if isinstance(node, exp.Schema):
            node = node.this
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier) or node.catalog:
            return None
        names = [f"{node.db}.{node.name}"] if node.db else [node.name]
        if node.db and node.db.lower() == _DEFAULT_NAMESPACES.get(self.dialect):
            names.append(node.name)
        for name in names:
            for table in self._schema:
                if table.name == name:
                    return table
            alike = [table for table in self._schema if table.name.lower() == name.lower()]
            if len(alike) == 1:
                return alike[0]
        return None

    # -- building -----------------------------------------------------------------------------------

    def _build(self, query: exp.Expr, outer: Scope | None, known: Mapping[str, From]) -> None:
        if isinstance(query, exp.Subquery):
            known = self._with(query, outer, known)
            self._build(query.this, outer, known)
            return
        if not isinstance(query, (*_QUERIES, *_STATEMENTS)):
            return
        known = self._with(query, outer, known)
        if isinstance(query, exp.SetOperation):
            self._build(query.this, outer, known)
            self._build(query.expression, outer, known)
            return
        scope = Scope(query, outer)
        self._scopes[id(query)] = scope
        if isinstance(query, exp.Select):
            start = query.args.get("from_")
            if start is not None:
                scope.sources = self._joined(start.this, query.args.get("joins") or (), known)
        else:
            scope.sources = self._written(query, known)
        for nested in _nested(query):
            self._build(nested, scope, known)

    def _with(self, query: exp.Expr, outer: Scope | None, known: Mapping[str, From]) -> Mapping[str, From]:
        clause = query.args.get("with_")
        if clause is None:
            return known
        found = dict(known)
        for each in clause.expressions:
            alias = each.args.get("alias")
            columns = tuple(column.name for column in (alias.columns if alias is not None else ()))
            made = From(each.alias, query=each.this, columns=columns)
            inside = {**found, each.alias.lower(): made} if clause.args.get("recursive") else found
            self._build(each.this, outer, inside)
            found[each.alias.lower()] = made
        return found

    def _written(self, query: exp.Expr, known: Mapping[str, From]) -> list[From]:
        """What an INSERT, an UPDATE or a DELETE can name, the table first that it writes to."""
        target = query.this.this if isinstance(query.this, exp.Schema) else query.this
        found = self._joined(target, query.args.get("joins") or (), known) if target is not None else []
        more: list[From] = []
        if isinstance(query, exp.Insert) and found:
            more.append(From("excluded", found[0].table, apart=True))
        if query.args.get("from_") is not None:
            more += self._joined(query.args["from_"].this, query.args.get("joins") or (), known)
        for each in query.args.get("using") or ():
            more += self._joined(each, (), known)
        return [*found, *more]

    def _joined(self, first: exp.Expr, joins: Sequence[exp.Join], known: Mapping[str, From]) -> list[From]:
        found = self._source(first, known)
        inner: Sequence[exp.Join] = first.args.get("joins") or ()
        every = [*inner, *joins]
        for join in every:
            added = self._source(join.this, known)
            if join.side in ("RIGHT", "FULL"):
                for source in found:
                    source.nullable = True
            if join.side in ("LEFT", "FULL"):
                for source in added:
                    source.nullable = True
            using: Sequence[exp.Identifier] = join.args.get("using") or ()
            for source in added:
                source.merged = frozenset(each.name.lower() for each in using)
            if join.method == "NATURAL":
                # Which columns it makes one of depends on both tables.
                added = [From(source.name) for source in added]
            found += added
        return found

    def _source(self, node: exp.Expr, known: Mapping[str, From]) -> list[From]:
        alias = node.args.get("alias")
        name = node.alias_or_name
        columns = tuple(column.name for column in (alias.columns if alias is not None else ()))
        if isinstance(node, exp.Subquery):
            if isinstance(node.this, _QUERIES):
                return [From(name, query=node.this, columns=columns)]
            if isinstance(node.this, (exp.Table, exp.Subquery)) and alias is None:
                return self._joined(node.this, (), known)
            return [From(name)]
        if not isinstance(node, exp.Table) or node.args.get("pivots"):
            return [From(name)]
        cte = known.get(node.name.lower()) if not node.db else None
        if cte is not None:
            return [From(name, query=cte.query, columns=columns or cte.columns)]
        return [From(name, self.table(node), columns=columns, flexible=self.flexible)]


def _nested(query: exp.Expr) -> Iterator[exp.Expr]:
    """The queries right inside of a statement; not those of its WITH, nor what is inside of these."""
    stack: list[exp.Expr] = [part for part in query.iter_expressions() if part.arg_key != "with_"]
    while stack:
        node = stack.pop()
        if isinstance(node, (*_QUERIES, exp.Subquery)) and not (
            isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table)
        ):
            yield node
        else:
            stack += list(node.iter_expressions())
