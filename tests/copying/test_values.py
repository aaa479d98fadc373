"""Values and types that the engines do not share, on their way from one to the other and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from noormme import InvalidValue, connect
from noormme.copying import copy
from noormme.copying.reading import key_from_text, key_to_text
from tests.copying.contents import hashes

POSTGRESQL = """
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE SCHEMA more;
CREATE TABLE more.extra (id serial PRIMARY KEY, note text);
INSERT INTO more.extra (note) VALUES ('a'), ('b');
CREATE TABLE things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    small smallint, whole integer, big bigint, price numeric(10, 2) DEFAULT 1.50, exact numeric,
    single real, double double precision,
    code character varying(8) NOT NULL DEFAULT 'x'::character varying, fixed character(3), mood mood,
    tags text[], span int4range, place inet, size positive,
    flag boolean DEFAULT true, born date, at_hour time, moment timestamp, instant timestamptz(3),
    pause interval, key uuid, doc jsonb, plain json, raw bytea,
    total numeric GENERATED ALWAYS AS (price * 2) STORED,
    CHECK (code = ANY (ARRAY['x', 'y', 'z'])), CHECK (whole > 0 OR whole IS NULL), CHECK (length(code) < 9)
);
COMMENT ON TABLE things IS 'it''s a table';
COMMENT ON COLUMN things.code IS 'a code';
CREATE INDEX things_lower ON things (lower(code));
CREATE UNIQUE INDEX things_some ON things (code) WHERE big > 5;
CREATE INDEX things_many ON things (whole DESC, code);
INSERT INTO things (
    small, whole, big, price, exact, single, double, code, fixed, mood, tags, span, place, size, born, at_hour,
    moment, instant, pause, key, doc, plain, raw
) VALUES (
    -32768, 2147483647, -9223372036854775808, 12.30, 123456789012345678901234567890.123456789, 0.1, 1e300,
    'y', 'ab', 'happy', '{a,NULL,"b c"}', '[1,5)', '10.0.0.1', 3, '2024-02-29', '10:30:00.5',
    '2024-01-02 03:04:05.678901', '2024-01-02 03:04:05.678+02', '1 day 00:00:01.5',
    '5ab2cd7e-0000-4000-8000-000000000001', '{"b": 1.0, "a": [null, "ü"]}', '{"z": 1, "a": 2}', '\\x00ff'
), (
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, 'null', 'null', NULL
);
CREATE VIEW cheap AS SELECT things.id, things.code FROM things WHERE (things.price < (100)::numeric);
"""


@pytest.fixture
def filled(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(POSTGRESQL)
    return url


def test_postgresql_to_sqlite(filled: str, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    report = copy(filled, target)
    assert report.verified
    assert [table.target for table in report.tables] == ["more.extra", "things"]
    with connect(target, readonly=True) as db:
        one = db.things.get(id=1)
        assert one.exact == Decimal("123456789012345678901234567890.123456789")
        assert one.tags == ["a", None, "b c"]
        assert (one.mood, one.span, one.place, one.fixed) == ("happy", "[1,5)", "10.0.0.1", "ab ")
        assert one.instant == datetime(2024, 1, 2, 1, 4, 5, 678000, tzinfo=UTC)
        assert one.moment == datetime(2024, 1, 2, 3, 4, 5, 678901)
        assert (one.single, one.double, one.big) == (0.1, 1e300, -(2**63))
        assert one.doc == {"a": [None, "ü"], "b": 1.0}
        assert one.total == Decimal("24.60")
        # A document that is null, and none.
        stored = db.execute("SELECT doc || '', plain || '', tags FROM things WHERE id = 2")
        assert [tuple(row) for row in stored] == [("null", "null", None)]
        things = db.schema.table("things")
        declared = {column.name: column.declared_type for column in things.columns}
        assert declared["price"] == "DECIMAL(10, 2)"
        assert declared["exact"] == "DECIMAL TEXT"
        assert declared["code"] == "VARCHAR(8)"
        assert declared["small"] == "SMALLINT"
        assert declared["instant"] == "TIMESTAMPTZ(3)"
        assert things.column("code").default == "'x'"
        assert things.column("total").generated == "stored"
        assert {check.expression for check in things.checks} == {
            "((\"code\") IN ('x', 'y', 'z'))",
            '(("whole" > 0) OR ("whole" IS NULL))',
            '(LENGTH (("code")) < 9)',
            "\"mood\" IN ('sad', 'happy')",
        }
        assert {index.name: index.where for index in things.indexes if index.origin == "index"} == {
            "things_lower": None,
            "things_many": None,
            "things_some": '("big" > 5)',
        }
        assert db.cheap.count() == 1
    said = {str(each) for each in report.differences}
    assert said >= {
        "more.extra: it lies in the schema more; its name is 'more.extra'",
        "things.mood: it is of the type mood; it becomes TEXT with a CHECK",
        "things.span: it is of the type int4range; it becomes TEXT",
        "things.tags: it is declared text[]; an array becomes JSON",
        "things: comments, which SQLite does not have; left out",
    }


def test_postgresql_to_sqlite_and_back(filled: str, server: str, tmp_path: Path) -> None:
    from tests.postgresql.server import new_database

    between = tmp_path / "between.db"
    copy(filled, between)
    with new_database(server) as back:
        report = copy(between, back)
        assert report.verified
        assert set(hashes(back).values()) == set(hashes(filled).values())
        with connect(back, readonly=True) as db, connect(filled, readonly=True) as source:
            found, wanted = db.schema.table("things"), source.schema.table("things")
            alike = {
                "price",
                "code",
                "moment",
                "instant",
                "born",
                "pause",
                "key",
                "doc",
                "raw",
                "small",
                "whole",
            }
            alike |= {"big", "single", "double", "flag"}
            for name in alike:
                assert found.column(name).declared_type == wanted.column(name).declared_type, name
                assert found.column(name).kind == wanted.column(name).kind


def test_postgresql_to_postgresql(filled: str, server: str) -> None:
    from tests.postgresql.server import new_database

    with new_database(server) as target:
        report = copy(filled, target)
        assert report.verified
        assert [str(each) for each in report.differences if "view" in each.object] == []
        assert hashes(target) == hashes(filled)
        with connect(target) as db, connect(filled, readonly=True) as source:
            found, wanted = db.schema.table("things"), source.schema.table("things")
            assert found.comment == "it's a table"
            assert found.column("code").comment == "a code"
            assert found.column("tags").declared_type == "text[]"
            assert found.column("id").default == wanted.column("id").default
            assert len(found.checks) == len(wanted.checks)
            assert db["more.extra"].create(note="c").id == 3


def test_moments_without_end_stop_the_copy(url: str, tmp_path: Path) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, day date)")
        connection.execute("INSERT INTO t VALUES (1, '2024-01-01'), (2, 'infinity')")
    with pytest.raises(InvalidValue, match=r"t\.day \(date\) holds a value in the row with the key 2"):
        copy(url, tmp_path / "target.db")
    assert copy(url, tmp_path / "null.db", on_bad_value="null").verified
    assert copy(url, tmp_path / "text.db", on_bad_value="text").verified
    with connect(tmp_path / "text.db", readonly=True) as db:
        assert list(db.t.order_by("id").values_list("day", flat=True)) == ["2024-01-01", "infinity"]


def test_columns_without_a_type(made: Callable[..., Path], url: str) -> None:
    source = made(
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c, d, e, f);
        INSERT INTO t VALUES (1, 5, 1.5, 'x', x'00ff', 1, NULL), (2, 6, 2, 'y', x'', 'one', NULL);
        """
    )
    report = copy(source, url)
    assert report.verified
    with connect(url, readonly=True) as db:
        kinds = {column.name: column.kind for column in db.schema.table("t").columns}
        assert kinds == {
            "id": "integer",
            "a": "integer",
            "b": "real",
            "c": "text",
            "d": "blob",
            "e": "text",
            "f": "text",
        }
        assert list(db.t.order_by("id").values_list("e", flat=True)) == ["1", "one"]


