"""What the compiler asks of a database engine in SQL: the few things that are not said the same everywhere.

Invariant: what is handed in comes out as expressions of SQLAlchemy; the only thing that they may depend on
beside it is the form in which a column stores its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from noormme.query.plan import Encode
from noormme.schema.model import Column, Kind, Table
from noormme.schema.search_index import SearchIndex

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Insert, Select, TableClause, Update
    from sqlalchemy import Dialect as SQLAlchemyDialect

__all__ = ["Documents", "Expressions", "Keys", "Operand", "Slot"]

Slot = Callable[[Encode | None], "ColumnElement[Any]"]
"""Makes the parameter of one value, encoded by the function given; can be called several times."""


Keys = tuple[str | int, ...]
"""The way to a part of a JSON document: keys of objects and positions in arrays; empty for all of it."""


class Operand(Protocol):
    """An expression with what is known of its values; ``query.computed.Computed`` is one.

    Attributes:
        sql: The expression.
        kind: The kind of its values.
        table: The table of the column in whose form its values are, or None.
        column: That column, or None.
    """

    sql: ColumnElement[Any]
    kind: Kind
    table: Table | None
    column: Column | None


class Documents(Protocol):
    """What an engine says of JSON in a way of its own.

    ``document`` is always an expression whose values are JSON in any form that a column may store. What is no
    JSON at all has no parts.
    """

    def part(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as JSON, which the decoder of ``"json"`` reads; NULL where there is none.

        Args:
            document: The document.
            path: The way to the part.
        """
        ...

    def value(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as a number or a text; NULL for ``null``, 1 and 0 for true and false.

        Args:
            document: The document.
            path: The way to the part.
        """
        ...

    def text(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as text: that of a JSON text itself, NULL for ``null``, else the JSON.

        Args:
            document: The document.
            path: The way to the part; where it is empty, the document as it is written.
        """
        ...

    def canonical(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document in a form that is the same for all equal ones.

        Args:
            document: The document.
            path: The way to the part.
        """
        ...

    def parameter(self, slot: Slot) -> ColumnElement[Any]:
        """A value in that form.

        Args:
            slot: The parameter.
        """
        ...

    def lookup(
        self, lookup: str, document: Operand, path: Keys, slot: Slot | None, json_type: str
    ) -> ColumnElement[Any]:
        """A part of a document compared with one value, or with one list of values of one type.

        Args:
            lookup: ``exact``, ``gt``, ``gte``, ``lt``, ``lte``, ``in``, ``contains``, ``contained_by``,
                ``has_key``, ``has_keys`` or ``has_any_keys``.
            document: The document.
            path: The way to the part.
            slot: The parameter; None for ``null``.
            json_type: What the value, or each one of the list, is in JSON: one of ``query.nodes.JSONType``.
        """
        ...

    def contains(self, outer: ColumnElement[Any], inner: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether one JSON contains another, as PostgreSQL's ``@>`` says.

        Args:
            outer: JSON.
            inner: What it must contain.
        """
        ...

    def text_lookup(self, found: ColumnElement[Any], document: Operand, path: Keys) -> ColumnElement[Any]:
        """A lookup in the text of a part, made false for ``null``, which has no text.

        Args:
            found: The lookup.
            document: The document.
            path: The way to the part.
        """
        ...


class Expressions(Protocol):
    """What an engine says in a way of its own, as expressions of SQLAlchemy.

    Attributes:
        placeholder: How the driver writes a parameter.
    """

    placeholder: str

    @property
    def sqlalchemy(self) -> SQLAlchemyDialect:
        """The SQLAlchemy dialect that writes the SQL, with named parameters."""
        ...

    @property
    def documents(self) -> Documents:
        """What the engine says of JSON."""
        ...

    def comparable(self, kind: Kind, parameter: ColumnElement[Any]) -> ColumnElement[Any]:
        """A parameter, or an expression beside some, in the form in which it compares with a stored value.

        Args:
            kind: The kind of the stored value.
            parameter: The parameter, encoded for that kind.
        """
        ...

    def operand(self, kind: Kind, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """A stored value in the form in which parameters are equal to it.

        Args:
            kind: The kind of the value.
            stored: The column.
        """
        ...

    def alike(self, left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Two expressions in a form in which they are equal where their values are.

        Args:
            left: One expression.
            right: The other.
        """
        ...

    def in_one_form(self, operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
        """Several expressions, of which one gives the value, in one form: their own, or else the usual one.

        Args:
            operands: The expressions.
            kind: The kind of the result.
        """
        ...

    def one_form(self, operands: Sequence[Operand], kind: Kind) -> bool:
        """Whether the values of several expressions come in one form, so that a result has that form too.

        Args:
            operands: The expressions; what is of a kind that has one form only does not matter.
            kind: The kind of the result.
        """
        ...

    def arithmetic(self, operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
        """Two expressions under an operator.

        Args:
            operator: One of ``query.nodes.Operator``.
            left: The left side.
            right: The right side.
            kind: The kind of the result.
        """
        ...

    def call(self, function: str, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
        """A function of one row.

        Args:
            function: Its name in ``query.functions``, or that of any SQL function.
            operands: What it is called with.
            option: What selects one of several forms of it.
            kind: The kind of its values.
        """
        ...

    def aggregate(
        self,
        function: str,
        operands: Sequence[Operand],
        *,
        distinct: bool,
        ordering: Sequence[ColumnElement[Any]],
        condition: ColumnElement[bool] | None,
    ) -> ColumnElement[Any]:
        """A function over many rows.

        Args:
            function: Its name in ``query.functions``.
            operands: What is aggregated, and what else it takes; none counts rows.
            distinct: Whether equal values count once.
            ordering: In which order the values are taken.
            condition: Only rows for which this holds are aggregated.
        """
        ...

    def text_comparison(self, lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
        """A lookup in text whose right side is an expression.

        Args:
            lookup: The name of the lookup.
            left: What is searched.
            right: What is searched for.
        """
        ...

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
        """A lookup in text: ``contains`` and its like, ``iexact``, regular expressions.

        Args:
            lookup: The name of the lookup.
            left: What is searched.
            slot: The parameter to search for; each use of it can have an encoding of its own.
            kind: The kind of what is searched.
            column: The column that it is, or None.
            folded: Whether the value needs Unicode case folding.
        """
        ...

    def transform(
        self, name: str, left: ColumnElement[Any], kind: Kind, table: Table | None, column: Column | None
    ) -> ColumnElement[Any]:
        """A date or time transform of an expression.

        Args:
            name: The name of the transform.
            left: The expression.
            kind: Its kind.
            table: The table of the column that it is, or None.
            column: That column, or None.
        """
        ...

    def array_lookup(
        self, lookup: str, left: ColumnElement[Any], right: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Two arrays under ``contains``, ``contained_by`` or ``overlap``.

        Args:
            lookup: The name of the lookup.
            left: The one array.
            right: The other.

        Raises:
            NotSupported: The database has no arrays.
        """
        ...

    def element(self, array: ColumnElement[Any], start: int, end: int | None) -> ColumnElement[Any]:
        """An element of an array, or a part of it.

        Args:
            array: The array.
            start: Its place, from 0.
            end: The place behind the last element of the part; None for one element.

        Raises:
            NotSupported: The database has no arrays.
        """
        ...

    def search_text(self, index: SearchIndex) -> Encode:
        """What turns what a user typed into what an index takes.

        Args:
            index: The full-text index.
        """
        ...

    def search_advice(self, table: Table) -> str:
        """What makes a full-text index for a table that has none.

        Args:
            table: The table.
        """
        ...

    def matches(
        self, table: FromClause, index: SearchIndex, expression: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether a full-text index finds a row.

        Args:
            table: What the index is read from.
            index: The index.
            expression: What is searched for.
        """
        ...

    def search_value(
        self,
        function: str,
        table: FromClause,
        index: SearchIndex,
        position: int | None,
        arguments: Sequence[ColumnElement[Any]],
        wanted: Callable[[], ColumnElement[Any]],
    ) -> ColumnElement[Any]:
        """What a full-text index gives for a row that was found (see ``nodes.SearchCall``).

        Args:
            function: What is asked for.
            table: What the index is read from.
            index: The index.
            position: The number of a column of the index, from 0; None for all of them.
            arguments: A weight for each column, or none; or how to show the text.
            wanted: Gives a parameter for what is searched for.
        """
        ...

    def apart(self, statement: Select[Any]) -> Select[Any]:
        """A SELECT that stays one of its own inside another, and is not made a part of that.

        Args:
            statement: The SELECT.
        """
        ...

    def stored(self, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
        """The values of an expression in the form in which a column stores them.

        Args:
            operand: The expression.
            table: The column's table.
            column: The column.
        """
        ...

    def computed_first(self, statement: Update) -> Update:
        """An UPDATE that computes all new values before it writes the first row.

        Args:
            statement: An UPDATE whose new values read other rows of the table.
        """
        ...

    def upsert(
        self,
        table: TableClause,
        values: Mapping[str, ColumnElement[Any]],
        target: Sequence[ColumnElement[Any]],
        where: str | None,
        update: Sequence[str],
    ) -> Insert:
        """An INSERT that does something else where there is such a row already.

        Args:
            table: The table.
            values: What is inserted, by the exact names of the columns.
            target: The columns of the unique key that both rows have; empty for any key.
            where: The condition of the unique index, where that is partial.
            update: The exact names of the columns that the row there takes from the new one; empty to leave
                it as it is.
        """
        ...

    def members(self, lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None, kind: Kind) -> Any:
        """A SELECT of the values of several lists.

        Args:
            lists: The lists, each one parameter made with ``list_encoder``.
            nul: The list of texts with a NUL, made with ``nul_encoder``, or None.
            kind: The kind of the values.
        """
        ...

    def member(
        self, left: ColumnElement[Any], lists: list[ColumnElement[Any]], nul: ColumnElement[Any] | None
    ) -> ColumnElement[Any]:
        """Whether a value is in one of several lists.

        Args:
            left: The value.
            lists: The lists, each one parameter made with ``list_encoder``.
            nul: The list of texts with a NUL, made with ``nul_encoder``, or None.
        """
        ...

    def member_rows(
        self, left: list[ColumnElement[Any]], kinds: list[Kind], rows: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Whether a composite key is in a list of keys.

        Args:
            left: The columns of the key.
            kinds: Their kinds.
            rows: The list, one parameter made with ``rows_encoder``.
        """
        ...
