"""Time limits: what takes too long is ended, and nothing of it stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from time import perf_counter

import apsw
import pytest

from noormme import Database, RawSQL, connect
from noormme.errors import QueryTimeout, TransactionError, UsageError

ROWS = 3_000
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
SLOW = "(SELECT count(*) FROM notes a, notes b, notes c WHERE a.size + b.size + c.size > 1)"


@pytest.fixture
def long(path: str) -> str:
    """A table of some thousand rows, so that what joins it with itself takes for ever."""
    connection = apsw.Connection(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("DELETE FROM notes")
    with connection:
        rows = ((f"note {number}", number) for number in range(ROWS))
        connection.executemany("INSERT INTO notes (text, size) VALUES (?, ?)", rows)
    connection.close()
    return path


@pytest.fixture
def db(long: str) -> Iterator[Database]:
    with connect(long) as database:
        yield database


def takes(call: Callable[[], object], seconds: float) -> None:
    """Check that a call is ended by a time limit, and about when."""
    started = perf_counter()
    with pytest.raises(QueryTimeout) as caught:
        call()
    assert seconds * 0.9 <= perf_counter() - started < seconds + 20
    assert str(caught.value) == (
        f"the statement took longer than {seconds:g} s; explain() shows how it runs, for an index that is "
        "missing; or give it more time"
    )


def slow(db: Database):  # type: ignore[no-untyped-def]
    return db.notes.filter(RawSQL(f"size < {SLOW}"))


def test_a_statement_with_a_limit(db: Database) -> None:
    takes(lambda: db.execute(ENDLESS, timeout_s=0.1), 0.1)
    assert db.execute("SELECT 1", timeout_s=0.1)[0][0] == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda query: list(query),
        lambda query: query.count(),
        lambda query: query.exists(),
        lambda query: query.first(),
        lambda query: query.get(id=1),
        lambda query: query.values("id").order_by("-id")[0],
        lambda query: query.order_by("id").paginate(1),
        lambda query: query.order_by("id").paginate(after=None),
        lambda query: next(query.iterator()),
        lambda query: query.update(size=0),
        lambda query: query.delete(),
    ],
)
def test_a_query_with_a_limit(db: Database, ask: Callable[[object], object]) -> None:
    takes(lambda: ask(slow(db).timeout(0.1)), 0.1)
    assert db.notes.filter(size__gt=0).count() == ROWS - 1


def test_what_is_made_of_a_query_with_a_limit_has_it_too(db: Database) -> None:
    limited = db.notes.timeout(0.1)
    takes(lambda: (limited.filter(id__gt=0) & slow(db)).exclude(id=5).count(), 0.1)
    takes(lambda: limited.raw(f"SELECT * FROM notes WHERE size < {SLOW}")[0], 0.1)
    assert limited.filter(id=1).get() == db.notes.get(id=1)
    assert limited.timeout(5).count() == ROWS


def test_plans_with_a_limit_are_plans_too(db: Database) -> None:
    assert db.notes.timeout(5).filter(id=1).count() == 1
    assert [plan.statistics.calls for plan in db.plans] == [1]
    assert db.notes.timeout(5).filter(id=2).count() == 1
    assert [plan.statistics.calls for plan in db.plans] == [2]


def test_a_limit_is_for_the_query_and_no_other(db: Database) -> None:
    takes(lambda: slow(db).timeout(0.05).count(), 0.05)
    ended = threading.Event()

    def unlimited() -> None:
        try:
            slow(db).count()
        except Exception:
            ended.set()

    thread = threading.Thread(target=unlimited)
    thread.start()
    assert not ended.wait(0.3)
    db.close()
    thread.join()


def test_the_setting(long: str) -> None:
    with connect(long, timeout_s=0.1) as db:
        takes(lambda: slow(db).count(), 0.1)
        takes(lambda: db.execute(ENDLESS), 0.1)
        takes(lambda: slow(db).update(size=0), 0.1)
        takes(lambda: db.execute(f"INSERT INTO notes (text) {ENDLESS}"), 0.1)
        takes(lambda: next(slow(db).iterator()), 0.1)
        takes(lambda: slow(db).timeout(0.3).count(), 0.3)
        takes(lambda: db.execute(ENDLESS, timeout_s=0.05), 0.05)
        db.notes.bulk_create([db.model("notes")(text="new") for _ in range(10)])
        assert db.notes.count() == ROWS + 10


def test_the_setting_leaves_time_to_read_rows(long: str) -> None:
    with connect(long, timeout_s=0.2) as db:
        read = 0
        started = perf_counter()
        for _ in db.notes.raw("SELECT a.* FROM notes a, notes b, notes c LIMIT 10"):
            read += 1
        for _ in db.notes.filter(id__lte=50).iterator(chunk_size=1):
            threading.Event().wait(0.01)
            read += 1
        assert perf_counter() - started > 0.4
        assert read == 60


def test_the_setting_in_memory() -> None:
    with connect(":memory:", timeout_s=0.1) as db:
        takes(lambda: db.execute(ENDLESS), 0.1)
        assert db.execute("SELECT 1")[0][0] == 1


def test_a_statement_that_is_ended_in_a_transaction(db: Database) -> None:
    with pytest.raises(TransactionError), db.transaction():
        db.notes.create(text="first")
        takes(lambda: slow(db).timeout(0.1).update(size=0), 0.1)
        db.notes.create(text="second")
    assert db.notes.count() == ROWS
    with db.transaction():
        db.notes.create(text="first")
        takes(lambda: slow(db).timeout(0.1).count(), 0.1)
    assert db.notes.count() == ROWS + 1


def test_in_coroutines(db: Database) -> None:
    async def main() -> None:
        started = perf_counter()
        with pytest.raises(QueryTimeout):
            await slow(db).timeout(0.1).acount()
        with pytest.raises(QueryTimeout):
            await db.aexecute(ENDLESS, timeout_s=0.1)
        with pytest.raises(QueryTimeout):
            await slow(db).timeout(0.1).aupdate(size=0)
        with pytest.raises(QueryTimeout):
            async for _ in slow(db).timeout(0.1):
                raise AssertionError
        assert 0.35 < perf_counter() - started < 20
        assert await db.notes.filter(size__gt=0).acount() == ROWS - 1

    asyncio.run(main())


@pytest.mark.parametrize("seconds", [0, -1, True, "1", None, float("nan")])
def test_a_limit_is_a_number_of_seconds(db: Database, seconds: object) -> None:
    if seconds is not None:
        with pytest.raises(UsageError, match="timeout_s takes a number of seconds above zero"):
            db.execute("SELECT 1", timeout_s=seconds)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="timeout takes a number of seconds above zero"):
        db.notes.timeout(seconds)  # type: ignore[arg-type]
