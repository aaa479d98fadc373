"""Random aggregates and window functions over expressions.

Invariant: the data alone decide every value: what depends on the order of rows is sorted down to the primary key.
"""

from __future__ import annotations

from random import Random

from .expressions import Expressions, Scope
from .nodes import Fn, Infix, Ref, Sorted
from .world import World

__all__ = ["Aggregations"]

_NUMBERS = ("integer", "integer", "integer", "real", "decimal")
_VALUES = ("integer", "integer", "text", "real", "decimal", "date", "datetime", "time")


class Aggregations:
    """Makes aggregates and window functions over one world from one source of randomness."""

    def __init__(self, world: World, rng: Random, expressions: Expressions) -> None:
        self.world = world
        self.rng = rng
        self.expressions = expressions

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def scope(self, scope: Scope) -> Scope:
        """The scope of what is aggregated: the rows, or those behind a relation to many."""
        many = [relation.name for relation in self.world.models[scope.table].relations if relation.many]
        if not many or self.chance(0.4):
            return scope
        return self.expressions.behind(scope, self.rng.choice(many))

    def aggregate(self, scope: Scope, depth: int = 1, *, plain: bool = True) -> tuple[object, str]:
        """An aggregate, or an expression of aggregates, and its kind."""
        if depth > 0 and self.chance(0.25):
            return self._combined(scope)
        return self._simple(self.scope(scope) if plain else scope)

    def _combined(self, scope: Scope) -> tuple[object, str]:
        rng = self.rng
        inner = self.scope(scope)
        match rng.randrange(4):
            case 0:
                numbers = [self._number(inner) for _ in range(2)]
                return Infix(rng.choice("+-*"), *numbers), "integer"
            case 1:
                return Fn("Coalesce", (self._number(inner), rng.choice((0, 7)))), "integer"
            case 2:
                operator = rng.choice("+-*/%")
                return Infix(operator, self._number(inner), rng.choice((1, 2, 10))), "integer"
            case _:
                return Fn("Abs", (self._number(inner),)), "integer"

    def _number(self, scope: Scope) -> Fn:
        """An aggregate that is a whole number."""
        name = self.rng.choice(("Count", "Sum", "Max", "Min"))
        operand = self.expressions.argument("integer", self.rng.choice((0, 0, 1)), scope)
        return Fn(name, (self._expression(operand),), self._options(name, "integer", scope))

    def _simple(self, scope: Scope) -> tuple[object, str]:
        rng = self.rng
        depth = rng.choice((0, 0, 1, 1, 2))
        name = rng.choice(("Count", "Count", "Sum", "Sum", "Avg", "Min", "Max", "Spread", "StringAgg"))
        if name == "Count":
            if self.chance(0.2) and not scope.prefix:
                return Fn("Count", ("*",)), "integer"
            kind = rng.choice(_VALUES)
            operand = self.expressions.argument(kind, depth, scope)
            return Fn("Count", (self._expression(operand),), self._options(name, kind, scope)), "integer"
        if name in ("Sum", "Avg", "Spread"):
            kind = rng.choice(_NUMBERS)
            operand = self._expression(self.expressions.argument(kind, depth, scope))
            if name == "Spread":
                name = rng.choice(("StdDev", "Variance"))
                sample = (("sample", True),) if self.chance(0.4) else ()
                options = tuple(
                    option for option in self._options(name, "real", scope) if option[0] == "filter"
                )
                return Fn(name, (operand,), (*sample, *options)), "decimal" if kind == "decimal" else "real"
            options = self._options(name, "real" if name == "Avg" and kind == "integer" else kind, scope)
            if name == "Avg" and kind == "integer":
                kind = "real"
            return Fn(name, (operand,), options), kind
        if name == "StringAgg":
            return self._texts(scope, depth), "text"
        kind = rng.choice(_VALUES)
        operand = self._expression(self.expressions.argument(kind, depth, scope))
        return Fn(name, (operand,), self._options(name, kind, scope)), kind

    def _texts(self, scope: Scope, depth: int) -> Fn:
        operand = self._expression(self.expressions.argument("text", depth, scope))
        distinct = self.chance(0.3)
        delimiter = Fn("Value", ("," if distinct else self.rng.choice((",", "; ", "%", "")),))
        key: object = (
            operand
            if self.chance(0.5)
            else Sorted(
                Ref(operand) if isinstance(operand, str) else operand,
                self.chance(0.6),
                self.rng.choice(("", "first", "last")),
            )
        )
        # Equal texts are one as good as the other, so this order is total.
        order: tuple[tuple[str, object], ...] = (("order_by", key),)
        if not distinct and self.chance(0.3):
            kind = self.rng.choice(("integer", "date", "text"))
            other = self.expressions.of(kind, self.rng.choice((0, 1)), scope)
            if hasattr(other, "__dataclass_fields__"):
                first = Sorted(other, self.chance(0.5), self.rng.choice(("", "first", "last")))
                order = (("order_by", [first, key]),)
        options = tuple(option for option in self._options("Min", "text", scope) if option[0] == "filter")
        return Fn("StringAgg", (operand, delimiter), (*((("distinct", True),) * distinct), *options, *order))

    def _expression(self, operand: object) -> object:
        """What an aggregate takes: a field by name, or an expression."""
        return (
            operand
            if isinstance(operand, str) or hasattr(operand, "__dataclass_fields__")
            else Fn("Value", (operand,))
        )

    def _options(self, name: str, kind: str, scope: Scope) -> tuple[tuple[str, object], ...]:
        options: list[tuple[str, object]] = []
        if name in ("Count", "Sum", "Avg") and self.chance(0.2):
            options.append(("distinct", True))
        if self.chance(0.2):
            options.append(("filter", self.expressions.condition(scope, 1)))
        if name != "Count" and self.chance(0.15):
            default = self.expressions.value(kind)
            options.append(("default", Fn("Value", (default,)) if kind == "text" else default))
        return tuple(options)

    def window(self, scope: Scope) -> tuple[Fn, str]:
        """A window function and its kind."""
        rng = self.rng
        name = rng.choice(("rank", "rank", "number", "neighbour", "aggregate", "aggregate"))
        keys = self._keys(scope)
        total = (*keys, *self._key(scope))
        parts = self._parts(scope)
        if name == "rank":
            function = Fn(rng.choice(("Rank", "DenseRank", "CumeDist", "PercentRank")))
            kind = "integer" if "Rank" in function.name and function.name != "PercentRank" else "real"
            return Fn("Window", (function,), (*parts, ("order_by", keys or total))), kind
        if name == "number":
            function = Fn("RowNumber") if self.chance(0.6) else Fn("Ntile", (rng.choice((1, 2, 3, 7)),))
            return Fn("Window", (function,), (*parts, ("order_by", total))), "integer"
        kind = rng.choice(_VALUES[:6])
        operand = self._expression(self.expressions.argument(kind, rng.choice((0, 0, 1)), scope))
        if name == "neighbour":
            function = self._neighbour(operand, kind)
            frame = self._frame() if function.name.endswith("Value") else ()
            return Fn("Window", (function,), (*parts, ("order_by", total), *frame)), kind
        return self._running(scope, parts, keys, total)

    def _running(
        self,
        scope: Scope,
        parts: tuple[tuple[str, object], ...],
        keys: tuple[object, ...],
        total: tuple[object, ...],
    ) -> tuple[Fn, str]:
        """An aggregate over a window."""
        rng = self.rng
        function = rng.choice(("Sum", "Avg", "Count", "Min", "Max"))
        kind = rng.choice(_NUMBERS if function in ("Sum", "Avg") else _VALUES)
        operand = self._expression(self.expressions.argument(kind, rng.choice((0, 0, 1)), scope))
        condition = (("filter", self.expressions.condition(scope, 0)),) if self.chance(0.15) else ()
        call = Fn(function, (operand,), condition)
        kind = (
            "integer" if function == "Count" else "real" if function == "Avg" and kind == "integer" else kind
        )
        shape = rng.randrange(4)
        if shape == 0:
            return Fn("Window", (call,), parts), kind
        if shape == 1:
            return Fn("Window", (call,), (*parts, ("order_by", keys or total))), kind
        if shape == 2 and (number := self.expressions.ref("integer", scope)) is not None:
            start, end = rng.choice(((None, 0), (-3, 3), (0, None), (-10, 0), (0, 0), (None, None)))
            frame = Fn("ValueRange", (start, end))
            return Fn("Window", (call,), (*parts, ("order_by", number.path), ("frame", frame))), kind
        return Fn("Window", (call,), (*parts, ("order_by", total), *self._frame())), kind

    def _neighbour(self, operand: object, kind: str) -> Fn:
        rng = self.rng
        name = rng.choice(("Lag", "Lead", "FirstValue", "LastValue", "NthValue"))
        if name == "NthValue":
            return Fn(name, (operand, rng.choice((1, 2, 3))))
        if name.endswith("Value"):
            return Fn(name, (operand,))
        if self.chance(0.5):
            return Fn(name, (operand,))
        offset = rng.choice((1, 2, 3))
        default = self.expressions.value(kind)
        if self.chance(0.4) or kind == "text":
            return Fn(name, (operand,), (("offset", offset),))
        return Fn(name, (operand, offset, default))

    def _frame(self) -> tuple[tuple[str, object], ...]:
        if self.chance(0.35):
            return ()
        ends = self.rng.choice(
            ((None, 0), (-1, 1), (-2, 0), (0, 2), (None, None), (0, None), (-3, -1), (1, 2), (None, 2))
        )
        exclusion = (("exclusion", self.rng.choice(("CURRENT ROW", "GROUP", "TIES", "NO OTHERS"))),)
        return (("frame", Fn("RowRange", ends, exclusion if self.chance(0.15) else ())),)

    def _parts(self, scope: Scope) -> tuple[tuple[str, object], ...]:
        found: list[object] = []
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            kind = self.rng.choice(("integer", "text", "boolean", "date"))
            found.append(self._expression(self.expressions.argument(kind, self.rng.choice((0, 0, 1)), scope)))
        # A value is no part of a row: some databases refuse to partition by one.
        found = [part for part in found if not (isinstance(part, Fn) and part.name == "Value")]
        if not found:
            return ()
        return (("partition_by", found[0] if len(found) == 1 and self.chance(0.5) else found),)

    def _keys(self, scope: Scope) -> tuple[object, ...]:
        keys: list[object] = []
        for _ in range(self.rng.choice((0, 1, 1, 1, 2))):
            kind = self.rng.choice(("integer", "text", "date", "datetime", "boolean"))
            made = self.expressions.of(kind, self.rng.choice((0, 0, 1)), scope)
            if isinstance(made, Fn) and made.name == "Value":
                continue
            if isinstance(made, Ref) and self.chance(0.5):
                keys.append(f"-{made.path}" if self.chance(0.4) else made.path)
            elif not isinstance(made, Infix) or made.operator not in (">", ">=", "<", "<="):
                keys.append(Sorted(made, self.chance(0.5), self.rng.choice(("", "", "first", "last"))))
        return tuple(keys)

    def _key(self, scope: Scope) -> tuple[str, ...]:
        key = self.world.models[scope.table].key
        return tuple(f"-{name}" if self.chance(0.2) else name for name in (key if len(key) > 1 else ("pk",)))
