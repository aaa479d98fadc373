"""Functions of text that SQLite lacks, or that it has for ASCII letters only.

Invariant: they give what PostgreSQL gives, by character; NULL for NULL, and NULL where PostgreSQL says that
there is no result (a negative length of ``substr``, a code point that is none).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import apsw

from noormme.engines.sqlite.functions.convert import as_text, count_of

__all__ = ["FUNCTIONS"]

_LONGEST = 1_000_000_000
"""How many bytes SQLite lets a text have."""


def _upper(value: object) -> str | None:
    """In upper case, letter by letter: no letter becomes two."""
    if value is None:
        return None
    text = as_text(value)
    made = text.upper()
    return made if len(made) == len(text) else "".join(map(_upper_letter, text))


def _upper_letter(letter: str) -> str:
    return next((made for made in (letter.upper(), letter.title()) if len(made) == 1), letter)


def _lower(value: object) -> str | None:
    """In lower case, letter by letter: a sigma at the end of a word is like any other."""
    if value is None:
        return None
    text = as_text(value)
    if text.isascii():
        return text.lower()
    return "".join(letter.lower()[:1] for letter in text)


def _left(value: object, length: object) -> str | None:
    count = count_of(length)
    return None if value is None or count is None else as_text(value)[:count]


def _right(value: object, length: object) -> str | None:
    count = count_of(length)
    if value is None or count is None:
        return None
    return as_text(value)[-count:] if count else ""


def _substr(value: object, start: object, *length: object) -> str | None:
    first = count_of(start)
    if value is None or first is None:
        return None
    begin = max(first, 1) - 1
    if not length:
        return as_text(value)[begin:]
    count = count_of(length[0])
    if count is None or count < 0:
        return None
    return as_text(value)[begin : max(first + count - 1, 0)]


def _padding(value: object, length: object, fill: object) -> tuple[str, str] | None:
    """A text cut to a length, and what is missing to that length."""
    count = count_of(length)
    if value is None or fill is None or count is None:
        return None
    _check_length(count)
    text, filling = as_text(value)[: max(count, 0)], as_text(fill)
    missing = count - len(text)
    if missing <= 0 or not filling:
        return text, ""
    return text, (filling * (missing // len(filling) + 1))[:missing]


def _lpad(value: object, length: object, fill: object) -> str | None:
    parts = _padding(value, length, fill)
    return None if parts is None else parts[1] + parts[0]


def _rpad(value: object, length: object, fill: object) -> str | None:
    parts = _padding(value, length, fill)
    return None if parts is None else parts[0] + parts[1]


def _repeat(value: object, number: object) -> str | None:
    count = count_of(number)
    if value is None or count is None:
        return None
    text = as_text(value)
    _check_length(len(text) * count)
    return text * count


def _check_length(length: int) -> None:
    """Raise as SQLite does for a text that is too long, before it takes all memory."""
    if length > _LONGEST:
        raise apsw.TooBigError("string or blob too big")


def _reverse(value: object) -> str | None:
    return None if value is None else as_text(value)[::-1]


def _chr(number: object) -> str | None:
    code = count_of(number)
    # Halves of a surrogate pair are no characters.
    return chr(code) if code is not None and (0 < code < 0xD800 or 0xDFFF < code < 0x110000) else None


def _ord(value: object) -> int | None:
    if value is None:
        return None
    text = as_text(value)
    return ord(text[0]) if text else 0


@lru_cache(maxsize=8)
def _hasher(name: str) -> Callable[[bytes], str]:
    import hashlib  # loaded for such queries only: a start should not pay for it

    def digest(data: bytes) -> str:
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()

    return digest


def _hash(value: object, name: str) -> str | None:
    if value is None:
        return None
    return _hasher(name)(value if isinstance(value, bytes) else as_text(value).encode())


FUNCTIONS: Mapping[str, tuple[Callable[..., object], int]] = {
    "noormme_chr": (_chr, 1),
    "noormme_hash": (_hash, 2),
    "noormme_left": (_left, 2),
    "noormme_lower": (_lower, 1),
    "noormme_lpad": (_lpad, 3),
    "noormme_ord": (_ord, 1),
    "noormme_repeat": (_repeat, 2),
    "noormme_reverse": (_reverse, 1),
    "noormme_right": (_right, 2),
    "noormme_rpad": (_rpad, 3),
    "noormme_substr": (_substr, -1),
    "noormme_upper": (_upper, 1),
}
"""By their names in SQL: the functions, and how many arguments they take (-1: any number)."""
