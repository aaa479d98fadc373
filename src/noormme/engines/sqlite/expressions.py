"""What SQLite says in a way of its own: lookups, date functions, lists as parameters.

Invariant: the SQL written here reads the same values that ``engines.sqlite.values`` decodes, whatever
their form. This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.base import SQLiteDialect as Base

from noormme.engines.lacking import WithoutArrays
from noormme.engines.sqlite.aggregates import aggregate
from noormme.engines.sqlite.arithmetic import alike, arithmetic, text_comparison
from noormme.engines.sqlite.calls import call
from noormme.engines.sqlite.documents import SQLiteDocuments
from noormme.engines.sqlite.forms import (
    StorageForm,
    comparison_expression,
    strftime_argument,
    time_expression,
)
from noormme.engines.sqlite.match import match_expression
from noormme.engines.sqlite.needles import ENDINGS, PATTERNS, as_text, behind, casefolded
from noormme.engines.sqlite.operands import alike as in_one_form
from noormme.engines.sqlite.operands import as_kind, called, one_form, pieced
from noormme.engines.sqlite.search_advice import advice
from noormme.engines.sqlite.writing import computed_first, stored, upsert
from noormme.query.dialect import Encode
from noormme.query.dialect_expressions import Operand, Slot
from noormme.schema.model import Column, Kind, Table
from noormme.schema.search_index import SearchIndex

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["SQLiteCompilerBase", "SQLiteDialectBase", "SQLiteExpressions"]

_MAYBE_BYTES: frozenset[Kind] = frozenset({"any", "blob", "uuid", "text"})
"""Kinds of which a part of a composite key can be bytes, which JSON does not have."""

_TEXT_COLLATIONS = frozenset({"BINARY", "NOCASE", "RTRIM"})
"""SQLite's own: each sorts a text behind all of its beginnings."""

_ENDING_COLLATIONS = frozenset({"BINARY", "NOCASE"})
"""Those in which what begins with a text ends where the next character would begin."""


_STRFTIME = {
    "year": "%Y",
    "iso_year": "%G",
    "month": "%m",
    "week": "%V",
    "day": "%d",
    "week_day": "%w",
    "iso_week_day": "%u",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
}


class SQLiteCompilerBase(SQLiteCompiler):
    """SQLAlchemy's compiler without the OFFSET 0 that it adds to every LIMIT."""

    def limit_clause(self, select: Any, **options: Any) -> str:
        """LIMIT and OFFSET, each where the statement has it."""
        limit, offset = select._limit_clause, select._offset_clause
        text = ""
        if limit is not None or offset is not None:
            text = "\n LIMIT " + ("-1" if limit is None else self.process(limit, **options))
        return text if offset is None else f"{text} OFFSET {self.process(offset, **options)}"

    def visit_ilike_case_insensitive_operand(self, element: Any, **options: Any) -> str:
        """What ILIKE compares: SQLite's lower() knows the letters of ASCII only."""
        return f"noormme_casefold({element.element._compiler_dispatch(self, **options)})"


class SQLiteDialectBase(Base):
    """SQLAlchemy's dialect of SQLite; it compiles and never connects."""

    statement_compiler = SQLiteCompilerBase
    # Writes NOT x instead of x = 0; SQLite understands both.
    supports_native_boolean = True
    supports_statement_cache = False


