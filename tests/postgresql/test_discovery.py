"""What a PostgreSQL database says about itself, in the schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, NotSupported, ReadOnly, TableNotFound, connect

SCRIPT = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN email AS text NOT NULL CHECK (VALUE LIKE '%@%');
CREATE DOMAIN work_email AS email;
CREATE TABLE users (
    id serial PRIMARY KEY, email work_email UNIQUE, name varchar(20), age int CHECK (age >= 0),
    mood mood DEFAULT 'ok', active boolean NOT NULL DEFAULT true, made timestamptz DEFAULT now(),
    tags text[], data jsonb, raw json, balance numeric(10, 2), uid uuid, ip inet, span int4range, born date,
    bits bit(3), took interval, photo bytea, small smallint, ratio real, exact double precision, wakes time,
    initial text GENERATED ALWAYS AS (substr(email, 1, 1)) STORED, naive timestamp, area box
);
COMMENT ON TABLE users IS 'the people';
COMMENT ON COLUMN users.age IS 'in years';
CREATE INDEX users_lower ON users (lower(email), age DESC);
CREATE UNIQUE INDEX users_name ON users (name) WHERE active;
CREATE SCHEMA sales;
CREATE TABLE sales.users (id int PRIMARY KEY);
CREATE TABLE sales.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int REFERENCES users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE sales.lines (
    order_id bigint REFERENCES sales.orders(id), n int, what text, PRIMARY KEY (order_id, n)
);
CREATE TABLE notes (id int PRIMARY KEY, order_id bigint, n int, FOREIGN KEY (order_id, n) REFERENCES sales.lines);
CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;
CREATE MATERIALIZED VIEW totals AS SELECT user_id, count(*) AS n FROM sales.orders GROUP BY user_id;
CREATE TABLE logs (at timestamp NOT NULL, message text) PARTITION BY RANGE (at);
CREATE TABLE logs_2024 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE "Odd ""name%" ("the key" int PRIMARY KEY, "select" text, "a:b" text, "$1" text);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION nothing();
"""


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def table(db: Database, name: str) -> Any:
    found = db.schema.table(name)
    assert found is not None
    return found


def test_tables_and_views(db: Database) -> None:
    assert db.tables == ['Odd "name%', "logs", "notes", "sales.lines", "sales.orders", "sales.users", "users"]
    assert db.views == ["adults", "totals"]
    assert db.schema.dialect == "postgresql"
    assert db.schema.hidden_tables == ("logs_2024",)
    assert [(each.code, each.table) for each in db.schema.warnings] == [("no_primary_key", "logs")]
    with pytest.raises(TableNotFound, match="a part of a partitioned one; use that table"):
        db["logs_2024"]


def test_kinds(db: Database) -> None:
    assert {column.name: column.kind for column in table(db, "users").columns} == {
        "id": "integer",
        "email": "text",
        "name": "text",
        "age": "integer",
        "mood": "text",
        "active": "boolean",
        "made": "datetime",
        "tags": "array",
        "data": "json",
        "raw": "json",
        "balance": "decimal",
        "uid": "uuid",
        "ip": "text",
        "span": "text",
        "born": "date",
        "bits": "text",
        "took": "duration",
        "photo": "blob",
        "small": "integer",
        "ratio": "real",
        "exact": "real",
        "wakes": "time",
        "initial": "text",
        "naive": "datetime",
        "area": "text",
    }


def test_columns(db: Database) -> None:
    users = table(db, "users")
    assert users.comment == "the people"
    assert users.column("age").comment == "in years"
    assert users.column("id").autoincrement
    assert (users.column("initial").generated, users.column("initial").default) == ("stored", None)
    assert (users.column("email").declared_type, users.column("email").nullable) == ("work_email", False)
    assert users.column("name").declared_type == "character varying(20)"
    assert [(check.expression, check.column) for check in users.checks] == [("(age >= 0)", "age")]
    assert table(db, "sales.orders").column("id").autoincrement


def test_indexes_and_triggers(db: Database) -> None:
    users = table(db, "users")
    indexes = {index.name: index for index in users.indexes}
    assert sorted(indexes) == ["users_email_key", "users_lower", "users_name", "users_pkey"]
    assert [part.descending for part in indexes["users_lower"].parts] == [False, True]
    assert indexes["users_lower"].columns is None
    assert (indexes["users_name"].unique, indexes["users_name"].where) == (True, "active")
    assert frozenset({"email"}) in users.unique_keys
    assert frozenset({"name"}) not in users.unique_keys
    assert [(each.name, each.timing, each.event) for each in users.triggers] == [
        ("touched", "BEFORE", "INSERT OR UPDATE")
    ]


