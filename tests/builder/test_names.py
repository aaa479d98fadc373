"""Names of any kind: they are quoted, never parsed; and what is written always means the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from noormme import Database
from noormme.sql import fn, outer, ref
from tests.builder.support import rows, sql

HOSTILE = [
    'say "hi"',
    "it's",
    "a.b",
    "a as b",
    "select",
    "x; DROP TABLE t; --",
    ":p",
    "?",
    "%s",
    "-n",
    "ü ☃",
    "back`tick",
    "[brackets]",
    "*",
    "t.*",
    "class",
    "count",
    "_fields",
    "__class__",
]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_column(opened: Callable[..., Database], name: str) -> None:
    db = opened(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {quoted(name)} TEXT); INSERT INTO t VALUES (1, 'v'), (2, 'w')"
    )
    query = db.table("t").select(name).where(name, "=", "v").group_by(name).order_by(name)
    assert sql(query) == (
        f'SELECT "t".{quoted(name)} FROM "t" WHERE "t".{quoted(name)} = ? GROUP BY "t".{quoted(name)}'
        f' ORDER BY "t".{quoted(name)} ASC'
    )
    assert query.one() == ("v",)
    assert query.one()[name] == "v"
    assert query.one().columns == (name,)
    assert rows(db.table("t").select(f"t.{name}", ref(f"t.{name}").as_("x"))) == [("v", "v"), ("w", "w")]
    assert db.table(db.table("t").select(name).as_("s")).order_by(ref(name).desc()).first() == ("w",)
    assert db.execute(f"select {quoted(name)} from t where id = ?", [2])[0][name] == "w"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_and_alias(opened: Callable[..., Database], name: str) -> None:
    db = opened(
        f"CREATE TABLE {quoted(name)} (id INTEGER PRIMARY KEY); INSERT INTO {quoted(name)} VALUES (1)"
    )
    assert db.table(name).select("id").where(f"{name}.id", "=", 1).all() == [(1,)]
    inner = db.table(name).select(ref("id").as_(name)).as_(name + "2")
    query = db.table(name).inner_join(inner, "id", f"{name}2.{name}").select(ref(f"{name}2.{name}").as_(name))
    assert query.all() == [(1,)]
    assert sql(query).startswith(
        f"SELECT {quoted(name + '2')}.{quoted(name)} AS {quoted(name)} FROM {quoted(name)} JOIN"
    )
    cte = db.table(name).with_(name + "3", inner.query).cross_join(name + "3").select(f"{name}3.{name}")
    assert cte.all() == [(1,)]
    assert cte.count() == 1


@pytest.mark.sqlite("its SQL")
def test_values_are_never_sql(db: Database) -> None:
    for text in ("'; DROP TABLE users; --", "\0", "%", ":x", "?", '"'):
        query = (
            db.table("users")
            .where("name", "=", text)
            .where("name", "in", [text])
            .select(x=fn.coalesce("age", 1))
        )
        assert text == "?" or text == '"' or text not in query.to_sql().statement
        assert query.all() == []
    assert db.table("users").where("name", "in", ["Ann", "\0"]).count() == 1
    assert db.table("users").count() == 4


def test_a_column_by_its_field_or_its_exact_name(chinook: Database) -> None:
    for written in ("album_id", "AlbumId", "albums.AlbumId", "Album.album_id", "Album.AlbumId"):
        if written.startswith("albums") and chinook.schema.table("albums") is None:
            continue
        query = chinook.table("Album").select(written).order_by(written).limit(1)
        assert sql(query).startswith('SELECT "Album"."AlbumId" FROM "Album"')
        assert query.one().columns == (written.rpartition(".")[2],)
    assert chinook.table("Album").limit(1).one().columns == ("album_id", "title", "artist_id")


@pytest.mark.sqlite("its SQL")
def test_a_name_means_the_same_before_and_after_a_join(db: Database) -> None:
    before = db.table("posts").select("id").where("id", "<", 3).inner_join("users", "users.id", "author_id")
    after = db.table("posts").inner_join("users", "users.id", "author_id").select("id").where("id", "<", 3)
    assert sql(before) == sql(after)
    assert '"posts"."id" <' in sql(after)


def test_exact_names_come_first(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE t ("u.a" INTEGER, b INTEGER); CREATE TABLE u (a INTEGER); INSERT INTO t VALUES (1, 2); INSERT INTO u VALUES (3)'
    )
    query = db.table("t").cross_join("u")
    assert query.select("u.a").all() == [(1,)]
    assert query.select("t.u.a").all() == [(1,)]


def test_the_same_table_inside_and_outside(db: Database) -> None:
    better = db.table("posts as other").where("other.rating", ">", outer("posts.rating")).select("id")
    assert rows(db.table("posts").where_not_exists(better).where("rating", "is not null").select("id")) == [
        (1,),
        (4,),
    ]
    plain = db.table("posts").where("id", "in", db.table("posts").where("rating", "=", 5).select("id"))
    assert [row.id for row in plain] == [1, 4]
