"""A query as pure data, and the Python text that both sides run.

Invariant: nothing here knows Django or noormme. ``Query.source()`` is the whole meaning of a query:
each side evaluates that text over its own managers, so a reported failure is exactly what ran.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

__all__ = [
    "Aggregate",
    "Call",
    "Combine",
    "Condition",
    "Group",
    "Leaf",
    "Not",
    "OrderBy",
    "Query",
    "Ref",
    "Select",
    "SortKey",
    "Step",
    "Subscript",
    "Where",
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


Condition: TypeAlias = Leaf | Group | Not


@dataclass(frozen=True)
class Ref:
    """``F(path)``."""

    path: str


@dataclass(frozen=True)
class Aggregate:
    """``Count("posts", distinct=True, filter=Q(…))`` and its like."""

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

    names: tuple[str | SortKey, ...]
    total: bool = False
    of_groups: bool = False


@dataclass(frozen=True)
class Select:
    """``values`` or ``values_list``, flat or named."""

    method: Literal["values", "values_list"]
    names: tuple[str, ...]
    form: Literal["", "flat", "named"] = ""


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
        if (
            order is not None
            and isinstance(last, Select)
            and last.method == "values_list"
            and last.form != "flat"
        ):
            keys = tuple(
                name.path if isinstance(name, SortKey) else name.removeprefix("-") for name in order.names
            )
            if last.names[: len(keys)] == keys:
                return "groups", len(keys)
        return "multiset", 0

    def is_defined(self) -> bool:
        """Whether the data alone decide the result: what takes a part of the rows needs a total order."""
        for step in self.steps:
            if isinstance(step, Combine) and not step.other.is_defined():
                return False
            if isinstance(step, Where) and not all(map(_is_defined, step.conditions)):
                return False
        part = any(
            isinstance(step, Subscript) or (isinstance(step, Call) and step.method in _FIRST_AND_LAST)
            for step in self.steps
        )
        order = self._order()
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

    def _order(self) -> OrderBy | None:
        orders = [step for step in self.steps if isinstance(step, OrderBy)]
        return orders[-1] if orders else None


def _is_defined(condition: Condition) -> bool:
    match condition:
        case Leaf(_, Query() as query):
            return query.is_defined()
        case Leaf():
            return True
        case Group(_, items):
            return all(map(_is_defined, items))
        case Not(item):
            return _is_defined(item)


def _step_source(text: str, step: Step) -> str:
    match step:
        case Where(method, conditions):
            return f"{text}.{method}({_where_source(conditions)})"
        case OrderBy(names):
            return f"{text}.order_by({', '.join(map(_literal, names))})"
        case Select(method, names, form):
            written = [*map(repr, names), *([f"{form}=True"] if form else [])]
            return f"{text}.{method}({', '.join(written)})"
        case Call(method, arguments, keywords):
            written = [*map(_literal, arguments), *(f"{name}={_literal(value)}" for name, value in keywords)]
            return f"{text}.{method}({', '.join(written)})"
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
            keywords[condition.key] = _literal(condition.value)
        else:
            positional.append(_condition_source(condition))
    return ", ".join([*positional, *(f"{key}={value}" for key, value in keywords.items())])


def _condition_source(condition: Condition) -> str:
    match condition:
        case Leaf(key, value):
            return f"Q({key}={_literal(value)})"
        case Group(connector, items):
            return f"({f' {connector} '.join(map(_condition_source, items))})"
        case Not(item):
            return f"~{_condition_source(item)}"


def _literal(value: object) -> str:
    match value:
        case Ref(path):
            return f"F({path!r})"
        case Aggregate(function, path, distinct, condition, default):
            written = [repr(path), *(["distinct=True"] if distinct else [])]
            written += [f"filter={_condition_source(condition)}"] if condition is not None else []
            written += [f"default={_literal(default)}"] if default is not None else []
            return f"{function}({', '.join(written)})"
        case SortKey(path, descending, nulls):
            return f"F({path!r}).{'desc' if descending else 'asc'}(nulls_{nulls}=True)"
        case Query():
            return value.source()
        case list() | tuple():
            inner = ", ".join(map(_literal, value))
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner}{',' if len(value) == 1 else ''})"
        case _:
            return repr(value).removeprefix("datetime.")


def _smaller_steps(step: Step) -> Iterator[Step]:
    match step:
        case Where(_, conditions):
            if len(conditions) > 1:
                for index in range(len(conditions)):
                    yield replace(step, conditions=conditions[:index] + conditions[index + 1 :])
            for index, condition in enumerate(conditions):
                for lesser in _smaller_conditions(condition):
                    yield replace(step, conditions=(*conditions[:index], lesser, *conditions[index + 1 :]))
        case OrderBy(names, total, of_groups) if len(names) > 1 and not of_groups:
            for index in range(len(names) - total):
                yield replace(step, names=names[:index] + names[index + 1 :])
        case Select(_, names) if len(names) > 1:
            for index in range(len(names)):
                yield replace(step, names=names[:index] + names[index + 1 :])
        case Call(_, _, keywords) if len(keywords) > 1:
            for index in range(len(keywords)):
                yield replace(step, keywords=keywords[:index] + keywords[index + 1 :])
        case Combine(_, other):
            for query in other.smaller():
                yield replace(step, other=query)
        case _:
            return


def _smaller_conditions(condition: Condition) -> Iterator[Condition]:
    match condition:
        case Not(item):
            yield item
            for lesser in _smaller_conditions(item):
                yield Not(lesser)
        case Group(_, items):
            yield from items
            if len(items) > 2:
                for index in range(len(items)):
                    yield replace(condition, items=items[:index] + items[index + 1 :])
            for index, item in enumerate(items):
                for lesser in _smaller_conditions(item):
                    yield replace(condition, items=(*items[:index], lesser, *items[index + 1 :]))
        case Leaf(key, list() | tuple() as value) if key.endswith("__in") and len(value) > 1:
            for index in range(len(value)):
                yield Leaf(key, type(value)((*value[:index], *value[index + 1 :])))
        case Leaf(key, Query() as query):
            for smaller in query.smaller():
                yield Leaf(key, smaller)
        case _:
            return
