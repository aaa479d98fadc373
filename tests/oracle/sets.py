"""Random unions, intersections and differences.

Invariant: all members give columns of the same kinds; a part is taken of sorted rows only, sorted by every column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .expressions import Scope
from .nodes import Fn
from .query import Call, OrderBy, Query, Select, Step

if TYPE_CHECKING:
    from .language import Language

__all__ = ["set_operation"]

_KINDS = ("integer", "text", "date", "datetime", "boolean")


def set_operation(maker: Language) -> None:
    """Finish a query as one of several that are put together."""
    rng = maker.rng
    method = rng.choice(("union", "union", "union", "intersection", "difference"))
    option = (("all", True),) if method == "union" and maker.chance(0.35) else ()
    count = 2 if method != "union" or maker.chance(0.7) else 3
    columns = False
    if maker.chance(0.2) and maker.single:
        names: tuple[str, ...] = _annotated(maker, method, option, count)
    elif maker.chance(0.4) and maker.single:
        members = [Query(maker.table, _filters(maker, maker.table)) for _ in range(count - 1)]
        maker.steps += _filters(maker, maker.table)
        maker.steps.append(Call(method, tuple(members), option))
        key = maker.model.key_field()
        assert key is not None
        names = (key.name,)
        if maker.chance(0.3):
            names = (maker.model.fields[1].name, key.name)
    else:
        names = _columns(maker, method, option, count)
        columns = True
    if maker.chance(0.2):
        maker.steps.append(Call(rng.choice(("count", "exists"))))
    elif maker.chance(0.6):
        maker.steps.append(OrderBy(tuple(map(maker._sign, names)), total=True, of_groups=columns))
        if maker.chance(0.5):
            maker._part(step=False)


def _annotated(
    maker: Language, method: str, option: tuple[tuple[str, object], ...], count: int
) -> tuple[str, ...]:
    """Rows of one table with an annotation: an expression, an aggregate, a window or a subquery in each member."""
    key = maker.model.key_field()
    assert key is not None
    kind = maker.rng.choice(_KINDS[:4])
    members = [
        Query(
            maker.table,
            (*_filters(maker, maker.table), Call("annotate", (), (("x", _of_kind(maker, kind)),))),
        )
        for _ in range(count)
    ]
    maker.steps += members[0].steps
    maker.steps.append(Call(method, tuple(members[1:]), option))
    return ("x", key.name) if maker.chance(0.6) else (key.name, "x")


def _of_kind(maker: Language, kind: str) -> object:
    """Something of a kind, that needs more than the row itself where it is a whole number."""
    scope = Scope(maker.table, maker.leaves.seed(maker.table))
    if kind == "integer" and maker.chance(0.7):
        made, of = (
            maker.aggregations.aggregate(scope) if maker.chance(0.5) else maker.aggregations.window(scope)
        )
        if of == "integer":
            return made
    made = maker.nested.value(scope, kind) if maker.chance(0.2) else None
    made = maker.expressions.of(kind, 1, scope) if made is None else made
    return made if hasattr(made, "__dataclass_fields__") else Fn("Value", (made,))


def _filters(maker: Language, table: str) -> tuple[Step, ...]:
    row = maker.leaves.seed(table)
    count = maker.rng.choice((0, 1, 1, 1))
    if maker.chance(0.5):
        scope = Scope(table, row)
        return tuple(maker._where(maker.expressions.condition(scope, 1)) for _ in range(count))
    return tuple(maker.conditions.where(table, row) for _ in range(count))


def _columns(
    maker: Language, method: str, option: tuple[tuple[str, object], ...], count: int
) -> tuple[str, ...]:
    """Members over several tables; the names of the columns of the first."""
    rng = maker.rng
    kinds = rng.sample(_KINDS, rng.choice((1, 1, 2)))
    form = rng.choice(("values", "values_list", "values_list"))
    members: list[tuple[str, tuple[Step, ...], tuple[str, ...]]] = []
    for number in range(count):
        table = (
            maker.table if number == 0 else rng.choice((maker.table, "people", "posts", "events", "comments"))
        )
        fields = maker.world.models[table].fields
        chosen = [[field.name for field in fields if field.kind == kind] for kind in kinds]
        steps: tuple[Step, ...] = _filters(maker, table)
        names: list[str] = []
        for place, (kind, found) in enumerate(zip(kinds, chosen, strict=True)):
            name = rng.choice(found) if found and maker.chance(0.8) else f"c{place}"
            if name.startswith("c") and name[1:].isdigit():
                scope = Scope(table, maker.leaves.seed(table))
                made = maker.expressions.of(kind, 1, scope)
                made = made if hasattr(made, "__dataclass_fields__") else Fn("Value", (made,))
                steps = (*steps, Call("annotate", (), ((name, made),)))
            names.append(name)
        if kinds[-1] == "integer" and len(kinds) == 2 and maker.chance(0.4):
            # The first column makes groups.
            scope = Scope(table, maker.leaves.seed(table))
            made, of = maker.aggregations.aggregate(scope)
            if of == "integer":
                grouped = (Select("values", (names[0],)), Call("annotate", (), (("n", made),)))
                members.append((table, (*steps, *grouped, Select(form, (names[0], "n"))), (names[0], "n")))
                continue
        members.append((table, (*steps, Select(form, tuple(names))), tuple(names)))
    _, first, columns = members[0]
    maker.steps += first
    others = tuple(Query(table, steps) for table, steps, _ in members[1:])
    maker.steps.append(Call(method, others, option))
    return columns
