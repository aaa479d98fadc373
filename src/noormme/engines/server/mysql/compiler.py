"""How SQLAlchemy writes statements for MySQL and MariaDB, where its own dialect writes what they do not take.

Invariant: only the text differs; the statement means what it means on every other database. What neither
server can do raises ``NotSupported``. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.base import MySQLCompiler
from sqlalchemy.dialects.mysql.base import MySQLDialect as Base
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import ClauseElement, Grouping, Label, UnaryExpression

from noormme.engines.server.mysql.flavours import Flavour
from noormme.engines.server.mysql.operands import is_json_value
from noormme.errors import NotSupported

__all__ = ["EVERY_ROW", "SQLAlchemyDialect"]

_NUMBER = "^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$"

EVERY_ROW = "18446744073709551615"
"""What stands for no limit where there must be one."""

_ONE: sa.ColumnElement[int] = sa.literal_column("1", sa.Integer)


class _Compiler(MySQLCompiler):
    """SQLAlchemy's compiler, for what is said in another way or not at all."""

    def visit_nulls_first_op_unary_modifier(self, unary: Any, operator: Any, **options: Any) -> str:
        """NULLS FIRST as a sort key of its own: NULLs are smaller than everything."""
        return self._nulls(unary.element, first=True, **options)

    def visit_nulls_last_op_unary_modifier(self, unary: Any, operator: Any, **options: Any) -> str:
        """NULLS LAST in the same way."""
        return self._nulls(unary.element, first=False, **options)

    def visit_asc_op_unary_modifier(self, unary: Any, operator: Any, **options: Any) -> str:
        """An ascending sort key."""
        return self._directed(unary.element, "ASC", **options)

    def visit_desc_op_unary_modifier(self, unary: Any, operator: Any, **options: Any) -> str:
        """A descending sort key."""
        return self._directed(unary.element, "DESC", **options)

    def _directed(self, element: Any, word: str, **options: Any) -> str:
        """A sort key; of parts of documents, which are texts here, numbers sort by size and before others."""
        text = str(self.process(element, **options))
        keys = [text]
        if is_json_value(element):
            keys = [f"{text} IS NOT NULL", f"{text} NOT REGEXP '{_NUMBER}'", f"CAST({text} AS DOUBLE)", text]
        return ", ".join(f"{key} {word}" for key in keys)

    def _nulls(self, element: Any, *, first: bool, **options: Any) -> str:
        modifier = getattr(element, "modifier", None)
        descending = modifier is operators.desc_op
        written = str(self.process(element, **options))
        if first != descending:
            return written
        key = str(self.process(element if modifier is None else element.element, **options))
        if key.isdigit():
            raise NotSupported(
                "MySQL cannot sort the rows of a union by where their NULLs go",
                hint="sort without nulls_first and nulls_last, or sort in Python",
            )
        return f"{key} IS NULL{' DESC' if first else ''}, {written}"

    def group_by_clause(self, select: Any, **options: Any) -> str:
        """GROUP BY without values, of which a number would be the place of a column."""
        keys = [self._key(each, each, **options) for each in select._group_by_clauses]
        return f" GROUP BY {', '.join(keys)}" if keys else ""

    def order_by_clause(self, select: Any, **options: Any) -> str:
        """ORDER BY without values, in the same way."""
        keys = [self._key(each, each, **options) for each in select._order_by_clauses]
        return f" ORDER BY {', '.join(keys)}" if keys else ""

    def _key(self, whole: Any, element: Any, **options: Any) -> str:
        if isinstance(element, (UnaryExpression, Grouping, Label)):
            return self._key(whole, cast("Any", element).element, **options)
        if isinstance(element, sa.BindParameter):
            # Nothing is sorted and nothing parted by what is the same for all rows.
            return "NULL"
        return str(whole._compiler_dispatch(self, **options))

    def visit_funcfilter(self, funcfilter: Any, **options: Any) -> Any:
        """FILTER: what is aggregated is NULL where the condition does not hold."""
        first, *rest = funcfilter.func.clauses
        once = getattr(first, "operator", None) is operators.distinct_op
        value: Any = first.element if once else first
        # Of the star, all that is counted of a row is that there is one.
        if isinstance(value, sa.TextClause):
            value = _ONE
        kept: Any = sa.case((funcfilter.criterion, value))
        made = getattr(sa.func, funcfilter.func.name)(sa.distinct(kept) if once else kept, *rest)
        return self.process(made, **options)

    def visit_group_concat_func(self, function: Any, **options: Any) -> str:
        """The texts of several rows as one; what stands between them is no further text."""
        text, *between = [str(self.process(each, **options)) for each in function.clauses]
        return f"group_concat({text}{f' SEPARATOR {between[0]}' if between else ''})"

    def visit_update(self, update_stmt: Any, visiting_cte: Any = None, **options: Any) -> str:
        """An UPDATE in an order in which nothing is computed from what was assigned before it."""
        values = update_stmt._values
        dialect = cast("SQLAlchemyDialect", self.dialect)
        if values and len(values) > 1 and not dialect.flavour.assigns_at_once:
            update_stmt = update_stmt._generate()
            update_stmt._values = None
            update_stmt = update_stmt.ordered_values(*in_order(values))
        return str(super().visit_update(update_stmt, visiting_cte=visiting_cte, **options))

    def visit_noormme_words(self, words: Any, **options: Any) -> str:
        """What stands between the parentheses of a function that has words there."""
        return str(words.element._compiler_dispatch(self, **options))

    def visit_in_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:
        """IN with a SELECT that is cut, or that reads what is being written."""
        return str(self._generate_generic_binary(self._apart(binary), " IN ", **options))

    def visit_not_in_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:
        """The same for NOT IN."""
        return f"({self._generate_generic_binary(self._apart(binary), ' NOT IN ', **options)})"

    def _apart(self, binary: Any) -> Any:
        """A comparison with a SELECT that these servers take beside IN.

        They take no LIMIT there, and MySQL no SELECT of the table that a statement writes, unless the SELECT
        is a table of its own for them, which one with a LIMIT stays.
        """
        right = getattr(binary.right, "element", binary.right)
        if not isinstance(right, sa.sql.expression.SelectBase):
            return binary
        is_cut = getattr(right, "_limit_clause", None) is not None
        is_written = self.isupdate or self.isdelete
        if not (is_cut or getattr(right, "_offset_clause", None) is not None or is_written):
            return binary
        if is_written and not is_cut and isinstance(right, sa.Select):
            right = cast("sa.Select[Any]", right).limit(sa.literal_column(EVERY_ROW))
        inner = right.subquery("noormme_rows")
        made = binary._clone()
        made.right = sa.select(inner).scalar_subquery()
        return made


