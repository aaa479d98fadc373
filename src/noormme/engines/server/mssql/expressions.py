"""What SQL Server says in a way of its own: lookups, lists as parameters, upserts.

Invariant: what an expression gives has the type that its kind says, and a user's value is always a parameter.
This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.mssql.base import MSDialect as Base

from noormme.engines.lacking import WithoutArrays, WithoutSearch
from noormme.engines.server.mssql.aggregates import aggregate
from noormme.engines.server.mssql.arithmetic import arithmetic, no_regular_expressions, text_comparison
from noormme.engines.server.mssql.call_moments import part
from noormme.engines.server.mssql.calls import call
from noormme.engines.server.mssql.compiler import Compiler
from noormme.engines.server.mssql.documents import SQLServerDocuments
from noormme.engines.server.mssql.operands import (
    OfKind,
    alike,
    as_kind,
    called,
    cast,
    column_of,
    in_one_form,
    is_json_value,
    literal,
    nested,
    one_form,
    searchable,
    stated,
)
from noormme.engines.server.mssql.types import SQL_TYPES
from noormme.engines.server.mssql.values import text_encoder
from noormme.engines.server.mssql.writes import Merge
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand, Slot
from noormme.query.plan import Encode
from noormme.schema.model import Column, Kind, Schema, Table

if TYPE_CHECKING:
    from noormme.engines.server.mssql.dialect import SQLServerDialect

__all__ = ["SQLServerExpressions"]


class _Dialect(Base):
    """SQLAlchemy's dialect, which compiles and never connects.

    Attributes:
        schema: Gives the schema, to know triggers and the columns that the database counts.
    """

    supports_statement_cache = False
    statement_compiler = Compiler
    schema: Callable[[], Schema]


_LISTED: Mapping[Kind, str] = {
    **SQL_TYPES,
    "any": "NVARCHAR(MAX)",
    # Which of the types of moments it is, the column says, to which a text is turned.
    "datetime": "NVARCHAR(40)",
    "text": "NVARCHAR(4000)",
}
"""As which type the values of a list are read from it."""


class SQLServerExpressions(WithoutArrays, WithoutSearch):
    """SQL Server's expressions.

    The arguments of its methods are those of ``query.dialect_expressions.Expressions``, which explains them.

    Args:
        dialect: Knows the schema and the time zone.

    Attributes:
        sqlalchemy: SQLAlchemy's SQL Server dialect.
        placeholder: How a parameter is written; one that occurs twice is one, as GROUP BY needs it.
        documents: What it says of JSON.
    """

    placeholder = "@P{}"
    product = "SQL Server"
    search_in_sql = "use CONTAINS in RawSQL"

    def __init__(self, dialect: SQLServerDialect) -> None:
        self._dialect = dialect
        self.documents = SQLServerDocuments()
        made = _Dialect(paramstyle="named")  # type: ignore[no-untyped-call]
        made.schema = dialect.schema
        self.sqlalchemy: sa.Dialect = made

    def comparable(self, kind: Kind, parameter: ColumnElement[Any]) -> ColumnElement[Any]:
        """A parameter as it is: it has the type of its value."""
        return parameter

    def operand(self, kind: Kind, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """A stored value as it is, with its kind, which the type of a list follows."""
        return stored if is_json_value(stored) else sa.type_coerce(stored, OfKind(kind))

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
        """A text lookup: a pattern of LIKE's in which ``%``, ``_`` and ``[`` mean themselves."""
        if lookup in ("regex", "iregex"):
            raise no_regular_expressions()
        text = left if kind in ("text", "json") or is_json_value(left) else cast(left, "NVARCHAR(MAX)")
        text = text if column is None else searchable(text, column)
        as_column = text_encoder(column)
        if lookup == "iexact":
            return called("LOWER", text) == called("LOWER", slot(lambda value: as_column(_text(value))))
        pattern = _PATTERNS[lookup.removeprefix("i")]
        given: ColumnElement[Any] = slot(lambda value: as_column(pattern(value)))
        if lookup.startswith("i"):
            text, given = called("LOWER", text), called("LOWER", given)
        return text.op("LIKE", is_comparison=True)(given)

    def transform(
        self, name: str, left: ColumnElement[Any], kind: Kind, table: Table | None, column: Column | None
    ) -> ColumnElement[Any]:
        """A date or time transform."""
        return part(name, left, kind)

    # -- rows and lists -----------------------------------------------------------------------------

    def apart(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """A SELECT as it is: a part that T-SQL would compute twice has the same values both times."""
        return statement

    def member(
        self, left: ColumnElement[Any], lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None
    ) -> ColumnElement[Any]:
        """Whether ``left`` is in one of the lists."""
        kind: Kind = left.type.kind if isinstance(left.type, OfKind) else "any"
        found: list[ColumnElement[bool]] = [
            left.op("IN", is_comparison=True)(nested("SELECT v FROM OPENJSON(", each, _read_as(kind)))
            for each in (*lists, *([] if nul is None else [nul]))
        ]
        if not found:
            return literal("1") == literal("0")
        return found[0] if len(found) == 1 else sa.or_(*found)

    def members(
        self, lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None, kind: Kind
    ) -> sa.Select[Any] | sa.CompoundSelect[Any]:
        """A SELECT of the values of several lists."""
        every = [*lists, *([] if nul is None else [nul])]
        if not every:
            return sa.select(sa.null()).where(literal("1") == literal("0"))
        selects: list[sa.Select[Any]] = []
        for number, each in enumerate(every):
            source: Any = called("OPENJSON", each)
            rows = source.table_valued("value").alias(f"noormme_list_{number}")
            selects.append(sa.select(cast(rows.c.value, _LISTED[kind]).label("v")).select_from(rows))
        return selects[0] if len(selects) == 1 else sa.union_all(*selects)

    def member_rows(
        self, left: list[ColumnElement[Any]], kinds: list[Kind], rows: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Whether a composite key is in a list of keys; T-SQL has no rows as values."""
        types = ", ".join(f"k{index} {_LISTED[kind]} '$[{index}]'" for index, kind in enumerate(kinds))
        parts: list[Any] = []
        for index, column in enumerate(left):
            parts += ["AND" if parts else "WHERE", column, f"= noormme_keys.k{index}"]
        return stated(
            "EXISTS (SELECT 1 FROM OPENJSON(", rows, f") WITH ({types}) AS noormme_keys", *parts, ")"
        )

    # -- writing ------------------------------------------------------------------------------------

    def stored(self, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
        """The values of an expression in the type of a column, where it is not turned into that by itself."""
        own = column_of(operand)
        if own is not None and own.declared_type == column.declared_type:
            return operand.sql
        if is_json_value(operand.sql) or operand.kind not in (column.kind, "any"):
            return as_kind(operand, column.kind)
        return operand.sql

    def computed_first(self, statement: sa.Update) -> sa.Update:
        """SQL Server never sees what a statement itself has written."""
        return statement

    def upsert(
        self,
        table: sa.TableClause,
        values: Mapping[str, ColumnElement[Any]],
        target: Sequence[ColumnElement[Any]],
        where: str | None,
        update: Sequence[str],
    ) -> sa.Insert:
        """A MERGE, which holds the range of the key until the transaction ends."""
        if where is not None:
            raise NotSupported(
                "MERGE knows no filtered index", hint="use update_or_create(), or a key without a filter"
            )
        if update and not target:
            raise NotSupported(
                "SQL Server must be told which key two rows share", hint="name its fields: on=['email']"
            )
        keys = [[str(column.key) for column in target]] if target else self._keys(table, values)
        return Merge(table, values, keys, update)

    def _keys(self, table: sa.TableClause, values: Mapping[str, object]) -> list[list[str]]:
        """The unique keys of which all columns are given."""
        namespace = getattr(table, "schema", None)
        name = str(table.name) if namespace is None else f"{namespace}.{table.name}"
        known = self._dialect.schema().table(name)
        keys = set[frozenset[str]]() if known is None else known.unique_keys
        found = sorted(sorted(key) for key in keys if key <= values.keys())
        if not found:
            raise NotSupported(
                f"no unique key of {name} is given, so no row can be in the way",
                hint="insert without ignoring conflicts",
            )
        return found


def _read_as(kind: Kind) -> str:
    return f") WITH (v {_LISTED[kind]} '$')"


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _escaped(value: object) -> str:
    text = str(_text(value))
    return text.replace("[", "[[]").replace("%", "[%]").replace("_", "[_]")


_PATTERNS: Mapping[str, Encode] = {
    "contains": lambda value: f"%{_escaped(value)}%",
    "startswith": lambda value: f"{_escaped(value)}%",
    "endswith": lambda value: f"%{_escaped(value)}",
}
