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
from noormme.query.resolve import model_columns
from noormme.schema.choices import OneOf, Rule, Within, rules_of
from noormme.schema.defaults import is_row_id, required
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import TokenReader, tokenize
from noormme.schema.types import length_of

__all__ = ["Validator", "make_validator"]

Validator = Callable[[Sequence[object]], None]
"""Takes the values of one row, in the order of the fields; raises for one that cannot be stored."""

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
        A function that raises ``NotNullViolation``, ``CheckViolation`` or ``InvalidValue``; None where
        nothing can be checked.

    Raises:
        FieldNotFound: The table has no such field.
    """
    if table.kind != "table":
        return None
    columns = [_column(table, field) for field in fields]
    checks: list[_Check] = []
    if not _may_skip_rows(table):
        if inserting and not _answers_null(table):
            for column in table.columns:
                if required(table, column) and column not in columns:
                    return _always(_NotNull(0, table, column))
        checks += _not_null(table, columns)
        checks += _ruled(table, columns)
    checks += _sized(table, columns)
    return _generated(tuple(checks)) if checks else None


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
    """One rule for the value at one position."""

    @property
    def position(self) -> int:
        """Where the value is in a row."""
        ...

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        """A condition in source that is true for every value that is refused, and its constants.

        Args:
            number: The check's number, for the names of its constants.
        """
        ...

    def check(self, value: object) -> None:
        """Raise if the value is refused."""
        ...


class _NotNull(msgspec.Struct, frozen=True):
    position: int
    table: Table
    column: Column

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        return f"row[{self.position}] is None", {}

    def check(self, value: object) -> None:
        if value is None:
            raise NotNullViolation(
                f"{self.table.name}.{self.column.field} must have a value",
                table=self.table.name,
                columns=(self.column.name,),
            )


class _OneOf(msgspec.Struct, frozen=True):
    position: int
    table: Table
    column: Column
    values: tuple[int | float | str, ...]

    def suspicion(self, number: int) -> tuple[str, dict[str, object]]:
        name = f"allowed_{number}"
        return f"row[{self.position}] not in {name}", {name: frozenset((None, *self.values))}

    def check(self, value: object) -> None:
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
        rule, value = self.rule, f"row[{self.position}]"
        measured = f"len({value})" if rule.measure == "length" else value
        left = f"{low} {'<' if rule.above else '<='} " if rule.low is not None else ""
        right = f" {'<' if rule.below else '<='} {high}" if rule.high is not None else ""
        known = "is str" if rule.measure == "length" else "in numbers"
        return (
            f"type({value}) {known} and not {left}{measured}{right}",
            {low: rule.low, high: rule.high, "numbers": (int, float)},
        )

    def check(self, value: object) -> None:
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
        value, size = f"row[{self.position}]", f"size_{number}"
        return f"type({value}) is str and len({value}) > {size}", {size: self.size}

    def check(self, value: object) -> None:
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


# ---------------------------------------------------------------- the functions


def _always(check: _Check) -> Validator:
    def validate(row: Sequence[object]) -> None:
        check.check(None)

    return validate


def _generated(checks: tuple[_Check, ...]) -> Validator:
    """The function of these checks: one condition for all, then one check after the other."""

    def look_closer(row: Sequence[object]) -> None:
        for check in checks:
            check.check(row[check.position])

    names: dict[str, object] = {"look_closer": look_closer}
    conditions: list[str] = []
    for number, check in enumerate(checks):
        condition, constants = check.suspicion(number)
        conditions.append(condition)
        names |= constants
    exec(_code(" or ".join(conditions)), names)
    validate: Validator = names["validate"]  # type: ignore[assignment]
    return validate


@lru_cache(maxsize=256)
def _code(condition: str) -> CodeType:
    # What cannot be looked up among the allowed values (a list) is for the database to refuse.
    source = f"""
def validate(row):
    try:
        if not ({condition}):
            return
    except TypeError:
        pass
    look_closer(row)
"""
    return compile(source, "<noormme validation>", "exec")
