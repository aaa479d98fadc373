"""From what the user wrote to nodes of a shape and their values.

Invariant: values leave here in the order of their slots, and a node never keeps one. A name that can be known
to be wrong raises at the call that wrote it.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from noormme.errors import InvalidQuery, InvalidValue, UsageError, did_you_mean
from noormme.query.build_expressions import of_another_database
from noormme.query.builder.expressions import (
    CaseExpression,
    ExistsTest,
    Expression,
    FunctionCall,
    Group,
    Labelled,
    Negation,
    Operation,
    OuterRef,
    Ref,
    Sort,
    Value,
)
from noormme.query.builder.functions import FUNCTIONS
from noormme.query.builder.names import Known, find_column, is_column
from noormme.query.builder.nodes import (
    Arithmetic,
    Between,
    Call,
    Case,
    Compare,
    Condition,
    Exists,
    InList,
    InQuery,
    Junction,
    Not,
    Null,
    NullTest,
    Ordering,
    Outer,
    Query,
    Scalar,
    Slot,
    moved,
)
from noormme.query.builder.nodes import Expression as Node

if TYPE_CHECKING:
    from noormme.schema.model import Schema

__all__ = ["OPERATORS", "Assembler", "Embeddable", "nested_too_deeply"]

OPERATORS: Mapping[str, str] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "is": "is",
    "is not": "is not",
    "is distinct from": "is not",
    "is not distinct from": "is",
    "like": "like",
    "not like": "not like",
    "ilike": "ilike",
    "not ilike": "not ilike",
    "glob": "glob",
    "not glob": "not glob",
    "regexp": "regexp",
    "not regexp": "not regexp",
    "match": "match",
    "in": "in",
    "not in": "not in",
    "between": "between",
    "not between": "not between",
    "is null": "is null",
    "is not null": "is not null",
}
"""Every operator as it can be written, and what it is called in a shape."""

_TEXTUAL = frozenset(
    {"like", "not like", "ilike", "not ilike", "glob", "not glob", "regexp", "not regexp", "match"}
)
_UNARY = frozenset({"is null", "is not null"})


class Embeddable:
    """A query that can be part of another one."""

    # mypy holds that it is abstract; ABC would make every isinstance() with a query slower.
    __slots__ = ()

    @property
    def home(self) -> object:
        """What the queries of one database have in common, and those of no other; None where any will do."""
        return None

    @abstractmethod
    def as_part(self) -> tuple[Query, tuple[object, ...]]:
        """Its shape and its values. No statement runs."""

    @abstractmethod
    def output_names(self) -> list[str]:
        """What its columns are called."""


class Assembler:
    """Takes apart what one call was given.

    Args:
        schema: The schema.
        sources: The sources of the query so far.
        values: The values that it has already.
        labels: The names that ``select`` gave, where they can be used.
        home: What the queries of its database have in common.

    Attributes:
        values: All values, in slot order.
    """

    def __init__(
        self,
        schema: Schema,
        sources: Sequence[Known],
        values: Iterable[object],
        labels: Mapping[str, Node] | None = None,
        home: object = None,
    ) -> None:
        self.schema = schema
        self.home = home
        self.sources = sources
        self.labels = labels or {}
        self.values = list(values)

    # -- expressions --------------------------------------------------------------------------------

    def slot(self, value: object) -> Slot:
        """A slot for one value."""
        self.values.append(value)
        return Slot(len(self.values) - 1)

    def name(self, text: str) -> Node:
        """The expression that a name means."""
        if isinstance(text, str) and text in self.labels:
            return self.labels[text]
        return find_column(self.schema, self.sources, text)

    def named(self, item: object) -> Node:
        """An expression where text is a name."""
        return self.name(item) if isinstance(item, str) else self.valued(item)

    def valued(self, item: object) -> Node:
        """An expression where text is a value."""
        if isinstance(item, Expression):
            try:
                return self.expression(item)
            except RecursionError:
                raise nested_too_deeply() from None
        if isinstance(item, Embeddable):
            return Scalar(self.query(item, columns=1))
        if isinstance(item, Labelled):
            raise UsageError(
                f"'{item.name}' is a name for a column of the result", hint="leave out as_() here"
            )
        return Null() if item is None else self.slot(item)

    def expression(self, item: Expression) -> Node:
        """The node of an expression."""
        if isinstance(item, Ref):
            return self.name(item.name)
        if isinstance(item, OuterRef):
            if not isinstance(item.name, str):
                raise UsageError(f"outer() takes a name, not {type(item.name).__name__}")
            return Outer(item.name)
        if isinstance(item, Value):
            return Null() if item.value is None else self.slot(item.value)
        if isinstance(item, Operation):
            return Arithmetic(item.operator, self.valued(item.left), self.valued(item.right))
        if isinstance(item, CaseExpression):
            return self._case(item)
        if isinstance(item, FunctionCall) and item.function in FUNCTIONS:
            condition = None if item.filter is None else self.condition(item.filter)
            if not item.arguments and item.distinct:
                raise UsageError("count() of rows takes no distinct", hint="name a column to count")
            arguments = tuple(self.named(argument) for argument in item.arguments)
            return Call(item.function, arguments, item.distinct, condition)
        raise UsageError(f"{type(item).__name__} is no expression", hint="use ref(), value(), fn or case()")

    def _case(self, item: CaseExpression) -> Case:
        if not item.branches:
            raise UsageError("case() needs a branch", hint='write case((("age", "<", 18), "young"))')
        branches: list[tuple[Condition, Node]] = []
        for branch in item.branches:
            if not isinstance(branch, tuple) or len(branch) != 2:
                raise UsageError(
                    "a branch of case() is a condition and a result", hint='write (("age", "<", 18), "young")'
                )
            branches.append((self.condition(branch[0]), self.valued(branch[1])))
        return Case(tuple(branches), self.valued(item.otherwise))

    def query(self, item: Embeddable, *, columns: int | None = None) -> Query:
        """A query as a part of this one; its values follow those that are here.

        Raises:
            InvalidQuery: It gives another number of columns than is needed, or is of another database.
        """
        if item.home is not self.home:
            raise of_another_database("a sub-select")
        node, values = item.as_part()
        if columns is not None and (count := len(item.output_names())) != columns:
            raise InvalidQuery(
                f"the sub-select gives {count} columns, not {columns}", hint="select one column"
            )
        shifted = moved(node, len(self.values))
        self.values.extend(values)
        return shifted

    # -- conditions ---------------------------------------------------------------------------------

    def condition(self, item: object) -> Condition:
        """The node of a condition."""
        if isinstance(item, Group):
            if not item.parts:
                raise UsageError(f"{item.connector}_() needs a condition", hint='give one: ("age", ">", 18)')
            parts = tuple(self.condition(part) for part in item.parts)
            return parts[0] if len(parts) == 1 else Junction(item.connector, parts)
        if isinstance(item, Negation):
            return Not(self.condition(item.condition))
        if isinstance(item, ExistsTest):
            return Exists(self._embeddable(item.query), item.negated)
        if isinstance(item, tuple):
            return self.comparison(cast("tuple[object, ...]", item))
        raise UsageError(
            f"a condition is a tuple such as ('age', '>', 18), not {type(item).__name__}",
            hint="and_(), or_(), not_() and exists() make one too",
        )

    def _embeddable(self, item: object) -> Query:
        if not isinstance(item, Embeddable):
            raise UsageError(f"exists() takes a query, not {type(item).__name__}", hint="give db.table(…)")
        return self.query(item)

    def comparison(self, parts: tuple[object, ...]) -> Condition:
        """The node of an operand, an operator and, for most operators, what it is compared with.

        Raises:
            UsageError: These are not two or three parts, or the operator is unknown.
            InvalidValue: The value does not fit the operator.
        """
        if len(parts) == 2 and isinstance(parts[1], Embeddable) and parts[0] in ("exists", "not exists"):
            return Exists(self.query(parts[1]), parts[0] == "not exists")
        if len(parts) not in (2, 3):
            raise UsageError(
                f"a condition has 2 or 3 parts, not {len(parts)}",
                hint="write ('age', '>', 18) or ('age', 'is null')",
            )
        operator = _operator(parts[1])
        if (operator in _UNARY) != (len(parts) == 2):
            needs = "nothing to compare with" if operator in _UNARY else "something to compare with"
            raise UsageError(
                f"'{operator}' needs {needs}", hint="write ('age', '>', 18) or ('age', 'is null')"
            )
        left = self.named(parts[0])
        if operator in _UNARY:
            return NullTest(left, operator == "is not null")
        return self._compared(left, operator, parts[-1], _shown(parts[0]))

    def _compared(self, left: Node, operator: str, right: object, where: str) -> Condition:
        if operator in ("in", "not in"):
            return self._member(left, right, operator == "not in", where)
        if operator in ("between", "not between"):
            ends = list(cast("Iterable[object]", right)) if isinstance(right, (list, tuple)) else []
            if len(ends) != 2 or None in ends:
                raise InvalidValue(f"'{operator}' on {where} takes two ends", hint="give (low, high)")
            low, high = map(self.valued, ends)
            return Between(left, low, high, operator == "not between")
        if operator in _TEXTUAL:
            _check_pattern(operator, right, where)
        other = self.valued(right)
        if isinstance(other, Null):
            if operator in ("is", "is not"):
                return NullTest(left, operator == "is not")
            raise InvalidValue(
                f"'{operator}' on {where} with None holds for no row", hint="use 'is null' or 'is not null'"
            )
        return Compare(operator, left, other)

    def _member(self, left: Node, right: object, negated: bool, where: str) -> Condition:
        if isinstance(right, Embeddable):
            return InQuery(left, self.query(right, columns=1), negated)
        given = type(right).__name__
        if isinstance(right, (str, bytes, Mapping)) or not isinstance(right, Iterable):
            raise InvalidValue(
                f"'in' on {where} takes a list or a query, not {given}",
                hint="give [value, …]",
            )
        groups: dict[type, list[object]] = {}
        nul: list[object] = []
        for item in cast("Iterable[object]", right):
            if item is None:
                if negated:
                    raise InvalidValue(
                        f"'not in' on {where} with None in the list holds for no row",
                        hint="leave it out, and ask for 'is not null'",
                    )
            elif isinstance(item, (Expression, Embeddable)):
                raise InvalidValue(
                    f"the list of 'in' on {where} holds values only", hint="use or_() for others"
                )
            elif type(item) is str and "\0" in item:
                nul.append(item)
            else:
                groups.setdefault(int if type(item) is bool else type(item), []).append(item)
        slots = tuple(self.slot(group).index for group in groups.values())
        return InList(left, slots, self.slot(nul).index if nul else None, negated)

    # -- order --------------------------------------------------------------------------------------

    def ordering(self, item: object, *, descending: bool = False, nulls: Any = None) -> Ordering:
        """A sort key: a name, with ``-`` before it for descending order, or an expression.

        Raises:
            UsageError: It is neither.
        """
        if isinstance(item, Sort):
            return Ordering(self.expression(item.expression), item.descending, item.nulls or nulls)
        if isinstance(item, str):
            known = item in self.labels or is_column(self.sources, item)
            if item.startswith("-") and not known:
                return Ordering(self.name(item[1:]), not descending, nulls)
            return Ordering(self.name(item), descending, nulls)
        if isinstance(item, Expression):
            return Ordering(self.expression(item), descending, nulls)
        raise UsageError(f"order_by takes names and expressions, not {type(item).__name__}")


def nested_too_deeply() -> InvalidQuery:
    """The error for expressions in expressions that go deeper than Python's stack."""
    return InvalidQuery(
        "the query is nested too deeply", hint="join conditions on one level, or give a list to 'in'"
    )


