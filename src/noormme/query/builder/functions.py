"""The functions of SQL that a query in tables can call, and what kind of value each gives.

Invariant: a function is called by a name of this table, never by a name of the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from noormme.schema.model import Kind

__all__ = ["FUNCTIONS", "Function"]


class Function(msgspec.Struct, frozen=True):
    """One function.

    Attributes:
        gives: The kind of its values; ``"same"`` for that of its first argument, with its column,
            ``"sum"`` and ``"mean"`` for what adding up and dividing make of it.
        aggregate: Whether it is computed from several rows.
        nullable: Whether it can be NULL where its arguments are not.
    """

    gives: Kind | Literal["same", "sum", "mean"]
    aggregate: bool = False
    nullable: bool = True


FUNCTIONS: Mapping[str, Function] = {
    "count": Function("integer", aggregate=True, nullable=False),
    "sum": Function("sum", aggregate=True),
    "total": Function("real", aggregate=True, nullable=False),
    "avg": Function("mean", aggregate=True),
    "min": Function("same", aggregate=True),
    "max": Function("same", aggregate=True),
    "group_concat": Function("text", aggregate=True),
    "coalesce": Function("same"),
    "nullif": Function("same"),
    "lower": Function("text"),
    "upper": Function("text"),
    "trim": Function("text"),
    "ltrim": Function("text"),
    "rtrim": Function("text"),
    "replace": Function("text"),
    "substr": Function("text"),
    "length": Function("integer"),
    "instr": Function("integer"),
    "abs": Function("sum"),
    "round": Function("mean"),
    "date": Function("date"),
    "datetime": Function("datetime"),
    "strftime": Function("text"),
    "json_extract": Function("any"),
    "random": Function("integer", nullable=False),
}
