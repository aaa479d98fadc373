"""get_or_create and update_or_create: one row is made, whoever else is about to do the same."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from noormme import CheckViolation, MultipleObjectsReturned, QuerySet, UniqueViolation, UsageError
from tests.writing.world import Writing, verbs


def test_get_or_create(world: Writing) -> None:
    with world.db.capture() as ran:
        ann, made = world.db.users.get_or_create(email="ann@x", defaults={"age": 1})
    assert (ann.id, ann.age, made) == (1, 40, False)
    assert verbs(ran) == ["SELECT"]
    cem, made = world.db.users.get_or_create(email="cem@x", defaults={"age": 1, "name": lambda: "Cem"})
    assert (cem.id, cem.age, cem.name, made) == (3, 1, "Cem", True)
    again, made = world.db.users.get_or_create(email="cem@x")
    assert (again, made) == (cem, False)
    assert world.rows("SELECT id, age, name FROM users WHERE id > 2") == [(3, 1, "Cem")]


@pytest.mark.sqlite("a database of its own, for what is registered stays")
def test_a_get_of_the_users_own_is_asked(world: Writing) -> None:
    class Grown(QuerySet[Any]):
        table = "users"

        def get(self, *conditions: Any, **lookups: Any) -> Any:
            found = super().get(*conditions, **lookups)
            if found.age < 18:
                raise type(found).DoesNotExist("too young")
            return found

    world.db.users.create(email="kid@x", name="Kid", age=7)
    assert world.db.users.get_or_create(email="kid@x")[0].name == "Kid"
    world.db.register(Grown)
    for _ in range(3):
        # From the second time on the statement of a plain ``get`` is known.
        assert world.db.users.all().get_or_create(email="ann@x")[1] is False
        with pytest.raises(UniqueViolation):
            world.db.users.all().get_or_create(email="kid@x")


def test_lookups_and_defaults(world: Writing) -> None:
    found, made = world.db.users.get_or_create(
        {"email": "dan@x"}, name__iexact="dan", age__gt=5, active__exact=False
    )
    assert (found.email, found.name, found.age, found.active, made) == ("dan@x", None, None, False, True)
    ann = world.db.users.get(pk=1)
    post, made = world.db.posts.get_or_create(author=ann, title="four")
    assert (post.author_id, made) == (1, True)
    _, made = world.db.posts.get_or_create(author=ann, title="four")
    assert not made
    with pytest.raises(MultipleObjectsReturned):
        world.db.posts.get_or_create(author=ann)
    with pytest.raises(UsageError, match="dict"):
        world.db.users.get_or_create([("age", 1)], email="eve@x")  # type: ignore[arg-type]
    with pytest.raises(CheckViolation):
        world.db.users.get_or_create(email="eve@x", defaults={"age": -1})
    with pytest.raises(UniqueViolation):
        world.db.users.get_or_create(name="No", defaults={"email": "ann@x"})
    pair, made = world.db.pairs.get_or_create(a=1, b="x", defaults={"n": 99})
    assert (pair.n, made) == (10, False)
    assert world.rows("SELECT count(*) FROM users") == [(3,)]


def test_update_or_create(world: Writing) -> None:
    ann, made = world.db.users.update_or_create(email="ann@x", defaults={"age": lambda: 41})
    assert (ann.age, ann.name, made) == (41, "Ann", False)
    cem, made = world.db.users.update_or_create(
        email="cem@x", defaults={"age": 2}, create_defaults={"age": 1, "name": "Cem"}
    )
    assert (cem.age, cem.name, made) == (1, "Cem", True)
    cem, made = world.db.users.update_or_create(
        email="cem@x", defaults={"age": 2}, create_defaults={"age": 1}
    )
    assert (cem.age, cem.name, made) == (2, "Cem", False)
    with world.db.capture() as ran:
        world.db.users.update_or_create(email="cem@x", defaults={"age": 2})
    assert verbs(ran) == ["SELECT"], "what is there already is not written again"
    assert world.rows("SELECT age FROM users ORDER BY id") == [(41,), (17,), (2,)]


def test_in_a_transaction_that_is_rolled_back(world: Writing) -> None:
    with world.db.transaction() as block:
        cem, _ = world.db.users.get_or_create(email="cem@x")
        ann, _ = world.db.users.update_or_create(email="ann@x", defaults={"age": 1})
        block.rollback()
    assert cem.pk is None
    ann.save()
    assert world.rows("SELECT id, age FROM users ORDER BY id") == [(1, 1), (2, 17)]


def test_threads_that_want_the_same_row_make_one(world: Writing) -> None:
    made: list[bool] = []
    together = threading.Barrier(16)

    def get(how: str) -> None:
        for number in range(10):
            together.wait(30)
            made.append(getattr(world.db.tags, how)(name=f"{number}")[1])

    threads = [
        threading.Thread(target=get, args=("get_or_create" if number % 2 else "update_or_create",))
        for number in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(made), made.count(True)) == (160, 10)
    assert world.rows("SELECT count(*) FROM tags") == [(13,)]


PROCESS = """
import sys
from noormme import connect
with connect(sys.argv[1], busy_timeout_s=30) as db:
    db.tags.count()
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(db.tags.get_or_create(name=f"{number}")[1] for number in range(50)))
"""


@pytest.mark.sqlite("is a file that processes share")
def test_processes_that_want_the_same_rows_make_each_once(world: Writing) -> None:
    path = str(world.db.path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    made = 0
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        made += int(process.communicate(timeout=60)[0])
    assert made == 50
    assert world.rows("SELECT count(*) FROM tags") == [(53,)]
