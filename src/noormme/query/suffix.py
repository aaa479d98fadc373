"""What follows a field in a written name: transforms, parts of a JSON document, and a lookup.

Invariant: whatever is neither raises ``LookupNotFound`` here, with what could have been written instead.
"""

from __future__ import annotations

import re

import msgspec

from noormme.errors import LookupNotFound, did_you_mean
from noormme.query.lookups import (
    ARRAY_TRANSFORMS,
    LOOKUPS,
    TRANSFORMS,
    LookupRule,
    TransformRule,
    transform_rule,
)
from noormme.schema.model import Kind

__all__ = ["Element", "Path", "suffix"]

_INDEX = re.compile(r"-?[0-9]{1,18}")
_PLACE = re.compile(r"(?P<start>[0-9]{1,9})(?:_(?P<end>[0-9]{1,9}))?")


class Path(msgspec.Struct, frozen=True):
    """The way to a part of a JSON document: keys of objects and positions in arrays."""

    keys: tuple[str | int, ...]


class Element(msgspec.Struct, frozen=True):
    """An element of an array, or a part of it.

    Attributes:
        start: Its place, from 0.
        end: The place behind the last element of the part; None for one element.
        kind: What it is in Python.
    """

    start: int
    end: int | None
    kind: Kind


def suffix(
    parts: list[str],
    kind: Kind,
    where: str,
    with_lookup: bool,
    *,
    unsure: bool = False,
    items: Kind | None = None,
) -> tuple[tuple[str | Path | Element, ...], str, Kind]:
    """Split what follows a field into transforms and a lookup; the kind after the transforms.

    Args:
        parts: What follows.
        kind: The kind of the field.
        where: What to call it in an error.
        with_lookup: Whether a lookup may end it.
        unsure: Whether its kind is only known when it is compiled.
        items: What the elements of an array are.
    """
    steps: list[str | Path | Element] = []
    for index, part in enumerate(parts):
        transform = transform_rule(part, kind)
        if transform is not None and (_applies(transform.takes, kind) or unsure):
            steps.append(part)
            kind = transform.gives or kind
            unsure = unsure and transform.gives is None
            continue
        lookup = LOOKUPS.get(part) if with_lookup and index == len(parts) - 1 else None
        if lookup is not None and _applies(lookup.takes, kind):
            return tuple(steps), part, kind
        place = _PLACE.fullmatch(part) if kind == "array" else None
        if place is not None:
            end = None if place["end"] is None else int(place["end"])
            kind = (items or "any") if end is None else kind
            steps.append(Element(int(place["start"]), end, kind))
            continue
        if kind != "json":
            raise _not_found(parts, index, kind, where, with_lookup)
        key = int(part) if _INDEX.fullmatch(part) else part
        last = steps[-1] if steps else None
        if isinstance(last, Path):
            steps[-1] = Path((*last.keys, key))
        else:
            steps.append(Path((key,)))
    return tuple(steps), "exact", kind


def _applies(takes: frozenset[Kind], kind: Kind) -> bool:
    return not takes or kind in takes


def _not_found(parts: list[str], index: int, kind: Kind, where: str, with_lookup: bool) -> LookupNotFound:
    """The error for a part that is neither a transform nor a lookup of what stands before it."""
    part = parts[index]
    known = LOOKUPS.get(part)
    if known is not None and with_lookup and index < len(parts) - 1:
        return LookupNotFound(
            f"'{part}' on {where} must be the last part, but '{parts[index + 1]}' follows",
            hint="a lookup ends the name",
        )
    if known is not None and not with_lookup:
        return LookupNotFound(f"'{part}' is a lookup, and only conditions take lookups, on {where}")
    rule = TRANSFORMS.get(part) or ARRAY_TRANSFORMS.get(part) or known
    if rule is not None:
        return LookupNotFound(
            f"'{part}' does not apply to {where}",
            hint=f"it needs a field of kind {' or '.join(sorted(rule.takes))}",
        )
    usable: list[LookupRule | TransformRule] = [
        *TRANSFORMS.values(),
        *ARRAY_TRANSFORMS.values(),
        *(LOOKUPS.values() if with_lookup else ()),
    ]
    names = [item.name for item in usable if _applies(item.takes, kind)]
    return LookupNotFound(
        f"no lookup or transform '{part}' on {where}",
        hint=did_you_mean(part, names) or f"there are: {', '.join(names) or 'none'}",
    )
