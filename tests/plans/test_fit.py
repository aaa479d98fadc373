"""A stored plan is used only where a fresh one would say the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from noormme import Database, Model, Transform, connect, register_lookup, unregister_lookup
from tests.oracle import library
from tests.oracle.generator import generate
from tests.oracle.normalise import Outcome, outcome
from tests.oracle.sides import django_side, namespace
from tests.oracle.world import World
from tests.plans.processes import make

COUNT = int(os.environ.get("NOORMME_PLANS_COUNT", "150"))
SEED = int(os.environ.get("NOORMME_ORACLE_SEED", "1"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("LOCALAPPDATA", str(folder))
    return folder / "noormme"


def plans(db: Database) -> list[tuple[object, ...]]:
    """What the plans of a database say, the same for equal plans."""
    return sorted(
        (
            plan.sql,
            [(bind.slot, bind.encode is None, str(bind.native), bind.nullable) for bind in plan.binds],
            repr((plan.outputs, plan.groups, plan.order, plan.keys, plan.reads)),
            (plan.leading, plan.trailing, plan.slots, plan.style),
        )
        for plan in db.plans
    )


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A database, and the source of random queries of it."""
    pytest.importorskip("django", minversion="5.2", reason="Django names what the generator asks for")
    path = tmp_path_factory.mktemp("plans") / "library.sqlite"
    library.make(path)
    with django_side(path) as django:
        world = World(path, django.description)
    return path, [generate(world, SEED, index).source() for index in range(COUNT)]


@pytest.mark.unmeasured
def test_random_queries(asked: tuple[Path, list[str]], cache: Path) -> None:
    """The same queries, compiled, then from the plans of the first connection, then without any."""
    path, queries = asked
    with connect(path, readonly=True) as db:
        compiled = [_run(db, query) for query in queries]
        expected = plans(db)
    [kept] = cache.iterdir()
    size = kept.stat().st_size
    _, stored = msgspec.msgpack.decode(kept.read_bytes()[20:])
    assert len(stored) > len(expected) * 0.9, "few plans cannot be stored"
    with connect(path, readonly=True) as db:
        assert [_run(db, query) for query in queries] == compiled
        assert plans(db) == expected
    # What cannot be stored is compiled anew; all else was found, so nothing was added.
    assert kept.stat().st_size == size
    with connect(path, readonly=True, plans="off") as db:
        assert [_run(db, query) for query in queries] == compiled
        assert plans(db) == expected


def _run(db: Database, source: str) -> Outcome:
    def columns(row: Any) -> dict[str, object]:
        table = db.schema.table(row.__class__.objects.shape.table)
        assert table is not None
        return {**{column.name: getattr(row, column.field) for column in table.columns}, **vars(row)}

    return outcome(eval(source, dict(namespace(db))), columns, Model)


def ask(db: Database) -> list[object]:
    """Queries whose SQL or whose parameters depend on the schema, on settings and on stored forms."""
    return [
        db.authors.filter(born__year=1960).count(),
        db.authors.filter(born=date(1960, 5, 6)).count(),
        db.authors.filter(born__month=5).count(),
        db.authors.filter(active=True).count(),
        db.authors.order_by("born").values_list("id", flat=True)[0],
        db.books.filter(sold_at__hour=3).count(),
        list(db.books.order_by("id").values_list("sold_at", flat=True)),
        [each.id for each in db.books.filter(price__gt=9).order_by("-price")],
        db.books.filter(title__in=["One", "Two"]).count(),
    ]


def fresh(path: Path, **settings: Any) -> list[object]:
    with connect(path, plans="off", **settings) as db:
        return ask(db)


def cached(path: Path, **settings: Any) -> list[object]:
    with connect(path, **settings) as db:
        return ask(db)


CHANGES = {
    "another form of dates": "UPDATE authors SET born = unixepoch(born)",
    "another form of booleans": "UPDATE authors SET active = iif(active, 't', 'f') WHERE active IS NOT NULL",
    "no value at all": "UPDATE authors SET born = NULL, active = NULL",
    "a renamed column": "ALTER TABLE books RENAME COLUMN title TO heading; ALTER TABLE books ADD title TEXT",
    "another type": "ALTER TABLE books ADD COLUMN extra; ALTER TABLE books DROP COLUMN extra;"
    "ALTER TABLE books RENAME TO old; CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT"
    " COLLATE NOCASE, price REAL, sold_at TEXT, notes TEXT); INSERT INTO books SELECT * FROM old; DROP TABLE old",
    "a view in the place of a table": "ALTER TABLE authors RENAME TO people;"
    "CREATE VIEW authors AS SELECT id, name, date('1960-05-06') AS born, 1 AS active FROM people",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_database(change: str, tmp_path: Path, cache: Path) -> None:
    path = make(tmp_path / "library.db")
    before = cached(path)
    assert before == fresh(path)
    make(path, CHANGES[change])
    changed = _outcome(lambda: fresh(path))
    assert _outcome(lambda: cached(path)) == changed, "where the plans of another schema are there"
    assert _outcome(lambda: cached(path)) == changed, "where its own are there"


def test_a_column_without_values_is_looked_at_until_it_has_some(tmp_path: Path, cache: Path) -> None:
    path = make(tmp_path / "library.db")

    def born_in_may(db: Database) -> int:
        return db.authors.filter(born__month=5).count()

    with connect(path) as db:
        assert born_in_may(db) == 1
    make(path, "UPDATE authors SET born = NULL")
    with connect(path) as db:
        assert born_in_may(db) == 0
        make(path, "UPDATE authors SET born = unixepoch('1960-05-06')")
        assert born_in_may(db) == 3, "the plan for dates as text is not kept"


def _outcome(run: Callable[[], object]) -> object:
    try:
        return run()
    except Exception as error:
        return repr(error)


SETTINGS: tuple[dict[str, Any], ...] = (
    {"timezone": "Europe/Berlin"},
    {"timezone": "Asia/Tokyo"},
    {"types": {"DATE": "text"}},
    {"names": {"fields": {"books.title": "heading"}}},
    {"readonly": True},
    {},
)


def test_settings(tmp_path: Path, cache: Path) -> None:
    path = make(tmp_path / "library.db")
    outcomes = [_outcome(lambda each=each: fresh(path, **each)) for each in SETTINGS]
    assert len({repr(each) for each in outcomes}) > 3, "some of the settings matter"
    for _ in range(2):
        assert [_outcome(lambda each=each: cached(path, **each)) for each in SETTINGS] == outcomes


def test_transforms_of_ones_own_are_neither_stored_nor_taken_from_the_store(
    tmp_path: Path, cache: Path
) -> None:
    path = make(tmp_path / "library.db")

    def born_in(month: int) -> int:
        with connect(path) as db:
            return db.authors.filter(born__month=month).count()

    class Decade(Transform):
        name = "month"
        takes = ("date",)
        gives = "integer"

        def sql(self, left: Any) -> Any:
            import sqlalchemy as sa

            return sa.cast(sa.func.substr(left, 1, 3), sa.Integer)

    assert (born_in(5), born_in(196)) == (1, 0)
    [kept] = cache.iterdir()
    stored = kept.read_bytes()
    register_lookup(Decade, replace=True)
    try:
        assert (born_in(5), born_in(196)) == (0, 1)
    finally:
        unregister_lookup(Decade)
    assert kept.read_bytes() == stored
    assert (born_in(5), born_in(196)) == (1, 0)
