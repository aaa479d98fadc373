"""The tokens of SQL text that matter before it is parsed: comments, strings, parameters, ends of statements.

Invariant: the tokens joined are the text, for every text. What stands in quotes or in a comment is never a
parameter and ends no statement, by the rules of each dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

__all__ = ["Token", "scan"]

TokenKind: TypeAlias = Literal["blank", "line", "block", "quoted", "end", "parameter", "other"]

_BLOCK = r"/\*(?:(?!\*/).)*(?:\*/|\Z)"
_LINE = r"--[^\n]*"
_SINGLE = r"'(?:[^']|'')*(?:'|\Z)"
_DOUBLE = r'"(?:[^"]|"")*(?:"|\Z)'
_BACKTICK = r"`(?:[^`]|``)*(?:`|\Z)"
_BRACKETS = r"\[[^\]]*(?:\]|\Z)"
_DOLLARS = r"(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?:(?P=tag)|\Z)"
_NAMED = r"(?<![:\w]):[A-Za-z_]\w*"
_AT = r"(?<![\w@<>~!&|?\#*/%+=-])@[A-Za-z_]\w*"


def _pattern(*, line: str = _LINE, block: str = _BLOCK, quoted: str, parameter: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<blank>\s+)|(?P<line>{line})|(?P<block>{block})|(?P<quoted>{quoted})"
        rf"|(?P<parameter>{parameter})|(?P<end>;)|(?P<other>\w+|.)",
        re.DOTALL,
    )


_SQLITE = _pattern(
    quoted=f"{_SINGLE}|{_DOUBLE}|{_BACKTICK}|{_BRACKETS}",
    parameter=rf"{_NAMED}|(?<!\w)[@$][A-Za-z_]\w*|\?[0-9]*",
)
_MYSQL = _pattern(
    line=r"--(?=\s|\Z)[^\n]*|\#[^\n]*",
    quoted=rf"""'(?:[^'\\]|\\.|'')*(?:'|\Z)|"(?:[^"\\]|\\.|"")*(?:"|\Z)|{_BACKTICK}""",
    parameter=rf"{_NAMED}|\?[1-9][0-9]*|\?|%s(?!\w)",
)
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "sqlite": _SQLITE,
    "libsql": _SQLITE,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "mssql": _pattern(quoted=f"{_SINGLE}|{_DOUBLE}|{_BRACKETS}", parameter=rf"{_NAMED}|\?[0-9]*"),
    "postgresql": _pattern(
        # Comments of blocks nest here; what is inside of one is looked at three levels deep.
        block=r"/\*(?:(?!\*/|/\*).|/\*(?:(?!\*/|/\*).|/\*(?:(?!\*/).)*\*/)*\*/)*(?:\*/|\Z)",
        quoted=rf"[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)|{_SINGLE}|{_DOUBLE}|{_DOLLARS}",
        # An operator of JSON is written ?? where it would be taken for a parameter.
        parameter=rf"(?!\?\?|\?[|&])(?<!\?)\?[0-9]*|\$[0-9]+|{_NAMED}|{_AT}",
    ),
}


class Token(msgspec.Struct, frozen=True):
    """A piece of SQL text.

    Attributes:
        kind: What it is.
        text: Its text.
        start: Where it begins in the text, in characters.
    """

    kind: TokenKind
    text: str
    start: int

    @property
    def stop(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)

    @property
    def is_sql(self) -> bool:
        """Whether it is neither space nor comment."""
        return self.kind not in ("blank", "line", "block")


def scan(text: str, dialect: str) -> Iterator[Token]:
    """Cut SQL text into tokens.

    Args:
        text: Any text.
        dialect: The name of the dialect whose rules hold.

    Yields:
        The tokens in order.
    """
    for found in _PATTERNS.get(dialect, _SQLITE).finditer(text):
        kind: TokenKind = found.lastgroup  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        yield Token(kind, found[0], found.start())
