"""What stands on the right side of a lookup: lists, pairs, patterns, keys and rows of a table.

Invariant: whatever does not fit its lookup raises ``InvalidValue`` here, with what to write instead, and no
message repeats a value.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

from noormme.errors import InvalidValue
from noormme.query.expressions.base import Expression, kind_of_value
from noormme.query.expressions.fields import Value
from noormme.query.jsonvalues import json_value
from noormme.query.nodes import Expression as Node
from noormme.query.nodes import Items, JSONType, ListParam, Param, Params
from noormme.query.resolve import Target, key_columns
from noormme.schema.model import Column, Schema, Table

__all__ = ["PLAIN", "Operands"]

PLAIN: frozenset[type] = frozenset(
    {bool, int, float, str, bytes, datetime, date, time, timedelta, Decimal, UUID}
)
"""Types whose values never change the shape of a query (for lookups that look at no value)."""

_JSON_PLAIN: frozenset[type] = frozenset({bool, int, str})
"""Types whose values are in JSON what they are in Python."""

_ORDERED = frozenset({"gt", "gte", "lt", "lte", "range"})
"""Lookups that ask which of two values is greater."""


def _is_wide(number: object) -> bool:
    return isinstance(number, int) and not -(2**63) <= number < 2**63


def _given(item: object) -> object:
    """A ``Value`` in a list or a pair that says no other kind than its own is that value, as by itself."""
    if type(item) is Value and (item.value is None or item.kind == kind_of_value(item.value)):
        return item.value
    return item


class Operands(ABC):
    """Takes values in for one query.

    Args:
        schema: The schema of the query's table.
        table: The query's table.
        start: How many values the query has already.

    Attributes:
        values: The new values, in slot order.
        direct: Whether every value so far was taken as it is and none decided about the shape; then
            the same names with values of the same types give the same nodes again.
    """

    def __init__(self, schema: Schema, table: Table, start: int) -> None:
        self.schema = schema
        self.table = table
        self.start = start
        self.values: list[object] = []
        self.direct = True

    def slot(self, value: object) -> int:
        """A slot for a value."""
        self.values.append(value)
        return self.start + len(self.values) - 1

    def param(self, value: object) -> Param:
        """A slot for a value, as an operand."""
        return Param(self.slot(value))

    @abstractmethod
    def operand(self, operand: object) -> Node:
        """An expression, or a value as one."""

    def _where(self, name: str) -> str:
        return f"{self.table.name}.{name}"

    def _items(self, value: object, name: str, lookup: str) -> list[object]:
        self.direct = False
        if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
            raise InvalidValue(
                f"{self._where(name)} takes a list, not {type(value).__name__}",
                hint=f"write field__{lookup}=[…]",
            )
        return [_given(item) for item in cast("Iterable[object]", value)]

    def _list(self, value: object, name: str, target: Target) -> ListParam | Items:
        items = self._items(value, name, target.lookup)
        if any(isinstance(item, Expression) for item in items):
            return Items(tuple(self.operand(item) for item in items if item is not None))
        if len(target.columns) > 1:
            keys = [self._composite_key(item, name, target) for item in items if item is not None]
            groups: dict[type, list[object]] = {tuple: list(keys)} if keys else {}
            nul: list[object] = []
        else:
            groups, nul = {}, []
            for item in items:
                if item is None:
                    continue
                plain = item if type(item) in PLAIN else self._key_of(item, target, name)
                if type(plain) is str and "\0" in plain:
                    nul.append(plain)
                else:
                    groups.setdefault(int if type(plain) is bool else type(plain), []).append(plain)
        slots = tuple(map(self.slot, groups.values()))
        return ListParam(slots, self.slot(nul) if nul else None)

    def _array(self, value: object, name: str, target: Target) -> Param | Items:
        """What an array is compared with: a list, or several of them."""
        if target.rule.operand == "list":
            every = self._items(value, name, target.lookup)
            return Items(tuple(self.operand(self._elements(each, name)) for each in every))
        return self.param(self._elements(value, name))

    def _elements(self, value: object, name: str) -> object:
        self.direct = False
        given: object = value
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise InvalidValue(
                f"{self._where(name)} takes a list, not {type(given).__name__}",
                hint="write [value]",
            )
        return list(cast("Iterable[object]", value))

    # -- JSON ---------------------------------------------------------------------------------------

    def _takes_null(self, target: Target) -> bool:
        """Whether None is the ``null`` of JSON to a lookup."""
        rule = target.rule
        compares = rule.sql is None and rule.operand == "value" and rule.name not in _ORDERED
        return compares and target.kind == "json"

    def _json(
        self, value: object, name: str, target: Target
    ) -> tuple[Param | Params | ListParam | Items, tuple[JSONType, ...]]:
        """What JSON is compared with, and what each of its values is in JSON."""
        operand = target.rule.operand
        if operand == "key":
            return self.param(self._json_key(value, name)), ("text",)
        if operand == "keys":
            keys = [self._json_key(key, name) for key in self._items(value, name, target.lookup)]
            return ListParam((self.slot(keys),)), ("text",)
        if operand == "list":
            return self._json_list(value, name, target)
        if operand == "pair":
            pair = self._pair(value, name)
            if isinstance(pair, Items):
                return pair, ()
            low, high = (self._json_value(end, name, target) for end in self.values[-2:])
            self.values[-2:] = [low[1], high[1]]
            return pair, (low[0], high[0])
        kind, plain = self._json_value(value, name, target)
        return (Params(()) if kind == "null" else self.param(plain)), (kind,)

    def _json_value(self, value: object, name: str, target: Target) -> tuple[JSONType, object]:
        if type(value) not in _JSON_PLAIN:
            self.direct = False
            value = self._key_of(value, target, name)
        try:
            kind, plain = json_value(value)
        except InvalidValue as error:
            raise InvalidValue(f"{self._where(name)}: {error.message}", hint=error.hint) from None
        if kind in ("null", "document") and target.lookup in _ORDERED:
            what = "None" if kind == "null" else "an array or an object"
            raise InvalidValue(
                f"{self._where(name)} cannot be compared with {what} by '{target.lookup}'",
                hint="give a number, a text, True or False",
            )
        return kind, plain

    def _json_key(self, value: object, name: str) -> str:
        self.direct = self.direct and type(value) is str
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise InvalidValue(
                f"{self._where(name)} takes the name of a key, not {type(value).__name__}",
                hint='write field__has_key="name"',
            )
        return str(value)

    def _json_list(
        self, value: object, name: str, target: Target
    ) -> tuple[ListParam | Items, tuple[JSONType, ...]]:
        items = [item for item in self._items(value, name, target.lookup) if item is not None]
        if any(isinstance(item, Expression) for item in items):
            return Items(tuple(map(self.operand, items))), ()
        groups: dict[JSONType, list[object]] = {}
        for item in items:
            kind, plain = self._json_value(item, name, target)
            # A list of texts cannot hold a NUL, nor one of numbers what has more than 64 bits; JSON can.
            apart = "\0" in plain if isinstance(plain, str) else kind == "integer" and _is_wide(plain)
            groups.setdefault("document" if apart else kind, []).append(plain)
        return ListParam(tuple(map(self.slot, groups.values()))), tuple(groups)

    # -- pairs and keys -----------------------------------------------------------------------------

    def _pair(self, value: object, name: str) -> Params | Items:
        self.direct = False
        several = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
        ends = [_given(end) for end in cast("Iterable[object]", value)] if several else []
        if len(ends) != 2:
            raise InvalidValue(f"{self._where(name)} takes two ends", hint="write field__range=(low, high)")
        if ends[0] is None or ends[1] is None:
            raise InvalidValue(f"{self._where(name)} cannot have None as an end", hint="use gte or lte")
        if any(isinstance(end, Expression) for end in ends):
            return Items(tuple(map(self.operand, ends)))
        return Params(tuple(map(self.slot, ends)))

    def _composite(self, value: object, name: str, target: Target) -> Params:
        self.direct = False
        return Params(tuple(map(self.slot, self._composite_key(value, name, target))))

    def _composite_key(self, value: object, name: str, target: Target) -> tuple[object, ...]:
        if not isinstance(value, (tuple, list)):
            value = self._record_key(value, target, name)
        parts = tuple(cast("Iterable[object]", value)) if isinstance(value, (tuple, list)) else ()
        if len(parts) != len(target.columns):
            names = ", ".join(column.field for column in target.columns)
            raise InvalidValue(f"{self._where(name)} is a composite key", hint=f"give a tuple: ({names})")
        return parts

    def _key_of(self, value: object, target: Target, name: str) -> object:
        """A model instance stands for its key; anything else stands for itself."""
        key = self._record_key(value, target, name)
        return value if key is None else key[0]

    def _record_key(self, value: object, target: Target, name: str) -> tuple[object, ...] | None:
        """The key of a model instance; None for anything else."""
        record_table: Table | None = getattr(type(value), "__noormme_table__", None)
        if record_table is None:
            return None
        comparable = self._comparable_rows(target)
        columns = comparable.get(record_table.name)
        expected = " or ".join(comparable)
        if columns is None:
            if not comparable:
                raise InvalidValue(
                    f"{self._where(name)} is a plain field, and no row of {record_table.name} equals it",
                    hint="pass a value",
                )
            raise InvalidValue(
                f"{self._where(name)} compares with rows of {expected}, not of {record_table.name}",
                hint=f"pass an object of {expected} or its key",
            )
        key = tuple(getattr(value, column.field) for column in columns)
        if None in key:
            raise InvalidValue(
                f"{self._where(name)} was given an object of {expected} without a key", hint="save it first"
            )
        return key

    def _comparable_rows(self, target: Target) -> dict[str, tuple[Column, ...]]:
        """The tables whose rows a condition can be compared with, and the columns that are compared."""
        if target.relation is not None:
            return {target.table.name: target.columns}
        names = tuple(column.name for column in target.columns)
        tables: dict[str, tuple[Column, ...]] = {}
        if names == tuple(column.name for column in key_columns(target.table)):
            tables[target.table.name] = target.columns
        for relation in self.schema.relations_of(target.table.name).values():
            if relation.forward and relation.columns == names:
                other = self.schema.table(relation.target)
                assert other is not None, "a relation leads to a table of the same schema"
                found = (other.column(name) for name in relation.target_columns)
                tables.setdefault(relation.target, tuple(column for column in found if column is not None))
        return tables

    def _check_pattern(self, value: object, name: str) -> None:
        if not isinstance(value, str):
            raise InvalidValue(f"{self._where(name)} takes a pattern as text, not {type(value).__name__}")
        try:
            re.compile(value)
        except re.error as error:
            raise InvalidValue(
                f"{self._where(name)} was given a regular expression that does not compile",
                hint=f"it has the syntax of Python's re module; look at position {error.pos}",
            ) from error
