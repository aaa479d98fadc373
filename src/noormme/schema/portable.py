"""SQL expressions of one database, as another one writes them.

Invariant: an expression is given only where every database means the same by it; what uses anything else
(a function of one database, a cast, an operator that others spell in another way) has no answer here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from noormme.schema.literals import read_literal
from noormme.schema.model import Column
from noormme.schema.sql_tokens import DDLError, TokenReader, fold, is_blank, keyword, tokenize, unquote

__all__ = ["columns_in", "portable_default", "portable_expression", "without_casts"]

_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"|`(?:[^`]|``)*`"""
_CAST = re.compile(
    rf"(?P<quoted>{_QUOTED})|::\s*(?:\"[^\"]+\"|[a-z_][\w.]*)(?:\s+(?:varying|precision))?"
    r"(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?:\s+with(?:out)? time zone)?(?:\[\])*",
    re.IGNORECASE,
)
_ANY_OF = (
    re.compile(r"=\s*ANY\s*\(\s*ARRAY\[([^\]]*)\]\s*\)", re.IGNORECASE),
    re.compile(r"=\s*ANY\s*\(\s*\(\s*ARRAY\[([^\]]*)\]\s*\)\s*\)", re.IGNORECASE),
)
"""How PostgreSQL writes IN with a list."""

_WORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE"})
_FUNCTIONS: Mapping[str, str] = {name: name for name in ("ABS", "COALESCE", "LOWER", "NULLIF", "UPPER")}
_SIGNS = frozenset({"(", ")", ",", "+", "-", "*", "=", "==", "<", ">", "<=", ">=", "<>", "!="})
_MOMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP()", "NOW()", "DATETIME('NOW')", "LOCALTIMESTAMP"),
        "CURRENT_TIMESTAMP",
    ),
    **dict.fromkeys(("CURRENT_DATE", "CURDATE()", "DATE('NOW')", "CURRENT_DATE()"), "CURRENT_DATE"),
    **dict.fromkeys(("CURRENT_TIME", "CURTIME()", "TIME('NOW')", "CURRENT_TIME()"), "CURRENT_TIME"),
}


def portable_expression(
    expression: str,
    columns: Mapping[str, str],
    quoted: Callable[[str], str],
    *,
    table: str = "",
    functions: Mapping[str, str] | None = None,
) -> str | None:
    """An expression over the columns of a table, as every database writes it.

    Comparisons, sums, AND, OR, NOT, IN, BETWEEN, IS NULL and a few functions are in it. Division is not: of
    whole numbers it is another one here and there.

    Args:
        expression: The SQL text.
        columns: The names of the table's columns, and what they are called at the target.
        quoted: Writes the name of a column.
        table: The name of the table, which may stand before that of a column.
        functions: More functions, in upper case, and what they are called at the target.

    Returns:
        The text, or None where the expression has anything that is not the same everywhere.
    """
    known = {fold(name): new for name, new in columns.items()}
    text = without_casts(expression)
    for pattern in _ANY_OF:
        text = pattern.sub(r"IN (\1)", text)
    tokens = _unqualified([token for token in tokenize(text) if not is_blank(token)], table)
    callable_names = {**_FUNCTIONS, **(functions or {})}
    written: list[str] = []
    for at, token in enumerate(tokens):
        word = keyword(token)
        follows = tokens[at + 1] if at + 1 < len(tokens) else ""
        if word in _WORDS or word in _SIGNS:
            written.append("=" if word == "==" else "<>" if word == "!=" else word)
        elif (
            (token[0] == "'" and len(token) > 1 and "\\" not in token)
            or token[0].isdecimal()
            or (token[0] == "." and len(token) > 1)
        ):
            written.append(token)
        elif follows == "(" and word in callable_names:
            written.append(callable_names[word])
        elif follows != "(" and fold(unquote(token)) in known and token[0] != "'":
            written.append(quoted(known[fold(unquote(token))]))
        else:
            return None
    return _joined(written) if written else None


def columns_in(expression: str, columns: Mapping[str, Column]) -> list[Column]:
    """The columns that an expression mentions.

    Args:
        expression: The SQL text.
        columns: The columns of the table, by exact name.
    """
    known = {fold(name): column for name, column in columns.items()}
    found = [known.get(fold(unquote(token))) for token in tokenize(expression) if token[0] != "'"]
    return [column for column in dict.fromkeys(found) if column is not None]


def portable_default(default: str) -> str | None:
    """A default as every database writes it.

    Args:
        default: The SQL text: a literal, NULL, TRUE, FALSE or the time of the insert, in any spelling.

    Returns:
        The text; None for an expression of any other kind.
    """
    text = without_casts(default).strip()
    while text.startswith("(") and text.endswith(")") and text.count("(") == text.count(")"):
        text = text[1:-1].strip()
    moment = _MOMENTS.get("".join(text.upper().split()))
    if moment is not None:
        return moment
    if text.upper() in ("NULL", "TRUE", "FALSE"):
        return text.upper()
    if text.startswith('"') and text.endswith('"') and text.count('"') == 2:
        # SQLite takes it for a text, where no column has that name.
        text = "'" + text[1:-1].replace("'", "''") + "'"
    reader = TokenReader(tokenize(text))
    try:
        read_literal(reader)
    except DDLError:
        return None
    return None if reader.word or "\\" in text else text


def without_casts(text: str) -> str:
    """A text of PostgreSQL's without its casts; what stands in quotes is as it was.

    Args:
        text: The text.
    """
    return _CAST.sub(lambda found: found["quoted"] or "", text)


def _unqualified(tokens: list[str], table: str) -> list[str]:
    """Tokens without the name of the table before that of a column."""
    kept: list[str] = []
    for token in tokens:
        if len(kept) > 1 and kept[-1] == "." and table and fold(unquote(kept[-2])) == fold(table):
            del kept[-2:]
        kept.append(token)
    return kept


def _joined(words: list[str]) -> str:
    text = " ".join(words)
    for before, after in (("( ", "("), (" )", ")"), (" ,", ",")):
        text = text.replace(before, after)
    return text
