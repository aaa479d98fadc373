"""Sample databases go to PostgreSQL and back, and hold what they held."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from noormme.copying import copy
from tests.copying.contents import hashes, kinds

ODD = {"kitchen_sink", "spatialite"}
"""Databases with values that are none of their columns' types."""

RENAMED = {"order items (2024)"}
"""Tables with a column that has no name, which PostgreSQL cannot have."""

DATABASES = [
    "chinook",
    "chromium_history",
    "datasette_fixtures",
    "django_wagtail",
    "drizzle",
    "kitchen_sink",
    "northwind",
    "pocketbase",
    "rails",
    "sakila",
    "spatialite",
]


@pytest.mark.parametrize("name", DATABASES)
def test_there_and_back(name: str, thinned: Callable[[str], Path], url: str, tmp_path: Path) -> None:
    source, back = thinned(name), tmp_path / "back.db"
    there = copy(source, url, on_bad_value="text" if name in ODD else "error")
    assert there.verified
    assert copy(url, back).verified
    before = hashes(source)
    assert there.rows == sum(rows for rows, _ in before.values())
    assert hashes(back) == before
    if name in ODD:
        return
    declared, found = kinds(source), kinds(back)
    for table, columns in declared.items():
        # A column without a type got one by what it holds.
        typed = {column for column, kind in columns.items() if kind != "any"}
        assert {column: found[table][column] for column in typed} == {
            column: columns[column] for column in typed
        }


def test_sakila_has_its_keys_and_indexes_on_postgresql(thinned: Callable[[str], Path], url: str) -> None:
    from noormme import connect

    report = copy(thinned("sakila"), url)
    with connect(url) as db, connect(thinned("sakila"), readonly=True) as source:
        for table in source.schema.tables:
            found = db.schema.table(table.name)
            assert found is not None
            assert found.primary_key == table.primary_key
            assert {(key.columns, key.target, key.on_delete) for key in found.foreign_keys} == {
                (key.columns, key.target, key.on_delete) for key in table.foreign_keys
            }
            wanted = {index.columns for index in table.indexes if index.origin == "index"}
            assert {index.columns for index in found.indexes if index.origin == "index"} == wanted
        # The number goes on behind the last row.
        last = db.actor.order_by("-pk").first().actor_id
        actor = db.actor.create(first_name="NEW", last_name="ONE", last_update="2024-01-01 00:00:00")
        assert actor.actor_id == last + 1
    assert set(report.views) <= {"film_list", "sales_by_store", "staff_list"}
    assert "film_list" in report.views
    triggers = [each for each in report.differences if "trigger" in each.object]
    assert len(triggers) == 30


def test_a_copy_on_the_same_engine_is_the_same_database(
    copied: Callable[[str], Path], tmp_path: Path
) -> None:
    from noormme import connect

    source, target = copied("sakila"), tmp_path / "target.db"
    report = copy(source, target)
    assert report.verified
    assert report.differences == ()
    with connect(source, readonly=True) as one, connect(target, readonly=True) as other:
        assert other.schema == one.schema
        assert other.film_list.count() == one.film_list.count()
