"""What comments say of types: ``-- param: since datetime``, ``-- column: total int | None``.

Invariant: a hint that cannot be read is a problem with a place, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast, get_args

from noormme.codegen.sql.model import Hint
from noormme.errors import did_you_mean
from noormme.schema.model import Kind

__all__ = ["HINT", "BadHint", "read_hint"]

HINT = re.compile(r"--[ \t]*(?P<what>param|column):[ \t]*(?P<rest>.*)", re.DOTALL)

_BODY = re.compile(
    r"(?P<name>\"[^\"]+\"|[^\s\"]+)[ \t]*(?P<type>.*?)"
    r"[ \t]*(?P<null>\?|\|\s*None|(?<!\w)null|(?<!\w)not[ \t]+null|)[ \t]*",
    re.IGNORECASE | re.DOTALL,
)
_LIST = re.compile(r"list(?:\[(?P<items>\w+)\])?", re.IGNORECASE)

_KINDS: Mapping[str, Kind] = {
    **{kind: kind for kind in cast("tuple[Kind, ...]", get_args(Kind)) if kind != "array"},
    "int": "integer",
    "float": "real",
    "str": "text",
    "bytes": "blob",
    "bool": "boolean",
    "timedelta": "duration",
    "object": "any",
}


_USUAL = "int, float, str, bytes, bool, date, time, datetime, decimal, uuid, json"


class BadHint(ValueError):
    """A hint that cannot be read; the message says why, and ``hint`` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def read_hint(what: str, rest: str, offset: int) -> Hint:
    """Read the part of a hint behind ``param:`` or ``column:``.

    Args:
        what: ``"param"`` or ``"column"``.
        rest: The part.
        offset: Where the comment stands.

    Raises:
        BadHint: It cannot be read.
    """
    found = _BODY.fullmatch(rest.strip())
    if found is None or not (found["type"] or found["null"]):
        raise BadHint(f"'{what}:' says no type", f"write '-- {what}: name int' or '-- {what}: name not null'")
    name = found["name"].strip('"').lstrip(":@$")
    null = " ".join(found["null"].lower().split())
    kind, items = _type(found["type"]) if found["type"] else (None, None)
    return Hint(name, kind, items, bool(null) and null != "not null", offset)


def _type(text: str) -> tuple[Kind, Kind | None]:
    listed = _LIST.fullmatch(text)
    if listed is not None:
        return "array", _kind(listed["items"] or "object")
    return _kind(text), None


def _kind(text: str) -> Kind:
    kind = _KINDS.get(text.lower())
    if kind is None:
        hint = did_you_mean(text.lower(), list(_KINDS)) or f"there are: {_USUAL}, list[…]"
        raise BadHint(f"no type '{text}'", hint)
    return kind
