"""What a transaction promises: all or nothing, nested blocks, calls after the commit, modes and retries."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import apsw
import pytest

from noormme import (
    Database,
    DatabaseClosed,
    DatabaseLocked,
    ForeignKeyViolation,
    TransactionError,
    UniqueViolation,
    UsageError,
    connect,
)
from noormme.engines.scope import Scope
from noormme.engines.sqlite import driver
from noormme.engines.sqlite.cursors import Closed
from noormme.engines.sqlite.driver import SQLiteEngine
from noormme.engines.sqlite.session import SQLiteSession
from tests.concurrency.world import held


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with connect(path, busy_timeout_s=5) as database:
        yield database


def names(path: Path) -> list[str]:
    """What another connection sees: what is committed."""
    connection = apsw.Connection(str(path))
    found = [name for (name,) in connection.execute("SELECT name FROM people ORDER BY id")]
    connection.close()
    return found


class Failed(Exception):
    """What a program raises to end a block."""


# -- all or nothing ---------------------------------------------------------------------------------


def test_a_block_is_seen_by_others_when_it_is_over(db: Database, path: Path) -> None:
    with db.transaction():
        db.people.create(name="cem")
        assert db.people.count() == 3
        assert names(path) == ["ann", "bob"]
    assert names(path) == ["ann", "bob", "cem"]


@pytest.mark.parametrize("error", [Failed, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_any_error_undoes_the_block_and_goes_on_as_it_is(db: Database, path: Path, error: Any) -> None:
    raised = error("mine")
    with pytest.raises(error) as caught, db.transaction():
        db.people.create(name="cem")
        raise raised
    assert caught.value is raised
    assert caught.value.__cause__ is None
    assert names(path) == ["ann", "bob"]
    db.people.create(name="dan")
    assert names(path) == ["ann", "bob", "dan"]


def test_a_statement_that_fails_inside_undoes_only_itself_where_its_error_is_caught(
    db: Database, path: Path
) -> None:
    with db.transaction():
        db.people.create(name="cem")
        with pytest.raises(UniqueViolation) as caught:
            db.people.create(name="ann")
        assert isinstance(caught.value.__cause__, apsw.ConstraintError)
        db.people.create(name="dan")
    assert names(path) == ["ann", "bob", "cem", "dan"]


def test_rollback_ends_well_and_leaves_nothing(db: Database, path: Path) -> None:
    with db.transaction() as block:
        cem = db.people.create(name="cem")
        block.rollback()
        db.people.create(name="dan")
    assert names(path) == ["ann", "bob"]
    assert cem.pk is None
    cem.save()
    assert names(path) == ["ann", "bob", "cem"]


def test_a_deferred_constraint_is_checked_at_the_end_and_undoes_everything(db: Database, path: Path) -> None:
    with pytest.raises(ForeignKeyViolation) as caught, db.transaction():
        cem = db.people.create(name="cem", boss_id=99)
        assert db.people.count() == 3
    assert isinstance(caught.value.__cause__, apsw.ConstraintError)
    assert names(path) == ["ann", "bob"]
    cem.boss_id = 1
    cem.save()
    assert db.people.get(name="cem").boss.name == "ann"


def test_a_deferred_constraint_may_be_broken_meanwhile(db: Database) -> None:
    with db.transaction():
        cem = db.people.create(name="cem", boss_id=4)
        db.people.create(name="dan", boss_id=cem.id)
    assert db.people.get(name="cem").boss.name == "dan"


def test_what_sqlite_rolled_back_is_over_and_not_committed_piece_by_piece(db: Database, path: Path) -> None:
    db.strict_names.create(name="one")
    with pytest.raises(TransactionError, match="rolled this transaction back"), db.transaction():
        cem = db.people.create(name="cem")
        with pytest.raises(UniqueViolation):
            db.strict_names.create(name="one")
        with pytest.raises(TransactionError):
            db.people.create(name="dan")
        with pytest.raises(TransactionError):
            db.people.count()
    assert names(path) == ["ann", "bob"]
    cem.save()
    assert names(path) == ["ann", "bob", "cem"]


def test_what_sqlite_rolled_back_in_an_inner_block_ends_both(db: Database, path: Path) -> None:
    db.strict_names.create(name="one")
    ann = db.people.get(name="ann")
    with pytest.raises(TransactionError), db.transaction():
        with pytest.raises(TransactionError), db.transaction():
            ann.update(age=41)
            with pytest.raises(UniqueViolation):
                db.strict_names.create(name="one")
        db.people.create(name="dan")
    assert names(path) == ["ann", "bob"]
    ann.save()
    assert db.people.get(name="ann").age == 41


# -- nested blocks ----------------------------------------------------------------------------------


def test_an_inner_block_fails_alone(db: Database, path: Path) -> None:
    with db.transaction():
        db.people.create(name="cem")
        with pytest.raises(Failed), db.transaction():
            dan = db.people.create(name="dan")
            with db.transaction():
                db.people.create(name="eve")
            raise Failed
        fay = db.people.create(name="fay")
        assert fay.id == 4
        assert dan.pk is None
    assert names(path) == ["ann", "bob", "cem", "fay"]


def test_an_outer_block_takes_inner_ones_with_it(db: Database, path: Path) -> None:
    with pytest.raises(Failed), db.transaction():
        with db.transaction():
            cem = db.people.create(name="cem")
            cem.update(age=3)
        raise Failed
    assert names(path) == ["ann", "bob"]
    assert cem.pk is None
    cem.save()
    assert db.people.get(name="cem").age == 3


def test_objects_know_what_a_rolled_back_block_has_not_written(db: Database) -> None:
    ann, bob = db.people.get(name="ann"), db.people.get(name="bob")
    with pytest.raises(Failed), db.transaction():
        ann.update(age=41)
        ann.age = 42
        with db.transaction():
            ann.save()
        bob.delete()
        bob.age = 31
        raise Failed
    with db.capture() as ran:
        ann.save()
        bob.save()
    assert [str(statement).split()[0] for statement in ran] == ["UPDATE", "UPDATE"]
    assert list(db.people.order_by("id").values_list("name", "age")) == [("ann", 42), ("bob", 31)]
    with db.capture() as ran:
        ann.save()
    assert ran == []


def test_a_block_that_is_over_cannot_be_asked(db: Database) -> None:
    with db.transaction() as block:
        db.people.create(name="cem")
    with pytest.raises(TransactionError, match="not open"):
        block.rollback()
    with pytest.raises(TransactionError, match="not open"):
        block.on_commit(print)


# -- after the commit -------------------------------------------------------------------------------


def test_calls_wait_for_the_outermost_commit_in_order(db: Database, path: Path) -> None:
    called: list[Any] = []
    db.on_commit(lambda: called.append("at once"))
    with db.transaction() as outer:
        db.people.create(name="cem")
        db.on_commit(lambda: called.append(names(path)))
        with db.transaction() as inner:
            db.on_commit(lambda: called.append("inner"))
            inner.on_commit(lambda: called.append("inner too"))
        with pytest.raises(Failed), db.transaction():
            db.on_commit(lambda: called.append("never"))
            with db.transaction():
                db.on_commit(lambda: called.append("never either"))
            raise Failed
        outer.on_commit(lambda: called.append("last"))
        assert called == ["at once"]
    assert called == ["at once", ["ann", "bob", "cem"], "inner", "inner too", "last"]


def test_no_call_after_a_rollback_or_a_commit_that_failed(db: Database) -> None:
    called: list[str] = []
    with pytest.raises(Failed), db.transaction():
        db.on_commit(lambda: called.append("never"))
        raise Failed
    with pytest.raises(ForeignKeyViolation), db.transaction():
        db.on_commit(lambda: called.append("never"))
        db.people.create(name="cem", boss_id=99)
    assert called == []


def test_an_error_in_a_call_is_raised_once_all_were_made_and_the_data_stays(db: Database, path: Path) -> None:
    called: list[str] = []

    def fail() -> None:
        called.append("fails")
        raise Failed("first")

    def fail_too() -> None:
        raise Failed("second")

    with pytest.raises(Failed, match="first"), db.transaction():
        db.people.create(name="cem")
        db.on_commit(fail)
        db.on_commit(fail_too)
        db.on_commit(lambda: called.append("goes on"))
    assert called == ["fails", "goes on"]
    assert names(path) == ["ann", "bob", "cem"]


def test_a_call_may_write_and_ask_for_more(db: Database, path: Path) -> None:
    called: list[str] = []

    def write() -> None:
        db.people.create(name="dan")
        with db.transaction():
            db.people.create(name="eve")
            db.on_commit(lambda: called.append("inside"))
        db.on_commit(lambda: called.append("at once"))

    with db.transaction():
        db.on_commit(write)
    assert called == ["inside", "at once"]
    assert names(path) == ["ann", "bob", "dan", "eve"]


# -- functions --------------------------------------------------------------------------------------


def test_as_a_decorator(db: Database, path: Path) -> None:
    @db.transaction()
    def add(name: str, *, fail: bool = False) -> str:
        """Say it."""
        db.people.create(name=name)
        if fail:
            raise Failed
        return name

    assert (add.__name__, add.__doc__) == ("add", "Say it.")
    assert add("cem") == "cem"
    with pytest.raises(Failed):
        add("dan", fail=True)
    with db.transaction() as block:
        add("eve")
        block.rollback()
    assert names(path) == ["ann", "bob", "cem"]


def test_a_decorated_function_may_call_itself(db: Database, path: Path) -> None:
    @db.transaction()
    def add(number: int) -> None:
        db.people.create(name=f"p{number}")
        if number:
            add(number - 1)

    add(3)
    assert names(path)[2:] == ["p3", "p2", "p1", "p0"]


def test_as_a_decorator_of_a_coroutine_function(db: Database, path: Path) -> None:
    @db.transaction()
    async def add(name: str, *, fail: bool = False) -> str:
        db.people.create(name=name)
        await asyncio.sleep(0)
        if fail:
            raise Failed
        return name

    async def main() -> list[Any]:
        return await asyncio.gather(add("cem"), add("dan", fail=True), add("eve"), return_exceptions=True)

    cem, failed, eve = asyncio.run(main())
    assert (cem, eve) == ("cem", "eve")
    assert isinstance(failed, Failed)
    assert names(path) == ["ann", "bob", "cem", "eve"]


# -- modes ------------------------------------------------------------------------------------------


def test_modes_and_durability_are_said_to_sqlite(db: Database, path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(0)
    for mode, writable in (("immediate", False), ("deferred", True), ("exclusive", False)):
        with db.transaction(mode):  # type: ignore[arg-type]
            if writable:
                connection.execute("BEGIN IMMEDIATE; ROLLBACK")
            else:
                with pytest.raises(apsw.BusyError):
                    connection.execute("BEGIN IMMEDIATE")
    connection.close()
    with pytest.raises(UsageError, match="'immediate', 'deferred' or 'exclusive'"):
        db.transaction("now")  # type: ignore[arg-type]


def test_durable_is_for_the_outermost_block(db: Database) -> None:
    def synchronous() -> object:
        return next(iter(db.execute("PRAGMA synchronous")))[0]

    with db.transaction(durable=True):
        assert synchronous() == 2
        with pytest.raises(TransactionError, match="cannot be durable"), db.transaction(durable=True):
            db.people.create(name="never")
        with db.transaction():
            db.people.create(name="cem")
    with db.transaction():
        assert synchronous() == 1
    assert db.people.count() == 3


def test_a_deferred_transaction_sees_one_moment(db: Database, path: Path) -> None:
    connection = apsw.Connection(str(path))
    with db.transaction("deferred"):
        assert db.people.count() == 2
        connection.execute("INSERT INTO people (name) VALUES ('cem')")
        assert db.people.count() == 2
        with pytest.raises(DatabaseLocked, match="immediate"):
            db.people.create(name="dan")
    connection.close()
    assert names(path) == ["ann", "bob", "cem"]


# -- retries ----------------------------------------------------------------------------------------


def test_run_in_transaction_tries_again_while_another_process_holds_the_lock(path: Path) -> None:
    calls: list[int] = []
    with connect(path, busy_timeout_s=0.05) as db:

        def add() -> int:
            calls.append(1)
            return db.people.create(name="cem").id

        with held(path) as holder:
            with pytest.raises(DatabaseLocked) as caught:
                db.run_in_transaction(add, retries=2, backoff_s=0.01)
            assert isinstance(caught.value.__cause__, apsw.BusyError)
            assert calls == []
            threading.Timer(0.2, holder.free).start()
            assert db.run_in_transaction(add, retries=100, backoff_s=0.02) == 3
    assert calls == [1]
    assert names(path) == ["ann", "bob", "cem"]


def test_run_in_transaction_runs_the_whole_function_again(db: Database, path: Path) -> None:
    calls: list[int] = []
    connection = apsw.Connection(str(path))

    def read_then_write() -> int:
        calls.append(db.people.count())
        if len(calls) == 1:
            # Somebody else is faster.
            connection.execute("INSERT INTO people (name) VALUES ('cem')")
        return db.people.create(name="dan", age=calls[-1]).id

    assert db.run_in_transaction(read_then_write, mode="deferred", backoff_s=0.001) == 4
    assert calls == [2, 3]
    assert db.people.get(name="dan").age == 3
    connection.close()


def test_run_in_transaction_does_not_repeat_what_would_fail_again(db: Database) -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        db.people.create(name="ann")

    with pytest.raises(UniqueViolation):
        db.run_in_transaction(fail)
    assert calls == [1]
    with pytest.raises(UsageError, match="whole number"):
        db.run_in_transaction(fail, retries=-1)
    with db.transaction():
        assert db.run_in_transaction(lambda: db.people.create(name="cem").id) == 3


def test_a_lock_that_is_not_free_in_time_is_an_error_and_everything_is_given_back(path: Path) -> None:
    with connect(path, busy_timeout_s=0.05) as db:
        with held(path) as holder:
            for attempt in (lambda: db.people.create(name="cem"), lambda: db.transaction().__enter__()):
                with pytest.raises(DatabaseLocked) as caught:
                    attempt()
                assert isinstance(caught.value.__cause__, apsw.BusyError)
            assert db.people.count() == 2
            holder.free()
        with db.transaction():
            db.people.create(name="dan")
        db.people.create(name="eve")
    assert names(path) == ["ann", "bob", "dan", "eve"]


# -- what cannot be in a transaction ----------------------------------------------------------------


def test_a_generator_is_no_function_that_a_transaction_can_hold(db: Database) -> None:
    def later() -> Iterator[int]:
        yield 1

    async def much_later() -> Any:
        yield 1

    for function in (later, much_later):
        with pytest.raises(UsageError, match=r"as long as a generator.*inside of it"):
            db.transaction()(function)


def test_what_only_works_when_awaited_is_refused_where_nobody_awaits_it(db: Database) -> None:
    async def task() -> None: ...

    anything: Any = 5
    with pytest.raises(UsageError, match=r"on_commit\(\) cannot await"):
        db.on_commit(task)
    with pytest.raises(UsageError, match=r"run_in_transaction\(\) cannot await.*arun_in_transaction"):
        db.run_in_transaction(task)
    for call in (db.on_commit, db.run_in_transaction):
        with pytest.raises(UsageError, match="takes a function without arguments, not int"):
            call(anything)
    with pytest.raises(UsageError, match="the parameters of many rows, not NoneType"):
        db.execute_many("INSERT INTO people (name) VALUES (?)", cast("Any", None))


def test_an_inner_block_ends_while_another_thread_creates_in_it() -> None:
    inner, outer = Scope("inner"), Scope()
    undone: list[list[int]] = []

    class Meanwhile(defaultdict[Any, list[Any]]):
        def __getitem__(self, unmake: Any) -> list[Any]:
            # As another thread would in between.
            inner.made[print].append(2)
            return super().__getitem__(unmake)

    inner.made[undone.append].append(1)
    outer.made = Meanwhile(list)
    inner.hand_over(outer)
    outer.undone()
    assert undone == [[1]]


# -- the database is closed meanwhile ---------------------------------------------------------------


def test_a_connection_that_is_opened_while_the_database_is_closed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_connection, late = driver.open_connection, list[apsw.Connection]()

    def meanwhile(*given: Any, **named: Any) -> apsw.Connection:
        connection = open_connection(*given, **named)
        late.append(connection)
        # As another thread would in between.
        db.close()
        return connection

    monkeypatch.setattr(driver, "open_connection", meanwhile)
    with pytest.raises(DatabaseClosed):
        db.people.create(name="cem")
    with pytest.raises(apsw.ConnectionClosedError):
        late[0].total_changes()


def test_a_transaction_that_begins_while_the_database_is_closed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = cast("SQLiteEngine", db._engine)
    began = engine._began

    def meanwhile(session: SQLiteSession) -> None:
        # As another thread would in between.
        db.close()
        began(session)

    monkeypatch.setattr(engine.writes, "_began", meanwhile)
    with pytest.raises(DatabaseClosed), db.transaction():
        db.people.create(name="cem")
    assert isinstance(engine.local, Closed)
    with pytest.raises(DatabaseClosed):
        db.people.count()
