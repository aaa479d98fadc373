"""What PostgreSQL says in a way of its own: lookups, lists as parameters, upserts.

Invariant: what an expression gives has the type that its kind says, and a user's value is always a parameter.
This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert

from noormme.engines.clauses import on_conflict
from noormme.engines.server.postgresql.aggregates import aggregate
from noormme.engines.server.postgresql.arithmetic import arithmetic, text_comparison
from noormme.engines.server.postgresql.call_moments import part
from noormme.engines.server.postgresql.calls import call
from noormme.engines.server.postgresql.compiler import SQLAlchemyDialect
from noormme.engines.server.postgresql.documents import PostgreSQLDocuments
from noormme.engines.server.postgresql.operands import (
    alike,
    as_integer,
    as_kind,
    called,
    cast,
    column_of,
    in_one_form,
    is_json_value,
    literal,
    one_form,
    pieced,
)
from noormme.engines.server.postgresql.searching import advice, matches, search_text, search_value
from noormme.engines.server.postgresql.types import SQL_TYPES, is_plain_text
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand, Slot
from noormme.query.plan import Encode
from noormme.schema.model import Column, Kind, Table
from noormme.schema.search_index import SearchIndex

if TYPE_CHECKING:
    from noormme.engines.server.postgresql.dialect import PostgreSQLDialect

__all__ = ["PostgreSQLExpressions"]

_NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal"})


_ARRAY_OPERATORS: Mapping[str, str] = {"contains": "@>", "contained_by": "<@", "overlap": "&&"}


class PostgreSQLExpressions:
    """PostgreSQL's expressions.

    The arguments of its methods are those of ``query.dialect_expressions.Expressions``, which explains them.

    Args:
        dialect: Knows the time zone.

    Attributes:
        sqlalchemy: SQLAlchemy's PostgreSQL dialect; it compiles and never connects.
        placeholder: How PostgreSQL writes a parameter; one that occurs twice is one, as GROUP BY needs it.
        documents: What it says of JSON.
    """

    placeholder = "${}"

    sqlalchemy: sa.Dialect = SQLAlchemyDialect(paramstyle="named")  # type: ignore[no-untyped-call]

    def __init__(self, dialect: PostgreSQLDialect) -> None:
        self._dialect = dialect
        self.documents = PostgreSQLDocuments()

    def comparable(self, kind: Kind, parameter: ColumnElement[Any]) -> ColumnElement[Any]:
        """A parameter as it is: text takes the type of what stands beside it."""
        return parameter

    def operand(self, kind: Kind, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """A stored value in the type in which parameters are equal to it: only JSON has two types."""
        if kind == "json":
            return cast(stored, "JSONB")
        if kind == "any" and is_json_value(stored):
            # What it is compared with is a number or a text, whose type only the value says.
            return stored.op("#>>")(literal("'{}'")).self_group()
        return stored

    def alike(self, left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Two expressions in types that compare."""
        return alike(left, right)

    def in_one_form(self, operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
        """Several expressions, of which one gives the value, as values of one type."""
        return in_one_form(operands, kind)

    def one_form(self, operands: Sequence[Operand], kind: Kind) -> bool:
        """Whether values of one kind are of one type."""
        return one_form(operands, kind)

    def arithmetic(self, operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
        """Two expressions under an operator."""
        return arithmetic(operator, left, right, kind)

    def call(self, function: str, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
        """A function of one row."""
        return call(self._dialect, function, operands, option, kind)

    def aggregate(
        self,
        function: str,
        operands: Sequence[Operand],
        *,
        distinct: bool,
        ordering: Sequence[ColumnElement[Any]],
        condition: ColumnElement[bool] | None,
    ) -> ColumnElement[Any]:
        """A function over many rows."""
        return aggregate(function, operands, distinct=distinct, ordering=ordering, condition=condition)

    # -- text and moments ---------------------------------------------------------------------------

    def text_comparison(self, lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
        """A lookup in text whose right side is an expression."""
        return text_comparison(lookup, left, right)

    def text_lookup(
        self,
        lookup: str,
        left: ColumnElement[Any],
        slot: Slot,
        *,
        kind: Kind,
        column: Column | None,
        folded: bool,
    ) -> ColumnElement[Any]:
        """A text lookup.

        The text is a pattern of LIKE's in which ``%``, ``_`` and ``\\`` mean themselves, so that an index of
        trigrams, or one with ``text_pattern_ops``, can answer it.
        """
        plain = kind == "text" and (column is None or is_plain_text(column))
        text = left if plain else cast(left, "TEXT")
        if lookup in ("regex", "iregex"):
            return text.op("~" if lookup == "regex" else "~*", is_comparison=True)(slot(_text))
        if lookup == "iexact":
            return called("lower", text) == called("lower", cast(slot(_text), "TEXT"))
        sign = "ILIKE" if lookup.startswith("i") else "LIKE"
        return text.op(sign, is_comparison=True)(slot(_PATTERNS[lookup.removeprefix("i")]))

    def transform(
        self, name: str, left: ColumnElement[Any], kind: Kind, table: Table | None, column: Column | None
    ) -> ColumnElement[Any]:
        """A date or time transform, or the length of an array."""
        if name == "len":
            return called("cardinality", left)
        return part(name, left, kind)

    # -- arrays -------------------------------------------------------------------------------------

    def array_lookup(
        self, lookup: str, left: ColumnElement[Any], right: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Operators that an index of GIN can answer."""
        found: ColumnElement[bool] = left.op(_ARRAY_OPERATORS[lookup], is_comparison=True)(right)
        return found

    def element(self, array: ColumnElement[Any], start: int, end: int | None) -> ColumnElement[Any]:
        """PostgreSQL counts from 1, and its parts have their last element."""
        place = f"[{start + 1}]" if end is None else f"[{start + 1}:{end}]"
        return pieced(pieced(array), place)

    # -- full-text search ---------------------------------------------------------------------------

    def search_text(self, index: SearchIndex) -> Encode:
        """What turns what a user typed into a ``tsquery``."""
        return search_text

    def search_advice(self, table: Table) -> str:
        """What makes an index of vectors."""
        return advice(table)

    def matches(
        self, table: sa.FromClause, index: SearchIndex, expression: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether the vector of a row fits."""
        return matches(table, index, expression)

    def search_value(
        self,
        function: str,
        table: sa.FromClause,
        index: SearchIndex,
        position: int | None,
        arguments: Sequence[ColumnElement[Any]],
        wanted: Callable[[], ColumnElement[Any]],
    ) -> ColumnElement[Any]:
        """How well the vector of a row fits, or the parts of its text that do."""
        return search_value(function, table, index, position, arguments, wanted())

    # -- rows and lists -----------------------------------------------------------------------------

    def apart(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """A SELECT that the planner does not make a part of another: it leaves those with an OFFSET."""
        return statement.offset(literal("0"))

    def member(
        self, left: ColumnElement[Any], lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None
    ) -> ColumnElement[Any]:
        """Whether ``left`` is in one of the lists; no text holds a NUL."""
        found: list[Any] = [left == called("ANY", each) for each in lists]
        for each in found:
            # Its negation is a NOT: what SQLAlchemy makes of it, != ANY, holds beside any other member.
            each.negate = None
        if not found:
            return literal("1") == literal("0")
        return found[0] if len(found) == 1 else sa.or_(*found)

    def members(
        self, lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None, kind: Kind
    ) -> sa.Select[Any] | sa.CompoundSelect[Any]:
        """A SELECT of the values of several lists."""
        if not lists:
            return sa.select(sa.null()).where(literal("1") == literal("0"))
        selects = [sa.select(called("unnest", cast(each, f"{_sql_type(kind)}[]"))) for each in lists]
        return selects[0] if len(selects) == 1 else sa.union_all(*selects)

    def member_rows(
        self, left: list[ColumnElement[Any]], kinds: list[Kind], rows: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Whether a composite key is in a list of keys."""
        source = called("jsonb_array_elements", cast(rows, "JSONB"))
        # An element of an array of arrays: ->> gives a part of it as text.
        each: Any = source.table_valued("value").alias("noormme_keys")
        parts = [
            cast(each.c.value.op("->>")(literal(str(index))).self_group(), _sql_type(kind))
            for index, kind in enumerate(kinds)
        ]
        return sa.tuple_(*left).in_(sa.select(*parts).select_from(each))

    # -- writing ------------------------------------------------------------------------------------

    def stored(self, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
        """The values of an expression in the type of a column."""
        own = column_of(operand)
        same = own is not None and own.declared_type == column.declared_type
        if same and not is_json_value(operand.sql):
            return operand.sql
        if is_json_value(operand.sql) or operand.kind not in (column.kind, "any"):
            value = as_kind(operand, column.kind)
            if column.kind == "integer" and operand.kind == "boolean":
                value = as_integer(operand.sql)
            keep = is_plain_text(column) or column.kind == "any"
            return value if keep else cast(value, column.declared_type)
        if is_plain_text(column) or operand.kind in _NUMBERS:
            return operand.sql
        return cast(operand.sql, column.declared_type)

    def computed_first(self, statement: sa.Update) -> sa.Update:
        """PostgreSQL never sees what a statement itself has written."""
        return statement

    def upsert(
        self,
        table: sa.TableClause,
        values: Mapping[str, ColumnElement[Any]],
        target: Sequence[ColumnElement[Any]],
        where: str | None,
        update: Sequence[str],
    ) -> sa.Insert:
        """An INSERT with ON CONFLICT."""
        if update and not target:
            raise NotSupported(
                "PostgreSQL must be told which key two rows share", hint="name its fields: on=['email']"
            )
        return on_conflict(insert(table).values(dict(values)), target, where, update)


def _sql_type(kind: Kind) -> str:
    return "TEXT" if kind == "any" else SQL_TYPES[kind]


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _escaped(value: object) -> str:
    text = str(_text(value))
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_PATTERNS: Mapping[str, Encode] = {
    "contains": lambda value: f"%{_escaped(value)}%",
    "startswith": lambda value: f"{_escaped(value)}%",
    "endswith": lambda value: f"%{_escaped(value)}",
}
