"""The tokens of SQL, as SQLite cuts them.

Invariant: ``"".join(tokenize(text)) == text`` for every text, whether or not it is SQL, and token
boundaries are those of SQLite's own tokenizer for every statement that SQLite accepts. Tokens are
plain strings, because what a token is can be told from its first characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = [
    "DDLError",
    "TokenReader",
    "fold",
    "is_blank",
    "iter_tokens",
    "keyword",
    "quote_identifier",
    "tokenize",
    "unquote",
]

# SQLite counts every character above 0x7F as a letter. The classes are written by what they leave
# out: a class that names characters above 0xFF takes milliseconds to compile.
_LETTER = r"[^\x00-@\[-^`{-\x7f]"
_WORD = r"[^\x00-\#%-/:-@\[-^`{-\x7f]"

# U+FEFF is a space at the start of a token only.
_TOKEN = re.compile(
    rf"""
      [ \t\n\f\r]+ | \ufeff
    | [xX]'(?:[0-9a-fA-F]{{2}})*'
    | {_LETTER}{_WORD}*
    | "[^"]*+(?:""[^"]*+)*+"
    | `[^`]*+(?:``[^`]*+)*+`
    | \[[^\]]*\]
    | '[^']*+(?:''[^']*+)*+'
    | --[^\n]*
    | /\*.*?(?:\*/|\Z)
    | (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9])?{_WORD}*
    | [?@:\#$]{_WORD}*
    | \|\| | ->>? | << | >> | <= | >= | <> | != | ==
    | .
    """,
    re.VERBOSE | re.DOTALL,
)

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_BLANK_STARTS = frozenset(" \t\n\f\r\ufeff")
_COMMENT_STARTS = frozenset({"--", "/*"})
_NO_NAME_STARTS = frozenset("(),;.=<>+-*/%&|~!?@:#$0123456789")
_CLOSING = {"'": "'", '"': '"', "`": "`", "[": "]"}


def tokenize(text: str) -> list[str]:
    """Split text into SQLite's tokens; spaces and comments are tokens too.

    What is no token of SQLite (an unclosed quote, a stray character) comes out one character at a
    time, so nothing is ever lost.

    Args:
        text: Any text.

    Returns:
        The tokens in order; joined they give the text.
    """
    tokens: list[str] = _TOKEN.findall(text)
    return tokens


def iter_tokens(text: str) -> Iterator[str]:
    """The same tokens one by one, for a reader that stops early."""
    for match in _TOKEN.finditer(text):
        yield match.group()


def is_blank(token: str) -> bool:
    """Whether a token is white space or a comment."""
    return token[0] in _BLANK_STARTS or token[:2] in _COMMENT_STARTS


def keyword(token: str) -> str:
    """The token in upper case, for comparison with keywords; SQLite folds ASCII letters only."""
    return token.upper() if token.isascii() else token


def fold(name: str) -> str:
    """A name in the form in which SQLite compares names: ASCII letters in lower case."""
    return name.lower() if name.isascii() else name.translate(_ASCII_LOWER)


def unquote(token: str) -> str:
    """The name that a token stands for: without its quotes, doubled quotes undone."""
    closing = _CLOSING.get(token[0])
    if closing is None:
        return token
    return token[1:-1].replace(closing * 2, closing)


def quote_identifier(name: str) -> str:
    """The name as a quoted SQL identifier, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


class DDLError(ValueError):
    """The text is not a statement of the kind that was asked for."""


class TokenReader:
    """A position in the tokens of a statement that sees no blanks.

    Args:
        tokens: The tokens, blanks included.

    Attributes:
        at: The number of the current token, blanks not counted.
    """

    __slots__ = ("_places", "_tokens", "_words", "at")

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._places = [place for place, token in enumerate(tokens) if not is_blank(token)]
        self._words = [keyword(tokens[place]) for place in self._places]
        self._words.append("")
        self.at = 0

    @property
    def word(self) -> str:
        """The current token as a keyword; empty at the end."""
        return self._words[self.at]

    def words(self, start: int, stop: int) -> list[str]:
        """The words from one position to before another."""
        return self._words[start:stop]

    @property
    def count(self) -> int:
        """How many tokens there are, blanks not counted."""
        return len(self._places)

    def starts(self, *words: str) -> bool:
        """Whether these words come next."""
        return self._words[self.at : self.at + len(words)] == list(words)

    def accept(self, word: str) -> bool:
        """Step over a word if it comes next."""
        if self._words[self.at] != word:
            return False
        self.at += 1
        return True

    def expect(self, *words: str) -> None:
        """Step over words that must come next."""
        for word in words:
            if not self.accept(word):
                raise self.error(word)

    def step(self) -> str:
        """Step over one token, whatever it is, and give it as a keyword."""
        word = self._words[self.at]
        if not word:
            raise self.error("more")
        self.at += 1
        return word

    def name(self) -> str:
        """Step over a name, quoted in any way or not at all."""
        if not self._words[self.at]:
            raise self.error("a name")
        token = self._tokens[self._places[self.at]]
        if token[0] in _NO_NAME_STARTS or token in _CLOSING:
            raise self.error("a name")
        self.at += 1
        return unquote(token)

    def parts(self) -> list[tuple[int, int]]:
        """Step over a list in parentheses; give the start and the stop of each part."""
        self.expect("(")
        parts: list[tuple[int, int]] = []
        start, depth = self.at, 1
        while depth:
            word = self.step()
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
            if depth == 0 or (depth == 1 and word == ","):
                parts.append((start, self.at - 1))
                start = self.at
        return parts

    def group(self) -> str:
        """Step over something in parentheses; give the text between them."""
        start = self.at + 1
        self.parts()
        return self.text(start, self.at - 1)

    def text(self, start: int, stop: int | None = None) -> str:
        """The text from one position to before another, or to the end."""
        places = self._places[start:stop]
        return "".join(self._tokens[places[0] : places[-1] + 1]) if places else ""

    def error(self, wanted: str) -> DDLError:
        """The error that says what was wanted and what is there."""
        return DDLError(f"{wanted} was expected where there is {self.word or 'nothing more'}")
