"""Random writes: updates, deletes, new rows, bulk writes and relations.

Invariant: as for queries: a step is the same text on both sides, and depends on the world as it was made and on
its random numbers only. Every update and every delete of a query has a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from .aggregations import Aggregations
from .expressions import Expressions, Scope
from .language import Language
from .nested import Nested
from .nodes import Fn, Leaf, Ref, call_text, literal
from .query import Call, Query, Where
from .world import Field, Relation, Row, World

__all__ = ["Code", "Step", "Writes", "sequence"]

_TABLES = (
    "people",
    "posts",
    "posts",
    "comments",
    "events",
    "events",
    "memberships",
    "tags",
    "clubs",
    "profiles",
)
_THROUGH = ("post_tags", "memberships", "friendships")
_FRESH = ("zz", "ÄÖ", "a'b", "50%", "new name", "", "x\ny")


@dataclass(frozen=True)
class Step:
    """One write.

    Attributes:
        query: Its text, from the table to the method that writes.
        word: What is called with what it gives.
        table: The table that the word is told.
        values: What else the word is told, by name.
    """

    query: Query
    word: str
    table: str = ""
    values: tuple[tuple[str, object], ...] = ()

    def source(self) -> str:
        """The step as Python over ``db``."""
        about = (self.table,) if self.table else ()
        return f"{self.word}({call_text((self.query, *about), self.values)})"

    def smaller(self) -> Iterator[Step]:
        """Steps with one thing less that still write the same way, with a filter where there was one."""
        last = self.query.steps[-1]
        for query in self.query.smaller():
            kept = query.steps[-1] if query.steps else None
            if isinstance(last, Call) and isinstance(kept, Call) and kept.method == last.method:
                filtered = any(isinstance(step, Where) for step in query.steps)
                if filtered or not any(isinstance(step, Where) for step in self.query.steps):
                    yield replace(self, query=query)


class Code:
    """A piece of Python."""

    def __init__(self, text: str) -> None:
        self._text = text

    def source(self) -> str:
        return self._text

    def smaller(self) -> Iterator[Code]:
        yield from ()


class _Values(Code):
    """A dict whose values may be queries and expressions."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(f"{{{', '.join(f'{name!r}: {literal(value)}' for name, value in values.items())}}}")


class _OwnExpressions(Expressions):
    """Expressions that read the updated row itself, and other rows in subqueries only."""

    def ref(self, kind: str, scope: Scope) -> Ref | None:
        if not scope.base:
            return super().ref(kind, scope)
        named = [name for name, of in scope.names.items() if of == kind]
        if named and self.chance(0.6):
            return Ref(self.rng.choice(named))
        fields = [each.name for each in self.world.models[scope.table].fields if each.kind == kind]
        return Ref(self.rng.choice(fields)) if fields else None

    def _plain(self, scope: Scope) -> Leaf:
        if not scope.base:
            return super()._plain(scope)
        for _ in range(8):
            leaf = self.leaves.leaf(scope.table, scope.row, hops=0)
            if not self._is_many(scope.table, leaf.key):
                return leaf
        key = self.world.models[scope.table].key[0]
        return Leaf(f"{key}__gt", scope.row[key])


