"""How a call in plain SQL is put together.

Invariant: a template is the library's own text; what fills it are expressions, each in parentheses where it
is more than a name or a call. This module imports SQLAlchemy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.sql.elements import ColumnClause, FunctionFilter, Grouping, Over
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate

from noormme.engines.clauses import literal, pieced
from noormme.errors import NotSupported

__all__ = ["Write", "filled", "no_such", "templated", "word"]

Write: TypeAlias = Callable[[Sequence[ColumnElement[Any]]], ColumnElement[Any]]

_PLACE = re.compile(r"\{([0-9])\}")
_NAME = re.compile(r"noormme_([0-9]+)[0-9]")

_AGGREGATES = frozenset(
    {"avg", "count", "group_concat", "json_group_array", "json_group_object", "string_agg", "sum", "total"}
)


def filled(template: str, *arguments: ColumnElement[Any]) -> ColumnElement[Any]:
    """An SQL template with ``{0}`` and so on for expressions, as an expression in parentheses.

    An expression that the template needs several times is written once, in a subquery that gives it a name,
    unless it counts over many rows: of those a subquery would see none.

    Args:
        template: The template; what is in braces otherwise stays.
        *arguments: The expressions.
    """
    places = _PLACE.split(template)
    uses = Counter(places[1::2])
    level = 1 + max((_level(argument) for argument in arguments), default=0)
    named: dict[str, str] = {}
    parts: list[Any] = []
    for index, piece in enumerate(places):
        if index % 2 == 0:
            parts += [piece.strip()] if piece.strip() else []
        elif uses[piece] > 1 and _is_worth_a_name(arguments[int(piece)]):
            named[piece] = f"noormme_{level}{piece}"
            parts.append(literal(named[piece]))
        else:
            parts.append(_grouped(arguments[int(piece)]))
    if not named:
        return pieced(*parts)
    source: list[Any] = []
    for piece, name in named.items():
        source += [",", arguments[int(piece)], f"AS {name}"]
    return pieced("SELECT", *parts, "FROM (SELECT", *source[1:], ")")


def _level(argument: ColumnElement[Any]) -> int:
    """How deep the names lie that an expression uses."""
    names = (each.name for each in iterate(argument) if isinstance(each, ColumnClause))
    return max((int(found[1]) for name in names if (found := _NAME.fullmatch(str(name)))), default=0)


def _is_worth_a_name(argument: ColumnElement[Any]) -> bool:
    if isinstance(argument, (BindParameter, ColumnClause)):
        return False
    return not any(_is_aggregate(each) for each in iterate(argument))


def _is_aggregate(element: Any) -> bool:
    if isinstance(element, (Over, FunctionFilter)):
        return True
    if element.__visit_name__ != "function":
        return False
    name = str(element.name).lower()
    return name in _AGGREGATES or (name in ("min", "max") and len(element.clauses) == 1)


def _grouped(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(expression, (BindParameter, ColumnClause, FunctionElement, Grouping)):
        return expression
    return Grouping(expression)


def templated(template: str) -> Write:
    """What writes a call by a template of its arguments."""
    return lambda arguments: filled(template, *arguments)


def no_such(what: str, hint: str) -> Write:
    """What refuses a call that plain SQL cannot say."""

    def refuse(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
        raise NotSupported(f"libSQL has no {what}", hint=hint)

    return refuse


def word(argument: ColumnElement[Any]) -> str:
    """A word of the library's own that stands in SQL as a literal."""
    assert isinstance(argument, ColumnClause), "only words of our own are read here"
    assert argument.is_literal, "only words of our own are read here"
    return argument.name[1:-1].replace("''", "'")
