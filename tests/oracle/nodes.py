"""Expressions and conditions as pure data, and the Python text that both sides run.

Invariant: nothing here knows Django or noormme, and no value knows where it stands. ``literal`` writes any of
them; ``smaller`` gives what is one step simpler, so that any description can be shrunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, TypeAlias

__all__ = [
    "Aggregate",
    "Condition",
    "Fn",
    "Group",
    "Infix",
    "Leaf",
    "Method",
    "Not",
    "Part",
    "Ref",
    "SortKey",
    "Sorted",
    "inside",
    "literal",
    "smaller",
]


@dataclass(frozen=True)
class Leaf:
    """One lookup: ``key=value``."""

    key: str
    value: object


@dataclass(frozen=True)
class Group:
    """Conditions joined by ``&``, ``|`` or ``^``."""

    connector: Literal["&", "|", "^"]
    items: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """``~`` of a condition."""

    item: Condition


@dataclass(frozen=True)
class Ref:
    """``F(path)``."""

    path: str


@dataclass(frozen=True)
class Part:
    """``F(path)[start:stop]``, or ``F(path)[start]`` without a stop."""

    path: str
    start: int
    stop: int | None


@dataclass(frozen=True)
class Fn:
    """A call: ``Lower("name")``, ``Case(When(…, then=1), default=2)``, ``Exists(…)``, ``RowRange(-1, 1)``."""

    name: str
    arguments: tuple[object, ...] = ()
    keywords: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Method:
    """``expression.bitand(3)`` and its like."""

    expression: object
    name: str
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True)
class Infix:
    """``(left operator right)``; a comparison is a condition."""

    operator: str
    left: object
    right: object


@dataclass(frozen=True)
class Aggregate:
    """``Count("posts", distinct=True, filter=Q(…))`` and its like, over a path."""

    function: str
    path: str
    distinct: bool = False
    filter: Condition | None = None
    default: object = None


@dataclass(frozen=True)
class SortKey:
    """``F(path).asc(nulls_first=True)`` and its like."""

    path: str
    descending: bool
    nulls: Literal["first", "last"]


@dataclass(frozen=True)
class Sorted:
    """``expression.desc(nulls_last=True)`` and its like."""

    expression: object
    descending: bool
    nulls: Literal["", "first", "last"] = ""


Condition: TypeAlias = Leaf | Group | Not | Fn | Infix

_KEPT = ("order_by", "then", "output_field")
"""Keywords without which a call means nothing, or what the order of equal rows decides."""


def literal(value: object) -> str:
    """Any value, condition or expression as Python."""
    match value:
        case Leaf(key, operand):
            return f"Q({key}={literal(operand)})"
        case Group(connector, items):
            return f"({f' {connector} '.join(map(literal, items))})"
        case Not(item):
            return f"~{literal(item)}"
        case Ref(path):
            return f"F({path!r})"
        case Part(path, start, stop):
            return f"F({path!r})[{start}{'' if stop is None else f':{stop}'}]"
        case Fn(name, arguments, keywords):
            return f"{name}({call_text(arguments, keywords)})"
        case Method(expression, name, arguments):
            return f"{literal(expression)}.{name}({call_text(arguments, ())})"
        case Infix(operator, left, right):
            return f"({literal(left)} {operator} {literal(right)})"
        case Aggregate(function, path, distinct, condition, default):
            written = [repr(path), *(["distinct=True"] if distinct else [])]
            written += [f"filter={literal(condition)}"] if condition is not None else []
            written += [f"default={literal(default)}"] if default is not None else []
            return f"{function}({', '.join(written)})"
        case SortKey(path, descending, nulls):
            return f"F({path!r}).{'desc' if descending else 'asc'}(nulls_{nulls}=True)"
        case Sorted(expression, descending, nulls):
            option = f"nulls_{nulls}=True" if nulls else ""
            written = f"({literal(expression)})" if isinstance(expression, Not) else literal(expression)
            return f"{written}.{'desc' if descending else 'asc'}({option})"
        case type():
            return value.__name__
        case list() | tuple():
            inner = ", ".join(map(literal, value))
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner}{',' if len(value) == 1 else ''})"
        case _ if hasattr(value, "source"):
            return str(value.source())
        case _:
            return repr(value).removeprefix("datetime.")


def call_text(arguments: tuple[object, ...], keywords: tuple[tuple[str, object], ...]) -> str:
    """What stands between the parentheses of a call."""
    written = [*map(literal, arguments), *(f"{name}={literal(value)}" for name, value in keywords)]
    return ", ".join(written)


def inside(value: object) -> Iterator[object]:
    """The value itself and everything that it is made of."""
    yield value
    if isinstance(value, list | tuple):
        for item in value:
            yield from inside(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from inside(getattr(value, field.name))


def smaller(value: object) -> Iterator[Any]:
    """What is one step simpler, the boldest first."""
    match value:
        case Not(item):
            yield item
            for lesser in smaller(item):
                yield Not(lesser)
        case Group(_, items):
            yield from items
            if len(items) > 2:
                for index in range(len(items)):
                    yield replace(value, items=items[:index] + items[index + 1 :])
            for lesser in smaller_items(items):
                yield replace(value, items=lesser)
        case Leaf(key, list() | tuple() as operand) if key.endswith("__in") and len(operand) > 1:
            for index in range(len(operand)):
                yield Leaf(key, type(operand)((*operand[:index], *operand[index + 1 :])))
        case Leaf(key, operand):
            for lesser in smaller(operand):
                yield Leaf(key, lesser)
        case Fn(name, arguments, keywords):
            yield from _smaller_calls(value)
            for lesser in smaller_items(arguments):
                yield Fn(name, lesser, keywords)
            for index, (key, operand) in enumerate(keywords):
                if key != "order_by":
                    for lesser in smaller(operand):
                        yield Fn(name, arguments, (*keywords[:index], (key, lesser), *keywords[index + 1 :]))
        case Method(expression, name, arguments):
            yield expression
            for lesser in smaller(expression):
                yield replace(value, expression=lesser)
        case Infix(operator, left, right):
            yield from (side for side in (left, right) if _is_expression(side))
            for lesser in smaller(left):
                yield Infix(operator, lesser, right)
            for lesser in smaller(right):
                yield Infix(operator, left, lesser)
        case Aggregate(_, _, distinct, condition, default):
            if distinct:
                yield replace(value, distinct=False)
            if default is not None:
                yield replace(value, default=None)
            if condition is not None:
                yield replace(value, filter=None)
                for lesser in smaller(condition):
                    yield replace(value, filter=lesser)
        case Sorted(expression, _, nulls):
            if nulls:
                yield replace(value, nulls="")
            for lesser in smaller(expression):
                yield replace(value, expression=lesser)
        case _ if hasattr(value, "smaller"):
            yield from value.smaller()
        case _:
            return


def smaller_items(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """A tuple with one of its items one step simpler."""
    for index, item in enumerate(items):
        for lesser in smaller(item):
            yield (*items[:index], lesser, *items[index + 1 :])


def _smaller_calls(call: Fn) -> Iterator[object]:
    """Its arguments in its place, then the call with one argument less."""
    operands = (*call.arguments, *(operand for key, operand in call.keywords if key != "order_by"))
    yield from filter(_is_expression, operands)
    for each in operands:
        if isinstance(each, Fn) and each.name == "When":
            yield from (then for key, then in each.keywords if key == "then" and _is_expression(then))
    for index, (key, _) in enumerate(call.keywords):
        if key not in _KEPT:
            yield replace(call, keywords=call.keywords[:index] + call.keywords[index + 1 :])
    if len(call.arguments) > 1 and call.name in ("Case", "Coalesce", "Concat", "Greatest", "Least"):
        for index in range(len(call.arguments)):
            yield replace(call, arguments=call.arguments[:index] + call.arguments[index + 1 :])


def _is_expression(value: object) -> bool:
    if isinstance(value, Fn):
        return value.name not in ("When", "RowRange", "ValueRange", "OuterRef", "FilteredRelation")
    return isinstance(value, Ref | Part | Infix | Method | Aggregate)
