"""What the DDL says about full-text search: the arguments of FTS5, and the triggers that fill an index.

Invariant: text is cut by the tokenizer of ``sql_tokens``, never by a search for words; what does not have
the form that is looked for gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from noormme.schema.sql_tokens import DDLError, TokenReader, fold, is_blank, tokenize, unquote

__all__ = ["Inserted", "SearchDefinition", "inserts_into", "parse_search_arguments"]

_ENDS = frozenset({"", ";", "END", "FROM", "WHERE", "UNION", "ON", "RETURNING", "GROUP", "ORDER", "LIMIT"})
"""What the list of a SELECT or of VALUES is followed by."""

_OPTIONS = (
    "prefix",
    "tokenize",
    "content",
    "contentless_delete",
    "contentless_unindexed",
    "content_rowid",
    "columnsize",
    "locale",
    "detail",
)
"""In the order in which FTS5 tries them: it takes any beginning of a name for the name."""


class SearchDefinition(NamedTuple):
    """The arguments of FTS5.

    Attributes:
        unindexed: The names of the columns that cannot be searched.
        options: The options by their full names, without their quotes.
    """

    unindexed: tuple[str, ...]
    options: dict[str, str]


class Inserted(NamedTuple):
    """One INSERT of a trigger.

    Attributes:
        columns: The columns that it names.
        sources: For each of them the column of the new row that its value is made of, where that is one.
    """

    columns: tuple[str, ...]
    sources: tuple[str | None, ...]


def parse_search_arguments(arguments: Sequence[str]) -> SearchDefinition:
    """Parse the arguments of a virtual table of FTS5.

    Args:
        arguments: The arguments, as ``parse_virtual_table`` gives them.
    """
    unindexed: list[str] = []
    options: dict[str, str] = {}
    for argument in arguments:
        reader = TokenReader(tokenize(argument))
        try:
            name = reader.name()
        except DDLError:  # a column whose name begins with a digit, which is no name in SQL
            continue
        if reader.accept("="):
            text = reader.text(reader.at)
            option = next((known for known in _OPTIONS if known.startswith(fold(name))), fold(name))
            options[option] = unquote(text) if text else ""
        elif reader.accept("UNINDEXED"):
            unindexed.append(name)
    return SearchDefinition(tuple(unindexed), options)


def inserts_into(sql: str, table: str) -> Iterator[Inserted]:
    """The INSERT statements of a trigger that put values of the new row into one table.

    Args:
        sql: The CREATE TRIGGER statement.
        table: The exact name of the table that they must go into.

    Yields:
        Those that name their columns and give one row.
    """
    reader = TokenReader(tokenize(sql))
    while reader.word:
        if reader.step() != "INTO":
            continue
        try:
            found = _insert(reader, table)
        except DDLError:
            continue
        if found is not None:
            yield found


def _insert(reader: TokenReader, table: str) -> Inserted | None:
    """What follows INTO."""
    name = reader.name()
    if fold(name) != fold(table) or reader.word != "(":
        return None
    spans = reader.parts()
    after = reader.at
    columns: list[str] = []
    for start, _ in spans:
        reader.at = start
        columns.append(reader.name())
    reader.at = after
    values = _values(reader)
    if len(values) != len(columns):
        return None
    sources = tuple(_source(reader.text(start, stop)) for start, stop in values)
    return Inserted(tuple(columns), sources)


def _values(reader: TokenReader) -> list[tuple[int, int]]:
    """The expressions of VALUES or of a SELECT list."""
    if reader.accept("VALUES"):
        return reader.parts()
    if not reader.accept("SELECT"):
        return []
    spans: list[tuple[int, int]] = []
    start = reader.at
    while True:
        if reader.word == "(":
            reader.parts()
            continue
        ended = reader.word in _ENDS
        if ended or reader.word == ",":
            spans.append((start, reader.at))
            start = reader.at + 1
        if ended:
            return spans
        reader.step()


def _source(expression: str) -> str | None:
    """The one column of the new row that an expression reads: ``new.title``, ``coalesce(new.title, '')``."""
    tokens = [token for token in tokenize(expression) if not is_blank(token)]
    columns = {
        unquote(tokens[at + 2])
        for at, token in enumerate(tokens[:-2])
        if fold(unquote(token)) == "new" and tokens[at + 1] == "."
    }
    return columns.pop() if len(columns) == 1 else None
