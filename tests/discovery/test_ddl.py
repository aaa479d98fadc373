"""The parser on statements that are written in every way that SQLite takes."""

from __future__ import annotations

import pytest

from noormme.engines.sqlite.ddl import parse_index, parse_table, parse_trigger_header, parse_virtual_table
from noormme.schema import Check, ForeignKey, Unique
from noormme.schema.sql_tokens import DDLError
from tests.discovery.support import database


def stored(sql: str) -> str:
    """The statement as SQLite keeps it, which shows that SQLite takes it."""
    rows = database(f"CREATE TABLE p(a, b); {sql}").execute("SELECT sql FROM sqlite_schema WHERE name = 't'")
    ((text,),) = rows.fetchall()
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("CREATE TABLE t(a, b INT, c)", ("a", "b", "c")),
        ("create table if not exists main.t(a)", ("a",)),
        ("CREATE TABLE 't' ('a' INT, [b c], `d``e`, \"f\"\"g\" x)", ("a", "b c", "d`e", 'f"g')),
        (
            "CREATE TABLE t(key text, desc, if, cast, left int, generated, always int)",
            ("key", "desc", "if", "cast", "left", "generated", "always"),
        ),
        (
            "CREATE TABLE t(a VARCHAR (10 , 2), b unsigned big int, c \"x\" 'y', d generated always)",
            ("a", "b", "c", "d"),
        ),
        ('CREATE TABLE t("", "\n", "🔥", é)', ("", "\n", "🔥", "é")),
        ("CREATE TABLE t(a/**/int/*,*/big--,\n, b)", ("a", "b")),
        ("CREATE TABLE t(a constraint x, constraint y)", ("a",)),
        ("CREATE TABLE t(a INT PRIMARY KEY DESC ON CONFLICT FAIL, b NULL ON CONFLICT IGNORE)", ("a", "b")),
        ("CREATE TABLE t(a INTEGER CONSTRAINT pk PRIMARY KEY ASC AUTOINCREMENT)", ("a",)),
        ("CREATE TABLE t(a, b, PRIMARY KEY(a, b DESC) ON CONFLICT REPLACE) WITHOUT ROWID", ("a", "b")),
        ("CREATE TABLE t(id INTEGER, PRIMARY KEY(id AUTOINCREMENT))", ("id",)),
        ("CREATE TABLE t(a TEXT COLLATE 'nocase' COLLATE [rtrim]) STRICT", ("a",)),
        (
            "CREATE TABLE t(a DEFAULT -1, b DEFAULT + /*x*/ 2, c DEFAULT (1, 2) NOT NULL, d DEFAULT 'x,')",
            ("a", "b", "c", "d"),
        ),
    ],
)
def test_columns(sql: str, columns: tuple[str, ...]) -> None:
    if "(1, 2)" not in sql:  # refused by SQLite, and still no reason to lose the way
        sql = stored(sql)
    assert parse_table(sql) == (columns, {}, (), (), ())


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        ("a CHECK(a > 0)", (Check("a > 0", column="a"),)),
        ("a CHECK ( a > 0 /*!*/ ) CHECK(a<9)", (Check("a > 0", column="a"), Check("a<9", column="a"))),
        ('a CONSTRAINT x CONSTRAINT "y z" CHECK(a IN (1, (2)))', (Check("a IN (1, (2))", "y z", "a"),)),
        ("a, CHECK(a = '%)' /* ) */ OR a = '(') ON CONFLICT FAIL", (Check("a = '%)' /* ) */ OR a = '('"),)),
        (
            "a, CONSTRAINT x CHECK(a) CONSTRAINT y CHECK(1)CHECK(0)",
            (Check("a", "x"), Check("1", "y"), Check("0")),
        ),
        ("a CONSTRAINT x NOT NULL CHECK(a)", (Check("a", None, "a"),)),
        ("a, CHECK(--no\n a --yes\n)", (Check("a"),)),
    ],
)
def test_checks(sql: str, checks: tuple[Check, ...]) -> None:
    assert parse_table(stored(f"CREATE TABLE t({sql})")).checks == checks


