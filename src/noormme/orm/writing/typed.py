"""Values as reading them would give them.

Invariant: what a column stores decides: a text that means a number becomes that number, and what the column
cannot store is refused before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import msgspec

from noormme.errors import InvalidValue
from noormme.schema.types import PYTHON_TYPES, Affinity, affinity_of

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.writing.validation import Validator
    from noormme.query.plan import Plan

__all__ = ["Typed", "learn_forms"]

_PROBE = datetime(2001, 2, 3, 4, 5, 6, 789_012)
_EXACT_DIGITS = 15


def learn_forms(mapper: Mapper, fields: tuple[str, ...]) -> None:
    """Learn how columns store what they hold, so that statements can be compiled for just that.

    Touches the database, once for each column. A column that holds nothing teaches nothing: its form is found
    when the first value is written.

    Args:
        mapper: The table.
        fields: The fields that are to be written.
    """
    dialect = mapper.registry.engine.dialect
    for field in fields:
        column = mapper.column_of(field)
        dialect.learn(column.kind, mapper.table, column)


class Typed:
    """The values of certain fields of a table.

    Args:
        mapper: The table.
        fields: The fields.

    Attributes:
        condition: An expression in source that is true of values, called ``v``, that all have the types that
            reading them would give, or are None.
        fits: Whether it is true of values.
        names: What its names stand for.
        types: Those types; ``object`` where it may be any.
    """

    __slots__ = ("_fields", "_mapper", "_moments", "condition", "fits", "names", "types")

    def __init__(self, mapper: Mapper, fields: tuple[str, ...]) -> None:
        self._mapper = mapper
        self._fields = fields
        self.types = [PYTHON_TYPES[mapper.column_of(field).kind] for field in fields]
        # Where moments stand, and which are read as they were given: those without an offset (True), those
        # with one (False), or neither (None).
        self._moments = {
            at: _keeps_moments(mapper, field)
            for at, field in enumerate(fields)
            if mapper.column_of(field).kind == "datetime"
        }
        self.condition = self._condition(frozenset())
        self.names: dict[str, object] = {f"t{at}": each for at, each in enumerate(self.types)}
        self.names["U"] = msgspec.UNSET
        self.fits: Callable[[tuple[object, ...]], bool] = eval(
            f"lambda v: {self.condition}", dict(self.names)
        )

    def checked_bind(
        self, plan: Plan, validate: Validator | None
    ) -> Callable[[tuple[object, ...]], tuple[object, ...] | None]:
        """What gives the parameters of a statement for values that fit and are valid; None for all others.

        Args:
            plan: The statement, whose first slots are the fields.
            validate: What checks the values; None where there is nothing to check.
        """
        if validate is None:
            return plan.checked_bind(self.condition, self.names, self.types)
        condition = self._condition(validate.needed)
        if validate.suspicion_of_values:
            condition = f"{condition} and not ({validate.suspicion_of_values})"
        return plan.checked_bind(condition, {**self.names, **validate.names}, self.types)

    def _condition(self, needed: Collection[int]) -> str:
        """The condition under which all values fit, and those at certain places are not None."""
        parts: list[str] = []
        for at, python_type in enumerate(self.types):
            if python_type is not object:
                fitting = self._fitting(at)
                parts.append(fitting if at in needed else f"({fitting} or v[{at}] is None)")
            else:
                # A value that is missing has no type that fits.
                parts.append(f"v[{at}] is not U")
                if at in needed:
                    parts.append(f"v[{at}] is not None")
        return " and ".join(parts) or "True"

    def _fitting(self, at: int) -> str:
        """The condition under which a value other than None is read as it was given."""
        if at not in self._moments:
            return f"v[{at}].__class__ is t{at}"
        kept = self._moments[at]
        if kept is None:
            return "False"
        return f"v[{at}].__class__ is t{at} and v[{at}].tzinfo is {'' if kept else 'not '}None"

    def named(self, error: InvalidValue, rows: Iterable[Sequence[object]]) -> InvalidValue:
        """An error about a value that was refused on its way to the database, with the name of its field.

        Args:
            error: The error.
            rows: The values of the rows that were to be written; the first that is refused is the one.
        """
        dialect, table = self._mapper.registry.engine.dialect, self._mapper.table
        for row in rows:
            # What follows the values of the fields is the key that the row has.
            for field, value in zip(self._fields, row, strict=False):
                column = self._mapper.column_of(field)
                encode = dialect.storing(column.kind, table, column)
                try:
                    if value is not None and encode is not None:
                        encode(value)
                except InvalidValue as found:
                    return InvalidValue(f"{table.name}.{field}: {found.message}", hint=found.hint)
        return error

    def changed(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """The same values, those of other types changed into the column's own.

        Args:
            values: The values.

        Raises:
            InvalidValue: One of them does not fit its column.
        """
        found: list[object] = []
        dialect = self._mapper.registry.engine.dialect
        table = self._mapper.table
        for at, (field, python_type, value) in enumerate(zip(self._fields, self.types, values, strict=True)):
            fits = type(value) is python_type and (
                at not in self._moments or self._moments[at] is (cast("datetime", value).tzinfo is None)
            )
            if value is None or python_type is object or fits:
                found.append(value)
                continue
            column = self._mapper.column_of(field)
            encode = dialect.storing(column.kind, table, column)
            try:
                stored = value if encode is None else encode(value)
            except InvalidValue as error:
                raise InvalidValue(f"{table.name}.{field}: {error.message}", hint=error.hint) from error
            decoded = dialect.decode(column.kind, stored, table.name, column.name)
            found.append(_as_stored(decoded, affinity_of(column.declared_type)))
        return tuple(found)


def _keeps_moments(mapper: Mapper, field: str) -> bool | None:
    """Whether moments without an offset (True) or with one (False) are read as given; None: neither."""
    column, dialect = mapper.column_of(field), mapper.registry.engine.dialect
    guesses = dialect.guesses
    dialect.encoder(column.kind, mapper.table, column)
    encode = dialect.storing(column.kind, mapper.table, column)
    if encode is None or dialect.guesses != guesses:
        # A column that holds nothing is given the usual form, which keeps them.
        return True
    # One with an offset is not equal to one without.
    if dialect.decode(column.kind, encode(_PROBE), mapper.table.name, column.name) == _PROBE:
        return True
    zoned = _PROBE.replace(tzinfo=UTC)
    return False if encode(zoned) is zoned else None


def _as_stored(value: object, into: Affinity) -> object:
    """What the declared type of a column makes of a number."""
    if not isinstance(value, (int, float)):
        return value
    if into == "real":
        return float(value)
    if into != "text":
        return value
    written = str(int(value)) if isinstance(value, int) else repr(value)
    # Of others SQLite writes another text than Python does.
    is_same = isinstance(value, int) or (
        "." in written and "e" not in written and len(written.strip("-0.")) <= _EXACT_DIGITS
    )
    return written if is_same else value
