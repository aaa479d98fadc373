"""Random paths into documents, dates and filtered relations.

Invariant: what a path leads to is known from the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .expressions import Scope
from .make_documents import a_document, about_document
from .nodes import Condition, Fn, Group, Leaf, Not, Ref
from .query import Call, OrderBy, Select, Where

if TYPE_CHECKING:
    from .language import Language

__all__ = ["built_documents", "documents", "filtered_relation", "moments", "parts_of_dates"]


def moments(maker: Language) -> None:
    """``dates`` and ``datetimes``."""
    maker._few_filters()
    kind = maker.rng.choice(("date", "datetime"))
    ref = maker.expressions.ref(kind, maker.scope)
    if ref is None:
        maker._annotations()
        return
    units = (
        "year",
        "month",
        "week",
        "day",
        *(("hour", "minute", "second") if kind == "datetime" else ()),
    )
    order = (("order", maker.rng.choice(("ASC", "DESC"))),) if maker.chance(0.4) else ()
    maker.steps.append(Call(f"{kind}s", (ref.path, maker.rng.choice(units)), order))
    if maker.chance(0.3):
        maker._part(step=False)
    elif maker.chance(0.2):
        maker.steps.append(Call(maker.rng.choice(("count", "exists", "first", "last", "reverse"))))


def documents(maker: Language) -> None:
    """Paths into JSON."""
    if not maker.documents.reaches(maker.table):
        maker.table, maker.model = "events", maker.world.models["events"]
        maker.row = maker.leaves.seed("events")
        maker.scope, maker.single = Scope("events", maker.row), True
    for _ in range(maker.rng.choice((1, 1, 2))):
        maker.steps.append(maker._where(maker.documents.condition(maker.table)))
    if maker.chance(0.15):
        _parts_of_documents(maker)
        return
    outputs: list[str] = []
    if maker.chance(0.35):
        outputs.append("j")
        maker.names["j"] = "json"
        maker.steps.append(Call("annotate", (), (("j", Ref(maker.documents.path(maker.table))),)))
    if maker.chance(0.3):
        name = outputs[0] if outputs else maker.documents.path(maker.table)
        maker.steps.append(Select(maker.rng.choice(("values", "values_list")), (*maker._key_names(), name)))
    elif maker.chance(0.15):
        maker.steps.append(Call("count"))


def _parts_of_documents(maker: Language) -> None:
    """Parts of documents as what is sorted by, grouped by and counted."""
    path = maker.documents.path(maker.table)
    if maker.chance(0.4):
        maker.steps.append(OrderBy((maker._sign(path), *map(maker._sign, maker._key_names())), total=True))
        maker._part(step=False)
    elif maker.chance(0.6):
        maker.steps.append(Select("values", (path,)))
        maker.steps.append(Call("annotate", (), (("n", Fn("Count", (maker._key_names()[0],))),)))
    else:
        maker.steps.append(Call("aggregate", (), (("t", Fn("Count", (path,))),)))


def built_documents(maker: Language) -> None:
    """``JSONObject`` and ``JSONArray``, and what is in them."""
    maker._few_filters()
    made, key, kind = a_document(maker.expressions, maker.scope, maker.rng.choice((0, 1, 1)))
    maker.steps.append(Call("annotate", (), (("d", made),)))
    if maker.chance(0.5):
        maker.steps.append(maker._where(about_document(maker.expressions, f"d__{key}", kind)))
    names = (*maker._key_names(), "d")
    if maker.chance(0.3):
        maker.steps.append(Call("annotate", (), (("p", Ref(f"d__{key}")),)))
        names = (*names, "p")
    if maker.chance(0.4):
        maker._ordered()
    if maker.chance(0.5):
        maker.steps.append(Select(maker.rng.choice(("values", "values_list")), names))


def filtered_relation(maker: Language) -> None:
    """``FilteredRelation`` as a path."""
    many = [relation for relation in maker.model.relations if len(relation.hops) == 1]
    relation = maker.rng.choice(many)
    behind = maker.expressions.behind(maker.scope, relation.name)
    condition = _about_joined(maker, behind, relation.target)
    if maker.chance(0.25):
        other = _about_joined(maker, behind, relation.target)
        condition = Group(maker.rng.choice(("&", "|", "^")), (condition, other))
    if maker.chance(0.15):
        condition = Not(condition)
    filtered = Fn("FilteredRelation", (relation.name,), (("condition", condition),))
    maker._few_filters()
    maker.steps.append(Call("annotate", (), (("fr", filtered),)))
    fields = [
        field
        for field in maker.world.models[relation.target].fields
        if field.kind in ("integer", "text", "date")
    ]
    if not fields:
        return
    field = maker.rng.choice(fields)
    path = f"fr__{field.name}"
    match maker.rng.randrange(4):
        case 0:
            maker.steps.append(Where("filter", (Leaf(f"{path}__isnull", maker.chance(0.4)),)))
        case 1:
            maker.steps.append(
                Call("annotate", (), (("n", Fn(maker.rng.choice(("Count", "Max", "Min")), (path,))),))
            )
            if maker.single:
                maker.steps.append(OrderBy(("-n", "pk"), total=True))
        case 2:
            maker.steps.append(Select("values", (*maker._key_names(), path)))
        case _:
            row = maker.leaves.seed(relation.target)
            if row[field.column] is not None:
                maker.steps.append(Where("filter", (Leaf(f"{path}__gte", row[field.column]),)))


def _about_joined(maker: Language, behind: Scope, target: str) -> Condition:
    """A condition on a field of the rows that are joined, against a value or another of their fields."""
    fields = [one for one in maker.world.models[target].fields if not one.foreign]
    pairs = [(one, other) for one in fields for other in fields if one != other and one.kind == other.kind]
    if pairs and maker.chance(0.3):
        one, other = maker.rng.choice(pairs)
        lookup = maker.rng.choice(("", "__gt", "__lte", "__lt"))
        return Leaf(behind.path(one.name) + lookup, Ref(behind.path(other.name)))
    condition = maker.expressions._plain(behind)
    while not _is_of_row(maker, target, condition.key.split("__")[1:]):
        condition = maker.expressions._plain(behind)
    return condition


def _is_of_row(maker: Language, target: str, path: list[str]) -> bool:
    """Whether a path is a field or foreign key of the row itself: Django wants nothing else there."""
    model = maker.world.models[target]
    if not any(relation.name == path[0] for relation in model.relations):
        return True
    return len(path) == 1 and any(field.name == f"{path[0]}_id" for field in model.fields)


def parts_of_dates(maker: Language) -> None:
    """Parts of dates as paths in ``F``, ``values`` and ``order_by``."""
    maker._few_filters()
    kind = maker.rng.choice(("date", "datetime", "datetime"))
    ref = maker.expressions.ref(kind, maker.scope)
    if ref is None:
        maker._annotations()
        return
    parts = ("year", "month", "day", "quarter", "week", "week_day", "iso_year", "iso_week_day")
    part = maker.rng.choice(parts if kind == "date" else (*parts, "hour", "minute", "date", "time"))
    path = f"{ref.path}__{part}"
    match maker.rng.randrange(4):
        case 0:
            maker.steps.append(Call("annotate", (), (("p", Ref(path)),)))
            maker.names["p"] = {"date": "date", "time": "time"}.get(part, "integer")
            maker._conditions(["p"])
            maker._finish(["p"])
        case 1:
            maker.steps.append(Select("values", (path,)))
            maker.steps.append(Call("annotate", (), (("n", Fn("Count", (maker._key_names()[0],))),)))
            maker.steps.append(OrderBy((maker._sign(path),), total=True, of_groups=True))
        case 2:
            maker.steps.append(
                OrderBy((maker._sign(path), *map(maker._sign, maker._key_names())), total=True)
            )
            maker._part()
        case _:
            maker.steps.append(
                Call("aggregate", (), (("t", Fn(maker.rng.choice(("Max", "Min", "Count")), (path,))),))
            )