@pytest.mark.parametrize(
    ("sql", "uniques"),
    [
        ("a UNIQUE, b", (Unique(("a",)),)),
        ("a UNIQUE ON CONFLICT IGNORE, b", (Unique(("a",), on_conflict="IGNORE"),)),
        ("a CONSTRAINT u UNIQUE, b", (Unique(("a",), "u"),)),
        ("a CONSTRAINT n NOT NULL UNIQUE, b", (Unique(("a",)),)),
        ("a, b, UNIQUE(B, 'a') on conflict replace", (Unique(("B", "a"), on_conflict="REPLACE"),)),
        ("a, b, CONSTRAINT u UNIQUE((a) COLLATE nocase DESC, b ASC)", (Unique(("a", "b"), "u"),)),
        ("a, b, UNIQUE(a) UNIQUE(b) CHECK(1)", (Unique(("a",)), Unique(("b",)))),
    ],
)
def test_uniques(sql: str, uniques: tuple[Unique, ...]) -> None:
    assert parse_table(stored(f"CREATE TABLE t({sql})")).uniques == uniques


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        ("a REFERENCES p", (ForeignKey(("a",), "p"),)),
        ("a REFERENCES \"P\"('a') NOT NULL", (ForeignKey(("a",), "P", ("a",)),)),
        ("a CONSTRAINT f REFERENCES p(a)", (ForeignKey(("a",), "p", ("a",), "f"),)),
        (
            "a REFERENCES p ON INSERT CASCADE ON DELETE SET NULL MATCH full ON UPDATE NO ACTION",
            (ForeignKey(("a",), "p", on_delete="SET NULL"),),
        ),
        (
            "a REFERENCES p on update set default on delete restrict",
            (ForeignKey(("a",), "p", on_update="SET DEFAULT", on_delete="RESTRICT"),),
        ),
        ("a REFERENCES p DEFERRABLE", (ForeignKey(("a",), "p", deferrable=True),)),
        (
            "a REFERENCES p DEFERRABLE INITIALLY DEFERRED",
            (ForeignKey(("a",), "p", deferrable=True, initially_deferred=True),),
        ),
        ("a REFERENCES p DEFERRABLE INITIALLY IMMEDIATE", (ForeignKey(("a",), "p", deferrable=True),)),
        ("a REFERENCES p NOT DEFERRABLE INITIALLY DEFERRED", (ForeignKey(("a",), "p"),)),
        ("a REFERENCES p NOT DEFERRABLE NOT NULL", (ForeignKey(("a",), "p"),)),
        # SQLite gives a deferral to the last key before it, whatever stands in between.
        ("a REFERENCES p, b DEFERRABLE", (ForeignKey(("a",), "p", deferrable=True),)),
        ("a DEFERRABLE", ()),
        (
            "a, b, CONSTRAINT f FOREIGN KEY(a, b) REFERENCES p(b, a) DEFERRABLE INITIALLY DEFERRED "
            "FOREIGN KEY(b) REFERENCES p",
            (
                ForeignKey(("a", "b"), "p", ("b", "a"), "f", deferrable=True, initially_deferred=True),
                ForeignKey(("b",), "p"),
            ),
        ),
        ("a, FOREIGN KEY(a) REFERENCES p NOT DEFERRABLE", (ForeignKey(("a",), "p"),)),
    ],
)
def test_foreign_keys(sql: str, keys: tuple[ForeignKey, ...]) -> None:
    assert parse_table(stored(f"CREATE TABLE t({sql})")).foreign_keys == keys


def test_generated_columns() -> None:
    sql = stored(
        "CREATE TABLE t(a INT, b INT GENERATED ALWAYS AS (a + (1)) STORED UNIQUE, c AS (a), "
        "d generated always as ( a /**/ ) virtual NOT NULL, e TEXT AS ('x') CHECK(e))"
    )
    assert parse_table(sql).generated == {"b": "a + (1)", "c": "a", "d": "a", "e": "'x'"}


