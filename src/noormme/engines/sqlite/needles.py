"""What a text lookup looks for, in the form in which it is bound.

Invariant: nothing that a user wrote has a meaning of its own in a pattern, but in a regular expression.
"""

from __future__ import annotations

from collections.abc import Mapping

from noormme.errors import InvalidValue
from noormme.query.plan import Encode

__all__ = ["ENDINGS", "NAMED", "PATTERNS", "as_bytes", "as_text", "behind", "casefolded"]

_BEYOND = 2**31
"""A position behind the end of every text, where its empty tail is."""

_LAST_CHARACTER = "\U0010ffff"
_HALVES = range(0xD800, 0xE000)
"""The halves of surrogate pairs, which are no characters."""


def as_text(value: object) -> str | bytes:
    """Text as it is compared: bytes stay bytes, other values are written out.

    Raises:
        InvalidValue: The text is not Unicode.
    """
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(
            "text with half of a surrogate pair cannot be stored, so nothing can match it"
        ) from None
    return text


def casefolded(value: object) -> str:
    """Text without differences of case, in all scripts."""
    return str(as_text(value)).casefold()


def behind(value: object) -> str | bytes:
    """The first value behind all that begin with this one, in the order of UTF-8 and of SQLite's NOCASE.

    Raises:
        InvalidValue: It is bytes behind which there is nothing.
    """
    start = as_text(value)
    if isinstance(start, bytes):
        start = start.rstrip(b"\xff")
        if not start:
            raise InvalidValue("no value is looked for by bytes that are all 0xFF, or by none")
        return start[:-1] + bytes([start[-1] + 1])
    # NOCASE compares no further than to the first NUL.
    start = start[: start.find("\0") + 1] or start.rstrip(_LAST_CHARACTER)
    if not start:
        # Every text stands before every blob.
        return b""
    # NOCASE compares lower case; behind Z stands what is behind z.
    last = ord(start[-1].lower() if start[-1].isascii() else start[-1]) + 1
    return start[:-1] + chr(_HALVES.stop if last in _HALVES else last)


def _plain(value: object) -> str:
    text = as_text(value)
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _escaped(value: object) -> str:
    return _plain(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


PATTERNS: Mapping[str, Encode] = {
    "iexact": _escaped,
    "icontains": lambda value: f"%{_escaped(value)}%",
    "istartswith": lambda value: f"{_escaped(value)}%",
    "iendswith": lambda value: f"%{_escaped(value)}",
    "regex": as_text,
    "iregex": lambda value: f"(?i){_plain(value)}",
}
"""What the lookups bind that SQLite answers with LIKE and REGEXP."""


def as_bytes(value: object, encoding: str) -> bytes:
    """A text as the database stores it.

    Args:
        value: The text, or bytes, which stay as they are.
        encoding: What ``PRAGMA encoding`` says.
    """
    return value if isinstance(value, bytes) else str(value).encode(encoding.replace("16", "-16-"))


def _ending(encode: Encode, encoding: str) -> tuple[Encode, Encode]:
    def start(value: object) -> int:
        return -len(as_bytes(encode(value), encoding)) or _BEYOND

    def tail(value: object) -> bytes:
        return as_bytes(encode(value), encoding)

    return start, tail


ENDINGS: Mapping[tuple[Encode, str], tuple[Encode, Encode]] = {
    (encode, encoding): _ending(encode, encoding)
    for encode in (as_text, casefolded)
    for encoding in ("UTF-8", "UTF-16le", "UTF-16be")
}
"""What ``endswith`` binds, by how its text is encoded and how the database stores text: where the tail of a
value that is as long as the needle begins, counted in bytes from its end, and the bytes of the needle."""

NAMED: Mapping[str, Encode] = {
    "text": as_text,
    "casefolded": casefolded,
    "behind": behind,
    **{f"pattern {name}": encode for name, encode in PATTERNS.items()},
    **{
        f"{part} {encode.__name__} {encoding}": made
        for (encode, encoding), both in ENDINGS.items()
        for part, made in zip(("start", "tail"), both, strict=True)
    },
}
"""All of these under names, by which stored plans know them."""