def in_order(values: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """Assignments in an order in which each comes before those of the columns that it is computed from.

    Args:
        values: What is assigned, by column.

    Raises:
        NotSupported: There is no such order.
    """
    names = {str(getattr(column, "name", column)): column for column in values}
    reads = {
        name: {
            str(part.name)
            for part in visitors.iterate(values[column])
            if isinstance(part, sa.ColumnClause) and part.name in names and part.name != name
        }
        if isinstance(values[column], ClauseElement)
        else set[str]()
        for name, column in names.items()
    }
    ordered: list[tuple[Any, Any]] = []
    while reads:
        # What nobody who is left reads comes last, so the list is made from its end.
        free = [name for name in reads if not any(name in others for others in reads.values())]
        if not free:
            raise NotSupported(
                "MySQL computes from what the same UPDATE has assigned already",
                hint="update the fields that are computed from each other one after the other",
            )
        for name in free:
            del reads[name]
            ordered.append((names[name], values[names[name]]))
    return ordered


class SQLAlchemyDialect(Base):
    """SQLAlchemy's dialect; it compiles and never connects.

    Args:
        flavour: Which of the two servers it writes for.

    Attributes:
        flavour: The same.
    """

    def __init__(self, flavour: Flavour) -> None:
        super().__init__(paramstyle="named")
        self.flavour = flavour
        self.supports_for_update_of = flavour.locks_of_tables

    statement_compiler = _Compiler
    supports_statement_cache = False
    # Writes NOT x instead of x = 0; both servers understand both.
    supports_native_boolean = True
    # Both know CAST(x AS DOUBLE).
    _support_float_cast = True
