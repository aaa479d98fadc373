"""What a statement's parameters are, from what they are compared with and stored in.

Invariant: a parameter that stands at several places is of one kind at all of them, or of none that is known.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlglot import exp

from noormme.codegen.sql.functions import TEXT_ARGUMENTS
from noormme.codegen.sql.names import name_of
from noormme.codegen.sql.places import MARK
from noormme.codegen.sql.scopes import Scopes
from noormme.codegen.sql.value import UNKNOWN, Value
from noormme.codegen.sql.values import NUMBERS, Values, common
from noormme.schema.model import Column, Kind, Table

__all__ = ["Parameter", "can_be_null", "parameters"]

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_LIKE = (exp.Like, exp.ILike, exp.Glob, exp.RegexpLike, exp.DPipe, exp.Escape, exp.Concat)
_SIBLINGS = (exp.Coalesce, exp.Nullif, exp.Case, exp.If, exp.Greatest, exp.Least, exp.Add, exp.Sub, exp.Mul)


class Parameter(msgspec.Struct, frozen=True):
    """What is known of a parameter.

    Attributes:
        kind: What its values are; None where that is not known.
        nullable: Whether it can be NULL.
        table: The table of the column that it is compared with or stored in.
        column: That column.
        stored: Whether it is stored in the column.
        many: Whether it is a list of such values.
        name: What to call it where the statement gives it no name.
    """

    kind: Kind | None = None
    nullable: bool = False
    table: Table | None = None
    column: Column | None = None
    stored: bool = False
    many: bool = False
    name: str = ""


def can_be_null(root: exp.Expr) -> frozenset[str]:
    """The names of the parameters that the statement itself asks whether they are NULL.

    Args:
        root: The statement.
    """
    found: set[str] = set()
    for place in root.find_all(exp.Placeholder):
        node = _climbed(place)
        if isinstance(node.parent, exp.Cast):
            node = _climbed(node.parent)
        parent = node.parent
        asked = isinstance(parent, (exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ))
        if asked or (isinstance(parent, exp.Coalesce) and node.arg_key == "this"):
            found.add(str(place.this))
    return frozenset(found)


def parameters(root: exp.Expr, scopes: Scopes, values: Values, count: int) -> list[Parameter]:
    """What the parameters of a statement are.

    Args:
        root: The statement.
        scopes: What names mean in it.
        values: Tells what expressions are.
        count: How many parameters it has.
    """
    nullable = can_be_null(root)
    found: list[list[Parameter]] = [[] for _ in range(count)]
    for place in root.find_all(exp.Placeholder):
        name = str(place.this)
        if not name.startswith(MARK):
            continue
        known = _Place(place, scopes, values).known()
        found[int(name.removeprefix(MARK))].append(known)
    return [_together(each, nullable=f"{MARK}{at}" in nullable) for at, each in enumerate(found)]


def _together(places: list[Parameter], *, nullable: bool) -> Parameter:
    known = [place for place in places if place.kind is not None]
    nullable = nullable or any(place.nullable for place in places)
    if not known:
        return Parameter(nullable=nullable)
    kind = common(place.kind for place in known)
    if kind is None or len({place.many for place in known}) > 1:
        return Parameter(nullable=nullable)
    best = next((each for each in known if each.stored), None)
    best = best or next((each for each in known if each.column is not None), known[0])
    if best.kind != kind:
        return Parameter(kind, nullable, many=best.many, name=best.name)
    return msgspec.structs.replace(best, nullable=nullable)


def _climbed(node: exp.Expr) -> exp.Expr:
    """The expression with the parentheses around it."""
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    return node


class _Place:
    """One place at which a parameter stands."""

    def __init__(self, place: exp.Placeholder, scopes: Scopes, values: Values) -> None:
        self._node = _climbed(place)
        self._scopes = scopes
        self._values = values
        self._scope = scopes.around(place)

    def known(self) -> Parameter:
        return self._at(self._node, depth=0)

    def _at(self, node: exp.Expr, depth: int) -> Parameter:
        parent = node.parent
        if parent is None or depth > 8:
            return Parameter()
        stored = self._stored(node, parent)
        if stored is not None:
            return stored
        if isinstance(parent, exp.Cast):
            return Parameter(self._values.cast_kind(parent))
        if isinstance(parent, (exp.Limit, exp.Offset, exp.Fetch)):
            return Parameter("integer", name="offset" if isinstance(parent, exp.Offset) else "limit")
        if isinstance(parent, _COMPARISONS):
            other = parent.expression if node.arg_key == "this" else parent.this
            return self._like(other)
        if isinstance(parent, exp.Between):
            others = [parent.this] if node is not parent.this else [parent.args["low"], parent.args["high"]]
            return self._first(others)
        if isinstance(parent, exp.In) and node.arg_key == "field":
            return msgspec.structs.replace(self._like(parent.this), many=True)
        if isinstance(parent, exp.In):
            return self._first([parent.this] if node is not parent.this else _members(parent))
        if isinstance(parent, exp.Any):
            around = parent.parent
            if isinstance(around, _COMPARISONS):
                other = around.expression if parent.arg_key == "this" else around.this
                return msgspec.structs.replace(self._like(other), many=True)
            return Parameter()
        if isinstance(parent, exp.Tuple):
            return self._in_tuple(node, parent)
        return self._in_expression(node, parent, depth)

    def _in_expression(self, node: exp.Expr, parent: exp.Expr, depth: int) -> Parameter:
        if isinstance(parent, _LIKE):
            other = parent.this if node.arg_key != "this" else parent.args.get("expression")
            return Parameter("text", name=self._like(other).name)
        if isinstance(parent, _SIBLINGS):
            others = [part for part in _branches(parent) if part is not node]
            found = self._first(others)
            if isinstance(parent, (exp.Add, exp.Sub, exp.Mul)):
                return Parameter(found.kind if found.kind in NUMBERS else None)
            return found if found.kind is not None else self._at(_climbed(parent), depth + 1)
        if isinstance(parent, exp.Neg):
            return self._at(_climbed(parent), depth + 1)
        if isinstance(parent, exp.If) and isinstance(parent.parent, exp.Case):
            return self._at(parent, depth + 1)
        if name_of(parent) in TEXT_ARGUMENTS:
            return Parameter("text")
        return Parameter()

    def _stored(self, node: exp.Expr, parent: exp.Expr) -> Parameter | None:
        """What is known of it where it is written to a column."""
        if isinstance(parent, exp.EQ) and parent.arg_key == "expressions" and node.arg_key == "expression":
            if isinstance(parent.parent, (exp.Update, exp.OnConflict)):
                return self._into(self._target(parent.this))
            return None
        nested = isinstance(parent, (exp.Tuple, exp.Alias))
        insert = parent.find_ancestor(exp.Insert) if nested else parent.parent
        if not isinstance(insert, exp.Insert):
            return None
        if isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.Values):
            return self._into(self._inserted(insert, node.index or 0))
        chosen = parent if isinstance(parent, exp.Alias) else node
        select = chosen.parent
        if isinstance(select, exp.Select) and select is insert.expression:
            return self._into(self._inserted(insert, chosen.index or 0))
        return None

    def _target(self, node: exp.Expr) -> Value:
        if not isinstance(node, exp.Column) or self._scope is None:
            return UNKNOWN
        for source in self._scope.sources:
            if node.table and node.table.lower() != source.name.lower():
                continue
            return source.column(node.name, self._values) or UNKNOWN
        return UNKNOWN

    def _inserted(self, insert: exp.Insert, at: int) -> Value:
        table = self._scopes.table(insert.this)
        if table is None:
            return UNKNOWN
        if isinstance(insert.this, exp.Schema):
            names = [each.name.lower() for each in insert.this.expressions]
        else:
            names = [each.name.lower() for each in table.columns if not each.hidden and not each.generated]
        if at >= len(names):
            return UNKNOWN
        column = next((each for each in table.columns if each.name.lower() == names[at]), None)
        return UNKNOWN if column is None else Value(column.kind, column.nullable, table, column)

    def _into(self, value: Value) -> Parameter:
        nullable = value.nullable if value.column is not None else False
        name = "" if value.column is None else value.column.field
        return Parameter(value.kind, nullable, value.table, value.column, stored=True, name=name)

    def _in_tuple(self, node: exp.Expr, parent: exp.Tuple) -> Parameter:
        """What stands at the same position of the other side: ``(a, b) > (:x, :y)``."""
        around = parent.parent
        at = node.index or 0
        if isinstance(around, _COMPARISONS):
            other = around.expression if parent.arg_key == "this" else around.this
        elif isinstance(around, exp.In):
            other = around.this
        else:
            return Parameter()
        if isinstance(other, exp.Tuple) and at < len(other.expressions):
            return self._like(other.expressions[at])
        return Parameter()

    def _like(self, node: object) -> Parameter:
        if not isinstance(node, exp.Expr):
            return Parameter()
        value = self._values.of(node, self._scope)
        name = "" if value.column is None else value.column.field
        return Parameter(value.kind, table=value.table, column=value.column, name=name)

    def _first(self, nodes: Iterable[object]) -> Parameter:
        found = [self._like(node) for node in nodes]
        return next((each for each in found if each.kind is not None), Parameter())


def _members(node: exp.In) -> list[exp.Expr]:
    query = node.args.get("query")
    return [*node.expressions, *([] if query is None else [query])]


def _branches(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Case):
        parts = [each.args.get("true") for each in node.args.get("ifs") or ()]
        return [part for part in [*parts, node.args.get("default")] if part is not None]
    if isinstance(node, exp.If):
        return [part for part in (node.args.get("true"), node.args.get("false")) if part is not None]
    return [part for part in node.iter_expressions() if isinstance(part, exp.Expr)]
