"""What MySQL and MariaDB say in a way of their own: lookups, lists as parameters, upserts.

Invariant: what an expression gives has the type that its kind says, and a user's value is always a parameter.
This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.mysql import insert

from noormme.engines.lacking import WithoutArrays
from noormme.engines.server.mysql.aggregates import aggregate
from noormme.engines.server.mysql.arithmetic import arithmetic, binary, text_comparison
from noormme.engines.server.mysql.call_moments import part
from noormme.engines.server.mysql.calls import call
from noormme.engines.server.mysql.compiler import EVERY_ROW, SQLAlchemyDialect
from noormme.engines.server.mysql.documents import MySQLDocuments
from noormme.engines.server.mysql.operands import (
    alike,
    as_kind,
    as_text,
    called,
    cast,
    in_one_form,
    is_json_value,
    literal,
)
from noormme.engines.server.mysql.searching import advice, matches, search_text, search_value
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand, Slot
from noormme.query.plan import Encode
from noormme.schema.model import Column, Kind, Table
from noormme.schema.search_index import SearchIndex

if TYPE_CHECKING:
    from noormme.engines.server.mysql.dialect import MySQLDialect

__all__ = ["MySQLExpressions"]

_TEXTS: frozenset[Kind] = frozenset({"text", "uuid", "json"})


class MySQLExpressions(WithoutArrays):
    """MySQL's and MariaDB's expressions.

    The arguments of its methods are those of ``query.dialect_expressions.Expressions``, which explains them.

    Args:
        dialect: Knows the server and the time zone.

    Attributes:
        sqlalchemy: SQLAlchemy's MySQL dialect; it compiles and never connects.
        placeholder: How the driver writes a parameter.
        documents: What the server says of JSON.
    """

    placeholder = "%s"
    product = "MySQL"

    def __init__(self, dialect: MySQLDialect) -> None:
        self._dialect = dialect
        self.sqlalchemy: sa.Dialect = SQLAlchemyDialect(dialect.flavour)
        self.documents = MySQLDocuments(dialect.flavour)

    def comparable(self, kind: Kind, parameter: ColumnElement[Any]) -> ColumnElement[Any]:
        """A parameter as it is: a literal has its type."""
        return parameter

    def operand(self, kind: Kind, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """A stored value as it is; a document in the one form of all that are equal."""
        return self.documents.one_form(stored) if kind == "json" else stored

    def alike(self, left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Two expressions in types that compare."""
        return alike(left, right)

    def in_one_form(self, operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
        """Several expressions, of which one gives the value, as values of one type."""
        return in_one_form(operands, kind)

    def one_form(self, operands: Sequence[Operand], kind: Kind) -> bool:
        """Values of one kind are of one type, but for identifiers that are bytes in one column."""
        return True

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

        The text is a pattern of LIKE's in which ``%``, ``_`` and ``\\`` mean themselves. Lookups with an
        ``i`` compare as the column's collation does, and letters without their case; those without one
        compare sign by sign.
        """
        text = left if kind in _TEXTS else cast(left, "CHAR")
        if lookup in ("regex", "iregex"):
            flag = "(?i)" if lookup == "iregex" else "(?-i)"
            return text.op("REGEXP", is_comparison=True)(slot(lambda value: f"{flag}{_text(value)}"))
        if lookup == "iexact":
            return called("lower", text) == called("lower", slot(_text))
        pattern = _PATTERNS[lookup.removeprefix("i")]
        if lookup.startswith("i"):
            return called("lower", text).op("LIKE", is_comparison=True)(called("lower", slot(pattern)))
        found = binary(text).op("LIKE", is_comparison=True)(slot(pattern))
        if lookup != "startswith" or kind != "text" or column is None:
            return found
        # What begins with the text in the column's own collation an index finds.
        return sa.and_(text.op("LIKE", is_comparison=True)(slot(pattern)), found)

    def transform(
        self, name: str, left: ColumnElement[Any], kind: Kind, table: Table | None, column: Column | None
    ) -> ColumnElement[Any]:
        """A date or time transform."""
        return part(name, left)

    # -- full-text search ---------------------------------------------------------------------------

    def search_text(self, index: SearchIndex) -> Encode:
        """What turns what a user typed into words with the operators of the boolean mode."""
        return partial(search_text, self._dialect.words)

    def search_advice(self, table: Table) -> str:
        """What makes a full-text index."""
        return advice(table)

    def matches(
        self, table: sa.FromClause, index: SearchIndex, expression: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether a row fits."""
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
        """How well a row fits."""
        return search_value(function, table, index, arguments, wanted())

    # -- rows and lists -----------------------------------------------------------------------------

    def apart(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """A SELECT that the planner does not make a part of another: it leaves those with a LIMIT."""
        return statement.limit(literal(EVERY_ROW))

    def member(
        self, left: ColumnElement[Any], lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None
    ) -> ColumnElement[Any]:
        """Whether ``left`` is in one of the lists."""
        every = lists if nul is None else [*lists, nul]
        found: list[ColumnElement[bool]] = [
            left.op("IN", precedence=5, is_comparison=True)(each) for each in every
        ]
        if not found:
            return literal("1") == literal("0")
        return found[0] if len(found) == 1 else sa.or_(*found)

    def members(
        self, lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None, kind: Kind
    ) -> ColumnElement[Any]:
        """The values of several lists."""
        raise NotSupported("MySQL has no SELECT of a list", hint="use in=")

    def member_rows(
        self, left: list[ColumnElement[Any]], kinds: list[Kind], rows: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Whether a composite key is in a list of keys."""
        return sa.tuple_(*left).op("IN", is_comparison=True)(rows)

    # -- writing ------------------------------------------------------------------------------------

    def stored(self, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
        """The values of an expression in the type of a column."""
        if operand.kind == column.kind and not is_json_value(operand.sql):
            return operand.sql
        if column.kind == "json" and operand.kind == "any":
            # What an SQL function or SQL of the user's gives for a document is a document.
            return operand.sql
        if column.kind == "text" and operand.kind != "any":
            return as_text(operand)
        if column.kind in ("any", "integer", "real", "decimal"):
            # The column turns a number into one of its own type.
            return operand.sql
        return as_kind(operand, column.kind)

    def computed_first(self, statement: sa.Update) -> sa.Update:
        """MariaDB never sees what a statement itself has written."""
        return statement

    def upsert(
        self,
        table: sa.TableClause,
        values: Mapping[str, ColumnElement[Any]],
        target: Sequence[ColumnElement[Any]],
        where: str | None,
        update: Sequence[str],
    ) -> sa.Insert:
        """An INSERT with ON DUPLICATE KEY UPDATE, which is about any unique key."""
        statement = insert(table).values(dict(values))
        if update:
            return statement.on_duplicate_key_update({name: statement.inserted[name] for name in update})
        # A column that is set to itself leaves the row as it is.
        kept = next(iter(target), None)
        name = str(kept.name) if isinstance(kept, sa.ColumnClause) else next(iter(values))
        return statement.on_duplicate_key_update({name: table.c[name]})


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _escaped(value: object) -> str:
    return _text(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_PATTERNS: Mapping[str, Encode] = {
    "contains": lambda value: f"%{_escaped(value)}%",
    "startswith": lambda value: f"{_escaped(value)}%",
    "endswith": lambda value: f"%{_escaped(value)}",
}
