"""Random queries of the whole language: expressions, subqueries, windows, groups, set operations, documents.

Invariant: as in ``row_queries``: a query is defined by its data, ties in an unfinished order apart.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Literal

from .aggregations import Aggregations
from .documents import Documents
from .expressions import KINDS, SORTED, Expressions, Scope
from .groups import groups, totals
from .nested import Nested
from .nodes import Condition, Fn, Group, Infix, Leaf, Not, Ref, Sorted
from .paths import built_documents, documents, filtered_relation, moments, parts_of_dates
from .query import Call, OrderBy, Query, Select, Subscript, Where
from .row_queries import RowQueries
from .sets import set_operation
from .world import World

__all__ = ["Language"]

_TABLES = ("events", "events", "events", "people", "people", "posts", "posts", "comments", "memberships")
_RARE_TABLES = (
    "clubs",
    "categories",
    "tags",
    "profiles",
    "countries",
    "passports",
    "post_tags",
    "friendships",
)


class Language(RowQueries):
    """One query in the making."""

    def __init__(self, world: World, rng: Random) -> None:
        super().__init__(world, rng)
        self.table = rng.choice(_TABLES if rng.random() < 0.85 else _RARE_TABLES)
        self.model = world.models[self.table]
        self.row = self.leaves.seed(self.table)
        self.scope = Scope(self.table, self.row, base=True)
        self.expressions = Expressions(world, rng, self.leaves)
        self.aggregations = Aggregations(world, rng, self.expressions)
        self.nested = Nested(world, rng, self.conditions, self.expressions, self.aggregations)
        self.documents = Documents(world, rng)
        self.names: dict[str, str] = {}
        self.single = len(self.model.key) == 1

    def query(self) -> Query:
        makers = [
            self._annotations,
            self._expression_conditions,
            self._expression_columns,
            partial(groups, self),
            partial(totals, self),
            self._subqueries,
            self._windows,
            partial(set_operation, self),
            partial(moments, self),
            partial(documents, self),
            partial(built_documents, self),
            partial(filtered_relation, self),
            partial(parts_of_dates, self),
        ]
        (maker,) = self.rng.choices(makers, [20, 11, 10, 14, 8, 8, 10, 8, 3, 10, 3, 4, 4])
        maker()
        return Query(self.table, tuple(self.steps))

    # helpers

    def _few_filters(self) -> None:
        """Filters that keep most rows and join no relation to many, or hardly ever."""
        for _ in range(self.rng.choice((0, 0, 1))):
            if self.chance(0.15):
                self.steps.append(self.conditions.where(self.table, self.row))
            else:
                self.steps.append(self._where(self.expressions.condition(self.scope, 1)))

    def _where(self, *conditions: Condition) -> Where:
        return Where("exclude" if self.chance(0.25) else "filter", conditions)

    def _name(self, prefix: str, kind: str) -> str:
        name = f"{prefix}{len(self.names) + 1}"
        self.names[name] = kind
        self.scope = Scope(self.table, self.row, names=dict(self.names), base=True)
        return name

    def _expression(self, depth: int | None = None) -> tuple[object, str]:
        kind = self.rng.choice(KINDS)
        return self.expressions.of(
            kind, self.rng.choice((1, 1, 2, 2, 3)) if depth is None else depth, self.scope
        ), kind

    def _about(self, name: str, kind: str, *, against: bool = True) -> Condition:
        """A condition on an annotation; not ``against`` other expressions where it is one of groups."""
        rng = self.rng
        if self.chance(0.12):
            return Leaf(f"{name}__isnull", self.chance(0.3))
        if kind == "boolean":
            return Leaf(name, self.chance(0.6))
        if kind == "text" and self.chance(0.5):
            lookup = rng.choice(
                ("contains", "icontains", "startswith", "iendswith", "iexact", "regex", "exact")
            )
            return Leaf(f"{name}__{lookup}", rng.choice(("a", "e", "An", "red", "1", "É", "x")))
        if kind in ("date", "datetime") and self.chance(0.3):
            part, value = rng.choice(
                (("year", 2020), ("month", 6), ("quarter", 2), ("week_day", 3), ("day", 15))
            )
            return Leaf(f"{name}__{part}__{rng.choice(('gt', 'lte', 'gte'))}", value)
        if kind in ("real", "decimal"):
            # Not a value that a sum can come near to.
            return Leaf(f"{name}__{rng.choice(('gt', 'lt', 'gte'))}", self._threshold(kind))
        if self.chance(0.2):
            return Leaf(f"{name}__in", [self.expressions.value(kind) for _ in range(3)])
        if self.chance(0.1):
            low, high = sorted([self.expressions.value(kind), self.expressions.value(kind)])
            return Leaf(f"{name}__range", (low, high))
        value: object = self.expressions.value(kind)
        if against and self.chance(0.2):
            value = self.expressions.of(kind, 1, self.scope)
        return Leaf(f"{name}__{rng.choice(('gt', 'gte', 'lt', 'lte', 'exact'))}", value)

    def _threshold(self, kind: str) -> object:
        from decimal import Decimal

        number = self.rng.choice(("0.171875", "1.828125", "17.046875", "-0.390625"))
        return Decimal(number) if kind == "decimal" else float(number)

    def _conditions(self, names: list[str]) -> None:
        """Filters on annotations, alone or with others."""
        for name in names:
            if not self.chance(0.45):
                continue
            condition = self._about(name, self.names[name])
            if self.chance(0.25):
                other = self.expressions.condition(self.scope, 0)
                condition = Group(self.rng.choice(("&", "|", "|", "^")), (condition, other))
            if self.chance(0.1):
                condition = Not(condition)
            self.steps.append(self._where(condition))

    def _sort_keys(self) -> tuple[str | Sorted, ...]:
        """Sort keys out of annotations and expressions."""
        keys: list[str | Sorted] = []
        for name, kind in self.names.items():
            if kind in SORTED and self.chance(0.4):
                keys.append(self._key_of(Ref(name)))
        if self.chance(0.25):
            made = self.expressions.of(self.rng.choice(SORTED[:5]), 1, self.scope)
            if not isinstance(made, Infix) or made.operator not in (">", ">=", "<", "<="):
                keys.append(self._key_of(made))
        if self.chance(0.08) and (exists := self.nested.exists(self.scope)) is not None:
            keys.append(Sorted(exists, self.chance(0.5), self.rng.choice(("", "", "first", "last"))))
        return tuple(keys)

    def _key_of(self, made: object) -> str | Sorted:
        if isinstance(made, Ref) and self.chance(0.6):
            return self._sign(made.path)
        return Sorted(made, self.chance(0.5), self.rng.choice(("", "", "first", "last")))

    def _ordered(self) -> None:
        """A total order over annotated rows, and sometimes a part of them."""
        keys = (*self._sort_keys(), *(self._sign(name) for name in self._key_names()))
        if self.chance(0.06):
            self.steps.append(Call("distinct"))
        self.steps.append(OrderBy(keys, total=True))
        if self.chance(0.1):
            self.steps.append(Call("reverse"))
        if self.chance(0.06):
            self.steps.append(Call("distinct"))

    def _related(self) -> None:
        """``select_related``, of one relation to one row or of two in a row."""
        ones = [each for each in self.model.relations if not each.many]
        if not ones:
            return
        first = self.rng.choice(ones)
        back = tuple((end, start) for start, _, end in reversed(first.hops))
        # Django takes the row that a one-to-one relation came from for the other end of it, and joins nothing.
        further = [
            each
            for each in self.world.models[first.target].relations
            if not each.many and tuple((start, end) for start, _, end in each.hops) != back
        ]
        names = [first.name]
        if further and self.chance(0.4):
            names = [f"{first.name}__{self.rng.choice(further).name}"]
        if self.chance(0.3):
            names.append(self.rng.choice(ones).name)
        self.steps.append(Call("select_related", tuple(dict.fromkeys(names))))

    def _finish(self, outputs: list[str]) -> None:
        """What is asked of annotated rows."""
        rng = self.rng
        shape = rng.random()
        if shape < 0.12:
            if self.chance(0.3):
                self.steps.append(Call("distinct"))
            self.steps.append(Call(rng.choice(("count", "exists"))))
            return
        if shape < 0.2:
            self._ordered()
            self.steps.append(Call(rng.choice(("first", "last"))))
            return
        if shape < 0.28 and outputs:
            name = rng.choice(outputs)
            function = rng.choice(
                ("Min", "Max", "Count", *(("Sum", "Avg") if self.names[name] == "integer" else ()))
            )
            if self.names[name] not in ("boolean", "duration"):
                self.steps.append(Call("aggregate", (), (("t", Fn(function, (name,))),)))
                return
        if shape < 0.7:
            self._ordered()
        elif shape < 0.76:
            self.steps.append(Call("distinct"))
        if outputs and len(outputs) == 1 and self.chance(0.1):
            self.steps.append(Select("values_list", (outputs[0],), "flat"))
        elif outputs and self.chance(0.5):
            # Beside a filter on a window, Django loses a column that is named twice (see deviations).
            keys = self.model.key if outputs[0].startswith("w") else ()
            others = [field.name for field in self.model.fields if field.column not in keys]
            fields = rng.sample(others, k=min(len(others), rng.choice((0, 1))))
            names = (*self._key_names(), *fields, *outputs)
            if not self.single:
                names = tuple(dict.fromkeys(names))
            method = rng.choice(("values", "values_list"))
            form: Literal["", "named"] = "named" if method == "values_list" and self.chance(0.3) else ""
            self.steps.append(Select(method, tuple(dict.fromkeys(names)), form))
        elif self.chance(0.2):
            self._related()
        if shape < 0.45:
            self._part()

    # what is asked for

    def _annotations(self) -> None:
        """Expressions as annotations, one built on another, filtered and sorted by."""
        self._few_filters()
        outputs: list[str] = []
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            made, kind = self._expression()
            method = "alias" if self.chance(0.15) else "annotate"
            name = self._name("e", kind)
            self.steps.append(Call(method, (), ((name, made),)))
            if method == "annotate":
                outputs.append(name)
        self._conditions(list(self.names))
        if self.chance(0.12):
            self.steps.append(self.conditions.where(self.table, self.row))
        self._finish(outputs)

    def _expression_conditions(self) -> None:
        """Filters and excludes whose operands are expressions."""
        for _ in range(self.rng.choice((1, 1, 2))):
            self.steps.append(self._where(self.expressions.condition(self.scope, 2)))
        if self.chance(0.25):
            self.steps.append(self.conditions.where(self.table, self.row))
        if self.chance(0.2):
            self.steps.append(Call("count"))
        elif self.chance(0.7):
            self._ordered()
            if self.chance(0.4):
                self._part()

    def _expression_columns(self) -> None:
        """Expressions in ``values`` and ``values_list``."""
        self._few_filters()
        made = [self._expression(self.rng.choice((1, 1, 2)))[0] for _ in range(self.rng.choice((1, 1, 2)))]
        made = [each if hasattr(each, "__dataclass_fields__") else Fn("Value", (each,)) for each in made]
        if self.chance(0.35):
            self.steps.append(Call("distinct"))
        elif self.chance(0.6):
            self._ordered()
            if self.chance(0.5):
                self._part()
        if self.chance(0.5):
            if len(made) == 1 and self.chance(0.5):
                select = Select("values_list", tuple(made), "flat")
            else:
                select = Select("values_list", (*self._key_names(), *made))
        else:
            select = Select(
                "values", self._key_names(), "", tuple((f"v{n}", each) for n, each in enumerate(made))
            )
        at = len(self.steps)
        if self.steps and isinstance(self.steps[-1], Subscript):
            at -= 1
            if isinstance(self.steps[at - 1], Subscript):
                at -= 1
        self.steps.insert(at, select)

    def _subqueries(self) -> None:
        """``Subquery`` and ``Exists`` as annotations and conditions."""
        self._few_filters()
        outputs: list[str] = []
        for _ in range(self.rng.choice((1, 1, 2))):
            kind = self.rng.choice(("integer", "integer", "text", "datetime", "real", "date", "decimal"))
            if self.chance(0.7) and (made := self.nested.value(self.scope, kind)) is not None:
                name = self._name("s", kind)
                if self.chance(0.2) and kind == "integer":
                    self.steps.append(Call("annotate", (), ((name, Infix("+", made, 1)),)))
                else:
                    self.steps.append(Call("annotate", (), ((name, made),)))
                outputs.append(name)
            elif (exists := self.nested.exists(self.scope)) is not None:
                if self.chance(0.4):
                    name = self._name("s", "boolean")
                    self.steps.append(Call("annotate", (), ((name, exists),)))
                    outputs.append(name)
                else:
                    other = self.expressions.condition(self.scope, 0)
                    both = Group(self.rng.choice("&|"), (exists, other))
                    self.steps.append(self._where(exists if self.chance(0.6) else both))
        self._conditions(outputs)
        self._finish(outputs)

    def _windows(self) -> None:
        """Window functions, filtered and sorted by."""
        self._few_filters()
        outputs: list[str] = []
        for _ in range(self.rng.choice((1, 1, 2))):
            made, kind = self.aggregations.window(self.scope)
            whole: object = made
            if kind == "integer" and self.chance(0.1):
                whole = Infix(self.rng.choice("+-*"), made, self.rng.choice((1, 2)))
            outputs.append(f"w{len(outputs) + 1}")
            self.steps.append(Call("annotate", (), ((outputs[-1], whole),)))
            self.names[outputs[-1]] = kind
        for name in outputs:
            if self.chance(0.35):
                self.steps.append(self._where(self._about(name, self.names[name], against=False)))
        if self.chance(0.15):
            made, kind = self.aggregations.window(self.scope)
            if kind == "integer":
                operator = self.rng.choice((">", ">=", "<", "<="))
                self.steps.append(self._where(Infix(operator, made, self.rng.choice((1, 2, 5, 20)))))
        self._finish(outputs)
