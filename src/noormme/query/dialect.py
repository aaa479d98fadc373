"""What the compiler and the decoders ask of a database engine about the values that it stores.

Invariant: a dialect gives expressions and functions; it runs nothing for the compiler except that it may
look at stored values once, to learn the form in which a column keeps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from noormme.query.features import Features
from noormme.query.plan import Decode, Encode, Inline
from noormme.schema.model import Column, Kind, Table

if TYPE_CHECKING:
    from noormme.query.dialect_expressions import Expressions

__all__ = ["Decode", "Dialect", "Encode", "Keeping"]


class Keeping(Protocol):
    """What a dialect knows that a plan depends on, so that the plan can be kept for another process."""

    @property
    def basis(self) -> tuple[str, ...]:
        """What its SQL depends on beside the schema: versions, settings, how the database is set up."""
        ...

    def known(self, table: str, column: str) -> str | None:
        """The form of a column as text, as far as it was learnt; does not touch the database.

        Args:
            table: Exact name of the table.
            column: Exact name of the column.

        Returns:
            The form; None where nothing was asked of it, and ``""`` where it was decided without a value.
        """
        ...

    def form(self, kind: Kind, table: str, column: str) -> str:
        """The same, learnt where it is not known yet, which touches the database."""
        ...

    def name_of(self, encode: Encode) -> str | None:
        """The name of an encoder of the engine's own, which does not depend on a column; None for others."""
        ...

    def named(self, name: str) -> Encode:
        """The encoder of that name.

        Raises:
            LookupError: There is none.
        """
        ...


class Dialect(Protocol):
    """The engine's side of compilation and decoding.

    Tables and columns are given by their exact names, or as ``""`` or None for an expression that is none.

    Attributes:
        name: The name of the dialect.
        features: What the database can do, where databases differ.
        keeping: What plans depend on that are kept for other processes; None where none are.
    """

    name: str
    features: Features
    keeping: Keeping | None

    @property
    def guesses(self) -> int:
        """How often a plan was made for a column whose stored form could not be learnt yet."""
        ...

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

    def learn(self, kind: Kind, table: Table, column: Column) -> None:
        """Look at stored values of a column, if it has any, to know its form before it is asked for."""
        ...

    def stored_native(self, kind: Kind, table: Table, column: Column) -> type | None:
        """The Python type whose values ``storing`` would pass on, but for NaN, or None."""
        ...

    def storing(self, kind: Kind, table: Table, column: Column) -> Encode | None:
        """What turns a Python value into what is stored in a column; None to bind it as it is.

        Where the column holds no value yet that shows its form, the first value that is encoded decides it:
        the usual form of the kind is that of the column from then on.

        Args:
            kind: The kind of the column.
            table: Its table.
            column: The column. The database is touched where its form must still be learnt, by the function
                too when it is first called.
        """
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