class SQLiteExpressions(WithoutArrays):
    """SQLite's expressions.

    The arguments of its methods are those of ``query.dialect_expressions.Expressions``, which explains them.

    Args:
        dialect: Knows how the columns store their values.

    Attributes:
        sqlalchemy: SQLAlchemy's SQLite dialect; it compiles and never connects.
        placeholder: How SQLite writes a parameter.
    """

    placeholder = "?"
    product = "SQLite"

    sqlalchemy: sa.Dialect = SQLiteDialectBase(paramstyle="named")

    def __init__(self, dialect: SQLiteDialect) -> None:
        self._dialect = dialect
        self._documents = SQLiteDocuments(dialect)

    @property
    def documents(self) -> SQLiteDocuments:
        """What SQLite says of JSON."""
        return self._documents

    def comparable(self, kind: Kind, parameter: ColumnElement[Any]) -> ColumnElement[Any]:
        """A parameter as it compares: decimals travel as text, which would sort above numbers."""
        if kind != "decimal":
            return parameter
        return sa.cast(parameter, sa.NUMERIC())

    def operand(self, kind: Kind, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """A stored value in the form in which parameters are equal to it: JSON without blanks."""
        return self.fill(comparison_expression(kind), stored)

    def alike(self, left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Two expressions in a form in which they are equal where their values are."""
        return alike(self._dialect, left, right)

    def in_one_form(self, operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
        """Several expressions, of which one gives the value, in one form."""
        values = in_one_form(self._dialect, operands, kind)
        return [as_kind(value, kind, (each,)) for value, each in zip(values, operands, strict=True)]

    def one_form(self, operands: Sequence[Operand], kind: Kind) -> bool:
        """Whether values of one kind come in one form."""
        return one_form(self._dialect, operands, kind)

    def arithmetic(self, operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
        """Two expressions under an operator."""
        return arithmetic(self._dialect, operator, left, right, kind)

    def text_comparison(self, lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
        """A lookup in text whose right side is an expression."""
        return text_comparison(lookup, left, right)

    def stored(self, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
        """The values of an expression in the form in which a column stores them."""
        return stored(self._dialect, operand, table, column)

    def computed_first(self, statement: sa.Update) -> sa.Update:
        """An UPDATE that computes all new values before it writes the first row."""
        return computed_first(statement)

    def upsert(
        self,
        table: sa.TableClause,
        values: Mapping[str, ColumnElement[Any]],
        target: Sequence[ColumnElement[Any]],
        where: str | None,
        update: Sequence[str],
    ) -> sa.Insert:
        """An INSERT with ON CONFLICT."""
        return upsert(table, values, target, where, update)

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
        return aggregate(
            self._dialect, function, operands, distinct=distinct, ordering=ordering, condition=condition
        )

    def search_text(self, index: SearchIndex) -> Encode:
        """What turns what a user typed into an expression of FTS5."""
        encode: Any = partial(match_expression, phrases=index.detail == "full")
        return cast("Encode", encode)

    def search_advice(self, table: Table) -> str:
        """What makes a table of FTS5 for another table."""
        return advice(table)

    def matches(
        self, table: sa.FromClause, index: SearchIndex, expression: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether a row of a table of FTS5 is found."""
        return table.c[index.name].op("MATCH", precedence=5, is_comparison=True)(expression)

    def search_value(
        self,
        function: str,
        table: sa.FromClause,
        index: SearchIndex,
        position: int | None,
        arguments: Sequence[ColumnElement[Any]],
        wanted: Callable[[], ColumnElement[Any]],
    ) -> ColumnElement[Any]:
        """An auxiliary function of FTS5; its own order is a column, by which it can sort without us."""
        if function == "order":
            return table.c["rank"]
        this = table.c[index.name]
        if function == "rank":
            return -called("bm25", this, *arguments)
        return called(function, this, _literal(str(-1 if position is None else position)), *arguments)

    def apart(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """A SELECT that SQLite does not flatten: it leaves those with a LIMIT as they are."""
        return statement.limit(_literal("-1"))

    def member(
        self, left: ColumnElement[Any], lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None
    ) -> ColumnElement[Any]:
        """Whether ``left`` is in one of the lists; ``nul`` is a list of texts made by ``nul_encoder``."""
        return left.in_(self.members(lists, nul, "any"))

    def members(self, lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None, kind: Kind) -> Any:
        """A SELECT of the values of several lists."""
        value = _literal("value")
        if not lists and nul is None:
            return sa.select(sa.null()).where(_literal("1") == _literal("0"))
        selects = [sa.select(value).select_from(self._source("carray", each)) for each in lists]
        if nul is not None:
            selects.append(sa.select(sa.cast(value, sa.TEXT())).select_from(self._source("carray", nul)))
        return selects[0] if len(selects) == 1 else sa.union_all(*selects)

    def member_rows(
        self, left: list[ColumnElement[Any]], kinds: list[Kind], rows: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Whether a composite key is in a list of keys."""
        parts: list[ColumnElement[Any]] = []
        for index, kind in enumerate(kinds):
            part = f"json_extract(value, '$[{index}]')"
            if kind in _MAYBE_BYTES:
                read = f"unhex(json_extract(value, '$[{index}].bytes'))"
                part = f"CASE json_type(value, '$[{index}]') WHEN 'object' THEN {read} ELSE {part} END"
            parts.append(_literal(part))
        return sa.tuple_(*left).in_(sa.select(*parts).select_from(self._source("json_each", rows)))

    def _source(self, function: str, parameter: ColumnElement[Any]) -> Any:
        """A table-valued function over one parameter, for a FROM clause."""
        # Every schema has the function; a table hides it in its own schema only.
        schema = sa.func.temp if function in self._dialect.tables else sa.func
        return getattr(schema, function)(parameter).table_valued("value")

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

        Patterns are compared as a whole text, never as LIKE patterns of the user's: ``%``, ``_``, quotes
        and NUL mean themselves. LIKE serves where ASCII letters may differ in case; where a stored text holds
        more than those, both are folded.
        """
        text: ColumnElement[Any] = left if kind in ("text", "any", "blob") else sa.cast(left, sa.TEXT())
        if folded:
            return self._folded(lookup, text, slot)
        if lookup in ("regex", "iregex"):
            return text.op("REGEXP", is_comparison=True)(slot(PATTERNS[lookup]))
        if lookup in PATTERNS:
            # LIKE knows no letters but those of ASCII, and reads a text up to its first NUL.
            more = sa.func.length(text) < sa.func.octet_length(text)
            like = text.like(slot(PATTERNS[lookup]), escape="\\")
            return sa.case((more, self._folded(lookup, text, slot)), else_=like)
        collation = (column.collation or "BINARY").upper() if kind == "text" and column is not None else None
        return self._whole(lookup, text, slot, as_text, collation)

    def _folded(self, lookup: str, text: ColumnElement[Any], slot: Slot) -> ColumnElement[Any]:
        """An ``i`` lookup in all scripts."""
        folded: ColumnElement[Any] = sa.func.noormme_casefold(text)
        if lookup == "iexact":
            return folded == slot(casefolded)
        return self._whole(lookup.removeprefix("i"), folded, slot, casefolded)

    def _whole(
        self,
        lookup: str,
        text: ColumnElement[Any],
        slot: Slot,
        encode: Encode,
        collation: str | None = None,
    ) -> ColumnElement[Any]:
        """contains, startswith and endswith, exact to the character."""
        zero, one = _literal("0"), _literal("1")
        if lookup == "contains":
            return sa.func.instr(text, slot(encode)) > zero
        if lookup == "startswith":
            found = [sa.func.instr(text, slot(encode)) == one]
            # The comparisons let an index find where to begin and to end, where it sorts in such an order.
            if collation in _ENDING_COLLATIONS and self._dialect.encoding == "UTF-8":
                found.insert(0, text < slot(behind))
            if collation in _TEXT_COLLATIONS:
                found.insert(0, text >= slot(encode))
            return sa.and_(*found)
        # By bytes, because SQLite counts characters up to a NUL only; a text ends with another exactly when
        # its bytes do. Of an empty text substr() gives NULL, as of NULL itself.
        start, end = ENDINGS[encode, self._dialect.encoding]
        tail = sa.func.substr(sa.cast(text, sa.BLOB()), slot(start))
        return sa.case((text.is_not(None), sa.func.coalesce(tail, _literal("x''")) == slot(end)))

    def transform(
        self, name: str, left: ColumnElement[Any], kind: Kind, table: Table | None, column: Column | None
    ) -> ColumnElement[Any]:
        """A date or time transform, for whatever form the column stores."""
        form = self._dialect.bound_form(kind, table, column)
        if name == "time":
            return self.fill(time_expression(form), left)
        moment = self.moment(form, left)
        if kind == "time":
            moment = [self.fill(time_expression(form), left)]
        if name == "date":
            return sa.func.date(*moment)
        if name == "quarter":
            return (_number("%m", moment) + _literal("2")) // sa.literal_column("3", sa.Integer())
        if name == "week_day":
            return _number("%w", moment) + _literal("1")
        return _number(_STRFTIME[name], moment)

    def moment(self, form: StorageForm, stored: ColumnElement[Any]) -> list[Any]:
        """A stored moment as the arguments of SQLite's date functions.

        Args:
            form: The form in which it is stored.
            stored: The expression.
        """
        template, modifiers = strftime_argument(form, timezone=self._dialect.timezone)
        return [self.fill(template, stored), *(_literal(f"'{modifier}'") for modifier in modifiers)]

    def fill(self, template: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """An SQL template as an expression.

        Args:
            template: The template, with ``{c}`` for the column.
            column: The column.
        """
        if template == "{c}":
            return column
        parts: list[Any] = []
        for index, piece in enumerate(template.split("{c}")):
            if index:
                parts.append(column)
            if piece:
                parts.append(piece)
        return pieced(*parts)


def _literal(sql: str) -> ColumnElement[Any]:
    return sa.literal_column(sql)


def _number(pattern: str, moment: list[Any]) -> ColumnElement[Any]:
    return sa.cast(sa.func.strftime(_literal(f"'{pattern}'"), *moment), sa.INTEGER())
