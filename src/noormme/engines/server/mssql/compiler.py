"""The T-SQL that SQLAlchemy writes for the statements of the query language.

Invariant: conditions and values stand where T-SQL takes them (see ``conditions``); a limit never needs an
order of the caller's; a name comes once in ORDER BY, and GROUP BY holds nothing but expressions of rows.
This module imports SQLAlchemy.
"""

# SQLAlchemy's compiler has few types, and what a dialect overrides and reads is not public.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportPrivateUsage=false
# pyright: reportIncompatibleMethodOverride=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy.dialects.mssql.base import MSSQLCompiler
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import (
    AsBoolean,
    BindParameter,
    ClauseElement,
    ColumnClause,
    False_,
    True_,
    Tuple,
    UnaryExpression,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CompoundSelect, Select, SelectBase

from noormme.engines.server.mssql.conditions import (
    Stated,
    has_subquery,
    is_always_known,
    is_condition,
    is_piece,
)
from noormme.engines.server.mssql.windows import window
from noormme.engines.server.mssql.writes import Writes
from noormme.errors import NotSupported

__all__ = ["Compiler"]

_PLACE = re.compile(r"[0-9]+\Z")


class Compiler(Writes, MSSQLCompiler):
    """Writes T-SQL; every method is one that SQLAlchemy calls for a part of a statement."""

    # -- conditions and values ----------------------------------------------------------------------

    def condition(self, element: ClauseElement, **options: Any) -> str:
        """An expression where T-SQL wants a condition.

        Args:
            element: The expression.
            **options: SQLAlchemy's.
        """
        if is_condition(element):
            return element._compiler_dispatch(self, as_condition=True, **options)
        if is_piece(element):
            return element._compiler_dispatch(self, **options)
        if isinstance(element, (True_, False_)):
            return "1 = 1" if isinstance(element, True_) else "1 = 0"
        return f"{element._compiler_dispatch(self, **options)} = 1"

    def _value(self, element: ClauseElement, text: str) -> str:
        """The text of a condition where T-SQL wants a value: 1, 0, or NULL where it is unknown."""
        otherwise = "ELSE 0" if is_always_known(element) else f"WHEN NOT ({text}) THEN 0"
        return f"CASE WHEN {text} THEN 1 {otherwise} END"

    def visit_binary(  # type: ignore[override]
        self, binary: Any, as_condition: bool = False, **options: Any
    ) -> str:
        """Two expressions and the sign between them."""
        if isinstance(binary.left, Tuple) and binary.operator in (operators.in_op, operators.not_in_op):
            text = self._row_in(binary, **options)
        elif binary.operator in (operators.between_op, operators.not_between_op):
            text = self._between(binary, **options)
        else:
            text = str(SQLCompiler.visit_binary(self, binary, **options))  # type: ignore[no-untyped-call]
        return text if as_condition or not is_condition(binary) else self._value(binary, text)

    def visit_expression_clauselist(self, clauselist: Any, as_condition: bool = False, **options: Any) -> str:
        """Conditions under AND and OR, or a chain of another operator."""
        if not is_condition(clauselist):
            return str(super().visit_expression_clauselist(clauselist, **options))  # type: ignore[no-untyped-call]
        word = " AND " if clauselist.operator is operators.and_ else " OR "
        text = word.join(self.condition(part, **options) for part in clauselist.clauses)
        return text if as_condition else self._value(clauselist, text)

    def visit_grouping(
        self, grouping: Any, asfrom: bool = False, as_condition: bool = False, **options: Any
    ) -> str:
        """What stands in parentheses."""
        found = window(grouping)
        if found is not None:
            return found.written(self, **options)
        if isinstance(grouping, Stated):
            text = str(super().visit_grouping(grouping, **options))  # type: ignore[no-untyped-call]
            return text if as_condition else self._value(grouping, text)
        if as_condition:
            return f"({self.condition(grouping.element, **options)})"
        return str(super().visit_grouping(grouping, asfrom=asfrom, **options))  # type: ignore[no-untyped-call]

    def visit_unary(  # type: ignore[override]
        self, unary: Any, as_condition: bool = False, **options: Any
    ) -> str:
        """NOT, EXISTS, and the direction of a sort key."""
        if unary.modifier is not None:
            return ", ".join(self.sort_key(unary, **options))
        if not is_condition(unary):
            return str(super().visit_unary(unary, **options))  # type: ignore[no-untyped-call]
        if unary.operator is operators.exists:
            text = f"EXISTS {unary.element._compiler_dispatch(self, **options)}"
        else:
            text = self.condition(unary.element, **options)
            if not isinstance(unary, AsBoolean) or unary.operator is operators.is_false:
                text = f"NOT {text}"
        return text if as_condition else self._value(unary, text)

    visit_asboolean = visit_unary

    def visit_type_coerce(self, type_coerce: Any, **options: Any) -> str:
        """An expression that is of a type to SQLAlchemy alone."""
        return cast("str", type_coerce.typed_expression._compiler_dispatch(self, **options))

    def visit_case(self, clause: Any, **options: Any) -> str:
        """CASE, behind whose WHEN conditions stand."""
        whens = [
            f"WHEN {self.condition(when, **options)} THEN {then._compiler_dispatch(self, **options)}"
            for when, then in clause.whens
        ]
        default = "" if clause.else_ is None else f" ELSE {clause.else_._compiler_dispatch(self, **options)}"
        return f"CASE {' '.join(whens)}{default} END"

    def visit_join(self, join: Any, asfrom: bool = False, from_linter: Any = None, **options: Any) -> str:
        """A join, behind whose ON a condition stands."""
        word = "FULL OUTER JOIN" if join.full else "LEFT OUTER JOIN" if join.isouter else "JOIN"
        left, right = (
            side._compiler_dispatch(self, asfrom=True, **options) for side in (join.left, join.right)
        )
        return f"{left} {word} {right} ON {self.condition(join.onclause, **options)}"

    def _generate_delimited_and_list(self, clauses: Iterable[Any], **options: Any) -> str:
        """The conditions of WHERE and HAVING."""
        several = list(clauses)
        single = len(several) == 1
        return " AND ".join(
            self.condition(part if single else part.self_group(against=operators.and_), **options)
            for part in several
        )

    def _between(self, binary: Any, **options: Any) -> str:
        """BETWEEN, whose AND stands between values."""
        parts = [binary.left, *binary.right.clauses]
        value, low, high = (part._compiler_dispatch(self, **options) for part in parts)
        word = "BETWEEN" if binary.operator is operators.between_op else "NOT BETWEEN"
        return f"{value} {word} {low} AND {high}"

    def _row_in(self, binary: Any, **options: Any) -> str:
        """Several values in a SELECT of rows, for which T-SQL has no row values."""
        names = [f"k{index}" for index in range(len(binary.left.clauses))]
        inner = binary.right._compiler_dispatch(self, **options)
        here = [part._compiler_dispatch(self, **options) for part in binary.left.clauses]
        same = " AND ".join(f"noormme_rows.{name} = {value}" for name, value in zip(names, here, strict=True))
        exists = f"EXISTS (SELECT 1 FROM {inner} AS noormme_rows ({', '.join(names)}) WHERE {same})"
        return exists if binary.operator is operators.in_op else f"NOT {exists}"

    # -- order and groups ---------------------------------------------------------------------------

    def sort_key(self, clause: Any, *, over: bool = False, **options: Any) -> list[str]:
        """One sort key, which is two where NULLs do not stand where SQL Server puts them.

        Args:
            clause: The key, with its direction.
            over: Whether it stands in a window, where a number is no place.
            **options: SQLAlchemy's.
        """
        element, descending, nulls = clause, False, None
        while isinstance(element, UnaryExpression) and element.modifier is not None:
            if element.modifier is operators.desc_op:
                descending = True
            elif element.modifier is not operators.asc_op:
                nulls = "first" if element.modifier is operators.nulls_first_op else "last"
            element = element.element
        value = element._compiler_dispatch(self, **options)
        place = isinstance(element, ColumnClause) and element.is_literal and _PLACE.match(value) is not None
        if not _of_rows(element) and (over or not place):
            # As it stands, T-SQL would refuse it, or take it for the place of a column.
            return [f"(SELECT {value})"]
        text = f"{value} DESC" if descending else f"{value} ASC"
        if nulls is None or (nulls == "first") != descending:
            return [text]
        if place:
            raise NotSupported(
                f"SQL Server cannot put NULLs {nulls} in the order of a set operation",
                hint="sort by a column that has no NULL, or sort in Python",
            )
        first, last = ("0", "1") if nulls == "first" else ("1", "0")
        return [f"CASE WHEN {value} IS NULL THEN {first} ELSE {last} END", text]

    def order_by_clause(self, select: Any, **options: Any) -> str:
        """ORDER BY, which a subquery has only where it is limited."""
        limited = _is_limited(select)
        if self.is_subquery() and not limited:  # type: ignore[no-untyped-call]
            return ""
        keys: dict[str, str] = {}
        for clause in select._order_by_clauses:
            if isinstance(clause, FunctionElement) and clause.name == "random":
                keys.setdefault("NEWID()", "NEWID()")
                continue
            written = self.sort_key(clause, **options)
            if len(written) > 1 and isinstance(select, Select) and select._distinct:
                raise NotSupported(
                    "SQL Server sorts DISTINCT rows by what is selected, which says not where NULLs stand",
                    hint="leave out nulls_first and nulls_last, or sort in Python",
                )
            for key in written:
                keys.setdefault(key.removesuffix(" ASC").removesuffix(" DESC"), key)
        return f" ORDER BY {', '.join(keys.values())}" if keys else ""

    def group_by_clause(self, select: Any, **options: Any) -> str:
        """GROUP BY; a row of constants is one group, and none where there are no rows."""
        if not select._group_by_clauses:
            return ""
        own = _tables_of(select)
        parts: dict[str, None] = {}
        for part in self._grouped(list(select._group_by_clauses), own):
            self.check_comparable(part, "GROUP BY")
            parts.setdefault(part._compiler_dispatch(self, **options))
        if parts:
            return f" GROUP BY {', '.join(parts)}"
        # What is the same for all rows parts no groups, but T-SQL wants a column in it.
        column = next(iter(own[0].c))._compiler_dispatch(self, **options)
        return f" GROUP BY CASE WHEN {column} IS NULL THEN 0 ELSE 0 END"

    def _grouped(self, clauses: Sequence[Any], own: Sequence[Any]) -> list[Any]:
        """What GROUP BY holds: no constants, which part no groups, and no subqueries, but what they read.

        Raises:
            NotSupported: What a subquery reads says more than the groups do.
        """
        kept: list[Any] = []
        read: list[Any] = []
        for clause in clauses:
            if has_subquery(clause):
                read += [
                    part
                    for part in visitors.iterate(clause)
                    if isinstance(part, ColumnClause) and any(part.table is table for table in own)
                ]
            elif _of_rows(clause) and not isinstance(clause, BindParameter):
                kept.append(clause)
        for column in read:
            table = self.table_of(column.table)
            key = () if table is None else table.primary_key
            named = {part.name for part in kept if getattr(part, "table", None) is column.table}
            if not key or not named.issuperset(key):
                raise NotSupported(
                    "SQL Server groups by no subquery, and by no part of JSON",
                    hint="group in Python, or by a plain field; a text in JSON is KT('field__key')",
                )
        return [*kept, *read]

    # -- limits and locks ---------------------------------------------------------------------------

    def _use_top(self, select: Any) -> bool:
        return isinstance(select, Select) and _is_limited(select) and select._offset_clause is None

    def get_select_precolumns(self, select: Any, **options: Any) -> str:
        """DISTINCT and TOP."""
        text = SQLCompiler.get_select_precolumns(self, select, **options)
        if self._use_top(select):
            text += f"TOP ({self.process(select._limit_clause, **options)}) "
        return text

    def _row_limit_clause(self, cs: Any, **options: Any) -> str:  # type: ignore[override]
        """OFFSET and FETCH, which belong to ORDER BY."""
        if self._use_top(cs) or not _is_limited(cs):
            return ""
        text = ""
        if not cs._order_by_clauses:
            # What is DISTINCT or combined can be sorted by what it selects only.
            by = "1" if isinstance(cs, CompoundSelect) or cs._distinct else "(SELECT NULL)"
            text = f" ORDER BY {by}"
        start = "0" if cs._offset_clause is None else self.process(cs._offset_clause, **options)
        text += f" OFFSET {start} ROWS"
        if cs._limit_clause is not None:
            text += f" FETCH NEXT {self.process(cs._limit_clause, **options)} ROWS ONLY"
        return text

    def translate_select_structure(self, select_stmt: Any, **options: Any) -> Any:
        """A lock as a hint of the table that it is about."""
        lock = select_stmt._for_update_arg
        if lock is None:
            return select_stmt
        hints = ["UPDLOCK", "ROWLOCK"]
        if lock.skip_locked:
            hints.append("READPAST")
        if lock.nowait:
            hints.append("NOWAIT")
        unlocked = select_stmt._generate()
        unlocked._for_update_arg = None
        for table in lock.of or select_stmt.get_final_froms():
            unlocked = unlocked.with_hint(table, f"WITH ({', '.join(hints)})", "mssql")
        return unlocked

    # -- functions ----------------------------------------------------------------------------------

    def visit_funcfilter(self, funcfilter: Any, **options: Any) -> str:
        """T-SQL has no FILTER; ``aggregates`` writes such aggregates without one."""
        raise NotSupported(
            "SQL Server has no FILTER behind a function", hint="use Case(When(…)) as what is aggregated"
        )


def _is_limited(select: Any) -> bool:
    return select._limit_clause is not None or select._offset_clause is not None


def _of_rows(element: Any) -> bool:
    """Whether an expression depends on the row: whether there is a column, or what may hold one, in it."""
    return any(
        (isinstance(part, ColumnClause) and (part.table is not None or not part.is_literal))
        or isinstance(part, (SelectBase, FunctionElement))
        or is_piece(part)
        for part in visitors.iterate(element)
    )


def _tables_of(select: Any) -> list[Any]:
    if isinstance(select, CompoundSelect):
        return []
    found: list[Any] = []
    for source in select.get_final_froms():
        found += [part for part in visitors.iterate(source) if hasattr(part, "c")]
    return found
