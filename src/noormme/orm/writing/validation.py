"""What is refused before the database is asked, because the schema says enough.

Invariant: NOT NULL and CHECK are refused here only where the database would refuse as well; what is not
certain passes, and the database's own word stays final. The one rule that is stricter than SQLite is the
number of characters that a type declares (``VARCHAR(50)``), which SQLite does not enforce and every other
database does. No message holds the value that was given.

A row that passes costs some nanoseconds for each column that has a rule: one condition, generated from
positions and from names of this module only, says whether a row is worth a closer look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import Protocol

import msgspec

from noormme.errors import CheckViolation, FieldNotFound, InvalidValue, NotNullViolation
from noormme.orm.writing.triggered import rewritten_before
from noormme.query.resolve import model_columns
from noormme.schema.choices import OneOf, Rule, Within, rules_of
from noormme.schema.defaults import is_row_id, required
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import TokenReader, tokenize
from noormme.schema.types import length_of

__all__ = ["Validator", "make_validator"]

_SHOWN_VALUES = 20
_SURE_WHOLE = 2**53
"""Up to here every integer is the same number in a column of reals."""


def make_validator(table: Table, fields: Sequence[str], *, inserting: bool = True) -> Validator | None:
    """Make the function that checks rows before they are written. Does not touch the database.

    The rows are for statements that fail on a violation. ``INSERT OR IGNORE`` and ``INSERT OR REPLACE``
    do not: a NULL makes them leave the row out, or take the default.

    Args:
        table: The table.
        fields: The names of the fields that the rows hold, in order. Values that are no plain Python
            values, such as expressions, are not looked at.
        inserting: Whether the rows are new. A field that must be given and is not among ``fields`` then
            makes every row refused.

    Returns:
        What checks a row; None where nothing can be checked.

    Raises:
        FieldNotFound: The table has no such field.
    """
    if table.kind != "table":
        return None
    columns = [_column(table, field) for field in fields]
    checks: list[_Check] = []
    event = "INSERT" if inserting else "UPDATE"
    if not _may_skip_rows(table) and not rewritten_before(table, event):
        if inserting and not _answers_null(table):
            for column in table.columns:
                if required(table, column) and column not in columns:
                    return Validator([_Missing(table, column)])
        checks += _not_null(table, columns)
        checks += _ruled(table, columns)
    checks += _sized(table, columns)
    return Validator(checks) if checks else None


def _column(table: Table, field: str) -> Column:
    for column in (*table.columns, *model_columns(table)):
        if column.field == field:
            return column
    raise FieldNotFound(f"no field '{field}' on {table.name}")


def _may_skip_rows(table: Table) -> bool:
    """Whether a trigger can leave a row out before the database looks at its values."""
    return any(trigger.timing != "AFTER" and "IGNORE" in trigger.sql.upper() for trigger in table.triggers)


def _answers_null(table: Table) -> bool:
    """Whether a NOT NULL of the table may do something else than fail (``NOT NULL ON CONFLICT REPLACE``)."""
    if table.sql is None or "CONFLICT" not in table.sql.upper():
        return False
    reader = TokenReader(tokenize(table.sql))
    words = reader.words(0, reader.count)
    return any(
        words[at : at + 3] == ["NULL", "ON", "CONFLICT"] for at, word in enumerate(words) if word == "NULL"
    )


# ---------------------------------------------------------------- the checks


class _Check(Protocol):
    """One rule for the values of a row."""

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        """A condition in source that is true for every value that is refused, and its constants.

        Args:
            number: The check's number, for the names of its constants.
        """
        ...

    def check(self, values: Sequence[object]) -> None:
        """Raise if the row is refused."""
        ...


class _NotNull(msgspec.Struct, frozen=True):
    position: int
    table: Table
    column: Column

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        return f"v[{self.position}] is None", {}

    def check(self, values: Sequence[object]) -> None:
        if values[self.position] is None:
            raise _no_value(self.table, self.column)


class _Missing(msgspec.Struct, frozen=True):
    """A field that must be given and is not, whatever the row holds."""

    table: Table
    column: Column

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        return "True", {}

    def check(self, values: Sequence[object]) -> None:
        raise _no_value(self.table, self.column)


class _OneOf(msgspec.Struct, frozen=True):
    position: int
    table: Table
    column: Column
    values: tuple[int | float | str, ...]

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        name, kind = f"allowed_{number}", f"kind_{number}"
        value = f"v[{self.position}]"
        constants: dict[str, object] = {name: frozenset(self.values), kind: type(self.values[0])}
        return f"{value}.__class__ is {kind} and {value} not in {name}", constants

    def check(self, values: Sequence[object]) -> None:
        value = values[self.position]
        # Of another type, the value is turned into one of the column before the database compares it.
        if type(value) is type(self.values[0]) and value not in self.values:
            shown = ", ".join([repr(each) for each in self.values[:_SHOWN_VALUES]])
            more = ", …" if len(self.values) > _SHOWN_VALUES else ""
            raise _violation(self.table, self.column, f"must be one of {shown}{more}")


class _Within(msgspec.Struct, frozen=True):
    position: int
    table: Table
    column: Column
    rule: Within

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        low, high = f"low_{number}", f"high_{number}"
        rule, value = self.rule, f"v[{self.position}]"
        measured = f"len({value})" if rule.measure == "length" else value
        left = f"{low} {'<' if rule.above else '<='} " if rule.low is not None else ""
        right = f" {'<' if rule.below else '<='} {high}" if rule.high is not None else ""
        known = "is str" if rule.measure == "length" else "in numbers"
        return (
            f"type({value}) {known} and not {left}{measured}{right}",
            {low: rule.low, high: rule.high, "numbers": (int, float)},
        )

    def check(self, values: Sequence[object]) -> None:
        value = values[self.position]
        if self.rule.measure == "length":
            # SQLite counts up to the first NUL.
            if isinstance(value, str) and "\0" not in value and not self._holds(len(value)):
                raise _violation(self.table, self.column, _lengths(self.rule))
        elif (number := self._number(value)) is not None and not self._holds(number):
            raise _violation(self.table, self.column, _bounds(self.rule))

    def _number(self, value: object) -> int | float | None:
        """The number that the column will hold, or None where that is not certain."""
        if type(value) is int:
            return value if self.column.kind == "integer" or abs(value) <= _SURE_WHOLE else None
        if type(value) is float and self.column.kind == "real":
            return value if value == value else None
        return None

    def _holds(self, number: int | float) -> bool:
        rule = self.rule
        if rule.low is not None and (number < rule.low or (rule.above and number == rule.low)):
            return False
        return not (rule.high is not None and (number > rule.high or (rule.below and number == rule.high)))


class _Sized(msgspec.Struct, frozen=True):
    position: int
    table: Table
    column: Column
    size: int

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        value, size = f"v[{self.position}]", f"size_{number}"
        return f"type({value}) is str and len({value}) > {size}", {size: self.size}

    def check(self, values: Sequence[object]) -> None:
        value = values[self.position]
        if isinstance(value, str) and len(value) > self.size:
            characters = "character" if self.size == 1 else "characters"
            raise InvalidValue(
                f"{self.table.name}.{self.column.field} takes at most {self.size} {characters}",
                hint=f"it is declared {self.column.declared_type}",
            )


def _not_null(table: Table, columns: Sequence[Column]) -> list[_Check]:
    if _answers_null(table):
        return []
    return [
        _NotNull(position, table, column)
        for position, column in enumerate(columns)
        # NULL asks for a new row id.
        if not column.nullable and not column.generated and not is_row_id(table, column)
    ]


def _ruled(table: Table, columns: Sequence[Column]) -> list[_Check]:
    if not table.checks:
        return []
    positions = {column.name: position for position, column in enumerate(columns)}
    return [
        _rule_check(positions[rule.column], table, columns[positions[rule.column]], rule)
        for rule in rules_of(table)
        if rule.column in positions
    ]


def _rule_check(position: int, table: Table, column: Column, rule: Rule) -> _Check:
    if isinstance(rule, OneOf):
        return _OneOf(position, table, column, rule.values)
    return _Within(position, table, column, rule)


def _sized(table: Table, columns: Sequence[Column]) -> list[_Check]:
    return [
        _Sized(position, table, column, size)
        for position, column in enumerate(columns)
        if column.kind == "text" and (size := length_of(column.declared_type)) is not None
    ]


# ---------------------------------------------------------------- the words


def _no_value(table: Table, column: Column) -> NotNullViolation:
    return NotNullViolation(
        f"{table.name}.{column.field} must have a value", table=table.name, columns=(column.name,)
    )


def _violation(table: Table, column: Column, what: str) -> CheckViolation:
    return CheckViolation(f"{table.name}.{column.field} {what}", table=table.name, columns=(column.name,))


def _bounds(rule: Within) -> str:
    if rule.low is not None and rule.high is not None and not (rule.above or rule.below):
        return f"must be between {rule.low} and {rule.high}"
    parts: list[str] = []
    if rule.low is not None:
        parts.append(f"{'more than' if rule.above else 'at least'} {rule.low}")
    if rule.high is not None:
        parts.append(f"{'less than' if rule.below else 'at most'} {rule.high}")
    return f"must be {' and '.join(parts)}"


def _lengths(rule: Within) -> str:
    if rule.low == rule.high:
        return f"takes exactly {_characters(rule.high)}"
    if rule.low is None:
        return f"takes at most {_characters(rule.high)}"
    if rule.high is None:
        return f"needs at least {_characters(rule.low)}"
    return f"takes {rule.low} to {_characters(rule.high)}"


def _characters(number: int | float | None) -> str:
    return f"{number} {'character' if number == 1 else 'characters'}"


# ---------------------------------------------------------------- the function


class Validator:
    """Checks rows before they are written.

    Args:
        checks: The rules; at least one.

    Attributes:
        needed: Where values stand that must not be None.
        suspicion_of_values: A condition in source on the values ``v`` of a row that has no None there; true
            of each such row that is refused. Empty where none is.
        names: What its names stand for.
    """

    __slots__ = ("_checks", "_suspicious", "names", "needed", "suspicion_of_values")

    def __init__(self, checks: Sequence[_Check]) -> None:
        self._checks = checks
        self.names: dict[str, object] = {}
        self.needed = frozenset(check.position for check in checks if isinstance(check, _NotNull))
        every: list[str] = []
        of_values: list[str] = []
        for number, check in enumerate(checks):
            condition, constants = check.suspicion(number)
            every.append(f"({condition})")
            if not isinstance(check, _NotNull):
                of_values.append(every[-1])
            self.names |= constants
        self.suspicion_of_values = " or ".join(of_values)
        self._suspicious: Callable[[Sequence[object]], bool] = eval(
            _code(" or ".join(every)), dict(self.names)
        )

    def __call__(self, values: Sequence[object], /) -> None:
        """Check a row.

        Args:
            values: Its values, in the order of the fields.

        Raises:
            NotNullViolation: A field that must have a value has none.
            CheckViolation: A value is none of those that the schema allows.
            InvalidValue: A text is longer than its column takes.
        """
        if self._suspicious(values):
            for check in self._checks:
                check.check(values)


@lru_cache(maxsize=256)
def _code(condition: str) -> CodeType:
    return compile(f"lambda v: {condition}", "<noormme validation>", "eval")
