"""Foreign keys in circles, rows that refer to none, and numbers that go on behind the last one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import ForeignKeyViolation, connect
from noormme.copying import copy
from noormme.copying.order import parents_first
from noormme.schema.model import ForeignKey, Table

CIRCLE = """
CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT, lead_id INTEGER REFERENCES people (id));
CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT, team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    boss_id INTEGER REFERENCES people (id)
);
INSERT INTO teams VALUES (1, 'red', 2), (2, 'blue', NULL);
INSERT INTO people VALUES (1, 'Ann', 1, 2), (2, 'Bob', 1, 2), (3, 'Cy', 2, 1);
"""


def test_keys_in_a_circle(made: Callable[..., Path], url: str, tmp_path: Path) -> None:
    back = tmp_path / "back.db"
    assert copy(made(CIRCLE), url).differences == ()
    report = copy(url, back)
    assert report.verified
    assert report.differences == ()
    for target in (url, str(back)):
        with connect(target) as db:
            assert db.people.get(id=3).boss.name == "Ann"
            keys = {(key.columns, key.target) for key in db.schema.table("people").foreign_keys}
            assert keys == {(("team_id",), "teams"), (("boss_id",), "people")}
            with pytest.raises(ForeignKeyViolation):
                db.people.create(name="Di", team_id=77)


def test_rows_that_refer_to_none(made: Callable[..., Path], url: str, tmp_path: Path) -> None:
    source = made(CIRCLE + "INSERT INTO people VALUES (9, 'Eve', 99, NULL);")
    report = copy(source, url)
    assert report.verified
    [difference] = report.differences
    assert difference.object == "people (team_id): a foreign key"
    assert difference.outcome == "it holds for what is written from now on"
    with connect(url) as db:
        assert {key.columns for key in db.schema.table("people").foreign_keys} == {("team_id",), ("boss_id",)}
        with pytest.raises(ForeignKeyViolation):
            db.people.create(name="Di", team_id=77)
    report = copy(source, tmp_path / "same.db")
    assert report.verified
    assert [str(each) for each in report.differences] == [
        "people: 1 row that refers to none; it is there as it was"
    ]


def test_numbers_go_on(made: Callable[..., Path], url: str, tmp_path: Path) -> None:
    source = made(
        """
        CREATE TABLE kept (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
        INSERT INTO kept VALUES (1, 'a'), (40, 'gone');
        DELETE FROM kept WHERE id = 40;
        CREATE TABLE plain (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO plain VALUES (7, 'b');
        CREATE TABLE empty (id INTEGER PRIMARY KEY, name TEXT);
        """
    )
    copy(source, url)
    with connect(url) as db:
        assert db.kept.create(name="next").id == 41
        assert db.plain.create(name="next").id == 8
        assert db.empty.create(name="first").id == 1
        db.kept.filter(id=41).delete()
    back = tmp_path / "back.db"
    assert copy(url, back).verified
    with connect(back) as db:
        assert db.plain.create(name="next").id == 9


def test_parents_come_first() -> None:
    def table(name: str, *targets: str) -> Table:
        return Table(name, foreign_keys=tuple(ForeignKey((f"{each}_id",), each, ("id",)) for each in targets))

    tables = [
        table("a", "b", "a"),
        table("b", "c", "gone"),
        table("c"),
        table("d", "e"),
        table("e", "d", "c"),
    ]
    assert [each.name for each in parents_first(tables)] == ["c", "b", "a", "d", "e"]
