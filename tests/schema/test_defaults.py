"""Defaults that Python can know: SQLite, asked for the same, stores the same."""

from __future__ import annotations

import apsw
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.engines.sqlite.introspect import introspect
from noormme.schema.defaults import constant_default, filled_by_database, is_row_id, required
from noormme.schema.model import Column
from tests.discovery.support import column, database, only_table

UNKNOWN = msgspec.UNSET


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("INTEGER DEFAULT 5", 5),
        ("INTEGER DEFAULT -5", -5),
        ("INTEGER DEFAULT + 5", 5),
        ("INTEGER DEFAULT (7)", 7),
        ("INTEGER DEFAULT 0x1F", 31),
        ("INTEGER DEFAULT -0x10", -16),
        ("INTEGER DEFAULT 1_000", 1000),
        ("INTEGER DEFAULT 9223372036854775807", 2**63 - 1),
        ("INTEGER DEFAULT 9223372036854775808", UNKNOWN),
        ("INTEGER DEFAULT 0xFFFFFFFFFFFFFFFF", UNKNOWN),
        ("INTEGER DEFAULT 1.0", UNKNOWN),
        ("INTEGER DEFAULT '1'", UNKNOWN),
        ("INTEGER DEFAULT (1 + 2)", UNKNOWN),
        ("INTEGER DEFAULT TRUE", UNKNOWN),
        ("INTEGER", UNKNOWN),
        ("INTEGER DEFAULT NULL", None),
        ("REAL DEFAULT 1.5", 1.5),
        ("REAL DEFAULT -.5", -0.5),
        ("REAL DEFAULT 2", 2.0),
        ("REAL DEFAULT 1e3", 1000.0),
        ("REAL DEFAULT 1e400", UNKNOWN),
        ("REAL DEFAULT 0.1234567890123456789", UNKNOWN),
        ("REAL DEFAULT 9007199254740993", UNKNOWN),
        ("TEXT DEFAULT 'it''s'", "it's"),
        ("TEXT DEFAULT ''", ""),
        ("TEXT DEFAULT NULL", None),
        ("VARCHAR(9) DEFAULT 'x'", "x"),
        ("TEXT DEFAULT 5", UNKNOWN),
        ("TEXT DEFAULT CURRENT_TIMESTAMP", UNKNOWN),
        ("TEXT DEFAULT ('a' || 'b')", UNKNOWN),
        ("TEXT DEFAULT x'00'", UNKNOWN),
        ("TEXT DEFAULT word", UNKNOWN),
        ("XML DEFAULT '12'", UNKNOWN),
        ("BOOLEAN DEFAULT 0", False),
        ("BOOLEAN DEFAULT 1", True),
        ("BOOLEAN DEFAULT TRUE", True),
        ("BOOLEAN DEFAULT false", False),
        ("BOOLEAN DEFAULT 2", UNKNOWN),
        ("BOOLEAN DEFAULT 't'", UNKNOWN),
        ("DATE DEFAULT '2024-01-01'", UNKNOWN),
        ("DECIMAL(10,2) DEFAULT 1.5", UNKNOWN),
        ("JSON DEFAULT '[]'", UNKNOWN),
        ("BLOB DEFAULT x'00'", UNKNOWN),
        ("DEFAULT 1", UNKNOWN),
        ("DEFAULT NULL", None),
        ("INTEGER AS (1)", UNKNOWN),
    ],
)
def test_plain_literals_are_known(declaration: str, expected: object) -> None:
    value = constant_default(column(only_table(f"CREATE TABLE t (id INTEGER, c {declaration})"), "c"))
    assert value == expected
    assert type(value) is type(expected)


LITERALS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.integers(-(2**53) - 2, 2**53 + 2).map(str),
    st.integers(0, 2**66).map(hex),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"[+-]?[0-9]{0,18}\.[0-9]{1,18}(e[+-]?[0-9]{1,3})?", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
    st.sampled_from(
        ["NULL", "TRUE", "false", "current_date", "(1+1)", "word", '"word"', "x'41'", "1__0", "- 0.0"]
    ),
)
TYPES = st.sampled_from(
    ["", "INTEGER", "YEAR", "REAL", "DOUBLE", "TEXT", "VARCHAR(3)", "XML", "BOOLEAN", "BLOB", "DATE"]
)


@given(TYPES, LITERALS)
def test_what_is_known_is_what_the_database_stores(declared_type: str, literal: str) -> None:
    try:
        connection = database(f"CREATE TABLE t (id INTEGER PRIMARY KEY, c {declared_type} DEFAULT {literal})")
    except apsw.SQLError:
        return
    known = constant_default(column(introspect(connection).tables[0], "c"))
    if known is UNKNOWN:
        return
    connection.execute("INSERT INTO t (id) VALUES (1)")
    connection.execute("INSERT INTO t (id, c) VALUES (2, ?)", (known,))
    left_out, given_to_it = connection.execute("SELECT typeof(c), quote(c) FROM t ORDER BY id").fetchall()
    assert left_out == given_to_it


@pytest.mark.parametrize(
    "default", ["", "'", "'a", "-", "- - 1", "+'a'", "1 2", "'a' 'b'", "x'4'", "1e", "--1", "\0"]
)
def test_a_text_that_is_no_literal_is_not_known(default: str) -> None:
    assert constant_default(Column("c", "c", "INTEGER", "integer", default=default)) is UNKNOWN


@pytest.mark.parametrize(
    ("table", "filled", "is_required"),
    [
        ("(c INTEGER PRIMARY KEY, x)", True, False),
        ("(c INTEGER PRIMARY KEY AUTOINCREMENT, x)", True, False),
        ("(c INTEGER PRIMARY KEY DESC, x)", False, False),
        ("(c INT PRIMARY KEY, x)", False, False),
        ("(c INT PRIMARY KEY NOT NULL, x)", False, True),
        ("(c INTEGER PRIMARY KEY, x) WITHOUT ROWID", False, True),
        ("(c INTEGER, x, PRIMARY KEY (c, x))", False, False),
        ("(c INTEGER, x, PRIMARY KEY (c))", True, False),
        ("(x, c NOT NULL)", False, True),
        ("(x, c)", False, False),
        ("(x, c NOT NULL DEFAULT 1)", True, False),
        ("(x, c NOT NULL DEFAULT NULL)", False, True),
        ("(x, c NOT NULL DEFAULT CURRENT_TIMESTAMP)", True, False),
        ("(x, c NOT NULL AS (x + 1))", True, False),
    ],
)
def test_what_the_database_fills_in(table: str, filled: bool, is_required: bool) -> None:
    connection = database(f"CREATE TABLE t {table}")
    found = introspect(connection).tables[0]
    about = column(found, "c")
    assert filled_by_database(found, about) is filled
    assert required(found, about) is is_required
    if is_required:
        with pytest.raises(apsw.ConstraintError):
            connection.execute("INSERT INTO t (x) VALUES (1)")
    else:
        connection.execute("INSERT INTO t (x) VALUES (1)")
        (value,) = connection.execute("SELECT c FROM t").fetchall()[0]
        assert (value is not None) is filled


def test_a_row_id_goes_by_other_names() -> None:
    table = only_table("CREATE TABLE t (id INTEGER PRIMARY KEY, other INTEGER)")
    assert is_row_id(table, column(table, "id"))
    assert not is_row_id(table, column(table, "other"))