class Writes(Language):
    """One step in the making.

    Args:
        world: The names and the rows.
        rng: The source of randomness.
        required: The columns of each table that cannot be NULL.
    """

    def __init__(self, world: World, rng: Random, required: Mapping[str, frozenset[str]]) -> None:
        super().__init__(world, rng)
        self._turn_to(rng.choice(_TABLES))
        self.expressions = _OwnExpressions(world, rng, self.leaves)
        self.aggregations = Aggregations(world, rng, self.expressions)
        self.nested = Nested(world, rng, self.conditions, self.expressions, self.aggregations)
        self._required = required

    def _turn_to(self, table: str) -> None:
        self.table = table
        self.model = self.world.models[table]
        self.row = self.leaves.seed(table)
        self.scope = Scope(table, self.row, base=True)

    def step(self) -> Step:
        makers: list[tuple[int, Callable[[], Step]]] = [
            (50, self._update),
            (9, self._delete),
            (8, self._create),
            (6, self._get_or_create),
            (6, self._update_or_create),
            (8, self._bulk_create),
            (6, self._bulk_update),
            (10, self._many_to_many),
            (7, self._reverse),
            (6, self._object),
        ]
        (maker,) = self.rng.choices([maker for _, maker in makers], [weight for weight, _ in makers])
        return maker()

    def _step(self, last: Call, word: str, table: str = "") -> Step:
        return Step(Query(self.table, (*self.steps, last)), word, table)

    def _filtered(self) -> None:
        for _ in range(self.rng.choice((1, 1, 2))):
            if self.chance(0.5):
                self.steps.append(self.conditions.where(self.table, self.row))
            else:
                self.steps.append(self._where(self.expressions.condition(self.scope, 1)))

    # -- all rows of a query ------------------------------------------------------------------------

    def _update(self) -> Step:
        if self.chance(0.15):
            made, kind = self._expression(1)
            if isinstance(made, Ref):
                made = Fn("Coalesce", (made, made))
            self.steps.append(
                Call(self.rng.choice(("annotate", "alias")), (), ((self._name("e", kind), made),))
            )
        self._filtered()
        if self.chance(0.1):
            self._ordered()
        fields = [field for field in self.model.fields if field.column not in self.model.key]
        if self.chance(0.03):
            fields = list(self.model.fields)
        chosen = self.rng.sample(fields, k=min(len(fields), self.rng.choice((1, 1, 2, 3))))
        values = tuple(self._assignment(field) for field in chosen)
        return self._step(Call("update", (), values), "keyed")

    def _assignment(self, field: Field) -> tuple[str, object]:
        if field.foreign or field.kind in ("json", "uuid") or self.chance(0.3):
            return self._given(field)
        made = self.expressions.of(field.kind, self.rng.choice((0, 1, 1, 2, 3)), self.scope)
        if field.column in self._required[self.table] and self.chance(0.7):
            if not hasattr(made, "__dataclass_fields__"):
                made = Fn("Value", (made,))
            made = Fn("Coalesce", (made, self._value_of(field)))
        return field.name, made

    def _delete(self) -> Step:
        self._turn_to(self.rng.choice((*_TABLES, "post_tags", "friendships", "passports", "categories")))
        self._filtered()
        return self._step(Call("delete"), "deleted", self.table)

    # -- values -------------------------------------------------------------------------------------

    def _value_of(self, field: Field) -> Any:
        """A value of a field that some row has, hardly ever NULL."""
        rows = self.world.rows(self.table)
        values = [row[field.column] for row in rows if row[field.column] is not None]
        return self.rng.choice(values)

    def _given(self, field: Field) -> tuple[str, object]:
        """A field, or the relation that it holds, and a value."""
        if field.column not in (*self._required[self.table], *self.model.key) and self.chance(0.15):
            return field.name, None
        if field.kind == "uuid":
            return field.name, UUID(int=self.rng.getrandbits(128)) if self.chance(0.8) else self._value_of(
                field
            )
        if not field.foreign:
            if field.kind == "text" and self.chance(0.4):
                return field.name, self.rng.choice(_FRESH) + str(self.rng.randrange(50))
            return field.name, self._value_of(field)
        relation = self._relation_of(field.column)
        key = self._key_of_some(relation.target) if self.chance(0.95) else 99_999
        if self.chance(0.4):
            return relation.name, self._some(relation.target, key) if self.chance(0.6) else key
        return field.name, key

    def _relation_of(self, column: str) -> Relation:
        return next(
            each
            for each in self.model.relations
            if not each.many and len(each.hops) == 1 and each.hops[0][0] == column
        )

    def _key_of_some(self, table: str) -> Any:
        return self.leaves.seed(table)[self.world.models[table].key[0]]

    @staticmethod
    def _some(table: str, key: object) -> Query:
        return Query(table, (Call("get", (), (("pk", key),)),))

    def _new(self, *, all_fields: bool = False, keyed: bool | None = None) -> dict[str, object]:
        """Values for a new row; as a rule it breaks no constraint.

        Args:
            all_fields: Whether it gives every field.
            keyed: Whether it gives a key that the database could make; by chance without it.
        """
        required = self._required[self.table]
        values: dict[str, object] = {}
        for field in self.model.fields:
            if (field.column,) == self.model.key and field.kind == "integer" and not field.foreign:
                if self.chance(0.1) if keyed is None else keyed:
                    values[field.name] = self.rng.choice((1, *range(500, 509)))
                continue
            if field.column in required or field.column in self.model.key or all_fields or self.chance(0.5):
                name, value = self._given(field)
                values[name] = value
                if (field.column,) == self.model.key and field.kind == "text" and self.chance(0.8):
                    values[name] = f"new{self.rng.randrange(9)}"
        named = {field.column for field in self.model.fields}
        for relation in self.model.relations:
            column = relation.hops[0][0]
            if not relation.many and len(relation.hops) == 1 and column not in named and column in required:
                values[relation.name] = self._some(relation.target, self._key_of_some(relation.target))
        return values

    # -- single rows --------------------------------------------------------------------------------

    def _create(self) -> Step:
        self._turn_to(self.rng.choice((*_TABLES, "post_tags", "friendships", "passports", "countries")))
        return self._step(Call("create", (), tuple(self._new().items())), "keyed")

    def _lookups(self) -> dict[str, object]:
        fields = [each for each in self.model.fields if each.kind not in ("json", "decimal", "real")]
        found: dict[str, object] = {}
        row = self.row if self.chance(0.6) else self.leaves.seed(self.table)
        for field in self.rng.sample(fields, k=min(len(fields), self.rng.choice((1, 2, 3)))):
            if field.kind == "text" and not field.foreign and self.chance(0.3):
                found[field.name] = self.rng.choice(_FRESH)
            elif row[field.column] is None:
                found[f"{field.name}__isnull"] = True
            else:
                found[field.name] = row[field.column]
        return found

    def _get_or_create(self) -> Step:
        lookups = self._lookups()
        defaults = self._beside(lookups)
        call = Call("get_or_create", (), (("defaults", _Values(defaults)), *lookups.items()))
        return self._step(call, "keyed")

    def _update_or_create(self) -> Step:
        lookups = self._lookups()
        given: list[tuple[str, object]] = [("defaults", _Values(self._defaults(lookups)))]
        if self.chance(0.7):
            given.append(("create_defaults", _Values(self._beside(lookups))))
        return self._step(Call("update_or_create", (), (*given, *lookups.items())), "keyed")

    def _beside(self, lookups: Mapping[str, object]) -> dict[str, object]:
        """Values for a new row that say nothing of what the lookups say."""
        held = {name: column for column, name in self._relations().items()}
        return {name: value for name, value in self._new().items() if held.get(name, name) not in lookups}

    def _relations(self) -> dict[str, str]:
        """The relation that each foreign key holds, by column."""
        return {
            each.hops[0][0]: each.name
            for each in self.model.relations
            if not each.many and len(each.hops) == 1
        }

    def _defaults(self, lookups: Mapping[str, object]) -> dict[str, object]:
        """Values for a row that is there; the key of a row is never changed."""
        fields = [each for each in self.model.fields if each.column not in self.model.key]
        fields = [each for each in fields if each.name not in lookups] or fields[:1]
        chosen = self.rng.sample(fields, k=min(len(fields), self.rng.choice((1, 2, 3))))
        return dict(self._given(field) for field in chosen)

    def _object(self) -> Step:
        one = self._some(self.table, self.row[self.model.key[0]])
        if self.chance(0.3):
            return Step(one, "removed")
        fields = [field for field in self.model.fields if field.column not in self.model.key]
        values = [self._given(field) for field in self.rng.sample(fields, k=min(len(fields), 2))]
        return Step(one, "saved", values=tuple(dict(values).items()))

    # -- many rows ----------------------------------------------------------------------------------

    def _bulk_create(self) -> Step:
        count = self.rng.choice((1, 2, 3, 4))
        same = self.chance(0.5)
        # Django inserts objects with a key before those without one.
        keyed = self.chance(0.1)
        rows = [self._new(all_fields=same, keyed=keyed) for _ in range(count)]
        made = [Fn("made", (self.table,), tuple(row.items())) for row in rows]
        options: tuple[tuple[str, object], ...] = ()
        keys = {"tags": ["name"], "people": ["email"], "events": ["uid"], "clubs": ["slug"]}
        if self.chance(0.3):
            options = (("ignore_conflicts", True),)
        elif self.table in keys and self.chance(0.6):
            others = [
                field.name
                for field in self.model.fields
                if field.name not in keys[self.table] and field.column not in self.model.key
            ]
            options = (
                ("update_conflicts", True),
                ("unique_fields", keys[self.table]),
                ("update_fields", self.rng.sample(others, k=2 if len(others) > 1 else 1)),
            )
        return self._step(Call("bulk_create", (made,), options), "counted")

    def _bulk_update(self) -> Step:
        self._filtered()
        # Django counts a row again that stands in the list again, but in one batch only.
        query = Query(self.table, (*self.steps, Call("distinct")))
        self.steps = []
        fields = [field for field in self.model.fields if field.column not in self.model.key]
        values: dict[str, object] = {}
        for field in self.rng.sample(fields, k=min(len(fields), self.rng.choice((1, 2)))):
            if field.kind == "integer" and not field.foreign and self.chance(0.5):
                values[field.name] = Code(f"lambda row: (row.{field.name} or 0) + {self.rng.randrange(9)}")
            elif field.kind == "text" and not field.foreign and self.chance(0.5):
                values[field.name] = Code(f"lambda row: str(row.{field.name}) + '+'")
            else:
                name, value = self._given(field)
                values[name] = value
        call = Call("bulk_update", (Fn("changed", (query,), tuple(values.items())), list(values)))
        return self._step(call, "keyed")

    # -- relations ----------------------------------------------------------------------------------

    def _many_to_many(self) -> Step:
        self._turn_to(self.rng.choice(("posts", "tags", "people", "clubs")))
        relations = [
            each for each in self.model.relations if each.hops[0][1] in _THROUGH and len(each.hops) == 2
        ]
        relation = self.rng.choice(relations)
        through: tuple[tuple[str, object], ...] = ()
        if relation.hops[0][1] == "memberships":
            through = (("through_defaults", _Values({"fee": Decimal(self.rng.randrange(9))})),)
        # Django takes them in the order of a Python set, which rows with numbers of their own would show.
        others = [self._other(relation) for _ in range(1 if through else self.rng.choice((1, 1, 2, 3)))]
        self.steps = list(self._some(self.table, self.row[self.model.key[0]]).steps)
        method = self.rng.choice(("add", "add", "remove", "set", "set", "clear"))
        if method == "clear":
            return self._step(Call(f"{relation.name}.clear"), "nothing")
        if method == "set":
            return self._step(Call(f"{relation.name}.set", (others,), through), "nothing")
        arguments = tuple(others)
        return self._step(
            Call(f"{relation.name}.{method}", arguments, through if method == "add" else ()), "nothing"
        )

    def _other(self, relation: Relation) -> object:
        near = self.world.follow(self.row, relation)
        row: Row = self.rng.choice(near) if near and self.chance(0.5) else self.leaves.seed(relation.target)
        key = row[self.world.models[relation.target].key[0]]
        return key if self.chance(0.4) else self._some(relation.target, key)

    def _reverse(self) -> Step:
        self._turn_to(self.rng.choice(("posts", "people", "people", "categories", "comments", "countries")))
        owner, row = self.table, self.row
        relations = [each for each in self.model.relations if each.many and len(each.hops) == 1]
        relation = self.rng.choice(relations)
        ((_, target, column),) = relation.hops
        one = self._some(owner, row[self.model.key[0]])
        others = [
            self._some(target, self._key_of_some(target))
            for _ in range(self.rng.choice((1, 2)))
            if len(self.world.models[target].key) == 1
        ]
        nullable = column not in self._required[target]
        methods = ["create", "add", "update", "delete"] + (["set", "clear", "remove"] if nullable else [])
        method = self.rng.choice(methods)
        self._turn_to(target)
        mine = {each.name for each in self.model.relations if not each.many and each.hops[0][0] == column}
        mine.add(column)
        if method == "create":
            values = tuple((name, value) for name, value in self._new().items() if name not in mine)
            return Step(Query(owner, (*one.steps, Call(f"{relation.name}.create", (), values))), "keyed")
        if method == "update":
            fields = [each for each in self.model.fields if each.column not in (*self.model.key, column)]
            if not fields:
                return self._delete()
            values = (self._assignment(self.rng.choice(fields)),)
            return Step(Query(owner, (*one.steps, Call(f"{relation.name}.update", (), values))), "keyed")
        if method == "delete":
            where = Call(f"{relation.name}.filter", (self.conditions.condition(target, self.row, 1),))
            return Step(Query(owner, (*one.steps, where, Call("delete"))), "deleted", target)
        arguments: tuple[object, ...] = (others,) if method == "set" else tuple(others)
        if method == "clear":
            arguments = ()
        return Step(Query(owner, (*one.steps, Call(f"{relation.name}.{method}", arguments))), "nothing")


def sequence(
    world: World, seed: int, index: int, length: int, required: Mapping[str, frozenset[str]]
) -> list[Step]:
    """Sequence number ``index`` of a seed.

    Args:
        world: The names and the rows.
        seed: The seed.
        index: The number.
        length: How many steps it has.
        required: The columns of each table that cannot be NULL.
    """
    rng = Random(f"writes/{seed}/{index}")
    return [Writes(world, rng, required).step() for _ in range(length)]