def _operator(written: object) -> str:
    found = OPERATORS.get(" ".join(written.lower().split())) if isinstance(written, str) else None
    if found is not None:
        return found
    if not isinstance(written, str):
        raise UsageError(
            f"an operator is a text, not {type(written).__name__}", hint="write where('age', '>', 18)"
        )
    hint = did_you_mean(written, OPERATORS) or f"there are: {', '.join(OPERATORS)}"
    # What stands in its place may be a value: where('age', 18).
    shown = (
        f"'{written}' is no operator"
        if re.fullmatch(r"[a-z ]{1,20}|\W{1,3}", written)
        else "no such operator"
    )
    raise UsageError(shown, hint=hint)


def _shown(operand: object) -> str:
    return f"'{operand}'" if isinstance(operand, str) else "an expression"


def _check_pattern(operator: str, right: object, where: str) -> None:
    if isinstance(right, (Expression, Embeddable)):
        return
    if not isinstance(right, str):
        raise InvalidValue(f"'{operator}' on {where} takes text, not {type(right).__name__}")
    if operator.endswith("regexp"):
        try:
            re.compile(right)
        except re.error as error:
            raise InvalidValue(
                f"'{operator}' on {where} was given a regular expression that does not compile",
                hint=f"it has the syntax of Python's re module; look at position {error.pos}",
            ) from error
