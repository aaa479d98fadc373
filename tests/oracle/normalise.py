"""Results of both sides in one form that can be compared and sent as JSON.

Invariant: two values get the same text exactly when a user would call them the same value of the
same type. Floats are compared to ten digits and decimals to six places, because a sum depends on
the order of its terms; nothing else is rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

__all__ = ["Outcome", "cell", "outcome"]

Outcome: TypeAlias = dict[str, object]
"""``{"rows": [[cell, …], …]}`` or ``{"value": cell}`` or ``{"error": "Type: message"}``."""


def cell(value: object) -> str:
    """One value as text with its type."""
    match value:
        case None:
            return "NULL"
        case bool():
            return f"bool {value}"
        case int():
            return f"int {value}"
        case float():
            # What is left of a difference of two equal sums is not told from 0, nor is -0.0.
            return f"float {0.0 if abs(value) < 1e-11 else value:.10g}"
        case str():
            return f"str {value}"
        case Decimal():
            if not value.is_finite() or abs(value) > 10**15:
                return f"decimal {value:.10e}"
            return f"decimal {round(value, 6).normalize() + 0:f}"
        case datetime():
            return f"datetime {value.isoformat()}"
        case date() | time():
            return f"{type(value).__name__} {value.isoformat()}"
        case timedelta():
            return f"timedelta {value}"
        case UUID():
            return f"uuid {value}"
        case dict():
            return f"{{{', '.join(f'{key}: {cell(each)}' for key, each in sorted(value.items()))}}}"
        case list() | tuple():
            return f"({', '.join(map(cell, value))})"
        case _:
            return f"{type(value).__name__} {value!r}"


def outcome(result: object, columns: Callable[[object], Mapping[str, object]], model: type) -> Outcome:
    """What a query gave.

    Args:
        result: A number, a row, a query set or a list.
        columns: Reads a model object's values by column name, annotations included.
        model: The class that all model objects derive from.
    """
    if result is None or isinstance(
        result, bool | int | float | str | Decimal | date | time | timedelta | UUID
    ):
        return {"value": cell(result)}
    if isinstance(result, model | dict):
        return {"rows": [_row(result, columns, model)]}
    if isinstance(result, tuple):
        return {"rows": [[cell(value) for value in result]]}
    assert isinstance(result, Iterable)
    return {"rows": [_row(row, columns, model) for row in result]}


Columns = Callable[[object], Mapping[str, object]]


def _row(row: object, columns: Columns, model: type, above: tuple[object, ...] = ()) -> list[str]:
    """The cells of a row; ``above`` are the rows that it was joined to, which it may know."""
    if isinstance(row, model):
        values = {name: value for name, value in columns(row).items() if not _is_among(value, above)}
        above = (*above, row)
        return [f"{name}: {_nested(value, columns, model, above)}" for name, value in sorted(values.items())]
    if isinstance(row, dict):
        return [f"{name}: {_nested(value, columns, model)}" for name, value in sorted(row.items(), key=str)]
    if isinstance(row, tuple):
        names = getattr(row, "_fields", None)
        if names is None:
            return list(map(cell, row))
        return [f"{name}: {cell(value)}" for name, value in zip(names, row, strict=True)]
    return [cell(row)]


def _is_among(value: object, above: tuple[object, ...]) -> bool:
    """Whether it is one of these rows: an object of the same model with the same key."""
    return any(type(value) is type(each) and value == each for each in above)


def _nested(value: object, columns: Columns, model: type, above: tuple[object, ...] = ()) -> str:
    """A value in a row: ``in_bulk`` gives model objects, and ``select_related`` rows inside rows."""
    return str(_row(value, columns, model, above)) if isinstance(value, model) else cell(value)
