"""Full-text search on PostgreSQL: which columns of ``tsvector`` and which indexes of expressions there are.

Invariant: everything is told by the catalogue, and nothing is read from a table. What cannot be told of a
vector (its texts, its configuration) is left open, and the vector can be searched all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from noormme.schema.model import Index, Table
from noormme.schema.search_index import SearchColumn, SearchIndex
from noormme.schema.sql_tokens import quote_identifier

__all__ = ["pieces_of", "search_indexes"]

_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^']|'')*')
    | "(?P<quoted>(?:[^"]|"")+)"
    | (?P<word>[^\W\d][\w$]*)
    | (?P<sign>::|\S)
    """,
    re.VERBOSE,
)
_CONFIGURATION = re.compile(r"to_tsvector\('((?:[^']|'')+)'::regconfig")
_TRIGGER = re.compile(r"\btsvector_update_trigger\((?P<arguments>.*)\)\s*$", re.DOTALL)
_ARGUMENT = re.compile(r"'((?:[^']|'')*)'")
_VECTOR = re.compile(r"\b(?:to_tsvector|setweight|array_to_tsvector)\(")


def search_indexes(tables: Iterable[Table]) -> list[SearchIndex]:
    """Find what can be searched. Does not touch the database.

    Args:
        tables: Tables and views.

    Returns:
        One for each column of type ``tsvector``, under the column's name, and one for each index of an
        expression that is a ``tsvector``, under the index's.
    """
    found: list[SearchIndex] = []
    for table in tables:
        if not table.readable:
            continue
        for column in table.columns:
            if column.declared_type == "tsvector":
                found.append(_of_column(table, column.name, column.expression))
        for index in table.indexes:
            expression = _vector_of(index)
            if expression is not None:
                found.append(_made(table, index.name, expression, expression))
    return found


def _of_column(table: Table, name: str, expression: str | None) -> SearchIndex:
    """The vectors in a column, which is generated, or filled by a trigger, or by the program."""
    vector = quote_identifier(name)
    if expression is not None:
        return _made(table, name, vector, expression)
    for trigger in table.triggers:
        called = _TRIGGER.search(trigger.sql)
        arguments = [each.replace("''", "'") for each in _ARGUMENT.findall(called[1])] if called else []
        if len(arguments) > 2 and arguments[0] == name:
            return _index(table, name, vector, arguments[1], arguments[2:])
    texts = [each.name for each in table.columns if each.kind == "text" and each.declared_type != "tsvector"]
    return _index(table, name, vector, "", texts)


def _vector_of(index: Index) -> str | None:
    """The expression of an index, if it is one of vectors and holds all rows."""
    if index.where is not None or len(index.parts) != 1:
        return None
    expression = index.parts[0].expression
    return expression if expression is not None and _VECTOR.match(expression.lstrip("(")) else None


def _made(table: Table, name: str, vector: str, expression: str) -> SearchIndex:
    configurations = set(_CONFIGURATION.findall(expression))
    [configuration] = configurations if len(configurations) == 1 else [""]
    names = {column.name: None for column in table.columns}
    columns = [part for is_column, part in pieces_of(expression, names) if is_column]
    return _index(table, name, vector, configuration.replace("''", "'"), columns)


def _index(table: Table, name: str, vector: str, configuration: str, columns: Iterable[str]) -> SearchIndex:
    return SearchIndex(
        name,
        table.name,
        key="",
        table_key="",
        columns=tuple(SearchColumn(column, column) for column in dict.fromkeys(columns)),
        content="external",
        tokenizer=configuration,
        vector=vector,
    )


def pieces_of(expression: str, columns: Mapping[str, object]) -> Iterator[tuple[bool, str]]:
    """An expression as PostgreSQL writes it, cut at the names of columns.

    Args:
        expression: The expression.
        columns: What has the names of the columns of its table as keys.

    Yields:
        Text that stands as it is, with False, and exact names of columns, with True.
    """
    start, before = 0, ""
    for token in _TOKEN.finditer(expression):
        name = token["word"] or (token["quoted"] or "").replace('""', '"')
        after = expression[token.end() :].lstrip()[:1]
        # Not a type, a function, a collation, or what is a part of another name.
        if name in columns and before.lower() not in ("::", ".", "collate") and after not in ("(", "."):
            if start < token.start():
                yield False, expression[start : token.start()]
            yield True, name
            start = token.end()
        before = token[0]
    if start < len(expression):
        yield False, expression[start:]
