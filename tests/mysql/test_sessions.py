"""Sessions: what a transaction sees, locks, streams on the one connection that there is, and time zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from noormme import (
    ConnectionFailed,
    Database,
    DatabaseLocked,
    NotSupported,
    OutcomeUnknown,
    SettingsError,
    UnreadableValue,
    connect,
)
from noormme.functions import TruncDay

SCRIPT = (
    "CREATE TABLE items (id int PRIMARY KEY AUTO_INCREMENT, n int, at timestamp(6) NULL, made datetime(6));"
    "INSERT INTO items (n) SELECT 0 FROM seq_1_to_3000"
)


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


@pytest.fixture
def other(db: Database, url: str) -> Database:
    """Another program's connections."""
    return connect(url)


@pytest.mark.parametrize(("mode", "seen"), [("immediate", 7), ("deferred", 0), ("exclusive", 0)])
def test_what_a_transaction_sees(db: Database, other: Database, mode: str, seen: int) -> None:
    """Only the usual mode sees what others commit meanwhile; the last one keeps others from writing it."""
    with other, db.transaction(mode=mode):
        assert db.items.get(pk=1).n == 0
        if mode == "exclusive":
            other.execute("SELECT 1")
            with pytest.raises(DatabaseLocked):
                other.items.select_for_update(nowait=True).get(pk=1)
        else:
            other.items.filter(pk=1).update(n=7)
        assert db.items.get(pk=1).n == seen
    assert db.items.get(pk=1).n == (0 if mode == "exclusive" else 7)


def test_row_locks(db: Database, other: Database) -> None:
    with other, db.transaction():
        assert db.items.select_for_update().get(pk=1).n == 0
        with other.transaction():
            free = other.items.filter(pk__lte=3).order_by("id").select_for_update(skip_locked=True)
            assert [item.id for item in free] == [2, 3]
            with pytest.raises(DatabaseLocked):
                other.items.select_for_update(nowait=True).get(pk=1)


def test_rows_that_hold_the_new_values_already_count(db: Database) -> None:
    assert db.items.filter(pk__lte=5).update(n=0) == 5


def test_a_stream_in_a_transaction_goes_on_beside_other_statements(db: Database) -> None:
    with db.transaction():
        rows = db.items.order_by("id").iterator(10)
        first = next(rows)
        db.items.filter(pk=first.id).update(n=5)
        assert db.items.get(pk=first.id).n == 5
        assert [item.id for item in rows] == list(range(2, 3001))


def test_a_stream_that_nobody_reads_to_its_end(db: Database) -> None:
    with db.transaction():
        small = db.items.filter(pk__lte=1500).iterator(10)
        next(small)
        small.close()
        assert db.items.count() == 3000
    rows = db.items.iterator(10)
    next(rows)
    rows.close()
    assert db.items.count() == 3000


def test_a_long_stream_that_is_left_does_not_end_its_transaction(db: Database) -> None:
    db.items.bulk_create([{"n": 1} for _ in range(5_000)])
    with db.transaction():
        db.items.create(n=2)
        for _ in db.items.iterator(10):
            break
        db.items.create(n=2)
    assert db.items.filter(n=2).count() == 2


def test_what_is_left_of_a_long_stream_is_not_read(db: Database) -> None:
    db.items.bulk_create([{"n": 1} for _ in range(5_000)])
    rows = db.items.iterator(10)
    next(rows)
    (link,) = db._engine._pool._lent
    rows.close()
    assert link.broken
    assert db._engine._pool.size == 0
    assert db.items.count() == 8_000


def test_a_stream_whose_connection_ends(db: Database) -> None:
    db.items.bulk_create([{"n": n} for n in range(30_000)])
    rows = db.items.order_by("id").iterator(10)
    next(rows)
    (link,) = db._engine._pool._lent
    link.close()
    with pytest.raises(ConnectionFailed):
        list(rows)
    assert db.items.count() == 33_000


@pytest.mark.parametrize("way", ["run_many", "run_each"])
def test_many_rows_whose_connection_ends_may_be_there(db: Database, way: str) -> None:
    """As for one row: whoever believed that nothing was written would write them twice."""
    engine = db._engine

    def rows() -> Iterator[tuple[str]]:
        yield ("x" * 400_000,)
        yield ("y" * 400_000,)
        # The first statement was sent.
        for link in engine._pool._lent:
            link.close()
        yield ("z" * 400_000,)

    with pytest.raises(OutcomeUnknown), engine.writing() as writer:
        getattr(writer, way)("INSERT INTO items (n) VALUES (length(%s))", rows())
    assert db.items.filter(n=400_000).count() == 1


