"""Nothing is kept: rows that nobody uses are freed, with their peers, relations and cycles."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from noormme import Database, Prefetch
from noormme.orm import peers


@pytest.fixture
def numbers(opened: Callable[..., Database]) -> Database:
    """Parents and children, a thousand of each."""
    return opened(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents(id));"
        "CREATE TABLE profiles (id INTEGER PRIMARY KEY, parent_id INTEGER UNIQUE REFERENCES parents(id));"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
        " INSERT INTO parents SELECT i, 'p' || i FROM n;"
        "INSERT INTO children SELECT id, id FROM parents; INSERT INTO profiles SELECT id, id FROM parents"
    )


def living(db: Database) -> int:
    """How many objects of this database there are."""
    models = tuple(db.model(name) for name in db.tables)
    return sum(isinstance(each, models) for each in gc.get_objects()) + sum(
        reference() is not None for reference in _seen
    )


_seen: list[weakref.ref[Any]] = []


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    _seen.clear()
    yield
    _seen.clear()


def watch(rows: Any) -> Any:
    """Keep weak references to objects."""
    found = list(rows)
    _seen.extend(map(weakref.ref, found))
    return found


def alive() -> int:
    return sum(reference() is not None for reference in _seen)


USES: dict[str, Callable[[Database], object]] = {
    "rows": lambda db: watch(db.parents),
    "a query set": lambda db: watch(db.parents.filter(id__gt=0)),
    "one relation": lambda db: [child.parent.name for child in watch(db.children)],
    "the other way": lambda db: [len(parent.children.all()) for parent in watch(db.parents)],
    "one to one": lambda db: [parent.profile.parent for parent in watch(db.parents)],
    "joined": lambda db: [child.parent for child in watch(db.children.select_related("parent"))],
    "joined both ways": lambda db: [
        parent.profile.parent for parent in watch(db.parents.select_related("profile"))
    ],
    "prefetched": lambda db: [
        watch(parent.children.all()) for parent in watch(db.parents.prefetch_related("children__parent"))
    ],
    "to_attr": lambda db: watch(db.parents.prefetch_related(Prefetch("children", to_attr="them"))),
    "iterated": lambda db: sum(parent.id for parent in db.parents.prefetch_related("children").iterator(100)),
    "deferred": lambda db: [parent.name for parent in watch(db.parents.only("id"))],
    "single": lambda db: watch([db.parents.get(id=1), db.parents.first()]),
}


@pytest.mark.parametrize("use", USES)
def test_what_is_not_used_is_freed(numbers: Database, use: str) -> None:
    USES[use](numbers)
    gc.collect()
    gc.collect()
    assert alive() == 0


@pytest.mark.parametrize("use", ["rows", "one relation", "joined", "prefetched"])
def test_most_is_freed_without_a_garbage_collection(numbers: Database, use: str) -> None:
    gc.disable()
    try:
        for _ in range(20):
            USES[use](numbers)
            _seen[:] = [reference for reference in _seen if reference() is not None]
        numbers.parents.count()
        list(numbers.parents.filter(id__lt=5))
        list(numbers.children.filter(id__lt=5))
        assert alive() <= 2_000
    finally:
        gc.enable()


def test_what_is_used_stays_a_peer_and_the_rest_is_freed(numbers: Database) -> None:
    kept = [child for child in watch(numbers.children) if child.id % 100 == 0]
    gc.collect()
    assert alive() == len(kept) == 10
    with numbers.capture() as statements:
        assert [child.parent.id for child in kept] == [child.id for child in kept]
    assert len(statements) == 1


def test_few_lists_are_held(numbers: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_HELD_OBJECTS", 1_500)
    monkeypatch.setattr(peers, "_GROUPS", 2)
    results = [watch(numbers.children.select_related("parent")) for _ in range(6)]
    kept = numbers.model("children").__noormme_mapper__.peers
    kept.settle()
    assert sum(map(len, kept._held)) <= 1_500
    with numbers.capture() as statements:
        for children in results:
            assert len({child.parent.profile.id for child in children}) == 1_000
    assert len(statements) == 6
    del results, children
    gc.collect()
    gc.collect()
    assert alive() == 0


def test_a_relation_does_not_keep_what_it_came_from(numbers: Database) -> None:
    children = [
        child
        for parent in watch(numbers.parents.prefetch_related("children"))
        for child in parent.children.all()
    ]
    gc.collect()
    assert alive() == 0
    assert len(children) == 1_000


def test_a_refreshed_schema_lets_the_old_one_go(numbers: Database) -> None:
    list(numbers.parents)
    old = weakref.ref(numbers.model("parents"))
    for _ in range(3):
        numbers.refresh()
        list(numbers.parents)
    gc.collect()
    gc.collect()
    assert old() is None


def test_a_database_that_is_let_go_is_closed(tmp_path: Any) -> None:
    program = """
import gc, os, sys
from noormme import connect
import apsw
path = sys.argv[1]
connection = apsw.Connection(path)
connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
connection.close()
def use():
    db = connect(path)
    assert len(list(db.t)) == 2
for _ in range(5):
    use()
gc.collect()
print(sum(os.readlink(f"/proc/self/fd/{fd}") == path for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")))
kept = list(connect(path).t)
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("open files are listed on Linux only")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "t.db")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "0\n"
    assert done.stderr == ""
