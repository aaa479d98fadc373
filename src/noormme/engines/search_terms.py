"""What a person types into a search box, word for word.

Invariant: no text is a syntax error, and no sign in it is an operator but those named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

__all__ = ["Term", "terms"]

_TERM = re.compile(r'(-?)(?:"([^"]*)"(\*?)|([^\s"]+))')
"""A phrase in quotes or a word, perhaps with a minus before it; a quote that is not closed is passed over."""

_UNUSABLE = re.compile("[\0\ud800-\udfff]")
"""What ends the text for a database, and what is no text."""


class Term(msgspec.Struct, frozen=True):
    """A word or a phrase that a user typed.

    Attributes:
        words: Its text, which is not empty.
        prefix: Whether the last word is only the beginning of one.
        unwanted: Whether it must not be there.
    """

    words: str
    prefix: bool
    unwanted: bool


def terms(text: str) -> Iterator[Term]:
    """What a user typed, word for word and phrase for phrase.

    Args:
        text: What was typed.
    """
    for minus, phrase, star, word in _TERM.findall(_UNUSABLE.sub(" ", text)):
        words, prefix = (phrase, bool(star)) if not word else (word.rstrip("*"), word.endswith("*"))
        if words.strip():
            yield Term(words, prefix, bool(minus))