def test_a_moment_is_one_of_the_session(opened: Callable[..., Database], url: str) -> None:
    plain = opened(SCRIPT)
    moment = datetime(2024, 7, 1, 12, 0, 0, 250, tzinfo=timezone(timedelta(hours=2)))
    plain.items.filter(pk=1).update(at=moment, made=moment)
    assert plain.items.get(pk=1).at == plain.items.get(pk=1).made == datetime(2024, 7, 1, 10, 0, 0, 250)
    assert plain.items.filter(at=moment, made=moment).count() == 1
    with connect(url, timezone="Etc/GMT-3") as zoned:
        item = zoned.items.get(pk=1)
        assert item.at == moment
        assert item.at.utcoffset() == timedelta(hours=3)
        # What has no zone in the database has that of the settings.
        assert item.made == datetime(2024, 7, 1, 7, 0, 0, 250, tzinfo=UTC)
        days = zoned.items.filter(pk=1).annotate(day=TruncDay("at", tzinfo=ZoneInfo("Etc/GMT+11"))).get().day
        assert days == datetime(2024, 6, 30, 11, 0, tzinfo=UTC)


def test_time_zones_that_the_server_does_not_know(opened: Callable[..., Database], url: str) -> None:
    db = opened(SCRIPT)
    if db.execute("SELECT CONVERT_TZ('2024-01-01', '+00:00', 'Europe/Berlin') IS NULL")[0][0] == 0:
        pytest.skip("this server has loaded the names of time zones")
    with pytest.raises(NotSupported, match="does not know the time zone Europe/Berlin; load its names"):
        list(db.items.annotate(day=TruncDay("at", tzinfo=ZoneInfo("Europe/Berlin"))))
    with pytest.raises(SettingsError, match="does not know the time zone of the settings; load its names"):
        connect(url, timezone="Europe/Berlin")


def test_moments_that_python_does_not_have(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE odd (id int PRIMARY KEY, day date, at datetime, clock time);"
        "SET sql_mode = ''; INSERT INTO odd VALUES (1, '0000-00-00', '0000-00-00 00:00:00', '838:59:59'),"
        " (2, '2024-01-31', '2024-01-31 10:30:00', '10:30:00')"
    )
    with pytest.warns(UnreadableValue) as told:
        rows = list(db.odd.order_by("id").values_list("day", "at", "clock"))
    assert rows[0] == ("0000-00-00", "0000-00-00 00:00:00", "838:59:59")
    assert [str(each) for each in rows[1]] == ["2024-01-31", "2024-01-31 10:30:00", "10:30:00"]
    assert sorted(str(each.message).partition(" ")[0] for each in told) == ["odd.at", "odd.clock", "odd.day"]
    # They were said once, and the connection is as good as before.
    assert db.odd.get(pk=2).clock.hour == 10
    assert list(db.odd.filter(pk=1).values_list("day", flat=True)) == ["0000-00-00"]


def test_what_was_written_gives_back_text_where_python_has_no_value_for_it(
    opened: Callable[..., Database],
) -> None:
    """It is not run again to read its rows another way."""
    db = opened("CREATE TABLE odd (id int PRIMARY KEY, clock time)")
    if not db._engine.dialect.features.returns_inserted:
        pytest.skip("MySQL's INSERT gives no rows back")
    rows = db.execute("/* mine */ INSERT INTO odd VALUES (1, '31:00:00') RETURNING id, clock")
    assert [tuple(row) for row in rows] == [(1, "31:00:00")]
    assert db.odd.count() == 1


def test_nothing_is_written_where_that_was_said(url: str, opened: Callable[..., Database]) -> None:
    opened(SCRIPT)
    with connect(url, readonly=True) as db:
        with pytest.raises(Exception, match="readonly"):
            db.items.filter(pk=1).update(n=1)
        assert db.items.get(pk=1).n == 0


def test_a_plan_is_shown(db: Database) -> None:
    assert "items" in db.items.filter(pk=1).explain()