def test_types_that_hold_less_than_is_stored(made: Callable[..., Path], url: str) -> None:
    source = made(
        """
        CREATE TABLE t (
            id INTEGER PRIMARY KEY, name VARCHAR(3), price DECIMAL(4, 1), n SMALLINT, flag BOOLEAN, day DATE
        );
        INSERT INTO t VALUES (1, 'longer', 123.456, 70000, 1, '2024-01-01'), (2, 'ab', 1, 2, 5, '2024-01-01 10:00');
        """
    )
    report = copy(source, url)
    assert report.verified
    with connect(url, readonly=True) as db:
        declared = {column.name: column.declared_type for column in db.schema.table("t").columns}
        assert declared == {
            "id": "bigint",
            "name": "text",
            "price": "numeric",
            "n": "integer",
            "flag": "bigint",
            "day": "timestamp without time zone",
        }
    said = [str(each) for each in report.differences]
    assert "t.flag: it holds what is no boolean; it becomes BIGINT" in said
    assert "t.day: it holds what is no date; it becomes TIMESTAMP" in said


def test_columns_that_every_table_of_postgresql_has(made: Callable[..., Path], url: str) -> None:
    source = made(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, xmin INTEGER, xmin_ TEXT, ctid TEXT, oid INTEGER, XMAX INTEGER);"
        "CREATE INDEX some ON t (ctid); INSERT INTO t VALUES (1, 2, 'three', 'four', 5, 6)"
    )
    report = copy(source, url)
    assert report.verified
    said = [str(each) for each in report.differences]
    assert said == [
        "t: column 'xmin': a name that PostgreSQL cannot have; now xmin__2",
        "t: column 'ctid': a name that PostgreSQL cannot have; now ctid_",
    ]
    with connect(url, readonly=True) as db:
        assert list(db.t.values("id", "xmin__2", "xmin_", "ctid_", "oid", "XMAX")) == [
            {"id": 1, "xmin__2": 2, "xmin_": "three", "ctid_": "four", "oid": 5, "XMAX": 6}
        ]
        assert [index.columns for index in db.schema.table("t").indexes if index.name == "some"] == [
            ("ctid_",)
        ]


