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
from random import Random
from typing import Any

from .leaves import Leaves
from .nodes import Condition, Fn, Group, Infix, Leaf, Method, Not, Part, Ref
from .world import Row, World

__all__ = ["KINDS", "PYTHON_TYPES", "Expressions", "Scope"]

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
_DATE_UNITS = ("year", "quarter", "month", "week", "day")
_TIME_UNITS = ("hour", "minute", "second")
_DATE_PARTS = ("Year", "IsoYear", "Quarter", "Month", "Week", "WeekDay", "IsoWeekDay", "Day")
_TIME_PARTS = ("Hour", "Minute", "Second")
_ORDERED = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True)
class Scope:
    """Where an expression stands.

    Attributes:
        table: The table whose fields it reads.
        row: A row that conditions are built around.
        prefix: The path to that table, where it is not the one of the query.
        names: The annotations that it may read, and their kinds.
    """

    table: str
    row: Row
    prefix: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)

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
        self._makers: dict[str, list[tuple[int, Callable[[Scope, int], object]]]] = {
            "integer": [(6, self._arithmetic("integer")), (10, self._integer)],
            "real": [(4, self._arithmetic("real")), (10, self._real)],
            "decimal": [(6, self._arithmetic("decimal")), (5, self._decimal)],
            "text": [(14, self._text)],
            "boolean": [(10, self._boolean)],
            "date": [(8, self._date)],
            "datetime": [(8, self._datetime)],
            "time": [(6, self._time)],
            "duration": [(10, self._duration)],
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
            return self._difference(scope)
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
        if shape < 0.72:
            kind = rng.choice(("integer", "integer", "text", "real", "decimal", "date", "datetime"))
            left = self.ref(kind, scope)
            if left is not None:
                return Leaf(f"{left.path}__{rng.choice((*_ORDERED, 'exact'))}", self.of(kind, depth, scope))
        return self._plain(scope)

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

    def _arithmetic(self, kind: str) -> Callable[[Scope, int], object]:
        def make(scope: Scope, depth: int) -> object:
            operator = self.rng.choice(("+", "+", "-", "-", "*", "*", "/", "%"))
            if kind != "integer" and operator == "%":
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

    # kinds

    def _integer(self, scope: Scope, depth: int) -> object:
        rng = self.rng
        match rng.randrange(12):
            case 0 | 1:
                return Fn("Length", (self.argument("text", depth, scope),))
            case 2:
                return Fn(
                    "StrIndex", (self.argument("text", depth, scope), Fn("Value", (self.value("text"),)))
                )
            case 3 | 4 | 5:
                kind = rng.choice(("date", "datetime", "datetime", "time"))
                parts = {"date": _DATE_PARTS, "time": _TIME_PARTS}.get(kind, _DATE_PARTS + _TIME_PARTS)
                part = rng.choice(parts)
                inner = self.argument(kind, depth, scope)
                if self.chance(0.3):
                    name = {"WeekDay": "week_day", "IsoWeekDay": "iso_week_day", "IsoYear": "iso_year"}.get(
                        part
                    )
                    return Fn("Extract", (inner, name or part.lower()))
                return Fn(f"Extract{part}", (inner,))
            case 6:
                return Fn("Abs", (self.argument("integer", depth, scope),))
            case 7:
                return Fn("Sign", (self.argument("integer", depth, scope),))
            case 8:
                kind = rng.choice(("real", "boolean", "decimal", "integer"))
                return Fn("Cast", (self.argument(kind, depth, scope), int), ())
            case 9:
                return Fn("Ord", (self.argument("text", depth, scope),))
            case 10:
                name = rng.choice(("bitand", "bitor", "bitxor", "bitleftshift", "bitrightshift"))
                left = self.of("integer", depth, scope)
                return Method(left, name, (rng.choice((0, 1, 2, 3)),))
            case _:
                return Infix("*", self.of("integer", depth, scope), -1)

    def _real(self, scope: Scope, depth: int) -> object:
        rng = self.rng

        def number(kind: str = "real") -> object:
            return self.argument(kind, depth, scope)

        match rng.randrange(12):
            case 0 | 1:
                name = rng.choice(("Sin", "Cos", "Tan", "ATan", "Degrees", "Radians"))
                return Fn(name, (number(rng.choice(("real", "integer"))),))
            case 2:
                return Fn(rng.choice(("Sqrt", "Ln")), (Fn("Abs", (number(),)),))
            case 3:
                return Fn(rng.choice(("ASin", "ACos", "Sin", "Exp", "Cot")), (Fn("Sin", (number(),)),))
            case 4:
                return Fn("Power", (number(), rng.choice((0, 1, 2, 3))))
            case 5:
                return Fn("Mod", (number("real"), rng.choice((2, 3, 0.75, -4))))
            case 6:
                return Fn("ATan2", (number(), number()))
            case 7:
                precision = () if self.chance(0.3) else (("precision", rng.choice((0, 1, 2))),)
                return Fn("Round", (number(),), precision)
            case 8:
                return Fn(rng.choice(("Ceil", "Floor", "Abs", "Sign")), (number(),))
            case 9:
                return Fn("Log", (rng.choice((2, 10)), Fn("Abs", (number(),))))
            case 10:
                return Fn("Pi") if self.chance(0.3) else Fn("Abs", (number(),))
            case _:
                return Fn("Cast", (number(rng.choice(("integer", "decimal", "real"))), float))

    def _decimal(self, scope: Scope, depth: int) -> object:
        number = self.argument("decimal", depth, scope)
        match self.rng.randrange(5):
            case 0:
                return Fn("Round", (number,), (("precision", self.rng.choice((0, 1, 2))),))
            case 1:
                return Fn(self.rng.choice(("Ceil", "Floor")), (number,))
            case 2:
                return Fn("Abs", (number,))
            case _:
                return Fn(
                    "Cast", (self.argument(self.rng.choice(("integer", "real")), depth, scope), Decimal)
                )

    def _text(self, scope: Scope, depth: int) -> object:
        rng = self.rng
        text = self.argument("text", depth, scope)
        constant = Fn("Value", (self.value("text"),))
        match rng.randrange(15):
            case 0 | 1:
                return Fn(rng.choice(("Lower", "Upper")), (text,))
            case 2 | 3:
                parts = [text, *(self.argument("text", depth, scope) for _ in range(rng.choice((1, 1, 2))))]
                return Fn("Concat", tuple(parts) if self.chance(0.6) else (*parts, constant))
            case 4:
                return Fn(rng.choice(("Left", "Right")), (text, rng.choice((1, 2, 5))))
            case 5:
                length = () if self.chance(0.4) else (rng.choice((0, 1, 3)),)
                return Fn("Substr", (text, rng.choice((1, 2, 4, -3)), *length))
            case 6:
                return Fn(rng.choice(("Trim", "LTrim", "RTrim")), (text,))
            case 7:
                return Fn(
                    rng.choice(("LPad", "RPad")),
                    (text, rng.choice((0, 3, 8)), *((constant,) * self.chance(0.6))),
                )
            case 8:
                return Fn("Repeat", (text, rng.choice((0, 1, 2))))
            case 9:
                return Fn(
                    "Replace", (text, constant, *((Fn("Value", (self.value("text"),)),) * self.chance(0.8)))
                )
            case 10:
                return Fn("Reverse", (text,))
            case 11:
                return Fn(
                    "Cast", (self.argument(rng.choice(("integer", "text", "boolean")), depth, scope), str)
                )
            case 12:
                return Fn(rng.choice(("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")), (text,))
            case 13:
                ref = self.ref("text", scope)
                start = rng.choice((0, 0, 1, 3))
                stop = None if self.chance(0.3) else start + rng.choice((0, 1, 2))
                return Part(ref.path, start, stop) if ref is not None else text
            case _:
                if self.chance(0.5):
                    return (
                        Fn("Chr", (Infix("+", self.of("integer", 0, scope), 48),))
                        if self.chance(0.3)
                        else text
                    )
                return Fn("Collate", (text, rng.choice(("NOCASE", "RTRIM", "BINARY"))))

    def _boolean(self, scope: Scope, depth: int) -> object:
        condition = self.condition(scope, depth)
        if isinstance(condition, Infix) or (isinstance(condition, Fn) and condition.name == "Exists"):
            return condition
        return Fn("ExpressionWrapper", (condition,), (("output_field", bool),))

    def _date(self, scope: Scope, depth: int) -> object:
        match self.rng.randrange(4):
            case 0 | 1:
                unit = self.rng.choice(_DATE_UNITS)
                return self._trunc(unit, self.argument("date", depth, scope))
            case 2:
                return Fn("TruncDate", (self.argument("datetime", depth, scope),))
            case _:
                return Fn("Cast", (self.argument("datetime", depth, scope), date))

    def _trunc(self, unit: str, inner: object) -> Fn:
        return Fn(f"Trunc{unit.title()}", (inner,)) if self.chance(0.7) else Fn("Trunc", (inner, unit))

    def _datetime(self, scope: Scope, depth: int) -> object:
        inner = self.argument("datetime", depth, scope)
        match self.rng.randrange(4):
            case 0 | 1:
                return self._trunc(self.rng.choice((*_DATE_UNITS, *_TIME_UNITS)), inner)
            case 2:
                moved = self.of(self.rng.choice(("datetime", "datetime", "date")), depth, scope)
                return Infix(self.rng.choice("+-"), moved, self.rng.choice(_DURATIONS))
            case _:
                moved = self.of("datetime", depth, scope)
                return Infix(self.rng.choice("+-"), moved, self._difference(scope))

    def _time(self, scope: Scope, depth: int) -> object:
        match self.rng.randrange(4):
            case 0 | 1:
                return self._trunc(self.rng.choice(_TIME_UNITS), self.argument("time", depth, scope))
            case 2:
                return Fn("TruncTime", (self.argument("datetime", depth, scope),))
            case _:
                return Fn("Cast", (self.argument("datetime", depth, scope), time))

    def _duration(self, scope: Scope, depth: int) -> object:
        return self._difference(scope)

    def _difference(self, scope: Scope) -> object:
        """The time between two moments; a duration as it stands where there are none."""
        kind = self.rng.choice(("datetime", "datetime", "date", "time"))
        left, right = (self.ref(kind, scope) for _ in range(2))
        if left is None or right is None:
            return Fn("Value", (self.value("duration"),), (("output_field", timedelta),))
        return Infix("-", left, right)

    def behind(self, scope: Scope, relation: str) -> Scope:
        """The scope of rows that a relation leads to."""
        found = next(one for one in self.world.models[scope.table].relations if one.name == relation)
        rows = self.world.follow(scope.row, found) or self.world.rows(found.target)
        return replace(
            scope, table=found.target, row=self.rng.choice(rows), prefix=(*scope.prefix, relation), names={}
        )
