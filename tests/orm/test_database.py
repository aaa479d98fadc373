"""``Database``: tables by name, what it shows, refreshing, time zones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import apsw
import pytest

from noormme import Database, QueryFailed, Settings, TableNotFound, connect
from noormme.engines.sqlite.reports import Reports
from noormme.errors import NotSupported
from tests import switching
from tests.orm.support import count_queries, ids
from tests.orm.world import change


def test_tables_by_attribute_and_by_name(db: Database) -> None:
    assert db.users is db["users"] is db.model("users").objects
    assert "users" in db
    assert "nothing" not in db
    assert 3 not in db
    assert list(db) == db.tables
    assert db.views == ["active_users"]
    assert {"users", "active_users", "close", "schema"} <= set(dir(db))
    assert not hasattr(db, "__nothing__")


def test_names_that_are_no_identifiers(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE "Order Details" ("Unit Price" REAL, "class" TEXT, id INTEGER PRIMARY KEY);'
        'CREATE TABLE "close" (id INTEGER PRIMARY KEY);'
        'INSERT INTO "Order Details" VALUES (2.5, "a", 1), (7, "b", 2)'
    )
    assert db.order_details is db["Order Details"] is db["order_details"]
    assert ids(db.order_details.filter(**{"Unit Price__gt": 5})) == [2]
    assert ids(db.order_details.filter(unit_price__gt=5, class_="b")) == [2]
    assert ids(db.order_details.order_by("-Unit Price")) == [2, 1]
    assert db["close"].count() == 0
    assert callable(db.close)


def test_the_settings_it_was_opened_with(world: Path) -> None:
    with connect(world, readonly=True, busy_timeout_s=1.5) as db:
        assert isinstance(db.settings, Settings)
        assert db.settings.busy_timeout_s == 1.5
        assert db.settings.readonly
        assert db.path == str(world)


def test_nothing_is_written(own: Path) -> None:
    before = own.read_bytes()
    with connect(own) as db:
        list(db.users.all())
        with pytest.raises(Exception, match="reads only|readonly|read-only"):
            db._engine.fetch("INSERT INTO tags VALUES (9, 'x')", ())
    assert own.read_bytes() == before
    assert [path.name for path in own.parent.iterdir()] == ["own.db"]


def test_refresh_sees_what_was_changed_elsewhere(own: Path) -> None:
    with connect(own) as db:
        old = db.users.order_by("id")
        manager = db.tags
        assert len(old) == 4
        change(
            own,
            "ALTER TABLE users ADD COLUMN nick TEXT; CREATE TABLE fresh (id INTEGER PRIMARY KEY); DROP TABLE log",
        )
        assert ids(db.users.order_by("id")) == [1, 2, 3, 4]
        with pytest.raises(TableNotFound):
            _ = db.fresh
        db.refresh()
        assert db.users.first().nick is None
        assert db.fresh.count() == 0
        assert "log" not in db.tables
        assert db.tags is not manager
        assert ids(old) == [1, 2, 3, 4]
        assert old[0] == db.users.get(id=1)
        assert db.users.contains(old[0])
        assert old[0].profile.bio == "likes <b>SQL</b>"


@pytest.mark.parametrize(
    "script",
    [
        "ALTER TABLE tags RENAME COLUMN name TO label",
        "DROP TABLE post_tags; DROP TABLE tags",
        "ALTER TABLE tags RENAME TO labels",
    ],
)
def test_a_schema_that_changed_behind_our_back_is_named(own: Path, script: str) -> None:
    with connect(own) as db:
        tags = list(db.tags)
        change(own, f"PRAGMA foreign_keys = 0; {script}")
        for ask in (
            lambda: list(db.tags.all()),
            lambda: db.tags.get(id=1),
            lambda: list(db.tags.iterator()),
            lambda: db.tags.filter(name="x").exists(),
            lambda: db.tags.all().explain(),
        ):
            with pytest.raises(
                QueryFailed, match=r"no such (table|column): .*call db\.refresh\(\)"
            ) as caught:
                ask()
            assert isinstance(caught.value.__cause__, apsw.Error)
        assert ids(tags) == [1, 2, 3]
        db.refresh()
        assert db.posts.count() == 5


def test_the_capture_ends(db: Database) -> None:
    with db.capture() as statements:
        list(db.users.filter(id__in=[1, 2]))
    assert len(statements) == 1
    assert statements[0].statement.replace("`", '"').startswith('SELECT "users"."id"')
    list(db.users)
    assert len(statements) == 1
    with pytest.raises(RuntimeError), db.capture():
        raise RuntimeError
    with count_queries(db) as counted:
        list(db.users)
    assert counted.number == 1


def test_the_capture_ends_after_the_database(world: Path) -> None:
    db = connect(world)
    with db.capture() as statements:
        db.users.count()
        db.close()
    assert len(statements) == 1


def test_a_capture_begins_while_another_ends() -> None:
    reports, heard = Reports(), list[str]()

    class Connection:
        """Another thread begins to listen when the last one that did takes its trace away."""

        trace: Any = None

        @property
        def exec_trace(self) -> Any:
            return self.trace

        @exec_trace.setter
        def exec_trace(self, trace: Any) -> None:
            if trace is None:
                reports.add(later, lambda: [connection])
            self.trace = trace

    def first(sql: str, parameters: object) -> None:
        heard.append("first")

    def later(sql: str, parameters: object) -> None:
        heard.append(sql)

    connection: Any = Connection()
    reports.add(first, lambda: [connection])
    reports.remove(first, lambda: [connection])
    connection.exec_trace(None, "SELECT 1", None)
    assert heard == ["SELECT 1"]


@pytest.mark.sqlite("the others keep them in the same way")
def test_captures_of_many_threads_end(db: Database) -> None:
    def work(_: int) -> None:
        for _ in range(500):
            with db.capture():
                pass

    switching.at_once(work, 6)
    assert not db._engine._reports._records  # type: ignore[attr-defined]


def test_a_query_counts_the_same_the_first_time_and_later(world: Path) -> None:
    for _ in range(2):
        with connect(world) as db, count_queries(db) as counted:
            list(db.users.filter(joined__gte=datetime(2020, 1, 1)))
            list(db.users.filter(joined__gte=datetime(2020, 1, 1)))
        assert counted.number == 2


def test_time_zones(opened: Callable[..., Database]) -> None:
    script = (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME);"
        "INSERT INTO t VALUES (1, '2024-01-01 10:00:00'), (2, '2024-07-01 10:00:00'), (3, NULL)"
    )
    berlin = ZoneInfo("Europe/Berlin")
    naive, aware = opened(script), opened(script, timezone="Europe/Berlin")
    assert [row.at for row in naive.t.order_by("id")] == [
        datetime(2024, 1, 1, 10),
        datetime(2024, 7, 1, 10),
        None,
    ]
    moments = [row.at for row in aware.t.order_by("id")]
    assert moments == [datetime(2024, 1, 1, 10, tzinfo=berlin), datetime(2024, 7, 1, 10, tzinfo=berlin), None]
    assert [moment.utcoffset() for moment in moments[:2]] == [timedelta(hours=1), timedelta(hours=2)]
    utc = ZoneInfo("UTC")
    assert ids(aware.t.filter(at=datetime(2024, 1, 1, 9, tzinfo=utc))) == [1]
    assert ids(aware.t.filter(at__gte=datetime(2024, 7, 1, 8, tzinfo=utc))) == [2]
    assert ids(aware.t.filter(at__hour=10).order_by("id")) == [1, 2]
    assert ids(aware.t.filter(at=datetime(2024, 7, 1, 10))) == [2]


def test_what_cannot_be_read_says_why(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT missing FROM t")
    assert [warning.table for warning in db.schema.warnings] == ["v"]
    for ask in (lambda: list(db.v), lambda: db.v.count(), lambda: db.v.get()):
        with pytest.raises(NotSupported, match="'v' cannot be read"):
            ask()


def test_an_empty_database() -> None:
    with connect(":memory:") as db:
        assert db.tables == db.views == []
        assert db.path == ":memory:"
        assert repr(db) == "<Database ':memory:': 0 tables, 0 views>"
        with pytest.raises(TableNotFound, match="no table or view 'users'; the database has no tables"):
            _ = db.users
