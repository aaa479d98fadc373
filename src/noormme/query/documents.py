"""Conditions and values in JSON documents.

Invariant: a part of a document is JSON where it is selected or compared with JSON, and the number or the text
that it holds wherever something else is asked of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.dialect_expressions import Slot
from noormme.query.functions.table import FUNCTIONS
from noormme.query.joins import literal
from noormme.query.kinds import takes_json
from noormme.query.lookups import LookupRule
from noormme.query.nodes import Condition, ListParam, Param, Params

__all__ = ["equal_documents", "for_function", "in_document", "sortable", "text"]


def text(context: Context, computed: Computed) -> Computed:
    """JSON as text; anything else as it is.

    Args:
        context: The SELECT that it belongs to.
        computed: An expression.
    """
    if computed.kind != "json":
        return computed
    value = context.dialect.expressions.documents.text(computed.document, computed.path)
    return computed.derived(value, "text")


def sortable(context: Context, computed: Computed) -> Computed:
    """An expression in the form in which it sorts: numbers by size, texts by letter.

    Args:
        context: The SELECT that it belongs to.
        computed: An expression.
    """
    if not computed.path:
        return computed
    made = context.plain(computed)
    # Groups are those of the document's part itself.
    made.reads = computed.reads
    return made


def for_function(context: Context, function: str, parts: Sequence[Computed]) -> list[Computed]:
    """What a function is called with: JSON for those that take it.

    Args:
        context: The SELECT that it belongs to.
        function: Its name in ``query.functions``, or that of any SQL function.
        parts: Its arguments.
    """
    if takes_json(function, [part.kind for part in parts]):
        return list(parts)
    return [context.plain(part) if part.path or function in FUNCTIONS else part for part in parts]


def in_document(context: Context, node: Condition, rule: LookupRule, left: Computed) -> Any:
    """A part of a document compared with values.

    Args:
        context: The SELECT that it belongs to.
        node: The condition.
        rule: The rule of its lookup; none in text.
        left: The part.

    Raises:
        InvalidQuery: The lookup cannot be used with such an operand.
    """

    def found(lookup: str, slot: int | None, index: int = 0) -> Any:
        # What the value is in JSON is not known where its field was not known to be JSON.
        json_type = node.json[index] if node.json else "document"
        parameter: Slot | None = None if slot is None else context.parameters.slot(slot)
        documents = context.dialect.expressions.documents
        return documents.lookup(lookup, left.document, left.path, parameter, json_type)

    operand = node.operand
    if isinstance(operand, Param):
        return found(rule.name, operand.slot)
    if isinstance(operand, Params) and rule.operand == "pair":
        low, high = operand.slots
        return sa.and_(found("gte", low, 0), found("lte", high, 1))
    if isinstance(operand, Params) and not operand.slots:
        return found(rule.name, None)
    if isinstance(operand, ListParam):
        slots = [*operand.slots, *(() if operand.nul is None else (operand.nul,))]
        if not slots:
            return literal("1") == literal("0")
        return sa.or_(*(found(rule.name, slot, index) for index, slot in enumerate(slots)))
    raise InvalidQuery(f"'{rule.name}' cannot be used so on {context.table.name}.{node.name}")


def equal_documents(context: Context, left: Computed, right: Computed) -> sa.ColumnElement[bool]:
    """Two parts of documents that are equal.

    Args:
        context: The SELECT that they belong to.
        left: One part.
        right: The other.
    """
    documents = context.dialect.expressions.documents
    same: sa.ColumnElement[bool] = documents.canonical(left.document, left.path) == documents.canonical(
        right.document, right.path
    )
    return same
