"""A dialect that notes how each of its encoders was asked for, so that a plan can be stored.

Invariant: what the compiler is given is what the dialect gives. An encoder whose origin was not noted makes a
plan that is not stored, and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from noormme.query.dialect import Dialect, Keeping
from noormme.query.encoding import Lenient, YearBound
from noormme.query.features import Features
from noormme.query.plan import Decode, Encode, Inline, Plan
from noormme.query.stored_plan import (
    Learnt,
    Leniently,
    Named,
    OfList,
    OfNul,
    OfRows,
    OfStored,
    OfValue,
    OfYear,
    Recipe,
    StoredBind,
    StoredPlan,
    column_of,
    learnt_of,
    name_of,
)
from noormme.schema.model import Column, Kind, Schema, Table

if TYPE_CHECKING:
    from noormme.query.dialect_expressions import Expressions

__all__ = ["RecordingDialect"]


class RecordingDialect:
    """A dialect for the compilation of one plan.

    The arguments of its methods are those of ``query.dialect.Dialect``, which explains them.

    Args:
        dialect: The dialect.
        schema: The schema that is compiled for.
    """

    def __init__(self, dialect: Dialect, schema: Schema) -> None:
        self._dialect = dialect
        self._schema = schema
        # Each with its function, so that no other function gets its number meanwhile.
        self._recipes: dict[int, tuple[Encode, Recipe]] = {}
        self.name: str = dialect.name
        self.features: Features = dialect.features
        self.keeping: Keeping | None = dialect.keeping

    @property
    def guesses(self) -> int:
        """How often the form of a column had to be guessed."""
        return self._dialect.guesses

    @property
    def expressions(self) -> Expressions:
        """What the engine says in a way of its own."""
        return self._dialect.expressions

    def decoder(self, kind: Kind, table: str, column: str) -> Decode | Inline | None:
        """That of the dialect."""
        return self._dialect.decoder(kind, table, column)

    def decode(self, kind: Kind, value: object, table: str, column: str) -> object:
        """That of the dialect."""
        return self._dialect.decode(kind, value, table, column)

    def native(self, kind: Kind) -> type | None:
        """That of the dialect."""
        return self._dialect.native(kind)

    def learn(self, kind: Kind, table: Table, column: Column) -> None:
        """That of the dialect."""
        self._dialect.learn(kind, table, column)

    def stored_native(self, kind: Kind, table: Table, column: Column) -> type | None:
        """That of the dialect."""
        return self._dialect.stored_native(kind, table, column)

    def encoder(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """That of the dialect, noted."""
        made = self._dialect.encoder(kind, table, column)
        if made is not None and self._is_known(table, column):
            self._note(made, OfValue(kind, *_names(table, column)))
        return made

    def storing(self, kind: Kind, table: Table, column: Column) -> Encode | None:
        """That of the dialect, noted."""
        made = self._dialect.storing(kind, table, column)
        if made is not None and self._is_known(table, column):
            self._note(made, OfStored(kind, table.name, column.name))
        return made

    def year_start(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """That of the dialect, noted."""
        made = self._dialect.year_start(kind, table, column)
        if made is not None and self._is_known(table, column):
            self._note(made, OfYear(kind, *_names(table, column), following=False))
        return made

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """That of the dialect, noted."""
        made = self._dialect.list_encoder(encode, native)
        with suppress(LookupError):
            self._note(made, OfList(self._recipe(encode), name_of(native)))
        return made

    def nul_encoder(self) -> Encode:
        """That of the dialect, noted."""
        made = self._dialect.nul_encoder()
        self._note(made, OfNul())
        return made

    def rows_encoder(self, encoders: list[Encode | None]) -> Encode:
        """That of the dialect, noted."""
        made = self._dialect.rows_encoder(encoders)
        with suppress(LookupError):
            self._note(made, OfRows(tuple(map(self._recipe, encoders))))
        return made

    def stored(self, plan: Plan) -> StoredPlan | None:
        """A plan that was compiled with this dialect, as data.

        Args:
            plan: The plan.

        Returns:
            The data; None where the plan cannot be stored.
        """
        try:
            binds = tuple(
                StoredBind(bind.slot, self._recipe(bind.encode), name_of(bind.native), bind.nullable)
                for bind in plan.binds
            )
        except LookupError:
            return None
        learnt = self._learnt(plan)
        if learnt is None:
            return None
        return StoredPlan(
            plan.sql,
            binds,
            plan.outputs,
            plan.groups,
            plan.leading,
            plan.trailing,
            plan.order,
            plan.keys,
            plan.style,
            plan.reads,
            plan.slots,
            learnt,
        )

    def _learnt(self, plan: Plan) -> tuple[Learnt, ...] | None:
        return None if self.keeping is None else learnt_of(plan.reads, self._schema, self.keeping)

    def _note(self, made: Encode, recipe: Recipe) -> None:
        self._recipes[id(made)] = (made, recipe)

    def _recipe(self, encode: Encode | None) -> Recipe | None:
        """How an encoder was asked for.

        Raises:
            LookupError: It is not known.
        """
        if encode is None:
            return None
        if isinstance(encode, Lenient):
            return Leniently(self._recipes[id(encode.encode)][1])
        if isinstance(encode, YearBound):
            start = self._recipes[id(encode.start)][1]
            if isinstance(start, OfYear):
                return OfYear(start.kind, start.table, start.column, encode.following)
        known = self._recipes.get(id(encode))
        if known is not None:
            return known[1]
        name = None if self.keeping is None else self.keeping.name_of(encode)
        if name is None:
            raise LookupError("an encoder whose origin is not known")
        return Named(name)

    def _is_known(self, table: Table | None, column: Column | None) -> bool:
        """Whether the same column can be found again by its names."""
        if table is None or column is None:
            return table is None and column is None
        try:
            return column_of(self._schema, table.name, column.name) == (table, column)
        except LookupError:
            return False


def _names(table: Table | None, column: Column | None) -> tuple[str | None, str | None]:
    return (None if table is None else table.name, None if column is None else column.name)
