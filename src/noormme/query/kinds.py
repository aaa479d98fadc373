"""Of which kind an expression is, found from its node alone.

Invariant: the compiler uses the same rules for what it has compiled, so a name means the same when a query is
built and when it is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from noormme.errors import UsageError
from noormme.query.arithmetic import result_kind
from noormme.query.functions.table import FUNCTIONS, common_kind
from noormme.query.nodes import (
    AggregateCall,
    Arithmetic,
    Call,
    Cases,
    Constant,
    Expression,
    JSONText,
    Raw,
    Ref,
    RowsExist,
    Subquery,
    Test,
    Typed,
    WindowCall,
)
from noormme.query.shape import Shape
from noormme.schema.model import Kind

__all__ = ["call_kind", "expression_kind", "takes_json"]

_TAKES_JSON = frozenset(
    {"any_value", "count", "first_value", "json_array", "json_object", "last_value", "nth_value"}
)
"""Functions to which a part of a document is JSON; to others it is the number or the text that it holds."""

_PASSES_JSON = frozenset({"coalesce", "lag", "lead"})
"""Functions that give one of their arguments as it is, where all of them are JSON."""


def takes_json(function: str, kinds: Iterable[Kind]) -> bool:
    """Whether a function takes a part of a document as JSON.

    Args:
        function: Its name in ``query.functions``.
        kinds: The kinds of its arguments.
    """
    return function in _TAKES_JSON or (function in _PASSES_JSON and set(kinds) <= {"json", "any"})


def call_kind(function: str, kinds: tuple[Kind, ...], option: str, output: Kind | None) -> Kind:
    """The kind of a function's values.

    Args:
        function: Its name in ``query.functions``, or that of any SQL function.
        kinds: The kinds of its arguments.
        option: What selects one of several forms of it.
        output: What was said of its values.

    Raises:
        InvalidQuery: It has no meaning for such arguments.
    """
    rule = FUNCTIONS.get(function)
    if rule is None:
        return output or "any"
    return output or (rule.gives(kinds, option) if callable(rule.gives) else rule.gives)


def expression_kind(
    node: Expression, named: Callable[[str], Kind], inside: Callable[[Shape, str], Kind]
) -> Kind:
    """The kind of an expression of a shape; ``"any"`` where its node does not say it.

    Args:
        node: The expression.
        named: Gives the kind of a name of the query.
        inside: Gives the kind of a name of another query.
    """

    def kind(part: Expression) -> Kind:
        return expression_kind(part, named, inside)

    def of_call(call: Call | AggregateCall, output: Kind | None) -> Kind:
        kinds: tuple[Kind, ...] = tuple([kind(each) for each in call.arguments])
        if not takes_json(call.function, kinds):
            kinds = tuple([_plain(each) for each in kinds])
        return call_kind(call.function, kinds, call.option if isinstance(call, Call) else "", output)

    def found() -> Kind:
        if isinstance(node, Ref):
            return named(node.name)
        if isinstance(node, Constant):
            return node.kind
        if isinstance(node, Arithmetic):
            return result_kind(node.operator, _plain(kind(node.left)), _plain(kind(node.right)))
        if isinstance(node, (Call, AggregateCall)):
            return of_call(node, node.output)
        if isinstance(node, WindowCall):
            return of_call(node.call, node.output or node.call.output)
        if isinstance(node, Cases):
            return node.output or common_kind(map(kind, (*(then for _, then in node.whens), node.default)))
        if isinstance(node, Typed):
            return node.output
        if isinstance(node, Subquery):
            fields = node.shape.fields or ("pk",)
            return node.output or (inside(node.shape, fields[0]) if len(fields) == 1 else "any")
        if isinstance(node, JSONText):
            return "text"
        if isinstance(node, (RowsExist, Test)):
            return "boolean"
        return (node.output or "any") if isinstance(node, Raw) else "any"

    try:
        return found()
    except (UsageError, RecursionError):
        # What is wrong with it is said where it is compiled.
        return "any"


def _plain(kind: Kind) -> Kind:
    return "any" if kind == "json" else kind
