"""``db.audit``: beginning and ending trails, who, what became of a row, what it was."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from time import sleep
from uuid import UUID

import pytest

from noormme import Database, connect
from noormme.errors import InvalidValue, NotNullViolation, NotSupported, ReadOnly, TableNotFound, UsageError

ID = UUID(int=5)

SQLITE_ONLY = pytest.mark.parametrize("path", ["sqlite"], indirect=True)
"""What PostgreSQL does otherwise, or does not have; see ``test_postgresql``."""


def now() -> datetime:
    """A moment between what was written before and what is written after."""
    sleep(0.003)
    moment = datetime.now(UTC)
    sleep(0.003)
    return moment


# ---------------------------------------------------------------- keeping it


def test_all_tables_that_can_have_a_trail(db: Database) -> None:
    db.audit.enable()
    assert db.audit.tables == ["notes", "pairs", "posts", "users"]
    assert "noormme_audit" in db.tables
    assert db.audit.check() == []


def test_some_tables(db: Database) -> None:
    db.audit.enable("users")
    db.users.create(email="a")
    db.posts.create(title="x")
    assert db.audit.tables == ["users"]
    assert [entry.action for entry in db.history("users", 1)] == ["insert"]
    assert db.history("posts", 1) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("adults", "it is a view, which has no triggers"),
        ("words", "(it is a virtual table, which has no triggers|nothing tells its rows apart)"),
        ("noormme_audit", "it belongs to the trail itself"),
    ],
)
def test_a_table_that_can_have_none_is_refused_and_nothing_is_begun(
    db: Database, name: str, reason: str
) -> None:
    db.audit.enable("notes")
    with pytest.raises(NotSupported, match=f"^no audit trail of '{name}' can be kept: {reason}$"):
        db.audit.enable("users", name)
    assert db.audit.tables == ["notes"]


def test_a_table_that_does_not_exist(db: Database) -> None:
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        db.audit.enable("posts", "user")
    assert db.audit.tables == []
    assert "noormme_audit" not in db.tables


def test_a_trail_that_is_ended_keeps_what_it_has(db: Database) -> None:
    db.audit.enable()
    ann = db.users.create(email="a")
    db.audit.disable("users")
    ann.update(age=5)
    assert db.audit.tables == ["notes", "pairs", "posts"]
    assert [entry.action for entry in db.history(ann)] == ["insert"]
    db.audit.disable()
    assert db.audit.tables == []
    assert db.audit.check() == []


def test_a_trail_in_a_transaction_that_is_rolled_back(db: Database) -> None:
    with pytest.raises(RuntimeError), db.transaction():
        db.audit.enable("users")
        db.users.create(email="a")
        raise RuntimeError
    db.refresh()
    assert db.audit.tables == []
    with db.audit.actor("ann"):
        db.users.create(email="a")
    db.audit.enable("users")
    with db.audit.actor("ann"):
        ben = db.users.create(email="b")
    assert [entry.actor for entry in db.history(ben)] == ["ann"]


def test_a_database_that_is_only_read(db: Database, path: str) -> None:
    db.audit.enable("users")
    ann = db.users.create(email="a")
    with connect(path, readonly=True) as other:
        assert len(other.history("users", ann.id)) == 1
        with pytest.raises(ReadOnly):
            other.audit.enable("posts")
        with other.audit.actor("ann"):
            assert other.users.count() == 1


def test_without_a_trail_there_is_no_history(db: Database) -> None:
    ann = db.users.create(email="a")
    assert db.history(ann) == []
    assert db.audit.check() == []
    assert db.audit.purge(timedelta()) == 0
    with pytest.raises(UsageError, match=r"no audit trail of 'users' is kept; db\.audit\.enable\('users'\)"):
        db.as_of(now()).users.get(1)


# ---------------------------------------------------------------- what became of a row


def test_the_history_of_a_row(db: Database) -> None:
    db.audit.enable("users")
    ann = db.users.create(email="a", seen=datetime(2024, 1, 2, 3, 4, 5))
    ann.update(age=40, is_active=False)
    ann.delete()
    born, changed, gone = db.history("users", 1)
    whole = {"id": 1, "email": "a", "age": 40, "seen": datetime(2024, 1, 2, 3, 4, 5), "is_active": False}
    assert (born.action, born.before, born.after) == (
        "insert",
        None,
        {**whole, "age": None, "is_active": True},
    )
    assert (changed.action, changed.before) == ("update", {"age": None, "is_active": True})
    assert changed.after == {"age": 40, "is_active": False}
    assert changed.changes == {"age": (None, 40), "is_active": (True, False)}
    assert (gone.action, gone.before, gone.after) == ("delete", whole, None)
    assert {(entry.table, entry.key, entry.actor) for entry in (born, changed, gone)} == {("users", 1, None)}
    assert born.id < changed.id < gone.id
    assert abs(datetime.now(UTC) - gone.at) < timedelta(seconds=10)
    assert len({entry.transaction for entry in (born, changed, gone)}) == 3


def test_bulk_and_raw_writes_are_seen(db: Database) -> None:
    db.audit.enable("users")
    db.users.bulk_create([db.model("users")(email=f"{number}") for number in range(5)])
    db.users.filter(id__lte=3).update(age=1)
    db.execute("UPDATE users SET age = age + 1 WHERE id = ?", [2])
    db.execute("DELETE FROM users WHERE id = 2")
    assert [entry.changes.get("age") for entry in db.history("users", 2)] == [
        (None, None),
        (None, 1),
        (1, 2),
        (2, None),
    ]
    assert db.noormme_audit.filter(action="insert").count() == 5


def test_a_row_is_followed_through_changes_of_its_key(db: Database) -> None:
    db.audit.enable("pairs")
    db.pairs.create(a="x", b=ID, note="1")
    db.execute("UPDATE pairs SET a = 'y'")
    db.execute("UPDATE pairs SET note = '2'")
    db.pairs.create(a="x", b=ID, note="other")
    entries = db.history("pairs", ("y", ID))
    assert [(entry.action, entry.key, entry.previous_key) for entry in entries] == [
        ("insert", ("x", ID), None),
        ("update", ("y", ID), ("x", ID)),
        ("update", ("y", ID), None),
    ]
    assert [entry.action for entry in db.history("pairs", ("x", ID))] == ["insert", "update", "insert"]


@SQLITE_ONLY
def test_rows_without_a_key_go_by_their_row_id(db: Database) -> None:
    db.audit.enable("notes")
    note = db.notes.create(text="a")
    note.update(text="b")
    before = now()
    note.update(text="c")
    assert [entry.changes for entry in db.history(note)] == [
        {"text": (None, "a")},
        {"text": ("a", "b")},
        {"text": ("b", "c")},
    ]
    assert db.as_of(before).of(note) == note
    assert [each.text for each in db.as_of(before).notes.all()] == ["b"]


def test_cascades_belong_to_the_transaction_that_caused_them(db: Database) -> None:
    db.audit.enable()
    ann = db.users.create(email="a")
    post = db.posts.create(author_id=ann.id, title="t", data={"x": [1, None]})
    with db.audit.actor("ben"):
        ann.delete()
    gone = db.history(post)[-1]
    assert (gone.action, gone.actor, gone.transaction) == (
        "delete",
        "ben",
        db.history("users", 1)[-1].transaction,
    )
    assert gone.before == {"id": 1, "author_id": 1, "title": "t", "data": {"x": [1, None]}}


@pytest.mark.parametrize("key", [None, (1, 2), (None,)])
def test_a_key_that_is_none(db: Database, key: object) -> None:
    db.audit.enable("users")
    with pytest.raises(InvalidValue):
        db.history("users", key)


# ---------------------------------------------------------------- who


def test_an_actor_is_that_of_the_context(db: Database) -> None:
    db.audit.enable("users")
    with db.audit.actor("ann"):
        first = db.users.create(email="1")
        with db.audit.actor("ben"):
            second = db.users.create(email="2")
        third = db.users.create(email="3")
    fourth = db.users.create(email="4")
    assert [db.history(user)[0].actor for user in (first, second, third, fourth)] == [
        "ann",
        "ben",
        "ann",
        None,
    ]


def test_an_actor_follows_the_context_into_threads(db: Database) -> None:
    db.audit.enable("users")
    with db.audit.actor("ann"):
        copied = contextvars.copy_context()
        for number, run in enumerate((copied.run, lambda call: call())):
            thread = threading.Thread(
                target=run, args=(lambda number=number: db.users.create(email=str(number)),)
            )
            thread.start()
            thread.join()
    assert [db.history("users", key)[0].actor for key in (1, 2)] == ["ann", None]


def test_an_actor_follows_the_context_into_tasks(db: Database) -> None:
    db.audit.enable("users")

    async def write(name: str, numbers: range) -> None:
        with db.audit.actor(name):
            for number in numbers:
                await db.users.acreate(email=f"{name} {number}")
                await asyncio.sleep(0)
            async with db.transaction():
                await db.users.filter(email=f"{name} 0").aupdate(age=1)
            many = [db.model("users")(email=f"{name} and {number}") for number in range(3_000)]
            await db.users.abulk_create(many)

    async def main() -> None:
        await asyncio.gather(*(write(name, range(20)) for name in ("ann", "ben", "cem")))

    asyncio.run(main())
    entries = db.noormme_audit.filter(row_key__isnull=False).values(
        "actor", "action", "after", "transaction_id"
    )
    by_transaction: dict[int, set[str]] = {}
    for entry in entries:
        assert entry["action"] == "update" or entry["after"]["email"].startswith(entry["actor"])
        by_transaction.setdefault(entry["transaction_id"], set()).add(entry["actor"])
    assert len(entries) == 3 * 3_021
    assert len(by_transaction) == 3 * 22
    assert all(len(actors) == 1 for actors in by_transaction.values())


def test_an_actor_of_a_trail_that_another_process_began(db: Database, path: str) -> None:
    ann = db.users.create(email="a")
    program = f"import noormme; db = noormme.connect({path!r}); db.audit.enable(); db.close()"
    subprocess.run([sys.executable, "-c", program], check=True)
    with db.audit.actor("ann"):
        ann.update(age=1)
    assert [(entry.action, entry.actor) for entry in db.history(ann)] == [("update", "ann")]
    assert db.history(ann)[0].transaction is not None


def test_entries_of_one_transaction_have_one_number(db: Database) -> None:
    db.audit.enable("users")
    with db.transaction():
        db.users.create(email="1")
        with pytest.raises(NotNullViolation), db.transaction():
            db.users.create(email="2")
            db.execute("INSERT INTO users (email) VALUES (NULL)")
        db.users.create(email="3")
    db.execute("INSERT INTO users (email) VALUES ('4'), ('5')")
    numbers = list(
        db.noormme_audit.filter(action="insert").order_by("id").values_list("transaction_id", flat=True)
    )
    assert [numbers.index(number) for number in numbers] == [0, 0, 2, 2]


def test_an_actor_is_named_by_a_text(db: Database) -> None:
    with (
        pytest.raises(InvalidValue, match="an actor is named by a str, not by a value of type int"),
        db.audit.actor(5),
    ):  # type: ignore[arg-type]
        raise AssertionError


# ---------------------------------------------------------------- what it was


def test_a_row_as_it_was(db: Database) -> None:
    ann = db.users.create(email="a", age=1)
    db.audit.enable("users")
    first = now()
    ann.update(age=2)
    ben = db.users.create(email="b")
    second = now()
    ann.delete()
    third = now()
    assert db.as_of(first).users.get(id=ann.id).age == 1
    assert db.as_of(second).users.get(ann.id).age == 2
    assert db.as_of(second).of(ben) == ben
    assert db.as_of(first).of(ben) is None
    assert [
        [(user.id, user.age) for user in db.as_of(moment).users.all()] for moment in (first, second, third)
    ] == [
        [(1, 1)],
        [(1, 2), (2, None)],
        [(2, None)],
    ]
    with pytest.raises(db.model("users").DoesNotExist, match="no such row in users at "):
        db.as_of(third).users.get(id=ann.id)


def test_a_row_as_it_was_under_another_key(db: Database) -> None:
    db.audit.enable("pairs")
    db.pairs.create(a="x", b=ID, note="1")
    first = now()
    db.execute("UPDATE pairs SET a = 'y', note = '2'")
    db.pairs.create(a="x", b=ID, note="3")
    second = now()
    db.execute("DELETE FROM pairs WHERE a = 'x'")
    db.execute("UPDATE pairs SET a = 'x', note = '4'")
    assert db.as_of(first).pairs.get(("x", ID)).note == "1"
    assert {(pair.a, pair.note) for pair in db.as_of(first).pairs.all()} == {("x", "1")}
    assert {(pair.a, pair.note) for pair in db.as_of(second).pairs.all()} == {("x", "3"), ("y", "2")}
    assert db.as_of(second).pairs.get(a="y", b=ID).note == "2"
    assert db.as_of(second).pairs.get(a="x", b=ID).note == "3"
    assert db.as_of(now()).pairs.get(a="x", b=ID).note == "4"


def test_in_coroutines(db: Database) -> None:
    async def main() -> None:
        await db.audit.aenable("users")
        ann = await db.users.acreate(email="a", age=1)
        moment = now()
        await ann.aupdate(age=2)
        assert [entry.action for entry in await db.ahistory(ann)] == ["insert", "update"]
        past = db.as_of(moment).users
        assert ((await past.aget(id=1)).age, [user.age for user in await past.aall()]) == (1, [1])
        assert (await db.as_of(moment).aof(ann)).age == 1
        assert await db.audit.acheck() == []
        assert await db.audit.apurge(timedelta()) == 2
        await db.audit.adisable()
        assert db.audit.tables == []

    asyncio.run(main())


def test_a_trail_that_waits_for_a_transaction_does_not_hold_it_up(path: str) -> None:
    async def main() -> None:
        waiting = asyncio.Event()

        async def transaction() -> None:
            async with db.transaction():
                await db.users.acreate(email="a", age=1)
                waiting.set()
                await asyncio.sleep(0.05)
                # This goes to the worker of the transaction, which must not be waiting for its end.
                await db.users.filter(age=1).aupdate(age=2)

        task = asyncio.create_task(transaction())
        await waiting.wait()
        await db.audit.aenable("users")
        await task
        assert db.audit.tables == ["users"]
        assert [user.age for user in await db.users] == [2]
        with pytest.raises(TableNotFound):
            await db.audit.aenable("pairs", "nothing")
        assert db.audit.tables == ["users"]

    with connect(path, busy_timeout_s=2) as db:
        asyncio.run(main())


def test_what_cannot_be_asked_of_the_past(db: Database) -> None:
    db.audit.enable("users")
    with pytest.raises(InvalidValue, match="the audit trail of 'users' begins at "):
        db.as_of(datetime(2020, 1, 1, tzinfo=UTC)).users.get(1)
    with pytest.raises(InvalidValue, match=r"as_of\(\) takes a datetime that says its offset"):
        db.as_of(datetime(2020, 1, 1))
    with pytest.raises(InvalidValue, match=r"the past is asked by key: get\(id=…\)"):
        db.as_of(now()).users.get(email="a")
    with pytest.raises(TableNotFound):
        db.as_of(now()).user.get(1)
    db.audit.disable()
    with pytest.raises(UsageError, match="no audit trail of 'users' is kept"):
        db.as_of(now()).users.all()


def test_old_entries_are_purged_and_the_rest_stays(db: Database) -> None:
    db.audit.enable("users")
    ann = db.users.create(email="a", age=1)
    ann.update(age=2)
    between = now()
    ann.update(age=3)
    later = now()
    ann.update(age=4)
    assert db.audit.purge(between) == 2
    assert [entry.changes["age"] for entry in db.history(ann)] == [(2, 3), (3, 4)]
    assert db.as_of(later).of(ann).age == 3
    assert db.as_of(between).of(ann).age == 2
    with pytest.raises(InvalidValue, match="begins at"):
        db.as_of(between - timedelta(milliseconds=5)).of(ann)
    assert db.audit.purge(timedelta(days=1)) == 0
    with pytest.raises(InvalidValue):
        db.audit.purge("2020-01-01")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="from the year 1 on"):
        db.audit.purge(timedelta.max)
    with pytest.raises(InvalidValue, match="between the years 1 and 9999"):
        db.as_of(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))


# ---------------------------------------------------------------- when the schema changes


@SQLITE_ONLY
def test_a_column_that_is_added(db: Database) -> None:
    db.audit.enable("users", "posts")
    ann = db.users.create(email="a")
    db.execute("ALTER TABLE users ADD COLUMN city TEXT")
    (warning,) = db.audit.check()
    assert (warning.code, warning.table) == ("audit_outdated", "users")
    assert str(warning) == (
        "users: its columns or keys changed since its trail began; db.audit.enable('users') mends it"
    )
    db.audit.enable("users")
    assert db.audit.check() == []
    before = now()
    db.users.get(id=1).update(city="Rome")
    assert db.history(ann)[-1].changes == {"city": (None, "Rome")}
    assert db.as_of(before).users.get(1).city is None


@SQLITE_ONLY
def test_a_column_with_another_name_now(db: Database) -> None:
    db.audit.enable("users")
    db.users.create(email="a", age=5)
    db.execute("ALTER TABLE users RENAME COLUMN age TO years")
    assert [warning.code for warning in db.audit.check()] == ["audit_outdated"]
    db.audit.enable("users")
    assert db.history("users", 1)[0].after == {
        "id": 1,
        "email": "a",
        "age": 5,
        "seen": None,
        "is_active": True,
    }


def test_a_table_that_was_made_anew(db: Database) -> None:
    db.audit.enable("users", "notes")
    db.execute("DROP TABLE notes")
    db.execute("CREATE TABLE notes (text TEXT)")
    db.execute("ALTER TABLE users RENAME TO people")
    assert [(warning.code, warning.table) for warning in db.audit.check()] == [
        ("audit_triggers_missing", "notes"),
        ("audit_table_gone", "users"),
    ]


@SQLITE_ONLY
def test_a_trigger_that_is_newer_than_the_trail(db: Database) -> None:
    db.audit.enable("users")
    db.execute(
        "CREATE TRIGGER young AFTER INSERT ON users BEGIN UPDATE users SET age = 0 WHERE id = NEW.id; END"
    )
    (warning,) = db.audit.check()
    assert (warning.code, "triggers young write" in str(warning)) == ("audit_order", True)
    db.audit.enable("users")
    assert db.audit.check() == []
    db.users.create(email="a")
    assert [entry.action for entry in db.history("users", 1)] == ["insert", "update"]
