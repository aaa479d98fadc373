"""Random expressions of a wanted kind.

Invariant: an expression is of the kind that was asked for on both sides without help: kinds that Django does not
mix are not mixed here, or an ``output_field`` says what comes out. It reads one row for each row, so it follows
relations to one row only, unless its scope lies behind others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from .leaves import Leaves
from .make_numbers import decimal, integer, real
from .make_texts import a_text
from .make_times import a_date, a_datetime, a_duration, a_time, difference
from .nodes import Condition, Fn, Group, Infix, Leaf, Not, Ref
from .world import Row, World

__all__ = ["KINDS", "PYTHON_TYPES", "SORTED", "Expressions", "Scope"]

KINDS = (
    "integer",
    "integer",
    "text",
    "text",
    "real",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "time",
    "duration",
)
"""Kinds of expressions, as often as they are drawn."""

SORTED = ("integer", "text", "date", "datetime", "time", "boolean", "duration")
"""Kinds whose expressions are sorted by: reals and decimals may differ in their last digit."""

PYTHON_TYPES: dict[str, type] = {
    "integer": int,
    "text": str,
    "real": float,
    "decimal": Decimal,
    "boolean": bool,
    "date": date,
    "datetime": datetime,
    "time": time,
    "duration": timedelta,
}
_TEXTS = ("", "a", "e", "An", "red", "-", "é", "x%_", "Plain", " ", "Straße", "'")
_INTEGERS = (0, 0, 1, 1, 2, 3, 5, 7, 10, 25, -1, -4)
_REALS = (0.25, 1.5, 2.75, -0.5, 10.0, 3.0)
_DECIMALS = (Decimal("0.5"), Decimal("1.25"), Decimal(3), Decimal("-2.5"), Decimal("19.99"), Decimal(100))
_DURATIONS = (
    timedelta(days=1),
    timedelta(hours=-5),
    timedelta(days=30, seconds=7),
    timedelta(microseconds=250),
)
_RAW: dict[str, tuple[tuple[str, list[object]], ...]] = {
    "integer": (("{} + %s", [3]), ("coalesce({}, %s) %% %s", [7, 4]), ("{}", [])),
    "text": (("{} || %s", ["%x"]), ("coalesce({}, '100%%')", []), ("substr({}, %s, %s)", [2, 3])),
    "date": (("date({}, %s)", ["+1 month"]), ("max({}, %s)", ["2020-06-01"])),
}
"""SQL over a column, and its values."""
_ORDERED = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True)
class Scope:
    """Where an expression stands.

    Attributes:
        table: The table whose fields it reads.
        row: A row that conditions are built around.
        prefix: The path to that table, where it is not the one of the query.
        names: The annotations that it may read, and their kinds.
        base: Whether the table stands under its own name in the statement, so that SQL text can name it.
    """

    table: str
    row: Row
    prefix: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    base: bool = False

    def path(self, *names: str) -> str:
        """A path as it is written in the query."""
        return "__".join((*self.prefix, *names))


class Expressions:
    """Makes expressions over one world from one source of randomness."""

    def __init__(self, world: World, rng: Random, leaves: Leaves) -> None:
        self.world = world
        self.rng = rng
        self.leaves = leaves
        self.subqueries: Callable[[Scope, str], object | None] = lambda scope, kind: None
        self.exists: Callable[[Scope], Condition | None] = lambda scope: None
        self._makers: dict[str, list[tuple[float, Callable[[Scope, int], object]]]] = {
            "integer": [
                (6, self._arithmetic("integer")),
                (10, partial(integer, self)),
                (0.3, self._raw("integer")),
            ],
            "real": [(4, self._arithmetic("real")), (10, partial(real, self))],
            "decimal": [(6, self._arithmetic("decimal")), (5, partial(decimal, self))],
            "text": [(14, partial(a_text, self)), (0.3, self._raw("text"))],
            "boolean": [(10, self._boolean)],
            "date": [(8, partial(a_date, self)), (0.3, self._raw("date"))],
            "datetime": [(8, partial(a_datetime, self))],
            "time": [(6, partial(a_time, self))],
            "duration": [(10, partial(a_duration, self))],
        }

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def of(self, kind: str, depth: int, scope: Scope) -> object:
        """An expression of a kind, at most ``depth`` calls deep."""
        if depth <= 0 or self.chance(0.2):
            return self.leaf(kind, scope)
        if self.chance(0.04) and (subquery := self.subqueries(scope, kind)) is not None:
            return subquery
        makers = [*self._makers[kind], (5, self._choice(kind))]
        (maker,) = self.rng.choices([maker for _, maker in makers], [weight for weight, _ in makers])
        return maker(scope, depth - 1)

    def leaf(self, kind: str, scope: Scope) -> object:
        """A field of a kind; a value where there is none, and sometimes else."""
        if self.chance(0.85) and (ref := self.ref(kind, scope)) is not None:
            return ref
        if kind == "duration":
            return difference(self, scope)
        return Fn("Value", (self.value(kind),))

    def ref(self, kind: str, scope: Scope) -> Ref | None:
        """``F`` of an annotation, or of a field at most one relation to one row away."""
        named = [name for name, of in scope.names.items() if of == kind]
        if named and self.chance(0.6):
            return Ref(self.rng.choice(named))
        model = self.world.models[scope.table]
        paths = [(each.name,) for each in model.fields if each.kind == kind]
        if not paths or self.chance(0.15):
            near = [
                (relation.name, each.name)
                for relation in model.relations
                if not relation.many
                for each in self.world.models[relation.target].fields
                if each.kind == kind
            ]
            paths = near or paths
        return Ref(scope.path(*self.rng.choice(paths))) if paths else None

    def value(self, kind: str) -> Any:
        """A value of a kind."""
        match kind:
            case "integer":
                return self.rng.choice(_INTEGERS)
            case "real":
                return self.rng.choice(_REALS)
            case "decimal":
                return self.rng.choice(_DECIMALS)
            case "text":
                return self.rng.choice(_TEXTS)
            case "boolean":
                return self.chance(0.5)
            case "duration":
                return self.rng.choice(_DURATIONS)
            case _:
                rows = self.world.rows("events")
                column = {"date": "day", "datetime": "opens_at", "time": "clock"}[kind]
                return self.rng.choice([row[column] for row in rows if row[column] is not None])

    # conditions

    def condition(self, scope: Scope, depth: int = 1) -> Condition:
        """A condition about the row, without relations to many."""
        rng = self.rng
        shape = rng.random()
        if depth > 0 and shape < 0.12:
            return Not(self.condition(scope, depth - 1))
        if depth > 0 and shape < 0.3:
            items = tuple(self.condition(scope, depth - 1) for _ in range(2))
            return Group(rng.choice(("&", "|", "|", "^")), items)
        if shape < 0.38 and (exists := self.exists(scope)) is not None:
            return exists
        if shape < 0.5:
            kind = rng.choice(("integer", "text", "real", "date", "datetime"))
            left = self.ref(kind, scope)
            if left is not None:
                return Infix(rng.choice((">", ">=", "<", "<=")), left, self._operand(kind, scope))
        if shape < 0.55 and (about := self._several(scope, depth)) is not None:
            return about
        if shape < 0.57 and (ref := self.ref("datetime", scope)) is not None:
            return self._about_now(ref)
        if shape < 0.74:
            kind = rng.choice(("integer", "integer", "text", "real", "decimal", "date", "datetime"))
            left = self.ref(kind, scope)
            if left is not None:
                return Leaf(f"{left.path}__{rng.choice((*_ORDERED, 'exact'))}", self.of(kind, depth, scope))
        return self._plain(scope)

    def _several(self, scope: Scope, depth: int) -> Leaf | None:
        """``in`` and ``range`` whose members are expressions and values."""
        kind = self.rng.choice(("integer", "text", "date", "datetime", "real"))
        left = self.ref(kind, scope)
        if left is None:
            return None
        members = [self.of(kind, depth, scope) for _ in range(2)]
        if self.chance(0.4):
            members[self.rng.randrange(2)] = self.value(kind)
        # Django has no range for foreign keys.
        if self.chance(0.5) and not left.path.endswith("_id"):
            return Leaf(f"{left.path}__range", tuple(members))
        more = [self.value(kind)] if self.chance(0.5) else []
        return Leaf(f"{left.path}__in", [*members, *more])

    def _about_now(self, left: Ref) -> Condition:
        """A condition on what is before or after the present; some years away, so that no row changes sides."""
        now = (
            Fn("Now")
            if self.chance(0.3)
            else Infix("-", Fn("Now"), timedelta(days=self.rng.choice((900, 1600, 2100))))
        )
        if self.chance(0.5):
            return Infix(self.rng.choice((">", ">=", "<", "<=")), left, now)
        return Leaf(f"{left.path}__{self.rng.choice(_ORDERED)}", now)

    def _plain(self, scope: Scope) -> Leaf:
        for _ in range(8):
            hops = self.rng.choice((0, 0, 0, 1))
            leaf = self.leaves.leaf(scope.table, scope.row, hops=hops)
            if not self._is_many(scope.table, leaf.key):
                return Leaf(scope.path(leaf.key), self._behind(scope, leaf.value))
        key = self.world.models[scope.table].key[0]
        return Leaf(scope.path(f"{key}__gt"), scope.row[key])

    @staticmethod
    def _behind(scope: Scope, value: object) -> object:
        return Ref(scope.path(value.path)) if isinstance(value, Ref) else value

    def _is_many(self, table: str, key: str) -> bool:
        for name in key.split("__"):
            relation = next((one for one in self.world.models[table].relations if one.name == name), None)
            if relation is None:
                return False
            if relation.many:
                return True
            table = relation.target
        return False

    def _operand(self, kind: str, scope: Scope) -> object:
        if kind != "text" and self.chance(0.5):
            return self.value(kind)
        return self.of(kind, 1, scope)

    # what every kind has

    def argument(self, kind: str, depth: int, scope: Scope) -> object:
        """An argument of a function: a field by name, a bare value, or an expression."""
        made = self.of(kind, depth, scope)
        if isinstance(made, Ref) and self.chance(0.6):
            return made.path
        if isinstance(made, Fn) and made.name == "Value" and kind != "text" and self.chance(0.6):
            return made.arguments[0]
        return made

    def _choice(self, kind: str) -> Callable[[Scope, int], object]:
        """``Case``, ``Coalesce``, ``NullIf``, ``Greatest`` and ``Least`` over a kind."""

        def make(scope: Scope, depth: int) -> object:
            name = self.rng.choice(("Case", "Case", "Coalesce", "Coalesce", "NullIf", "Greatest", "Least"))
            typed = (("output_field", PYTHON_TYPES[kind]),)
            if name == "Case":
                whens = tuple(
                    Fn(
                        "When",
                        (self.condition(scope, depth),),
                        (("then", self.argument(kind, depth, scope)),),
                    )
                    for _ in range(self.rng.choice((1, 1, 2)))
                )
                default = () if self.chance(0.3) else (("default", self.argument(kind, depth, scope)),)
                return Fn("Case", whens, (*default, *typed))
            if kind in ("boolean", "duration") and name in ("Greatest", "Least", "NullIf"):
                name = "Coalesce"
            count = 2 if name == "NullIf" else self.rng.choice((2, 2, 3))
            first = self.of(kind, depth, scope)
            rest = tuple(self.argument(kind, depth, scope) for _ in range(count - 1))
            return Fn(name, (first, *rest), typed if name != "NullIf" else ())

        return make

    def _raw(self, kind: str) -> Callable[[Scope, int], object]:
        """``RawSQL`` over a column of the table itself."""

        def make(scope: Scope, depth: int) -> object:
            columns = [each.column for each in self.world.models[scope.table].fields if each.kind == kind]
            if not columns or not scope.base or scope.prefix:
                return self.leaf(kind, scope)
            column = f'"{scope.table}"."{self.rng.choice(columns)}"'
            sql, values = self.rng.choice(_RAW[kind])
            return Fn("RawSQL", (sql.format(column), values), (("output_field", PYTHON_TYPES[kind]),))

        return make

    def _arithmetic(self, kind: str) -> Callable[[Scope, int], object]:
        def make(scope: Scope, depth: int) -> object:
            operator = self.rng.choice(("+", "+", "-", "-", "*", "*", "/", "%"))
            if kind == "decimal" and operator == "%":
                operator = "+"
            left: object = self.of(kind, depth, scope)
            other = "integer" if kind != "integer" and self.chance(0.25) else kind
            right: object = self.of(other, depth, scope)
            if self.chance(0.4):
                right = self.value(kind)
                if operator in "/%" and not right:
                    right = 3
            elif self.chance(0.15):
                left = self.value(kind)
            if not hasattr(left, "__dataclass_fields__") and not hasattr(right, "__dataclass_fields__"):
                left = Fn("Value", (left,))
            made = Infix(operator, left, right)
            if self.chance(0.08):
                return Fn("ExpressionWrapper", (made,), (("output_field", PYTHON_TYPES[kind]),))
            return made

        return make

    def _boolean(self, scope: Scope, depth: int) -> object:
        condition = self.condition(scope, depth)
        if isinstance(condition, Infix) or (isinstance(condition, Fn) and condition.name == "Exists"):
            return condition
        return Fn("ExpressionWrapper", (condition,), (("output_field", bool),))

    def behind(self, scope: Scope, relation: str) -> Scope:
        """The scope of rows that a relation leads to."""
        found = next(one for one in self.world.models[scope.table].relations if one.name == relation)
        rows = self.world.follow(scope.row, found) or self.world.rows(found.target)
        return replace(
            scope, table=found.target, row=self.rng.choice(rows), prefix=(*scope.prefix, relation), names={}
        )
