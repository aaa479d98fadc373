"""A query as pure data, and the Python text that both sides run.

Invariant: nothing here knows Django or noormme. ``Query.source()`` is the whole meaning of a query:
each side evaluates that text over its own managers, so a reported failure is exactly what ran.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from .nodes import (
    Aggregate,
    Condition,
    Fn,
    Group,
    Infix,
    Leaf,
    Not,
    Part,
    Ref,
    Sorted,
    SortKey,
    call_text,
    inside,
    literal,
    smaller,
    smaller_items,
)

__all__ = [
    "Aggregate",
    "Call",
    "Combine",
    "Condition",
    "Fn",
    "Group",
    "Infix",
    "Leaf",
    "Not",
    "OrderBy",
    "Part",
    "Query",
    "Ref",
    "Select",
    "SortKey",
    "Sorted",
    "Step",
    "Subscript",
    "Where",
]


@dataclass(frozen=True)
class Where:
    """``filter`` or ``exclude``: leaves are written as keywords, the rest as ``Q``."""

    method: Literal["filter", "exclude"]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class OrderBy:
    """``order_by``.

    Attributes:
        names: The sort keys.
        total: Whether no two different rows of the result are equal in them.
        of_groups: Whether that holds because the rows are groups of ``values()``.
    """

    names: tuple[str | SortKey | Sorted, ...]
    total: bool = False
    of_groups: bool = False


@dataclass(frozen=True)
class Select:
    """``values`` or ``values_list``, flat or named.

    Attributes:
        method: Which of the two.
        names: The fields; ``values_list`` takes expressions too.
        form: What a row is.
        expressions: What ``values`` gives names to.
    """

    method: Literal["values", "values_list"]
    names: tuple[object, ...]
    form: Literal["", "flat", "named"] = ""
    expressions: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Call:
    """Any other method: ``distinct()``, ``count()``, ``annotate(n=Count("posts"))``, …"""

    method: str
    arguments: tuple[object, ...] = ()
    keywords: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Subscript:
    """``[start:stop:step]``, or ``[start]`` when ``item``."""

    start: int | None
    stop: int | None = None
    step: int | None = None
    item: bool = False


@dataclass(frozen=True)
class Combine:
    """``&``, ``|`` or ``^`` with another query on the same table."""

    connector: Literal["&", "|", "^"]
    other: Query


Step: TypeAlias = Where | OrderBy | Select | Call | Subscript | Combine

_FIRST_AND_LAST = ("first", "last")


@dataclass(frozen=True)
class Query:
    """A table and what is done to its query set, in order."""

    table: str
    steps: tuple[Step, ...] = ()

    def source(self) -> str:
        """The query as Python over ``db``."""
        text = f"db.{self.table}"
        if not self.steps or not isinstance(self.steps[0], Where | Call | OrderBy | Select):
            text += ".all()"
        for step in self.steps:
            text = _step_source(text, step)
        return text

    def comparison(self) -> tuple[Literal["exact", "groups", "multiset"], int]:
        """How two results are compared: in order, by ties in the first n columns, or as multisets."""
        order = self._order()
        if order is not None and order.total:
            return "exact", 0
        last = self.steps[-1] if self.steps else None
        if self._is_of_moments():
            return "exact", 0
        if (
            order is not None
            and isinstance(last, Select)
            and last.method == "values_list"
            and last.form != "flat"
        ):
            keys = tuple(map(_sorted_by, order.names))
            if last.names[: len(keys)] == keys:
                return "groups", len(keys)
        return "multiset", 0

    def is_defined(self) -> bool:
        """Whether the data alone decide the result: what takes a part of the rows needs a total order."""
        nested = (each for each in inside(self.steps) if isinstance(each, Query))
        if not all(query.is_defined() for query in nested):
            return False
        part = any(
            isinstance(step, Subscript) or (isinstance(step, Call) and step.method in _FIRST_AND_LAST)
            for step in self.steps
        )
        order = self._order()
        if self._is_of_moments():
            return True
        if order is not None and order.of_groups and not any(isinstance(step, Select) for step in self.steps):
            return False
        if not part or (order is not None and order.total):
            return True
        return order is None and not any(isinstance(step, Subscript | Select) for step in self.steps)

    def smaller(self) -> Iterator[Query]:
        """Queries with one thing less, the boldest first."""
        for index in range(len(self.steps)):
            yield replace(self, steps=self.steps[:index] + self.steps[index + 1 :])
        for index, step in enumerate(self.steps):
            for lesser in _smaller_steps(step):
                yield replace(self, steps=(*self.steps[:index], lesser, *self.steps[index + 1 :]))

    def _is_of_moments(self) -> bool:
        """Whether it gives different dates, sorted."""
        return any(isinstance(step, Call) and step.method in ("dates", "datetimes") for step in self.steps)

    def _order(self) -> OrderBy | None:
        orders = [step for step in self.steps if isinstance(step, OrderBy)]
        return orders[-1] if orders else None


def _sorted_by(name: str | SortKey | Sorted) -> object:
    match name:
        case SortKey(path):
            return path
        case Sorted(expression):
            return expression
        case _:
            return name.removeprefix("-")


def _step_source(text: str, step: Step) -> str:
    match step:
        case Where(method, conditions):
            return f"{text}.{method}({_where_source(conditions)})"
        case OrderBy(names):
            return f"{text}.order_by({call_text(names, ())})"
        case Select(method, names, form, expressions):
            written = [*map(literal, names), *(f"{name}={literal(value)}" for name, value in expressions)]
            return f"{text}.{method}({', '.join([*written, *([f'{form}=True'] if form else [])])})"
        case Call(method, arguments, keywords):
            return f"{text}.{method}({call_text(arguments, keywords)})"
        case Subscript(start, item=True):
            return f"{text}[{start}]"
        case Subscript(start, stop, stride):
            parts = ["" if part is None else str(part) for part in (start, stop)]
            return f"{text}[{':'.join(parts)}{'' if stride is None else f':{stride}'}]"
        case Combine(connector, other):
            return f"({text} {connector} {other.source()})"


def _where_source(conditions: tuple[Condition, ...]) -> str:
    """Leaves become keywords where their keys differ; positional ``Q`` come first, as Python wants it."""
    positional: list[str] = []
    keywords: dict[str, str] = {}
    for condition in conditions:
        if isinstance(condition, Leaf) and condition.key not in keywords:
            keywords[condition.key] = literal(condition.value)
        else:
            positional.append(literal(condition))
    return ", ".join([*positional, *(f"{key}={value}" for key, value in keywords.items())])


def _smaller_steps(step: Step) -> Iterator[Step]:
    match step:
        case Where(_, conditions):
            if len(conditions) > 1:
                for index in range(len(conditions)):
                    yield replace(step, conditions=conditions[:index] + conditions[index + 1 :])
            for lesser in smaller_items(conditions):
                yield replace(step, conditions=lesser)
        case OrderBy(names, total, of_groups) if not of_groups:
            if len(names) > 1:
                for index in range(len(names) - total):
                    yield replace(step, names=names[:index] + names[index + 1 :])
            for lesser in smaller_items(names):
                yield replace(step, names=lesser)
        case Select(_, names, _, expressions):
            if len(names) > 1 or (names and expressions):
                for index in range(len(names)):
                    yield replace(step, names=names[:index] + names[index + 1 :])
            for lesser in smaller_items(names):
                yield replace(step, names=lesser)
            if len(expressions) > 1 or (names and expressions):
                for index in range(len(expressions)):
                    yield replace(step, expressions=expressions[:index] + expressions[index + 1 :])
            for keywords in _smaller_keywords(expressions):
                yield replace(step, expressions=keywords)
        case Call(_, arguments, keywords):
            if len(keywords) > 1:
                for index in range(len(keywords)):
                    yield replace(step, keywords=keywords[:index] + keywords[index + 1 :])
            for lesser in _smaller_keywords(keywords):
                yield replace(step, keywords=lesser)
            for others in smaller_items(arguments):
                yield replace(step, arguments=others)
        case Combine(_, other):
            for query in other.smaller():
                yield replace(step, other=query)
        case _:
            return


def _smaller_keywords(keywords: tuple[tuple[str, object], ...]) -> Iterator[tuple[tuple[str, object], ...]]:
    for index, (name, value) in enumerate(keywords):
        for lesser in smaller(value):
            yield (*keywords[:index], (name, lesser), *keywords[index + 1 :])
