"""From the conditions that a user wrote to a shape: names are checked, values are taken out.

Invariant: every name that enters a shape exists, and no value does. The order in which values are taken is
the order of their slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from noormme.errors import InvalidValue, UsageError
from noormme.query.build_expressions import ExpressionBuilder, Queryable, nested_too_deeply
from noormme.query.expressions.base import Comparison, Expression, kind_of_value
from noormme.query.expressions.conditions import Conditional, Q
from noormme.query.expressions.fields import F, Value
from noormme.query.nodes import (
    Compared,
    Condition,
    Holds,
    JSONType,
    Junction,
    Operand,
    Predicate,
)
from noormme.query.operands import PLAIN
from noormme.query.resolve import Target

C = TypeVar("C", bound="Conditional | tuple[str, object]")

__all__ = ["PLAIN", "Builder", "Queryable", "nested_too_deeply"]

_LONGEST_PATTERN = 20_000
"""The longest text in characters that is made a pattern, in which each of them may need a second one."""


class Builder(ExpressionBuilder):
    """Takes conditions and expressions apart for one query.

    Args:
        schema: The schema of the query's table.
        table: The query's table.
        start: How many values the query has already.
        annotations: The expressions named by ``annotate`` so far.
        filtered: The relations named by ``annotate`` so far.
    """

    def junction(
        self, conditions: Iterable[object], lookups: Mapping[str, object], *, negated: bool = False
    ) -> Junction:
        """The node of one ``filter`` or ``exclude`` call.

        Args:
            conditions: The positional arguments.
            lookups: The keyword arguments.
            negated: Whether it is ``exclude``.

        Raises:
            UsageError: A positional argument is no condition.
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
        """
        children: list[Predicate] = []
        for condition in conditions:
            self.direct = False
            try:
                children.append(self._predicate(condition))
            except RecursionError:
                raise nested_too_deeply() from None
        children.extend(self.lookup(name, value) for name, value in _in_order(lookups.items()))
        return Junction("AND", tuple(children), negated)

    def condition(self, condition: Conditional) -> Junction:
        """A condition inside an expression.

        Raises:
            UsageError: It is none.
        """
        node = self._predicate(condition)
        return node if isinstance(node, Junction) else Junction("AND", (node,))

    def _predicate(self, condition: object) -> Predicate:
        if isinstance(condition, Q):
            return Junction(
                condition.connector,
                tuple(
                    self.lookup(child[0], child[1]) if isinstance(child, tuple) else self._predicate(child)
                    for child in _in_order(condition.children)
                ),
                condition.negated,
            )
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if isinstance(condition, Expression):
            return Holds(condition.node(self))
        raise UsageError(
            f"a condition must be a Q or a keyword lookup, not {type(condition).__name__}",
            hint="write filter(field=value) or filter(Q(…) | Q(…))",
        )

    def compared(self, comparison: Comparison) -> Junction:
        """An expression under a lookup."""
        return Junction("AND", (self._comparison(comparison),))

    def _comparison(self, comparison: Comparison) -> Predicate:
        if type(comparison.expression) is F:
            return self.lookup(f"{comparison.expression.name}__{comparison.lookup}", comparison.operand)
        expression = comparison.expression.node(self)
        place = Target(
            (), self.table, (), annotation="", lookup=comparison.lookup, kind=self.kind(expression)
        )
        operand, folded, json = self._operand_of(
            repr(type(comparison.expression).__name__), comparison.operand, place
        )
        return Compared(expression, comparison.lookup, operand, folded, json)

    def lookup(self, name: str, value: object) -> Condition:
        """The node of one keyword lookup; its values are added to ``values``.

        Args:
            name: The name as it was written.
            value: What it is compared with.

        Raises:
            FieldNotFound: The name is unknown.
            LookupNotFound: The lookup is unknown.
            InvalidValue: The value does not fit the lookup.
        """
        target = self.target(name, with_lookup=True)
        if type(value) is Value and (
            value.kind == kind_of_value(value.value)
            # Null said to be JSON is that of JSON, as None is beside a field that holds documents.
            or (value.value is None and value.kind == "json" and self._takes_null(target))
        ):
            self.direct = False
            value = value.value
        if value is None and not self._takes_null(target):
            self.direct = False
            if not target.rule.none_is_null:
                raise InvalidValue(
                    f"{self._where(name)} cannot be compared with None by '{target.lookup}'",
                    hint="use isnull=True or isnull=False",
                )
            bare = (
                name.removesuffix(f"__{target.lookup}")
                if target.lookup != "exact" or name.endswith("__exact")
                else name
            )
            return Condition(f"{bare}__isnull", True)
        operand, folded, json = self._operand_of(name, value, target)
        return Condition(name, operand, folded, json=json)

    def _operand_of(
        self, name: str, value: object, target: Target
    ) -> tuple[Operand, bool, tuple[JSONType, ...]]:
        """What a lookup compares with, whether it asks for Unicode case folding, and what it is in JSON."""
        rule = target.rule
        if rule.operand == "flag":
            self.direct = False
            if not isinstance(value, bool):
                raise InvalidValue(
                    f"{self._where(name)} takes True or False, not {type(value).__name__}",
                    hint=f"write {target.lookup}=True",
                )
            return value, False, ()
        if isinstance(value, (Expression, Conditional)):
            self.direct = False
            return self.operand(value), False, ()
        if isinstance(value, Queryable):
            return self.subquery(value, None), False, ()
        if target.kind == "json" and rule.sql is None and rule.operand not in ("text", "pattern"):
            operand, json = self._json(value, name, target)
            return operand, False, json
        if target.kind == "array" and rule.sql is None and rule.operand in ("value", "list"):
            return self._array(value, name, target), False, ()
        if rule.operand == "list":
            return self._list(value, name, target), False, ()
        if rule.operand == "pair":
            return self._pair(value, name), False, ()
        if rule.operand == "pattern":
            self.direct = False
            self._check_pattern(value, name)
        if len(target.columns) > 1:
            return self._composite(value, name, target), False, ()
        folded = False
        if rule.ignores_case and rule.operand == "text":
            self.direct = False
            folded = isinstance(value, str) and (
                not value.isascii() or "\0" in value or len(value) > _LONGEST_PATTERN
            )
        elif type(value) not in PLAIN:
            self.direct = False
            value = self._key_of(value, target, name)
        return self.param(value), folded, ()


def _in_order(children: Iterable[C]) -> list[C]:
    """Conditions in the order in which they are compiled.

    A field that one is compared with makes a join that the others may be about. What such conditions mean
    together must not depend on how they were written, so they are sorted by name, as Django sorts them.
    """
    found = list(children)
    if any(isinstance(child, tuple) and isinstance(child[1], Expression) for child in found):
        found.sort(key=lambda child: child[0] if isinstance(child, tuple) else "")
    return found
