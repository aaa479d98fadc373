"""What the values of an expression are, and whether they can be NULL.

Invariant: nothing is promised that could be wrong. What is not known is a value of no known kind that can be
NULL. The database is not asked; the schema is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec
from sqlglot import exp

from noormme.codegen.sql.functions import AGGREGATES, FUNCTIONS, OF_SQLITE, WINDOWS, Result
from noormme.codegen.sql.names import arguments_of, is_aggregate, name_of
from noormme.codegen.sql.scopes import Scope, Scopes
from noormme.codegen.sql.value import UNKNOWN, Value
from noormme.schema.model import Kind
from noormme.schema.types import affinity_of

__all__ = ["NUMBERS", "Values", "common"]

NUMBERS: tuple[Kind, ...] = ("integer", "decimal", "real")
"""The kinds of numbers; two of them together are the later one."""


_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.Glob)
_TYPES: Mapping[str, Kind] = {
    **dict.fromkeys(("INT", "BIGINT", "SMALLINT", "TINYINT", "MEDIUMINT", "UINT", "UBIGINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "real"),
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "NCHAR", "NVARCHAR", "BPCHAR", "NAME"), "text"),
    **dict.fromkeys(("BLOB", "BINARY", "VARBINARY"), "blob"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPNTZ", "DATETIME", "DATETIME2"), "datetime"),
    **dict.fromkeys(("JSON", "JSONB"), "json"),
    **dict.fromkeys(("TIME", "TIMETZ"), "time"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL": "decimal",
    "INTERVAL": "duration",
    "UUID": "uuid",
}


_ITSELF = Value(nullable=False, open=True)
"""What a recursive query gives, while that is being found out: what it gives without itself."""

_Answer: TypeAlias = Callable[[exp.Expr, Scope | None], Value]


class Values:
    """Tells what expressions of one statement are.

    Args:
        scopes: What names mean in the statement.
        nullable: The numbers of the parameters that can be None.
    """

    def __init__(self, scopes: Scopes, nullable: frozenset[str] = frozenset()) -> None:
        self.scopes = scopes
        self._nullable = nullable
        self._asked: set[int] = set()
        # How each kind of expression is looked at; the first that fits.
        self._answers: tuple[tuple[tuple[type[exp.Expr], ...], _Answer], ...] = (
            ((exp.Column,), self._column),
            ((exp.Alias, exp.Paren, exp.Collate, exp.Escape), self._inner),
            ((exp.Null,), self._null),
            ((exp.Literal, exp.Boolean), self._literal),
            ((exp.Placeholder,), self._parameter),
            ((exp.Cast,), self._cast),
            ((exp.Window,), self._window),
            ((exp.Filter,), self._filtered),
            ((exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists), self._fact),
            (
                (*_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Between, exp.In, exp.RegexpLike, exp.SimilarTo),
                self._truth,
            ),
            ((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod), self._sum),
            ((exp.DPipe,), self._joined_text),
            ((exp.RawString, exp.Heredoc, exp.National, exp.ByteString), self._text),
            ((exp.HexString,), self._bytes),
            ((exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.CurrentDatetime), self._now),
            ((exp.Extract, exp.TimestampTrunc, exp.AtTimeZone), self._strict),
            ((exp.Neg,), self._negated),
            ((exp.Coalesce,), self._coalesced),
            ((exp.Case, exp.If), self._case),
            ((exp.Nullif,), self._null_if),
            ((exp.Subquery, exp.Select, exp.SetOperation), self._subquery),
        )

    def of(self, node: exp.Expr | None, scope: Scope | None) -> Value:
        """What is known of an expression.

        Args:
            node: The expression.
            scope: What its names mean.
        """
        if node is None:
            return UNKNOWN
        if id(node) in self._asked:
            return _ITSELF
        self._asked.add(id(node))
        try:
            return self._of(node, scope)
        finally:
            self._asked.discard(id(node))

    def outputs(self, query: exp.Expr | None) -> list[tuple[str, Value]] | None:
        """The columns that a query gives, with their names; None where they cannot be told.

        Args:
            query: A SELECT, several of them combined, or a statement that gives rows back.
        """
        if isinstance(query, exp.Subquery):
            return self.outputs(query.this)
        if isinstance(query, exp.SetOperation):
            left = self.outputs(query.this)
            if left is not None and id(query) in self._asked:
                return [(name, _ITSELF) for name, _ in left]
            self._asked.add(id(query))
            right = self.outputs(query.expression)
            self._asked.discard(id(query))
            if left is None or right is None or len(left) != len(right):
                return None
            return [
                (name, _merged([one, two], one.nullable or two.nullable))
                for (name, one), (_, two) in zip(left, right, strict=True)
            ]
        scope = self.scopes.of(query)
        if scope is None or query is None:
            return None
        found: list[tuple[str, Value]] = []
        for node in self.scopes.projection(query):
            star = self._star(node, scope)
            if star is None:
                return None
            found += star
        return found

    def _star(self, node: exp.Expr, scope: Scope) -> list[tuple[str, Value]] | None:
        qualifier = node.table if isinstance(node, exp.Column) and isinstance(node.this, exp.Star) else ""
        if not qualifier and not isinstance(node, exp.Star):
            return [(node.alias_or_name, self.of(node, scope))]
        found: list[tuple[str, Value]] = []
        for source in scope.sources:
            if source.apart or not source.known:
                if source.apart:
                    continue
                return None
            if qualifier and source.name.lower() != qualifier.lower():
                continue
            names = source.column_names(self)
            if names is None:
                return None
            hidden = source.merged if not qualifier else frozenset[str]()
            found += [
                (name, self._in_source(source.name, name, scope))
                for name in names
                if name.lower() not in hidden
            ]
        return found

    def _in_source(self, source: str, name: str, scope: Scope) -> Value:
        return scope.column(source, name, self) or UNKNOWN

    # -- one expression -----------------------------------------------------------------------------

    def _of(self, node: exp.Expr, scope: Scope | None) -> Value:
        for kinds, answer in self._answers:
            if isinstance(node, kinds):
                return answer(node, scope)
        return self._function(node, scope) if isinstance(node, exp.Func) else UNKNOWN

    def _inner(self, node: exp.Expr, scope: Scope | None) -> Value:
        return self.of(node.this, scope)

    def _column(self, node: exp.Expr, scope: Scope | None) -> Value:
        assert isinstance(node, exp.Column), "asked for columns alone"
        if scope is None or node.args.get("catalog"):
            return UNKNOWN
        return scope.column(node.table, node.name, self) or UNKNOWN

    def _literal(self, node: exp.Expr, scope: Scope | None) -> Value:
        if isinstance(node, exp.Boolean):
            return Value("boolean", nullable=False)
        if node.args.get("is_string"):
            return Value("text", nullable=False)
        whole = str(node.this).isdigit()
        other: Kind = "real" if self.scopes.flexible else "decimal"
        return Value("integer" if whole else other, nullable=False)

    def _parameter(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value(nullable=str(node.this) in self._nullable, open=True)

    def _null(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value(open=True)

    def _cast(self, node: exp.Expr, scope: Scope | None) -> Value:
        inner = self.of(node.this, scope)
        kind = self.cast_kind(node)
        can_fail = isinstance(node, exp.TryCast) or self.scopes.dialect in ("mysql", "mariadb")
        return Value(kind, inner.nullable or can_fail)

    def cast_kind(self, node: exp.Expr) -> Kind | None:
        """The kind of what a CAST gives; None where that is not known.

        Args:
            node: The CAST.
        """
        to = node.args.get("to")
        if not isinstance(to, exp.DataType):
            return None
        if self.scopes.flexible:
            # Such a CAST only follows the affinity of the type's name.
            affinity = affinity_of(to.sql(dialect="sqlite"))
            return None if affinity == "numeric" else affinity
        return _TYPES.get(str(to.this.value) if isinstance(to.this, exp.DataType.Type) else "")

    def _truth(self, node: exp.Expr, scope: Scope | None) -> Value:
        if isinstance(node, exp.In) and not node.expressions:
            return Value("boolean")
        parts = [part for part in node.iter_expressions() if not isinstance(part, exp.Escape)]
        return Value("boolean", any(self.of(part, scope).nullable for part in parts))

    def _text(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value("text", nullable=False)

    def _bytes(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value("blob", nullable=False)

    def _now(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value("text" if self.scopes.flexible else None, nullable=False)

    def _strict(self, node: exp.Expr, scope: Scope | None) -> Value:
        """A function of moments, which PostgreSQL gives a value for wherever its arguments have one."""
        parts = [part for part in node.iter_expressions() if not isinstance(part, exp.Var)]
        certain = self.scopes.dialect == "postgresql"
        return Value(None, not certain or any(self.of(part, scope).nullable for part in parts))

    def _fact(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value("boolean", nullable=False)

    def _sum(self, node: exp.Expr, scope: Scope | None) -> Value:
        left, right = self.of(node.this, scope), self.of(node.expression, scope)
        kind = common(each.kind for each in (left, right) if not each.open)
        nullable = left.nullable or right.nullable or isinstance(node, (exp.Div, exp.IntDiv, exp.Mod))
        return Value(kind if kind in NUMBERS else None, nullable)

    def _joined_text(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value("text", any(self.of(part, scope).nullable for part in (node.this, node.expression)))

    def _negated(self, node: exp.Expr, scope: Scope | None) -> Value:
        inner = self.of(node.this, scope)
        return Value(inner.kind if inner.kind in NUMBERS else None, inner.nullable)

    def _coalesced(self, node: exp.Expr, scope: Scope | None) -> Value:
        found = [self.of(part, scope) for part in (node.this, *node.expressions)]
        return _merged(found, all(each.nullable for each in found))

    def _case(self, node: exp.Expr, scope: Scope | None) -> Value:
        if isinstance(node, exp.If):
            parts = [node.args.get("true"), node.args.get("false")]
        else:
            ifs = node.args.get("ifs") or ()
            parts = [*(each.args.get("true") for each in ifs), node.args.get("default")]
        found = [self.of(part, scope) for part in parts if part is not None]
        return _merged(found, None in parts or any(each.nullable for each in found))

    def _null_if(self, node: exp.Expr, scope: Scope | None) -> Value:
        return Value(self.of(node.this, scope).kind)

    def _window(self, node: exp.Expr, scope: Scope | None) -> Value:
        inner = node.this
        if isinstance(inner, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
            inner = inner.this
        name = name_of(inner)
        result = WINDOWS.get(name) or AGGREGATES.get(name)
        if result is None:
            return UNKNOWN
        argument = self.of(inner.this if isinstance(inner.this, exp.Expr) else None, scope)
        # The frame of an aggregate can be empty.
        return self._result(name, result, argument, nullable=result.nulls != "never")

    def _filtered(self, node: exp.Expr, scope: Scope | None) -> Value:
        found = self.of(node.this, scope)
        result = AGGREGATES.get(name_of(node.this))
        return msgspec.structs.replace(found, nullable=result is None or result.nulls != "never")

    def _subquery(self, node: exp.Expr, scope: Scope | None) -> Value:
        query = node.this if isinstance(node, exp.Subquery) else node
        found = self.outputs(query)
        if not found or len(found) != 1:
            return UNKNOWN
        value = found[0][1]
        return msgspec.structs.replace(value, nullable=value.nullable or not _always_one_row(query))

    def _function(self, node: exp.Expr, scope: Scope | None) -> Value:
        name = name_of(node)
        arguments = arguments_of(node)
        aggregate = AGGREGATES.get(name)
        if aggregate is not None and not (name in ("min", "max") and len(arguments) > 1):
            first = self.of(arguments[0] if arguments else None, scope)
            empty = scope is None or not scope.grouped
            nullable = aggregate.nulls != "never" and (empty or first.nullable or aggregate.nulls == "always")
            return self._result(name, aggregate, first, nullable=nullable)
        found = [self.of(argument, scope) for argument in arguments]
        if aggregate is not None:
            return _merged(found, any(each.nullable for each in found))
        result = (OF_SQLITE.get(name) if self.scopes.flexible else None) or FUNCTIONS.get(name)
        if result is None:
            return UNKNOWN
        nullable = result.nulls == "always" or (
            result.nulls == "arguments" and any(each.nullable for each in found)
        )
        kind = common(each.kind for each in found) if result.kind == "same" else result.kind
        if name in ("substr", "substring"):
            # What is cut out by a pattern is NULL where nothing fits it.
            nullable = nullable or any(each.kind != "integer" for each in found[1:])
        elif name == "abs" and kind not in NUMBERS:
            kind = None
        return Value(kind, nullable)

    def _result(self, name: str, result: Result, argument: Value, *, nullable: bool) -> Value:
        if result.kind != "same":
            return Value(result.kind, nullable)
        if name == "sum":
            kind = "integer" if argument.kind == "boolean" else argument.kind
            return Value(kind if kind in NUMBERS else None, nullable)
        return Value(argument.kind, nullable, argument.table, argument.column)


def common(kinds: Iterable[Kind | None]) -> Kind | None:
    """The one kind of values of several; None where they have none in common, or one is not known.

    Args:
        kinds: The kinds.
    """
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    numbers: list[Kind] = [kind for kind in NUMBERS if kind in found]
    return numbers[-1] if numbers and len(numbers) == len(found) else None


def _merged(values: list[Value], nullable: bool) -> Value:
    """One of several values."""
    known = [value for value in values if not value.open]
    kind = common(value.kind for value in known) if known else None
    columns = {value.column for value in known}
    if len(columns) == 1 and known[0].column is not None and kind is not None:
        return Value(kind, nullable, known[0].table, known[0].column)
    return Value(kind, nullable)


def _is_apart(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Subquery, exp.Window))


def _always_one_row(query: exp.Expr) -> bool:
    """Whether a query gives one row whatever the tables hold: it aggregates all rows, or has no table."""
    if not isinstance(query, exp.Select):
        return False
    if any(query.args.get(name) for name in ("group", "having", "limit", "offset")):
        return False
    if query.args.get("from_") is None:
        return query.args.get("where") is None
    (only,) = query.expressions
    return any(is_aggregate(node) for node in only.walk(prune=_is_apart))
