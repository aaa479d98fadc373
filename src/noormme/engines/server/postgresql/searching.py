"""Full-text search on PostgreSQL: what a person types, ranks, and the parts of a text that were found.

Invariant: no text is a syntax error, and no sign in it is an operator but those that ``search`` names; it is
one parameter, which is parsed once for each statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from noormme.engines.search_terms import terms
from noormme.engines.server.postgresql.introspect_search import pieces_of
from noormme.engines.server.postgresql.operands import pieced
from noormme.schema.model import Table
from noormme.schema.search_index import SearchIndex
from noormme.schema.sql_tokens import quote_identifier

__all__ = ["advice", "matches", "search_text", "search_value"]

_LONGEST_WORD = 2_000
"""In bytes. PostgreSQL keeps no longer ones, and refuses some of them in a query."""


def search_text(text: Any) -> str:
    """The ``tsquery`` for what a user typed, as ``to_tsquery`` reads it.

    Args:
        text: What was typed.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in terms(text):
        words = [word for word in term.words.split() if len(word.encode()) <= _LONGEST_WORD]
        if not words:
            continue
        quoted = [_quoted(word) for word in words]
        if term.prefix:
            quoted[-1] += ":*"
        phrase = f"({' <-> '.join(quoted)})"
        (unwanted if term.unwanted else wanted).append(phrase)
    if not wanted:
        return ""
    return " & ".join([*wanted, *(f"!{phrase}" for phrase in unwanted)])


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def matches(table: sa.FromClause, index: SearchIndex, expression: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row is found.

    Args:
        table: What is searched.
        index: Where its vectors are.
        expression: The text, encoded by ``search_text``.
    """
    found: ColumnElement[bool] = pieced(*_vector(table, index), "@@", *_query(index, expression))
    return found


def search_value(
    function: str,
    table: sa.FromClause,
    index: SearchIndex,
    position: int | None,
    arguments: Sequence[ColumnElement[Any]],
    expression: ColumnElement[Any],
) -> ColumnElement[Any]:
    """What the search gives for a row; the arguments are those of ``query.dialect_expressions``."""
    query = pieced(*_query(index, expression))
    if function == "order":
        return pieced("-", *_rank(_vector(table, index), query))
    if function == "rank":
        return (
            _weighed(table, index, query, arguments)
            if arguments
            else pieced(*_rank(_vector(table, index), query))
        )
    text = _best(table, index, query) if position is None else _text(table, index, position)
    if function == "highlight":
        start, end = arguments
        options = pieced(
            "'HighlightAll=true, StartSel=' ||", _option(start), "|| ', StopSel=' ||", _option(end)
        )
        return pieced("ts_headline(", *_configured(index), text, ",", query, ",", options, ")")
    return _snippet(index, text, query, arguments)


def _vector(table: sa.FromClause, index: SearchIndex) -> list[Any]:
    assert index.vector is not None, "an index of PostgreSQL's has vectors"
    return [
        table.c[part] if is_column else part
        for is_column, part in pieces_of(index.vector, dict(table.c.items()))
    ]


def _configured(index: SearchIndex) -> list[Any]:
    """The first argument of functions that cut a text into words; none for the usual configuration."""
    if not index.tokenizer:
        return []
    name = index.tokenizer.replace("'", "''")
    return [f"'{name}'::regconfig,"]


def _query(index: SearchIndex, expression: ColumnElement[Any]) -> list[Any]:
    # In a SELECT of its own it is made once, and not for each row.
    return ["(SELECT to_tsquery(", *_configured(index), expression, "::text ))"]


def _rank(vector: Sequence[Any], query: ColumnElement[Any]) -> list[Any]:
    return ["ts_rank(", *vector, ",", query, ")::double precision"]


def _text(table: sa.FromClause, index: SearchIndex, position: int) -> ColumnElement[Any]:
    return pieced("coalesce(", table.c[index.columns[position].name], "::text, '')")


def _vector_of(index: SearchIndex, text: ColumnElement[Any]) -> list[Any]:
    return ["to_tsvector(", *_configured(index), text, ")"]


def _weighed(
    table: sa.FromClause, index: SearchIndex, query: ColumnElement[Any], weights: Sequence[ColumnElement[Any]]
) -> ColumnElement[Any]:
    """The ranks of the fields, each times its weight."""
    parts: list[Any] = []
    for position, weight in enumerate(weights):
        vector = _vector_of(index, _text(table, index, position))
        parts += ["+" if parts else "", weight, "::double precision *", *_rank(vector, query)]
    return pieced(*parts)


def _best(table: sa.FromClause, index: SearchIndex, query: ColumnElement[Any]) -> ColumnElement[Any]:
    """The text of the field that fits best."""
    texts: list[Any] = []
    for position in range(len(index.columns)):
        texts += [", (" if texts else "(", _text(table, index, position), ")"]
    vector = _vector_of(index, pieced("field.value"))
    return pieced(
        "SELECT field.value FROM (VALUES",
        *texts,
        ") AS field (value) ORDER BY",
        *_rank(vector, query),
        "DESC LIMIT 1",
    )


def _option(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value of an option of ``ts_headline``, in quotes; those in it are doubled."""
    return pieced("'\"' || replace(", value, """::text, '"', '""') || '"' """)


def _snippet(
    index: SearchIndex,
    text: ColumnElement[Any],
    query: ColumnElement[Any],
    arguments: Sequence[ColumnElement[Any]],
) -> ColumnElement[Any]:
    """The part of a text with the words; ``ts_headline`` does not say whether it left something out."""
    start, end, ellipsis, words = arguments
    limits = pieced(
        "', MaxWords=' || greatest(", words, "::int, 2) || ', MinWords=' || greatest(", words, "::int - 1, 1)"
    )
    marked = pieced("'StartSel=' ||", _option(start), "|| ', StopSel=' ||", _option(end), "||", limits)
    plain = pieced("""'StartSel="", StopSel=""' ||""", limits)

    def headline(options: ColumnElement[Any]) -> list[Any]:
        return ["ts_headline(", *_configured(index), "field.value, field.query,", options, ")"]

    missing = ["THEN '' ELSE", ellipsis, "::text END"]
    whole, shown = "btrim(part.value)", "btrim(part.plain)"
    return pieced(
        f"SELECT CASE WHEN starts_with({whole}, {shown})",
        *missing,
        f"|| part.marked || CASE WHEN right({whole}, length({shown})) = {shown}",
        *missing,
        "FROM (SELECT field.value,",
        *headline(marked),
        "AS marked,",
        *headline(plain),
        "AS plain FROM (SELECT",
        text,
        "AS value,",
        query,
        "AS query) AS field) AS part",
    )


def advice(table: Table) -> str:
    """What makes an index for a table that has none.

    Args:
        table: The table.
    """
    if table.kind != "table":
        return "add a column of type tsvector to the view"
    texts = [column for column in table.columns if column.kind in ("text", "any")]
    joined = " || ' ' || ".join(
        f"coalesce({quote_identifier(each.name)}, '')"
        for each in texts
        if each.declared_type in ("text",) or each.declared_type.startswith("character varying")
    )
    names = ".".join(
        map(quote_identifier, [*([table.namespace] if table.namespace else []), table.bare_name])
    )
    return (
        f"make one: CREATE INDEX ON {names} USING gin (to_tsvector('english', {joined or '…'})); "
        "then db.refresh()"
    )
