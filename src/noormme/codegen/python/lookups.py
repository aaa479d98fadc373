"""Which lookups a field has, and what each takes, from the tables that the running library goes by.

Invariant: nothing is known here of a single lookup. One that a program registers before it generates is typed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, cast

from noormme.query.lookups import (
    ARRAY_TRANSFORMS,
    LOOKUPS,
    TRANSFORMS,
    LookupRule,
    lookup_rule,
    transform_rule,
)
from noormme.schema.model import Kind

__all__ = ["Form", "lookups_of"]

Form: TypeAlias = Literal["exact", "value", "text", "text_or_null", "list", "pair", "flag", "key", "keys"]
"""What a lookup takes; ``exact`` is a value, or None where the field can be NULL."""

_COMPARING = frozenset({"value", "list", "pair"})
_TEXTS: frozenset[Kind] = frozenset({"any", "json", "text", "uuid"})


def lookups_of(kind: Kind, *, near: bool = True) -> Iterator[tuple[str, Kind, Form]]:
    """What can follow the name of a field.

    Args:
        kind: The kind of the field.
        near: Whether it is a field of the table itself. Beyond a relation, what would make modules long and is
            hardly written is left out: ``exact``, lookups that look into texts where the values are no texts, and
            lookups after a transform.

    Yields:
        What is written behind the name (``""``, ``"__gt"``, ``"__year__in"``), the kind that is compared, and
        what is taken. After a transform there are the lookups that compare values, and no further transform.
    """
    yield "", kind, "exact"
    for rule in _rules(kind):
        if near or (rule.name != "exact" and (kind in _TEXTS or rule.operand not in ("text", "pattern"))):
            yield f"__{rule.name}", kind, _form(rule)
    for name in dict.fromkeys((*TRANSFORMS, *ARRAY_TRANSFORMS)):
        transform = transform_rule(name, kind)
        if transform is None or (transform.takes and kind not in transform.takes):
            continue
        given = transform.gives or kind
        yield f"__{name}", given, "exact"
        for rule in _rules(given) if near else ():
            if rule.operand in _COMPARING and rule.name != "exact":
                yield f"__{name}__{rule.name}", given, _form(rule)


def _rules(kind: Kind) -> Iterator[LookupRule]:
    for name, known in LOOKUPS.items():
        if not known.takes or kind in known.takes:
            yield lookup_rule(name, kind)


def _form(rule: LookupRule) -> Form:
    if rule.operand in ("text", "pattern"):
        return "text_or_null" if rule.none_is_null else "text"
    if rule.operand == "value":
        return "exact" if rule.name == "exact" else "value"
    return cast("Form", rule.operand)
