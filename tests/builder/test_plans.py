"""Shapes without values: one plan for each, whatever the values, kept and counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa

from noormme import Database
from noormme.orm import kept
from noormme.orm.table_query import TableQuery
from noormme.query.builder import compile as compiler
from noormme.query.builder import core_plan
from noormme.sql import case, fn, or_, outer, ref, value


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was compiled since the start of the test."""
    made: list[object] = []
    original, core = compiler.compile_query, core_plan.CoreStatement.__init__

    def compile_query(node: object, *rest: object) -> object:
        made.append(node)
        return original(node, *rest)

    def compile_core(self: object, statement: object, *rest: object) -> None:
        made.append(statement)
        core(self, statement, *rest)

    monkeypatch.setattr(compiler, "compile_query", compile_query)
    monkeypatch.setattr(core_plan.CoreStatement, "__init__", compile_core)
    return made


QUERIES: list[Callable[[Database, int], TableQuery]] = [
    lambda db, n: db.table("users").where("id", "=", n),
    lambda db, n: db.table("users").where("id", "in", range(n)).limit(n).offset(n) if n else db.table("users").where("id", "in", [1]).limit(1).offset(1),
    lambda db, n: db.table("users").where("name", "like", str(n)).or_where("id", "between", (n, n)),
    lambda db, n: db.table("users").where(or_(("id", "=", n), ("age", "is", n))).select(x=ref("id") + n, y=value(n)),
    lambda db, n: db.table("users").select(x=case((("id", ">", n), str(n)), otherwise=n)).order_by(fn.coalesce("age", n)),
    lambda db, n: db.table("users").where("id", "in", db.table("posts").where("id", ">", n).select("author_id")).where("id", ">", n),
    lambda db, n: db.table(db.table("users").where("id", ">", n).as_("t")).where("id", "<", n).union(db.table("users").where("id", "=", n)),
    lambda db, n: db.table("users").with_("w", db.table("posts").limit(n)).cross_join("w").page(n + 1, per_page=n + 1),
    lambda db, n: db.table("users").select(n=db.table("posts").where("id", ">", n).where("author_id", "=", outer("users.id")).select(fn.count())),
]  # fmt: skip


@pytest.mark.parametrize("build", QUERIES)
def test_one_plan_for_many_values(
    db: Database, compiled: list[object], build: Callable[[Database, int], TableQuery]
) -> None:
    for number in (1, 2, 3, 50):
        query = build(db, number)
        query.all()
        query.to_sql()
        hash(query.node)
        assert str(number) not in repr(query.node).replace(f"Slot(index={number})", "") or number < 50
    assert len(compiled) == 1
    assert len(db.plans) == 1
    assert db.plans[0].statistics.calls == 4


def test_each_mode_is_a_plan(db: Database, compiled: list[object]) -> None:
    for number in range(5):
        query = db.table("users").where("id", "=", number)
        query.count()
        query.exists()
        query.all()
    assert len(compiled) == 3


def test_equal_shapes_are_one(db: Database) -> None:
    def build(number: int) -> TableQuery:
        return db.table("users as u").where("u.id", "=", number).select("name", n=fn.count()).group_by("name")

    assert build(1).node == build(2).node
    assert hash(build(1).node) == hash(build(2).node)
    assert build(1).node != build(1).where("id", "is null").node
    assert db.table("users").where("id", "<", 1).node != db.table("users").where("id", ">", 1).node


def test_statements_of_sqlalchemy_are_compiled_once(db: Database, compiled: list[object]) -> None:
    users = db.core.users
    for number in range(5):
        statement = (
            sa.select(users.c.id).where(users.c.id > number, users.c.name.in_(["Ann"] * number)).limit(number)
        )
        db.execute(statement)
        db.execute(sa.select(users.c.id).where(users.c.joined > datetime(2024, 1, number + 1)))
    assert len(compiled) == 2
    assert len(db.plans) == 2


def test_text_is_looked_at_once(db: Database) -> None:
    for number in range(5):
        assert len(db.execute("select id from users where id = ?", [number])) == (0 < number < 5)
    assert [plan.statistics.calls for plan in db.plans] == [5]
    assert db.plans[0].reads == ("users",)


def test_what_is_kept_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_KEPT", 8)
    for number in range(50):
        db.execute(f"select {number}")
        assert db.table("users").select(ref("id").as_(f"n{number}")).where("id", "=", 1).all() == [(1,)]
        assert len(db.plans) <= 16


def test_an_empty_column_is_looked_at_again(opened: Callable[..., Database]) -> None:
    from tests.orm.world import change

    db = opened("CREATE TABLE t (at DATETIME)")
    at = datetime(2024, 1, 1, 10)
    core = sa.select(db.core.t.c.at).where(db.core.t.c.at == at)
    assert db.table("t").where("at", "=", at).all() == []
    assert db.execute(core) == []
    change(db.path, "INSERT INTO t VALUES (1704103200000)")
    assert db.table("t").where("at", "=", at).all() == [(at,)]
    assert db.execute(core) == [(at,)]


def test_refresh_starts_anew(own: object) -> None:
    from noormme import connect
    from tests.orm.world import change

    with connect(str(own)) as db:
        assert len(db.table("tags").all()[0]) == 2
        assert len(db.execute("select * from tags")[0]) == 2
        change(str(own), "ALTER TABLE tags ADD COLUMN made DATE DEFAULT '2024-01-02'")
        assert len(db.execute("select * from tags")[0]) == 3, "looked at again by itself"
        db.refresh()
        assert db.plans == []
        assert db.table("tags").first().made.year == 2024
        assert db.execute("select made from tags")[0].made.year == 2024
        assert "made" in db.core.tags.c


def test_a_table_that_changed_since_the_connection_last_looked(own: object) -> None:
    from noormme import connect
    from tests.orm.world import change

    with connect(str(own)) as db:
        db.execute("select 1")
        change(str(own), "ALTER TABLE tags ADD COLUMN colour TEXT DEFAULT 'red'")
        assert {row.colour for row in db.execute("select * from tags")} == {"red"}
        change(str(own), "ALTER TABLE tags DROP COLUMN colour")
        assert db.execute("select * from tags")[0].columns == ("id", "name")
