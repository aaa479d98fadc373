"""What libSQL says otherwise than SQLite with our functions: lists, searches in text, aggregates.

Invariant: the SQL calls no function that a libSQL server does not have. This module imports SQLAlchemy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.clauses import called, filtered, literal
from noormme.engines.libsql.plain import WRITERS
from noormme.engines.libsql.plain.documents import LibSQLDocuments
from noormme.engines.libsql.plain.letters import fold_pairs
from noormme.engines.libsql.plain.moments import ZONED
from noormme.engines.libsql.plain.writing import Write, filled
from noormme.engines.sqlite.expressions import SQLiteCompilerBase, SQLiteDialectBase, SQLiteExpressions
from noormme.engines.sqlite.needles import casefolded
from noormme.engines.sqlite.operands import as_boolean, as_text
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand, Slot
from noormme.schema.model import Column, Kind, Table

if TYPE_CHECKING:
    from noormme.engines.libsql.dialect import LibSQLDialect

__all__ = ["LibSQLExpressions"]

_OUR_CALL = re.compile(r"(noormme_\w+)\(\{c\}(?:, ('\w+'))?\)")

_NO_REGEX = "libSQL has no regular expressions of Python's"
_REGEX_HINT = "use contains, startswith or endswith, or filter the rows in Python"

_FEWEST = {"stddev_pop": 1, "stddev_samp": 2, "variance_pop": 1, "variance_samp": 2}
"""How many values a measure of spread needs."""

# The mean first, then the distances from it: sums of squares alone would lose digits. The values travel as
# text, because JSON would round them.
_SPREAD = (
    "SELECT CASE WHEN count(value) >= FEWEST THEN sum((CAST(value AS REAL) - MEAN) * (CAST(value AS"
    " REAL) - MEAN))"
    " / (count(value) - LESS.0) END FROM json_each({0})"
).replace("MEAN", "(SELECT avg(CAST(value AS REAL)) FROM json_each({0}) WHERE value IS NOT NULL)")


class _Compiler(SQLiteCompilerBase):
    """SQLAlchemy's compiler for SQLite, which writes our functions in plain SQL."""

    writers: Mapping[str, Write] = WRITERS

    def visit_function(self, func: Any, add_to_result_map: Any = None, **options: Any) -> str:
        write = self.writers.get(func.name)
        if write is None:
            assert not func.name.startswith("noormme_"), f"{func.name} is written in plain SQL"
            return str(super().visit_function(func, add_to_result_map=add_to_result_map, **options))
        made = write(list(func.clauses))
        return str(self.process(made, **options))

    def visit_ilike_case_insensitive_operand(self, element: Any, **options: Any) -> str:
        """What ILIKE compares: SQLite's lower() knows the letters of ASCII only."""
        return str(self.process(called("noormme_casefold", element.element), **options))


class _ZonedCompiler(_Compiler):
    """The same where moments without an offset are of another zone than UTC."""

    writers: Mapping[str, Write] = {**WRITERS, **ZONED}


class _Dialect(SQLiteDialectBase):
    statement_compiler = _Compiler


class _ZonedDialect(SQLiteDialectBase):
    statement_compiler = _ZonedCompiler


