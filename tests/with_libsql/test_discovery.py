"""What a libSQL database says about itself, beside what SQLite says about the same tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from noormme import Database, connect
from noormme.engines.libsql.skeleton import OBJECTS, Skeleton
from noormme.schema.naming import NameOverrides
from tests.with_libsql.server import link_to, load, schema_of


@pytest.mark.parametrize(
    "name", ["sakila", "chinook", "kitchen_sink", "northwind", "datasette_fixtures", "pocketbase"]
)
def test_sample_databases(name: str, url: str, copied: Callable[[str], Path]) -> None:
    load(url, ";".join(schema_of(copied(name))))
    with connect(copied(name), readonly=True) as sqlite, connect(url) as db:
        assert db.schema.dialect == "libsql"
        assert db.schema.warnings == sqlite.schema.warnings
        assert replace(db.schema, dialect="sqlite") == sqlite.schema


def test_rows_of_a_sample_database(url: str, copied: Callable[[str], Path]) -> None:
    load(url, ";".join(schema_of(copied("chinook"))))
    link = link_to(url)
    with connect(copied("chinook"), readonly=True) as sqlite:
        link.control("BEGIN IMMEDIATE")
        link.run("PRAGMA defer_foreign_keys = ON")
        for table in sqlite.schema.tables:
            rows = sqlite._engine.fetch(f'SELECT * FROM "{table.name}"', ())
            link.run_many(
                f'INSERT INTO "{table.name}" VALUES ({", ".join("?" * len(table.columns))})', iter(rows)
            )
        link.control("COMMIT")
        link.close()
        with connect(url) as db:
            for each in (sqlite, db):
                assert each.track.count() == 3503
            assert values(sqlite) == values(db)


def values(db: Database) -> Any:
    tracks = db.track.filter(album__artist__name="AC/DC").order_by("name")
    customers = db.customer.prefetch_related("invoice__invoice_line").order_by("-customer_id")[:5]
    return [
        list(tracks.values_list("name", "unit_price", "album__title")),
        [
            [line.unit_price for invoice in each.invoice.all() for line in invoice.invoice_line.all()]
            for each in customers
        ],
        list(db.invoice.filter(invoice_date__year=2010).values_list("invoice_date", "total")[:20]),
        list(db.customer.filter(last_name__icontains="É").values_list("last_name", flat=True)),
    ]


def test_two_queries(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY)")
    asked: list[str] = []
    link = db._engine._pool.take()
    run = link.run
    link.run = lambda sql, parameters=(): (asked.append(sql), run(sql, parameters))[1]
    db._engine._pool.give(link)
    db.refresh()
    assert asked == ["PRAGMA schema_version", OBJECTS]
    with db.capture() as statements:
        db.refresh()
    assert list(statements) == [], "what the library asks for itself is not the user's"


def test_what_only_libsql_has(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE films (id INTEGER PRIMARY KEY, name TEXT, v F32_BLOB(3)) RANDOM ROWID;
        CREATE INDEX films_v ON films (libsql_vector_idx(v));
        INSERT INTO films VALUES (1, 'a', vector32('[1,2,3]')), (2, 'b', vector32('[3,2,1]'));
        CREATE VIEW near AS SELECT id, vector_distance_cos(v, vector32('[1,2,3]')) AS far FROM films
    """)
    assert db.tables == ["films"]
    assert db.schema.hidden_tables == ("films_v_shadow", "libsql_vector_meta_shadow")
    assert db.schema.warnings == ()
    [index] = db.schema.table("films").indexes
    assert index.parts[0].expression == "libsql_vector_idx(v)"
    assert db.near.get(id=1).far == pytest.approx(0, abs=1e-6)
    found = db.execute("SELECT id FROM vector_top_k('films_v', vector32(?), 1)", ["[3,2,1]"])
    assert found == [(2,)]
    assert db.execute("SELECT name, vector_extract(v) FROM films WHERE id = :id", {"id": 1}) == [
        ("a", "[1,2,3]")
    ]


def test_tables_that_change(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE a (id INTEGER PRIMARY KEY, at DATETIME)")
    db.execute("CREATE TABLE b (id INTEGER PRIMARY KEY)")
    assert db.execute("SELECT * FROM b") == []
    db.execute("ALTER TABLE a ADD COLUMN more TEXT DEFAULT 'x'")
    db.execute("INSERT INTO a (id) VALUES (1)")
    assert db.execute("SELECT * FROM a") == [(1, None, "x")]
    with db.transaction() as transaction:
        db.execute("CREATE TABLE c (id INTEGER PRIMARY KEY)")
        assert db.execute("SELECT * FROM c") == []
        transaction.rollback()
    db.refresh()
    assert db.tables == ["a", "b"]


ODD = """
CREATE TABLE "Odd ""name%" ("the key" INTEGER PRIMARY KEY, "select" TEXT, "a:b" TEXT, "?1" TEXT);
CREATE TABLE keyless (a);
CREATE VIEW broken AS SELECT * FROM nowhere;
CREATE VIEW shout AS SELECT upper(a) AS a FROM keyless;
CREATE TRIGGER loud AFTER INSERT ON keyless BEGIN SELECT 1; SELECT 2; END;
CREATE VIRTUAL TABLE texts USING fts5(body);
CREATE VIRTUAL TABLE boxes USING rtree(id, x1, x2)
"""


def test_odd_names_and_things(opened: Callable[..., Database]) -> None:
    db = opened(ODD)
    assert db.tables == ['Odd "name%', "boxes", "keyless", "texts"]
    assert db.views == ["broken", "shout"]
    assert [each.code for each in db.schema.warnings] == ["broken_view"]
    odd = db['Odd "name%']
    odd.create(the_key=1, select="x", a_b="y")
    assert odd.filter(pk=1).update(select="?1 :a $b") == 1
    assert odd.get(select="?1 :a $b").a_b == "y"
    db.execute("INSERT INTO texts (body) VALUES ('the quick brown fox'), ('lazy dogs')")
    assert list(db.texts.search("quick").values_list("body", flat=True)) == ["the quick brown fox"]


def test_what_the_skeleton_cannot_make() -> None:
    """A statement that this SQLite does not know costs the table, and says so; the others are there."""
    rows = [
        ("table", "new", "new", "CREATE TABLE new (id INTEGER PRIMARY KEY) FROM THE FUTURE"),
        ("table", "a", "a", "CREATE TABLE a (id INTEGER PRIMARY KEY)"),
        ("index", "odd", "a", "CREATE FUTURE INDEX odd ON a (id)"),
        ("table", "module", "module", "CREATE VIRTUAL TABLE module USING not_there(x)"),
    ]
    made = Skeleton(rows, [])
    schema = made.schema({}, NameOverrides())
    made.close()
    assert [table.name for table in schema.tables] == ["a", "module"]
    assert sorted((each.code, each.table) for each in schema.warnings) == [
        ("unknown_module", "module"),
        ("unparsed_ddl", "a"),
        ("unparsed_ddl", "new"),
    ]