def test_foreign_keys_across_schemas(db: Database) -> None:
    [key] = table(db, "sales.orders").foreign_keys
    assert (key.target, key.target_columns, key.on_delete) == ("users", ("id",), "CASCADE")
    assert (key.deferrable, key.initially_deferred) == (True, True)
    [key] = table(db, "notes").foreign_keys
    assert (key.target, key.columns, key.target_columns) == (
        "sales.lines",
        ("order_id", "n"),
        ("order_id", "n"),
    )
    assert {(each.source, each.name, each.target) for each in db.schema.relations if each.forward} == {
        ("notes", "sales_line", "sales.lines"),
        ("sales.lines", "order", "sales.orders"),
        ("sales.orders", "user", "users"),
    }


def test_tables_of_other_schemas_are_asked_like_any_other(db: Database) -> None:
    user = db.users.create(email="ann@x.org", name="Ann")
    order = db.sales_orders.create(user_id=user.pk)
    db["sales.lines"].bulk_create([{"order_id": order.pk, "n": n, "what": str(n)} for n in range(3)])
    assert list(
        db.sales_lines.filter(order__user__email="ann@x.org", n__gt=0).values_list("n", flat=True)
    ) == [1, 2]
    assert [line.order.user.name for line in db.sales_lines.select_related("order__user")] == ["Ann"] * 3
    assert [len(found.sales_lines.all()) for found in db.sales_orders.prefetch_related("sales_lines")] == [3]
    assert db.sales_lines.get(pk=(order.pk, 2)).what == "2"
    assert db.sales_lines.filter(pk__in=[(order.pk, 0), (order.pk, 9)]).count() == 1
    assert db.table("sales.lines").where("n", "=", 1).select("what").all() == [("1",)]
    lines = db.core["sales.lines"]
    assert db.execute(lines.select().where(lines.c.n == 2))[0].what == "2"
    assert db.execute("SELECT n FROM sales.lines WHERE what = ?", ["2"]) == [(2,)]


def test_odd_names(db: Database) -> None:
    odd = db['Odd "name%']
    odd.create(the_key=1, select="x", a_b="y")
    assert [row.the_key for row in odd.filter(select__contains="x", a_b="y").order_by("select")] == [1]
    assert odd.filter(pk=1).update(select="%s $1 :a") == 1
    assert odd.get(select="%s $1 :a").a_b == "y"


def test_what_can_only_be_read(db: Database) -> None:
    db.users.create(email="ann@x.org", age=40)
    assert db.adults.get().email == "ann@x.org"
    db.execute("REFRESH MATERIALIZED VIEW totals")
    assert db.totals.count() == 0
    with pytest.raises(ReadOnly):
        db.adults.create(id=2, email="b@x.org")
    db.execute("INSERT INTO logs VALUES (?, ?)", ["2024-05-05 10:00:00", "up"])
    assert db.logs.filter(at__year=2024).count() == 1
    with pytest.raises(ReadOnly):
        db.logs.all()[0].update(message="down")


def test_a_fixed_number_of_queries(db: Database) -> None:
    with db.capture() as statements:
        db.refresh()
    assert len(statements) == 6


def test_a_table_that_may_not_be_read(opened: Callable[..., Database], url: str) -> None:
    script = """
    CREATE ROLE noormme_reader LOGIN;
    CREATE TABLE open (id int PRIMARY KEY); CREATE TABLE closed (id int PRIMARY KEY);
    GRANT SELECT ON open TO noormme_reader;
    """
    opened("DROP ROLE IF EXISTS noormme_reader")
    owner = opened(script)
    with connect(
        url.replace("//postgres@", "//noormme_reader@").replace("//root@", "//noormme_reader@")
    ) as db:
        assert db.open.count() == 0
        assert [each.code for each in db.schema.warnings] == ["no_permission"]
        with pytest.raises(NotSupported, match="may not read it"):
            db.closed.count()
    owner.execute("DROP OWNED BY noormme_reader")
    owner.execute("DROP ROLE noormme_reader")


def test_a_schema_can_be_chosen(opened: Callable[..., Database], url: str) -> None:
    opened(SCRIPT)
    with connect(f"{url}?options=-csearch_path%3Dsales") as db:
        assert "orders" in db.tables
        assert "public.users" in db.tables
        assert db.orders.filter(user__email="x@x").count() == 0


def test_chinook_of_its_own_script(opened: Callable[..., Database], shared: Path, copied: Any) -> None:
    text = (shared / "data" / "chinook_postgresql_serialpks.sql").read_text(encoding="utf-8")
    lines = [
        line for line in text.splitlines() if not line.startswith(("DROP DATABASE", "CREATE DATABASE", "\\c"))
    ]
    db = opened("\n".join(lines))
    with connect(copied("chinook"), readonly=True) as other:
        assert [len(db.schema.tables), len(db.schema.warnings)] == [len(other.schema.tables), 0]
        assert len(db.schema.relations) == len(other.schema.relations)
        assert db.track.count() == other.track.count()
        names = [
            list(
                each.track.filter(album__artist__name="AC/DC").order_by("name").values_list("name", flat=True)
            )
            for each in (db, other)
        ]
        assert names[0] == names[1]
