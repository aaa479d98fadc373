"""Random documents made of fields and expressions.

Invariant: what is put into a document is a JSON value of its own, or text in one form: no UUID, no duration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import Condition, Fn, Leaf

if TYPE_CHECKING:
    from .expressions import Expressions, Scope

__all__ = ["a_document", "about_document"]

_KINDS = ("integer", "integer", "text", "text", "real", "boolean", "decimal", "date", "datetime", "time")


def a_document(make: Expressions, scope: Scope, depth: int) -> tuple[Fn, str, str]:
    """``JSONObject`` or ``JSONArray``, the path to its first part, and the kind of that."""
    first = make.rng.choice(_KINDS)
    kinds = [first, *(make.rng.choice(_KINDS) for _ in range(make.rng.choice((0, 1, 2))))]
    # How a decimal that is computed looks in JSON (87 or 87.0) is no question of meaning.
    parts = [make.of(kind, 0 if kind == "decimal" else depth, scope) for kind in kinds]
    if make.chance(0.2):
        parts.append(a_document(make, scope, 0)[0])
    if make.chance(0.1) and scope.table == "events" and not scope.prefix:
        parts.append("meta")
    if make.chance(0.5):
        return Fn("JSONArray", tuple(parts)), "0", first
    names = ("a", "b", "c", "d", "e")
    return Fn("JSONObject", (), tuple(zip(names, parts, strict=False))), "a", first


def about_document(make: Expressions, path: str, kind: str) -> Condition:
    """A condition on a part of such a document."""
    if make.chance(0.2):
        return Leaf(f"{path}__isnull", make.chance(0.3))
    if kind == "boolean":
        return Leaf(path, make.rng.choice((True, False, None)))
    if kind == "integer":
        return Leaf(f"{path}__{make.rng.choice(('exact', 'gt', 'lte'))}", make.value("integer"))
    if kind == "text":
        lookup = make.rng.choice(("exact", "icontains", "startswith", "iregex", "gt"))
        return Leaf(f"{path}__{lookup}", make.rng.choice(("a", "An", "e", "x", "É")))
    return Leaf(path, None)
