"""What the values of a column are limited to, as far as the schema says it for certain.

Invariant: what a limit excludes, noormme refuses to write (see ``orm.writing.validation``), so other programs
may be told the same. Rows that were there before a limit was declared need not keep it.
"""

from __future__ import annotations

import msgspec

from noormme.schema.choices import OneOf, Rule, Within, rules_of
from noormme.schema.declared import read_declared
from noormme.schema.defaults import is_row_id
from noormme.schema.model import Column, Kind, Table
from noormme.schema.types import length_of

__all__ = ["Limits", "is_numbered", "limits_of"]


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """The limits of one column; NULL is no matter of theirs.

    Attributes:
        values: All values that are allowed, in the order in which they were declared; empty for no such list.
        min_length: How many characters a text has at least, or None.
        max_length: How many characters a text has at most, or None.
        ge: The smallest number that is allowed, or None.
        gt: The number that all allowed ones are above, or None.
        le: The largest number that is allowed, or None.
        lt: The number that all allowed ones are below, or None.
    """

    values: tuple[int | float | str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    ge: int | float | None = None
    gt: int | float | None = None
    le: int | float | None = None
    lt: int | float | None = None

    @property
    def bounds(self) -> dict[str, int | float]:
        """The limits but for the list of values, by the names that pydantic and msgspec have for them."""
        found = {
            "min_length": self.min_length,
            "max_length": self.max_length,
            "ge": self.ge,
            "gt": self.gt,
            "le": self.le,
            "lt": self.lt,
        }
        # Of two bounds on one side the narrower one says all.
        if self.ge is not None and self.gt is not None:
            del found["ge" if self.gt >= self.ge else "gt"]
        if self.le is not None and self.lt is not None:
            del found["le" if self.lt <= self.le else "lt"]
        return {name: value for name, value in found.items() if value is not None}


def limits_of(table: Table) -> dict[str, Limits]:
    """Give the limits of a table's columns.

    Args:
        table: The table.

    Returns:
        The limits by the exact names of columns; columns that have none are left out.
    """
    found: dict[str, Limits] = {}
    for column in table.columns:
        if column.kind != "text":
            continue
        declared = read_declared(column.declared_type)
        if declared.name == "enum" and declared.values:
            found[column.name] = Limits(values=declared.values)
        elif (length := length_of(column.declared_type)) is not None:
            found[column.name] = Limits(max_length=length)
    kinds: dict[str, Kind] = {column.name: column.kind for column in table.columns}
    for rule in rules_of(table):
        if not _fits(rule, kinds[rule.column]):
            continue
        known = found.get(rule.column, Limits())
        found[rule.column] = _listed(known, rule) if isinstance(rule, OneOf) else _bounded(known, rule)
    return found


def _fits(rule: Rule, kind: Kind) -> bool:
    """Whether other programs can hold the rule to every value of the kind."""
    if isinstance(rule, OneOf):
        return kind in ("integer", "text")
    if rule.measure == "length":
        return kind == "text"
    whole = isinstance(rule.low, int | None) and isinstance(rule.high, int | None)
    return kind == "real" or (kind == "integer" and whole)


def _listed(known: Limits, rule: OneOf) -> Limits:
    both = tuple(value for value in known.values if value in rule.values)
    return msgspec.structs.replace(known, values=both or rule.values)


def _bounded(known: Limits, rule: Within) -> Limits:
    """The narrower of the limits that are known and those of a rule."""
    if rule.measure == "length":
        # A length below zero limits nothing, and no program takes it for a length.
        return msgspec.structs.replace(
            known,
            min_length=_larger(known.min_length, None if rule.low is None else max(0, int(rule.low))),
            max_length=_smaller(known.max_length, None if rule.high is None else max(0, int(rule.high))),
        )
    low, high = rule.low, rule.high
    return msgspec.structs.replace(
        known,
        ge=known.ge if rule.above else _larger(known.ge, low),
        gt=_larger(known.gt, low) if rule.above else known.gt,
        le=known.le if rule.below else _smaller(known.le, high),
        lt=_smaller(known.lt, high) if rule.below else known.lt,
    )


def _larger(one: float | None, other: float | None) -> float | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _smaller(one: float | None, other: float | None) -> float | None:
    return min((each for each in (one, other) if each is not None), default=None)


def is_numbered(table: Table, column: Column) -> bool:
    """Whether the database numbers new rows in this column.

    Args:
        table: The table.
        column: One of its columns.
    """
    return column.autoincrement or is_row_id(table, column)