def test_names_that_differ_in_case_alone(url: str, tmp_path: Path) -> None:
    with connect(url) as db:
        db.execute('CREATE TABLE "T" (id integer PRIMARY KEY, "Name" text, name text)')
        db.execute("CREATE TABLE t (id integer PRIMARY KEY, t_2 integer)")
        db.execute('CREATE TABLE u (id integer PRIMARY KEY, up integer REFERENCES "T" (id))')
        db.execute("INSERT INTO \"T\" VALUES (1, 'One', 'one')")
        db.execute("INSERT INTO t VALUES (2, 3)")
        db.execute("INSERT INTO u VALUES (1, 1)")
    report = copy(url, tmp_path / "target.db")
    assert report.verified
    assert [(table.name, table.target) for table in report.tables] == [("T", "T"), ("t", "t_2"), ("u", "u")]
    said = [str(each) for each in report.differences]
    assert "t: a name that SQLite cannot have; it is called 't_2'" in said
    assert "T: column 'name': a name that SQLite cannot have; now name_2" in said
    with connect(tmp_path / "target.db", readonly=True) as db:
        assert list(db["T"].values_list("id", "Name", "name_2")) == [(1, "One", "one")]
        assert list(db["t_2"].values_list("id", "t_2")) == [(2, 3)]
        assert db.schema.table("u").foreign_keys[0].target == "T"


def test_what_is_no_number_becomes_text_or_null(url: str, tmp_path: Path) -> None:
    with connect(url) as db:
        db.execute("CREATE TABLE t (id integer PRIMARY KEY, n numeric, f double precision)")
        db.execute("INSERT INTO t VALUES (1, 'NaN', 'NaN'), (2, 1.50, 'infinity'), (3, NULL, 0.5)")
    with pytest.raises(InvalidValue, match="SQLite has no NaN"):
        copy(url, tmp_path / "error.db")
    assert copy(url, tmp_path / "null.db", on_bad_value="null").rows == 3
    assert copy(url, tmp_path / "text.db", on_bad_value="text").rows == 3
    with connect(tmp_path / "null.db", readonly=True) as db:
        assert list(db.t.order_by("id").values_list("n", "f")) == [
            (None, None),
            (Decimal("1.5"), float("inf")),
            (None, 0.5),
        ]
    with connect(tmp_path / "text.db", readonly=True) as db:
        assert list(db.t.order_by("id").values_list("f", flat=True)) == ["nan", "inf", "0.5"]
        assert db.t.get(id=1).n == "nan"


def test_keys_of_unusual_types(url: str, tmp_path: Path) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            CREATE TABLE lists (id int[] PRIMARY KEY, n int);
            INSERT INTO lists SELECT ARRAY[i, -i], i FROM generate_series(1, 50) i;
            CREATE TABLE pauses (id interval PRIMARY KEY, n int);
            INSERT INTO pauses SELECT i * interval '1.5 seconds', i FROM generate_series(-10, 50) i
            """
        )
    report = copy(url, tmp_path / "target.db", batch_rows=7)
    assert report.verified
    assert [table.copied for table in report.tables] == [50, 61]


def test_keys_as_text() -> None:
    key = (timedelta(days=-1, microseconds=5), 1.5, b"\0", "é", Decimal("1.50"), True, UUID(int=5))
    assert key_from_text(key_to_text(key)) == key
