"""Full-text search on MySQL and MariaDB: what a person types, and how well a row fits.

Invariant: no text is a syntax error, and no sign in it is an operator but those that ``search`` names. A word
that an index does not note (too short, too long, a stop word) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from noormme.engines.search_terms import Term, terms
from noormme.engines.server.mysql.introspect_search import Words
from noormme.engines.server.mysql.operands import pieced
from noormme.errors import NotSupported
from noormme.schema.model import Table
from noormme.schema.search_index import SearchIndex

__all__ = ["advice", "matches", "search_text", "search_value"]

_WORD = re.compile(r"\w+")
"""What both servers take for a word; every other sign parts words."""

_TEXT = re.compile(r"(?:tiny|medium|long)?text\b|(?:var)?char\b")
"""The types whose columns can be in an index."""


def search_text(words: Words, text: Any) -> str:
    """What a user typed, as MATCH … AGAINST (… IN BOOLEAN MODE) reads it.

    Args:
        words: Which words the index notes.
        text: What was typed.
    """
    asked = [term for term in terms(text) if _WORD.search(term.words)]
    known = [term for term in asked if term.prefix or any(map(words.note, _WORD.findall(term.words)))]
    if all(term.unwanted for term in known):
        # An index with a parser of its own notes other words, which it is asked for.
        known = asked
    if all(term.unwanted for term in known):
        return ""
    return " ".join(f"{'-' if term.unwanted else '+'}{_written(term)}" for term in known)


def _written(term: Term) -> str:
    words = _WORD.findall(term.words)
    if not term.prefix:
        return _phrase(words)
    *before, last = words
    # A phrase has whole words only, so the beginning of one stands beside it, anywhere in the text.
    return f"(+{_phrase(before)} +{last}*)" if before else f"{last}*"


def _phrase(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f'"{" ".join(words)}"'


def matches(table: sa.FromClause, index: SearchIndex, expression: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row is found.

    Args:
        table: What is searched.
        index: The index.
        expression: The text, encoded by ``search_text``.
    """
    found: ColumnElement[bool] = pieced(*_fit(table, index, expression))
    return found


def search_value(
    function: str,
    table: sa.FromClause,
    index: SearchIndex,
    arguments: Sequence[ColumnElement[Any]],
    expression: ColumnElement[Any],
) -> ColumnElement[Any]:
    """How well a row fits; the arguments are those of ``query.dialect_expressions``.

    Raises:
        NotSupported: Weights of columns, or a part of a text, which no function of the servers gives.
    """
    if function not in ("order", "rank"):
        raise NotSupported(
            f"{function.capitalize()}: MySQL and MariaDB do not say which words of a text were found",
            hint="read the text itself, and mark the words in Python",
        )
    if arguments:
        raise NotSupported(
            "SearchRank: MySQL and MariaDB have no weights for the columns of a full-text index",
            hint="make an index of the column that counts, and search that: search(text, index='…')",
        )
    return pieced("-" if function == "order" else "", *_fit(table, index, expression))


def _fit(table: sa.FromClause, index: SearchIndex, expression: ColumnElement[Any]) -> list[Any]:
    columns: list[Any] = []
    for column in index.columns:
        columns += [", " if columns else "MATCH (", table.c[column.name]]
    return [*columns, ") AGAINST (", expression, "IN BOOLEAN MODE)"]


def advice(table: Table) -> str:
    """What makes an index for a table that has none.

    Args:
        table: The table.
    """
    if table.kind != "table":
        return "search the table that the view reads, which can have one"
    texts = [_quoted(column.name) for column in table.columns if _TEXT.match(column.declared_type)]
    columns = ", ".join(texts) or "…"
    return f"make one: CREATE FULLTEXT INDEX search ON {_quoted(table.name)} ({columns}); then db.refresh()"


def _quoted(name: str) -> str:
    doubled = name.replace("`", "``")
    return f"`{doubled}`"
