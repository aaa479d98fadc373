"""What the compiler asks of a database engine: the few things that SQL does not say the same everywhere.

Invariant: a dialect gives expressions and functions; it runs nothing for the compiler except that it may
look at stored values once, to learn the form in which a column keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from noormme.query.plan import Decode, Encode, Inline
from noormme.schema.model import Column, Kind, Table

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy import Dialect as SQLAlchemyDialect

__all__ = ["Decode", "Dialect", "Encode", "Expressions", "Slot"]

Slot = Callable[[Encode | None], "ColumnElement[Any]"]
"""Makes the parameter of one value, encoded by the function given; can be called several times."""


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

    def comparable(self, kind: Kind, parameter: ColumnElement[Any]) -> ColumnElement[Any]:
        """A parameter in the form in which it compares with a stored value.

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


class Dialect(Protocol):
    """The engine's side of compilation and decoding.

    Tables and columns are given by their exact names, or as ``""`` or None for an expression that is none.

    Attributes:
        name: The name of the dialect.
        guesses: How often a plan was made for a column whose stored form could not be learnt yet.
    """

    name: str
    guesses: int

    @property
    def expressions(self) -> Expressions:
        """What the engine says in a way of its own; imports SQLAlchemy."""
        ...

    def decoder(self, kind: Kind, table: str, column: str) -> Decode | Inline | None:
        """The fast decoder of a column's values that are not NULL; None where they are used as they come.

        Args:
            kind: The kind of the column.
            table: Its table.
            column: Its name. The database is touched where its form must still be learnt.
        """
        ...

    def decode(self, kind: Kind, value: object, table: str, column: str) -> object:
        """Decode one value whatever its form.

        Args:
            kind: The kind of the column.
            value: The stored value.
            table: The column's table.
            column: The column, to be named in a warning.

        Returns:
            The decoded value; what cannot be read is returned as it is stored.
        """
        ...

    def encoder(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a Python value into the form that the column stores; None to bind it as it is.

        Args:
            kind: The kind of the value.
            table: The column's table, or None.
            column: The column, or None. The database is touched where its form must still be learnt.
        """
        ...

    def native(self, kind: Kind) -> type | None:
        """The Python type whose values the encoder of that kind passes on, or None."""
        ...

    def year_start(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a year into the value that sorts just before all of its moments in the column.

        With it a comparison with a year becomes one with the column itself, which an index can answer.

        Args:
            kind: The kind of the column.
            table: Its table, or None.
            column: The column, or None for an expression.

        Returns:
            The function, or None where the column's form does not sort by time.
        """
        ...

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """What turns a list of values of one type into one parameter.

        Args:
            encode: What encodes one value, or None.
            native: The type whose values ``encode`` would pass on unchanged, or None.
        """
        ...

    def nul_encoder(self) -> Encode:
        """What turns a list of texts that hold NUL into one parameter."""
        ...

    def rows_encoder(self, encoders: list[Encode | None]) -> Encode:
        """What turns a list of composite keys into one parameter."""
        ...
