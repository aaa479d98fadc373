"""What a person types into a search box, as an expression of a table of FTS5.

Invariant: no text is a syntax error, and no sign in it is an operator but those of ``engines.search_terms``.
Every word reaches the index inside quotes.
"""

from __future__ import annotations

from noormme.engines.search_terms import terms

__all__ = ["NOTHING", "match_expression"]

NOTHING = '""'
"""The expression that no row matches."""


def match_expression(text: str, *, phrases: bool = True) -> str:
    """The expression of FTS5 for what a user typed.

    All words must be there, in any order. ``"quick fox"`` in double quotes is a phrase, ``qui*`` is the
    beginning of a word, ``-slow`` is a word that must not be there. Everything else is text.

    Args:
        text: What was typed.
        phrases: Whether the index knows the places of words; without it, the words of a phrase can stand
            anywhere.

    Returns:
        The expression, to be bound as a parameter. It matches nothing where the text has no word to look for.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in terms(text):
        parts = [term.words] if phrases else _words(term.words)
        if not parts:
            continue
        quoted = [f'"{part}"' for part in parts]
        if term.prefix:
            quoted[-1] += " *"
        if term.unwanted:
            unwanted.append(quoted[0] if len(quoted) == 1 else f"({' AND '.join(quoted)})")
        else:
            wanted += quoted
    if not wanted:
        return NOTHING
    # Words next to each other are joined by AND, and those without a letter are passed over.
    expression = " ".join(wanted)
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression


def _words(text: str) -> list[str]:
    """The words of a text, each of which is one word to the index as well, or none.

    An index that knows no phrases refuses what it cuts into several words. Its letters are older than
    Python's, so one that is younger than those of Unicode 3.2 is a word of its own.
    """
    from unicodedata import normalize, ucd_3_2_0  # here, because few indexes are made so

    words: list[str] = []
    open_word = False
    for sign in normalize("NFC", text):
        known = ucd_3_2_0.category(sign)[0] in "LN"
        if known and open_word:
            words[-1] += sign
        elif known or sign.isalnum():
            words.append(sign)
        open_word = known
    return words
