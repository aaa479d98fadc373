"""Random groups and totals of expressions.

Invariant: a group is sorted by its keys only, so that it has one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .expressions import SORTED, Scope
from .nodes import Fn, Infix, Leaf, Ref
from .query import Call, OrderBy, Select

if TYPE_CHECKING:
    from .language import Language

__all__ = ["groups", "totals"]


def groups(maker: Language) -> None:
    """Groups by expressions, with conditions on them and orders by what is in them."""
    maker._few_filters()
    keys: list[str] = []
    for _ in range(maker.rng.choice((1, 1, 2))):
        if maker.chance(0.55):
            kind = maker.rng.choice(SORTED[:-1])
            made = maker.expressions.of(kind, maker.rng.choice((1, 1, 2)), maker.scope)
            if (isinstance(made, Fn) and made.name == "Value") or "Collate" in repr(made):
                # Which of several texts that a collation finds equal stands for their group is left to SQLite.
                continue
            name = maker._name("k", kind)
            maker.steps.append(Call("annotate", (), ((name, made),)))
            keys.append(name)
        elif (ref := maker.expressions.ref(maker.rng.choice(SORTED[:5]), maker.scope)) is not None:
            keys.append(ref.path)
    keys = list(dict.fromkeys(keys))
    if len(keys) > 1 and maker.chance(0.2):
        # An annotation that values() leaves out makes no groups.
        keys = keys[1:] if maker.chance(0.5) else keys[:1]
    if not keys or maker.chance(0.15):
        # Every row is a group.
        _grouped_rows(maker, keys)
        return
    maker.steps.append(Select("values" if maker.chance(0.85) else "values_list", tuple(keys)))
    if maker.chance(0.1):
        # Another aggregate makes its groups of what is asked for then.
        maker.steps.append(Call("annotate", (), (("first", Fn("Count", ("*",))),)))
        keys = maker.rng.sample(keys, maker.rng.randrange(1, len(keys) + 1))
        maker.steps.append(Select("values", tuple(keys)))
    found = _annotate_aggregates(maker)
    sortable = [name for name, kind in found if kind in SORTED]
    if maker.chance(0.35):
        name, kind = maker.rng.choice(found)
        maker.steps.append(maker._where(maker._about(name, kind, against=False)))
    if maker.chance(0.6):
        order = dict.fromkeys((*maker.rng.sample(sortable, min(len(sortable), 1)), *keys))
        maker.steps.append(OrderBy(tuple(map(maker._sign, order)), total=True, of_groups=True))
        if maker.chance(0.4):
            maker._part(step=False)
    elif maker.chance(0.15):
        maker.steps.append(Call(maker.rng.choice(("count", "exists"))))


def _annotate_aggregates(maker: Language) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    made: list[tuple[str, object]] = []
    for number in range(maker.rng.choice((1, 1, 2))):
        aggregate, kind = maker.aggregations.aggregate(maker.scope)
        made.append((f"a{number}", aggregate))
        found.append((f"a{number}", kind))
    maker.steps.append(Call("annotate", (), tuple(made)))
    return found


def _grouped_rows(maker: Language, keys: list[str]) -> None:
    """``annotate(aggregate)``, then expressions of it, filters, orders, ``values`` and totals."""
    rng = maker.rng
    found = _annotate_aggregates(maker)
    maker.names.update(found)
    maker.scope = Scope(maker.table, maker.row, names=dict(maker.names))
    outputs = [name for name, _ in found]
    if maker.chance(0.35):
        name, kind = rng.choice(found)
        if kind == "integer":
            made: object = rng.choice(
                (
                    Infix(rng.choice("+-*"), Ref(name), rng.choice((1, 2, 10))),
                    Fn("Coalesce", (name, 0)),
                    Fn(
                        "Case",
                        (Fn("When", (Leaf(f"{name}__gt", 1),), (("then", Fn("Value", ("many",))),)),),
                        (("default", Fn("Value", ("few",))),),
                    ),
                )
            )
            kind = "text" if isinstance(made, Fn) and made.name == "Case" else "integer"
            again = maker._name("x", kind)
            maker.steps.append(Call("annotate", (), ((again, made),)))
            outputs.append(again)
    for name in outputs:
        if maker.chance(0.3):
            maker.steps.append(maker._where(maker._about(name, maker.names[name], against=False)))
    if maker.chance(0.15):
        total = Fn(rng.choice(("Avg", "Sum", "Max")), (outputs[0],))
        if maker.names[outputs[0]] == "integer":
            maker.steps.append(Call("aggregate", (), (("t", total), ("n", Fn("Count", ("*",))))))
            return
    if maker.single:
        maker._finish(outputs)


def totals(maker: Language) -> None:
    """``aggregate`` over rows, annotations and parts of rows."""
    maker._few_filters()
    if maker.chance(0.3):
        made, kind = maker._expression(1)
        maker.steps.append(Call("annotate", (), ((maker._name("e", kind), made),)))
    cut = maker.chance(0.15)
    if cut:
        maker.steps.append(OrderBy(tuple(map(maker._sign, maker._key_names())), total=True))
        maker._part(step=False)
    totals = tuple(
        (f"t{number}", maker.aggregations.aggregate(maker.scope, plain=not cut)[0])
        for number in range(maker.rng.choice((1, 1, 2, 3)))
    )
    maker.steps.append(Call("aggregate", (), totals))