class LibSQLExpressions(SQLiteExpressions):
    """libSQL's expressions; see ``SQLiteExpressions``.

    Args:
        dialect: Knows how the columns store their values.
    """

    # Numbered, because plain SQL may need a value several times, and it is sent once.
    placeholder = "?{}"

    sqlalchemy: sa.Dialect = _Dialect(paramstyle="named")

    def __init__(self, dialect: LibSQLDialect) -> None:
        super().__init__(dialect)
        self._dialect: LibSQLDialect = dialect
        zone = dialect.timezone
        if zone is not None and zone.utcoffset(None) != timedelta(0):
            self.sqlalchemy = _ZonedDialect(paramstyle="named")
        self._documents = LibSQLDocuments(dialect)

    # -- lists --------------------------------------------------------------------------------------

    def members(self, lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None, kind: Kind) -> Any:
        """A SELECT of the values of several lists; bytes, which JSON does not have, are in hexadecimal."""
        every = lists if nul is None else [*lists, nul]
        if not every:
            return sa.select(sa.null()).where(literal("1") == literal("0"))
        value = literal("CASE type WHEN 'object' THEN unhex(json_extract(value, '$.bytes')) ELSE value END")
        selects = [sa.select(value).select_from(self._source("json_each", each)) for each in every]
        return selects[0] if len(selects) == 1 else sa.union_all(*selects)

    # -- searches in text ---------------------------------------------------------------------------

    def text_comparison(self, lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
        """A lookup in text whose right side is an expression."""
        if lookup in ("regex", "iregex"):
            raise NotSupported(_NO_REGEX, hint=_REGEX_HINT)
        return super().text_comparison(lookup, left, right)

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
        """A text lookup."""
        if lookup in ("regex", "iregex"):
            raise NotSupported(_NO_REGEX, hint=_REGEX_HINT)
        return super().text_lookup(lookup, left, slot, kind=kind, column=column, folded=folded)

    def _folded(self, lookup: str, text: ColumnElement[Any], slot: Slot) -> ColumnElement[Any]:
        """An ``i`` lookup in all scripts: the letters that matter for this value are replaced one by one."""
        pairs = slot(lambda value: fold_pairs(casefolded(value)))
        found = filled(
            "SELECT t FROM (WITH RECURSIVE noormme_f(i, t) AS (SELECT 0, lower({0}) UNION ALL"
            " SELECT i + 1, replace(t, json_extract({1}, '$[' || i || '][0]'),"
            " json_extract({1}, '$[' || i || '][1]')) FROM noormme_f WHERE i < json_array_length({1}))"
            " SELECT t FROM noormme_f ORDER BY i DESC LIMIT 1)",
            text,
            pairs,
        )
        if lookup == "iexact":
            return found == slot(casefolded)
        return self._whole(lookup.removeprefix("i"), found, slot, casefolded)

    # -- dates and times ----------------------------------------------------------------------------

    def fill(self, template: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """An SQL template as an expression, a call of ours as a call."""
        found = _OUR_CALL.fullmatch(template)
        if found is None:
            return super().fill(template, column)
        return called(found[1], column, *([] if found[2] is None else [literal(found[2])]))

    def transform(
        self, name: str, left: ColumnElement[Any], kind: Kind, table: Table | None, column: Column | None
    ) -> ColumnElement[Any]:
        """A date or time transform; SQLite writes weeks of ISO since 3.46 only."""
        if name not in ("iso_year", "iso_week_day", "week"):
            return super().transform(name, left, kind, table, column)
        if name == "iso_week_day":
            day = super().transform("week_day", left, kind, table, column)
            return filled("({0} + 5) % 7 + 1", day)
        day = super().transform("date", left, kind, table, column)
        # The Thursday of a week says to which year the week belongs.
        if name == "iso_year":
            return filled("CAST(strftime('%Y', {0}, '-3 days', 'weekday 4') AS INTEGER)", day)
        return filled("(strftime('%j', {0}, '-3 days', 'weekday 4') - 1) / 7 + 1", day)

    def call(self, function: str, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
        """A function of one row."""
        if function == "now":
            if self.sqlalchemy is not LibSQLExpressions.sqlalchemy:
                raise NotSupported(
                    "libSQL has no time zones", hint="give the time as a value: datetime.now(zone)"
                )
            return literal("strftime('%Y-%m-%d %H:%M:%f000', 'now')")
        return super().call(function, operands, option, kind)

    # -- aggregates ---------------------------------------------------------------------------------

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
        if function in _FEWEST:
            return self._spread(function, operands[0], distinct=distinct, condition=condition)
        if function == "string_agg" and (distinct or ordering):
            return self._joined(operands, distinct=distinct, ordering=ordering, condition=condition)
        return super().aggregate(
            function, operands, distinct=distinct, ordering=ordering, condition=condition
        )

    def _spread(
        self, function: str, operand: Operand, *, distinct: bool, condition: ColumnElement[bool] | None
    ) -> ColumnElement[Any]:
        """Standard deviation and variance, of the values put together into one."""
        value = as_boolean(self._dialect, operand) if operand.kind == "boolean" else operand.sql
        text = filled("CASE WHEN {0} IS NOT NULL THEN format('%!.17g', {0}) END", value)
        values = filtered(called("json_group_array", text.distinct() if distinct else text), condition)
        fewest = _FEWEST[function]
        template = _SPREAD.replace("FEWEST", str(fewest)).replace("LESS", str(fewest - 1))
        variance = filled(template, values)
        return called("sqrt", variance) if function.startswith("stddev") else variance

    def _joined(
        self,
        operands: Sequence[Operand],
        *,
        distinct: bool,
        ordering: Sequence[ColumnElement[Any]],
        condition: ColumnElement[bool] | None,
    ) -> ColumnElement[Any]:
        """Texts put together in an order: libSQL's parser knows no ORDER BY inside an aggregate."""
        text, delimiter = as_text(self._dialect, operands[0]), operands[1].sql
        if distinct and ordering:
            raise NotSupported(
                "libSQL cannot put texts together that are both distinct and in an order",
                hint="leave out the order: distinct texts are sorted by themselves",
            )
        row: ColumnElement[Any]
        if distinct:
            row, order = called("json_array", text).distinct(), "value ->> 0"
        else:
            keys = [_key(each) for each in ordering]
            row = called("json_array", text, *(key for key, _ in keys))
            order = ", ".join(f"value ->> {number}{word}" for number, (_, word) in enumerate(keys, 1))
        rows = filtered(called("json_group_array", row), condition)
        # The aggregate stands in the FROM of a SELECT that aggregates itself: anywhere else in a subquery
        # libSQL would refuse it.
        return filled(
            "SELECT max((SELECT string_agg(value ->> 0, {1}) OVER"
            f" (ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
            " FROM json_each(noormme_rows.value) WHERE value ->> 0 IS NOT NULL LIMIT 1))"
            " FROM json_each(json_array({0})) AS noormme_rows",
            rows,
            delimiter,
        )


def _key(order: ColumnElement[Any]) -> tuple[ColumnElement[Any], str]:
    """What is sorted by, and the words behind it."""
    words = ""
    each: Any = order
    while getattr(each, "modifier", None) is not None:
        words = f" {_WORDS[each.modifier.__name__]}{words}"
        each = each.element
    return each, words


_WORDS = {"asc_op": "ASC", "desc_op": "DESC", "nulls_first_op": "NULLS FIRST", "nulls_last_op": "NULLS LAST"}