def test_added_and_renamed_columns() -> None:
    connection = database("CREATE TABLE t(a INT, CONSTRAINT c CHECK(a > 0))")
    connection.execute(
        "ALTER TABLE t ADD COLUMN b TEXT CHECK(b <> ''); ALTER TABLE t RENAME COLUMN a TO \"the a\";"
        "ALTER TABLE t RENAME TO u"
    )
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema").fetchall()[0]
    definition = parse_table(str(sql))
    assert definition.columns == ("the a", "b")
    assert definition.checks == (Check("b <> ''", column="b"), Check('"the a" > 0', "c"))


@pytest.mark.parametrize(
    ("sql", "parts", "where"),
    [
        ("CREATE INDEX i ON p(a)", ("a",), None),
        ("CREATE UNIQUE INDEX if not exists main.i ON p(a DESC, b ASC)", ("a", "b"), None),
        (
            "CREATE INDEX i ON p(lower(a) DESC, a || b COLLATE nocase)",
            ("lower(a)", "a || b COLLATE nocase"),
            None,
        ),
        ("CREATE INDEX i ON p(a) WHERE a > 0 AND (b)", ("a",), "a > 0 AND (b)"),
        ("CREATE INDEX i ON p(a NULLS LAST)", ("a",), None),
        ("CREATE INDEX i ON p(desc)", ("desc",), None),
    ],
)
def test_indexes(sql: str, parts: tuple[str, ...], where: str | None) -> None:
    assert parse_index(sql) == (parts, where)


@pytest.mark.parametrize(
    ("sql", "header"),
    [
        ("CREATE TRIGGER x AFTER INSERT ON p BEGIN SELECT 1; END", ("AFTER", "INSERT")),
        ("CREATE TRIGGER before BEFORE UPDATE OF a, b ON p BEGIN SELECT 1; END", ("BEFORE", "UPDATE")),
        ('CREATE TRIGGER "a on b" /* on */ DELETE ON p BEGIN SELECT 1; END', ("BEFORE", "DELETE")),
        ("CREATE TRIGGER if not exists main.x instead of update ON v BEGIN", ("INSTEAD OF", "UPDATE")),
    ],
)
def test_triggers(sql: str, header: tuple[str, str]) -> None:
    assert parse_trigger_header(sql) == header


@pytest.mark.parametrize(
    ("sql", "definition"),
    [
        ("CREATE VIRTUAL TABLE v USING m", ("m", ())),
        ("CREATE VIRTUAL TABLE v USING m()", ("m", ())),
        ("CREATE VIRTUAL TABLE v USING [m](a, b = 'c,d', f(x, y) )", ("m", ("a", "b = 'c,d'", "f(x, y)"))),
    ],
)
def test_virtual_tables(sql: str, definition: tuple[str, tuple[str, ...]]) -> None:
    assert parse_virtual_table(sql) == definition


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t(",
        "CREATE TABLE t()",
        "CREATE TABLE t(a",
        "CREATE TABLE t(a, CHECK(1)",
        "CREATE TABLE t(a UNIQUE b)",
        "CREATE TABLE t(a, CHECK(1) b)",
        "CREATE TABLE t(a NOT b UNIQUE)",
        "CREATE TABLE t(a GENERATED ALWAYS AS 1)",
        "CREATE TABLE t(a REFERENCES)",
        "CREATE TABLE t(a REFERENCES p ON DELETE)",
        "CREATE TABLE t(a PRIMARY UNIQUE)",
        "CREATE TABLE t(a, FOREIGN KEY(a) p)",
        "CREATE TABLE t(a, UNIQUE(1))",
    ],
)
def test_what_is_no_table_is_refused(sql: str) -> None:
    with pytest.raises(DDLError, match="was expected"):
        parse_table(sql)


def test_what_is_nothing_else_is_refused() -> None:
    with pytest.raises(DDLError):
        parse_index("CREATE TABLE t(a)")
    with pytest.raises(DDLError):
        parse_virtual_table("CREATE TABLE t(a)")
    with pytest.raises(DDLError):
        parse_trigger_header("CREATE TRIGGER t AFTER LUNCH ON t")
