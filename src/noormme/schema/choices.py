"""What CHECK constraints say that Python can check with certainty.

Invariant: a value that a rule forbids is refused by the database too, whatever else the constraint and
the row hold; what is not certain gives no rule. A rule says nothing of NULL, which no comparison
refuses. So a constraint is read as the conditions that it joins with AND, of which one that is false is
enough; an OR is read only where all its sides are of one column.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from noormme.schema.literals import read_literal
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import DDLError, TokenReader, fold, tokenize
from noormme.schema.types import affinity_of

__all__ = ["OneOf", "Rule", "Within", "rules_of"]

Value = int | float | str


class OneOf(msgspec.Struct, frozen=True):
    """A column holds one of these values.

    Attributes:
        column: The column's exact name.
        values: The values in the order of the constraint: all texts, or all integers.
    """

    column: str
    values: tuple[Value, ...]


class Within(msgspec.Struct, frozen=True):
    """A number, or the length of a text, lies between bounds.

    Attributes:
        column: The column's exact name.
        measure: Whether the bounds are of the value or of its length in characters.
        low: The lower bound, or None.
        high: The upper bound, or None.
        above: Whether the lower bound itself is not allowed (of values; lengths are whole numbers).
        below: Whether the upper bound itself is not allowed (of values).
    """

    column: str
    measure: Literal["value", "length"] = "value"
    low: int | float | None = None
    high: int | float | None = None
    above: bool = False
    below: bool = False


Rule = OneOf | Within

_SAME = ("=", "==")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "==": "=="}
_DEEPEST = 50
"""Deeper than this, parts are left to the database."""


def rules_of(table: Table) -> tuple[Rule, ...]:
    """The rules that a table's CHECK constraints give.

    Args:
        table: The table.

    Returns:
        The rules, in the order of the constraints; none for what only the database can say.
    """
    rules: list[Rule] = []
    for check in table.checks:
        reader = TokenReader(tokenize(check.expression))
        # END can be the name of a column, so where a CASE ends is not certain.
        if "CASE" not in reader.words(0, reader.count):
            rules += _Expression(table, reader).rules(0, reader.count)
    return tuple(dict.fromkeys(rules))


class _Expression:
    """One expression; its parts are ranges of the positions of its tokens."""

    def __init__(self, table: Table, reader: TokenReader) -> None:
        self._reader = reader
        self._columns = {fold(column.name): column for column in table.columns}

    def rules(self, start: int, stop: int, depth: int = 0) -> list[Rule]:
        """The rules that follow from a part being true; none for what is not understood."""
        if depth > _DEEPEST:
            return []
        try:
            start, stop = self._bare(start, stop)
            alternatives = self._split(start, stop, "OR")
            if len(alternatives) > 1:
                return [self._either(alternatives, depth + 1)]
            conditions = self._split(start, stop, "AND")
            if len(conditions) > 1:
                return [rule for condition in conditions for rule in self.rules(*condition, depth + 1)]
            return [self._condition(start, stop)]
        except DDLError:
            return []

    def _bare(self, start: int, stop: int) -> tuple[int, int]:
        """A part without the parentheses around all of it."""
        reader = self._reader
        while stop - start > 2 and reader.words(start, start + 1) == ["("]:
            reader.at = start
            reader.parts()
            if reader.at != stop:
                break
            start, stop = start + 1, stop - 1
        return start, stop

    def _split(self, start: int, stop: int, joining: str) -> list[tuple[int, int]]:
        """The parts between the words that join them; the AND of a BETWEEN joins nothing."""
        parts: list[tuple[int, int]] = []
        depth = betweens = 0
        begin = start
        for at, word in enumerate(self._reader.words(start, stop), start):
            depth += (word == "(") - (word == ")")
            if depth:
                continue
            if word == "BETWEEN":
                betweens += 1
            elif word == "AND" and betweens:
                betweens -= 1
            elif word == joining:
                parts.append((begin, at))
                begin = at + 1
        return [*parts, (begin, stop)]

    def _either(self, alternatives: list[tuple[int, int]], depth: int) -> Rule:
        """The one rule of several alternatives, which must be of one column."""
        columns: set[str] = set()
        found: list[Rule] = []
        for alternative in alternatives:
            start, stop = self._bare(*alternative)
            empty = self._null_test(start, stop)
            if empty is not None:
                columns.add(empty)
                continue
            rules = self.rules(start, stop, depth)
            if len(rules) != 1:
                raise DDLError("an alternative that is not understood")
            columns.add(rules[0].column)
            found += rules
        if len(columns) == 1:
            if len(found) == 1:
                return found[0]
            lists = [rule.values for rule in found if isinstance(rule, OneOf)]
            values = tuple(dict.fromkeys([value for each in lists for value in each]))
            if len(lists) == len(found) and len({type(value) for value in values}) == 1:
                return OneOf(columns.pop(), values)
        raise DDLError("alternatives of several columns, or of several kinds")

    def _null_test(self, start: int, stop: int) -> str | None:
        """The column of ``column IS NULL``, or None where the part is something else."""
        words = self._reader.words(start + 1, stop)
        if words not in (["IS", "NULL"], ["ISNULL"]):
            return None
        self._reader.at = start
        return self._column().name

    def _condition(self, start: int, stop: int) -> Rule:
        reader = self._reader
        reader.at = start
        rule = self._compared() if self._is_column() else self._turned()
        if reader.at != stop:
            raise reader.error("the end")
        return rule

    def _turned(self) -> Rule:
        """``5 < column``."""
        value = read_literal(self._reader)
        operator = _TURNED.get(self._reader.step())
        column, measure = self._measured()
        return _ruled(column, measure, operator, value)

    def _compared(self) -> Rule:
        reader = self._reader
        column, measure = self._measured()
        if reader.accept("IN"):
            reader.expect("(")
            values = [read_literal(reader)]
            while reader.accept(","):
                values.append(read_literal(reader))
            reader.expect(")")
            return _one_of(column, measure, values)
        if reader.accept("BETWEEN"):
            low = read_literal(reader)
            reader.expect("AND")
            return _within(column, measure, low=low, high=read_literal(reader))
        operator = reader.step()
        return _ruled(column, measure, operator, read_literal(reader))

    def _is_column(self) -> bool:
        """Whether a name comes next, or a function of one."""
        word = self._reader.word
        if word[:1] in ('"', "`", "["):
            return True
        return bool(word) and word[0] not in "+-.0123456789" and "'" not in word

    def _measured(self) -> tuple[Column, Literal["value", "length"]]:
        """A column, or its length."""
        reader = self._reader
        if not reader.starts("LENGTH", "("):
            return self._column(), "value"
        reader.expect("LENGTH", "(")
        column = self._column()
        reader.expect(")")
        return column, "length"

    def _column(self) -> Column:
        if not self._is_column():
            raise self._reader.error("a column")
        column = self._columns.get(fold(self._reader.name()))
        if column is None or column.generated:
            raise DDLError("a column that is written was expected")
        return column


def _ruled(column: Column, measure: Literal["value", "length"], operator: str | None, value: Value) -> Rule:
    if operator in _SAME:
        if measure == "value":
            return _one_of(column, measure, [value])
        return _within(column, measure, low=value, high=value)
    if operator in (">", ">="):
        return _within(column, measure, low=value, above=operator == ">")
    if operator in ("<", "<="):
        return _within(column, measure, high=value, below=operator == "<")
    raise DDLError("a comparison was expected")


def _one_of(column: Column, measure: Literal["value", "length"], values: list[Value]) -> OneOf:
    """The rule, where the column's values are compared as Python compares them."""
    kinds = {type(value) for value in values}
    # A collation can find equal what Python does not.
    if measure == "value" and (
        (kinds == {str} and _is_text(column) and column.collation is None)
        or (kinds == {int} and _is_number(column) and column.kind == "integer")
    ):
        return OneOf(column.name, tuple(dict.fromkeys(values)))
    raise DDLError("the column may turn the values into others")


def _within(
    column: Column,
    measure: Literal["value", "length"],
    *,
    low: Value | None = None,
    high: Value | None = None,
    above: bool = False,
    below: bool = False,
) -> Within:
    if measure == "length":
        if not _is_text(column) or not isinstance(low, int | None) or not isinstance(high, int | None):
            raise DDLError("whole numbers were expected, and a column of texts")
        low = low + 1 if above and low is not None else low
        high = high - 1 if below and high is not None else high
        return Within(column.name, measure, low, high)
    if not _is_number(column) or isinstance(low, str) or isinstance(high, str):
        raise DDLError("numbers were expected, and a column that has them")
    return Within(column.name, measure, low, high, above, below)


def _is_text(column: Column) -> bool:
    """Whether a text is stored in the column as it is."""
    return column.kind in ("text", "any") and affinity_of(column.declared_type) in ("text", "blob")


def _is_number(column: Column) -> bool:
    """Whether a number is stored in the column as it is, or as one that compares in the same way."""
    affinity = affinity_of(column.declared_type)
    if column.kind == "integer":
        return affinity in ("integer", "numeric")
    return column.kind == "real" and affinity == "real"
