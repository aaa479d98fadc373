"""Two copies into one target: one of them is refused by name, and what is there in the end is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import UnsafeOperation, connect
from noormme.copying import copy
from noormme.copying.progress import STATE_TABLE
from noormme.copying.report import Progress
from tests.copying.contents import hashes
from tests.copying.test_mysql import mysql, mysql_server

__all__ = ["mysql", "mysql_server"]

ROWS = """
CREATE TABLE one (id INTEGER PRIMARY KEY, name TEXT);
WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 50)
INSERT INTO one SELECT value, 'n' || value FROM n;
CREATE TABLE two (id INTEGER PRIMARY KEY);
INSERT INTO two SELECT id FROM one;
"""


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each engine."""
    fixture = {"postgresql": "url", "mysql": "mysql"}.get(request.param)
    return str(tmp_path / "target.db") if fixture is None else str(request.getfixturevalue(fixture))


class Meanwhile:
    """Listens to a copy, and once, at a point of it, does something else."""

    def __init__(self, phase: str, done: int, what: Callable[[], object]) -> None:
        self._phase, self._done, self._what = phase, done, what
        self.over = False

    def __call__(self, progress: Progress) -> None:
        if not self.over and progress.phase == self._phase and progress.done >= self._done:
            self.over = True
            self._what()


def test_the_one_that_came_last_goes_on(made: Callable[..., Path], target: str) -> None:
    source = made(ROWS)
    reports: list[bool] = []
    second = Meanwhile(
        "copying", 20, lambda: reports.append(copy(source, target, batch_rows=10, progress=stop).verified)
    )

    def stop(progress: Progress) -> None:
        # It does not end either: what it has begun, the third one ends.
        if progress.phase == "copying" and progress.done >= 70:
            raise KeyboardInterrupt

    def first(progress: Progress) -> None:
        try:
            second(progress)
        except KeyboardInterrupt:
            reports.append(False)

    with pytest.raises(UnsafeOperation, match="another copy into this target was begun meanwhile"):
        copy(source, target, batch_rows=10, progress=first)
    assert reports == [False]
    with connect(target, readonly=True) as db:
        assert (db.one.count(), db.two.count()) == (50, 20)
    report = copy(source, target, batch_rows=10)
    assert (report.resumed, report.verified) == (True, True)
    assert hashes(target) == hashes(source)


def test_one_that_began_while_the_source_was_looked_at(made: Callable[..., Path], url: str) -> None:
    source = made(ROWS)
    other = Meanwhile("looking", 1, lambda: copy(source, url))
    with pytest.raises(UnsafeOperation, match="tables or views of these names already: one, two"):
        copy(source, url, progress=other)
    assert other.over
    assert hashes(url) == hashes(source)

    def stopped(progress: Progress) -> None:
        if progress.phase == "copying" and progress.done >= 50:
            raise KeyboardInterrupt

    def begun() -> None:
        with pytest.raises(KeyboardInterrupt):
            copy(source, url, batch_rows=10, progress=stopped)

    with connect(url) as db:
        db.execute("DROP TABLE one, two")
    with pytest.raises(UnsafeOperation, match="begun meanwhile|of these names already"):
        copy(source, url, progress=Meanwhile("looking", 1, begun))
    assert copy(source, url, batch_rows=10).resumed


def test_tables_made_while_the_source_is_looked_at_are_not_removed(
    made: Callable[..., Path], url: str
) -> None:
    source = made(ROWS)

    def others() -> None:
        with connect(url) as db:
            db.execute("CREATE TABLE two (id INTEGER PRIMARY KEY)")
            db.execute("INSERT INTO two VALUES (-1)")

    with pytest.raises(UnsafeOperation, match="tables or views of these names already: two"):
        copy(source, url, progress=Meanwhile("looking", 1, others))
    with connect(url, readonly=True) as db:
        assert db.tables == ["two"]
        assert list(db.two.values_list("id", flat=True)) == [-1]


@pytest.mark.parametrize("change", ["DROP TABLE two", "ALTER TABLE two RENAME COLUMN id TO other"])
def test_a_table_that_is_changed_while_it_is_copied(
    change: str, made: Callable[..., Path], target: str
) -> None:
    source = made(ROWS)

    def stop(progress: Progress) -> None:
        if progress.phase == "copying" and progress.done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(source, target, batch_rows=10, progress=stop)
    with connect(target) as db:
        db.execute(change)
    with pytest.raises(UnsafeOperation, match="table 'two' was removed from"):
        copy(source, target, batch_rows=10)
    with connect(target) as db:
        db.execute(f"DROP TABLE {STATE_TABLE}")
    assert copy(source, target, batch_rows=10, replace=True).verified
