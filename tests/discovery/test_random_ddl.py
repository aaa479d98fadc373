"""Random DDL: what was written is what the parser and discovery find."""

from __future__ import annotations

from contextlib import suppress

import apsw
from hypothesis import given, settings
from hypothesis import strategies as st

from noormme.engines.sqlite.ddl import (
    parse_index,
    parse_table,
    parse_trigger_header,
    parse_virtual_table,
)
from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Schema
from noormme.schema.sql_tokens import DDLError, fold, tokenize
from tests.discovery.grammar import Statement, statements


@settings(max_examples=150)
@given(statements())
def test_what_was_written_is_found(statement: Statement) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute(statement.sql)
    ((stored,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    written = statement.definition
    assert parse_table(statement.sql) == written
    assert parse_table(str(stored)) == written

    schema = introspect(connection)
    (table,) = schema.tables
    assert not [warning for warning in schema.warnings if warning.code == "unparsed_ddl"]
    assert table.name == statement.table
    assert tuple(column.name for column in table.columns) == written.columns
    assert {c.name: c.expression for c in table.columns if c.generated} == written.generated
    assert table.checks == written.checks
    assert [
        (key.columns, key.target, key.name, key.on_update, key.on_delete) for key in table.foreign_keys
    ] == [
        (
            key.columns,
            table.name if fold(key.target) == fold(table.name) else key.target,
            key.name,
            key.on_update,
            key.on_delete,
        )
        for key in written.foreign_keys
    ]
    assert [(key.deferrable, key.initially_deferred) for key in table.foreign_keys] == [
        (key.deferrable, key.initially_deferred) for key in written.foreign_keys
    ]
    # SQLite keeps one of several constraints on the same columns, and lets the primary key stand for it.
    assert {u.columns for u in table.uniques} | {table.primary_key} >= {u.columns for u in written.uniques}
    assert {(u.columns, u.name) for u in table.uniques} <= {(u.columns, u.name) for u in written.uniques}
    assert Schema.from_json(schema.to_json()) == schema
    assert introspect(connection).fingerprint == schema.fingerprint


@settings(max_examples=150)
@given(statements(), st.data())
def test_broken_statements_are_refused_and_nothing_else_happens(
    statement: Statement, data: st.DataObject
) -> None:
    tokens = tokenize(statement.sql)
    start = data.draw(st.integers(0, len(tokens)))
    stop = data.draw(st.integers(start, min(start + 4, len(tokens))))
    broken = "".join(tokens[:start] + tokens[stop:])
    for parse in (parse_table, parse_index, parse_trigger_header, parse_virtual_table):
        with suppress(DDLError):
            parse(broken)
