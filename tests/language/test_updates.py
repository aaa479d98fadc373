"""Fields set to expressions: every class of expression as SQL and rows, compiled once; what has no meaning is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import noormme.query.writing.queries
from noormme import Database, InvalidQuery, NoormmeError, QuerySet, connect
from tests.language import (
    table_comparison,
    table_moments,
    table_numbers,
    table_text,
)
from tests.language.engines import where_they_hold
from tests.language.entries import Entry
from tests.language.surface import SURFACE
from tests.language.table_updates import REFUSED, UPDATES, Refusal, Update
from tests.language.world import build

TABLES: list[Any] = [table_comparison, table_moments, table_numbers, table_text]
FUNCTIONS: list[tuple[Any, Entry]] = [
    (table, entry)
    for table in TABLES
    for entry in table.ENTRIES
    if entry.about.startswith("function ") and "Random" not in entry.about
]


@pytest.fixture(scope="module")
def anything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The world with a column that holds what is stored in it, as only SQLite has them."""
    path: Path = build(tmp_path_factory.mktemp("updates") / "anything.db")
    with connect(path) as database:
        for table in ("people", "posts"):
            database.execute(f"ALTER TABLE {table} ADD COLUMN anything")
        database.refresh()
        yield database


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The updates that were compiled since the test began."""
    shapes: list[object] = []
    compile_update = noormme.query.writing.queries.compile_update

    def counting(shape: Any, assignments: Any, *arguments: Any, **options: Any) -> Any:
        shapes.append((shape, assignments))
        return compile_update(shape, assignments, *arguments, **options)

    monkeypatch.setattr(noormme.query.writing.queries, "compile_update", counting)
    return shapes


def run(db: Database, update: Update, value: object) -> tuple[str, list[Any]]:
    """The SQL of an update in one line, and what the rows hold after it; nothing of it stays."""
    query = update.rows(db)
    values = update.values(db, value)
    keys = list(query.order_by("id").values_list("id", flat=True))
    everything = db[query.shape.table]
    with db.transaction() as transaction:
        with db.capture() as statements:
            count = query.update(**values)
        assert count == len(keys)
        names = [f"{name}_id" if name == "author" else name for name in values]
        rows = everything.filter(pk__in=keys).order_by("id").values_list(*names)
        found = [row[0] if len(row) == 1 else row for row in rows]
        transaction.rollback()
    (sql,) = [each.statement for each in statements if each.statement.startswith("UPDATE")]
    return " ".join(sql.split()), found


@pytest.mark.parametrize("update", where_they_hold(UPDATES))
def test_sql_and_rows(db: Database, engine: str, update: Update) -> None:
    for value, rows in (update.first, update.second):
        sql, found = run(db, update, value)
        assert found == rows
        assert engine != "sqlite" or sql == update.sql


def test_every_class_of_expression_is_in_the_table() -> None:
    shown = {name.strip() for each in (*UPDATES, *REFUSED) for name in each.about.split(",")}
    assert sorted({f"expression {name}" for name in SURFACE["expression"]} - shown) == []


def test_other_values_compile_nothing(db: Database, compiled: list[object]) -> None:
    for update in UPDATES:
        run(db, update, update.first[0])
    compiled.clear()
    for update in UPDATES:
        for value, _ in (update.second, update.first, update.second):
            run(db, update, value)
    assert compiled == []


def test_a_compilation_would_be_noticed(db: Database, compiled: list[object]) -> None:
    with db.transaction() as transaction:
        db.people.filter(id=1).update(height=1.5, born=None)
        transaction.rollback()
    assert len(compiled) == 1


@pytest.mark.parametrize("refusal", where_they_hold(REFUSED))
def test_what_is_refused(db: Database, refusal: Refusal) -> None:
    with db.capture() as statements, pytest.raises(NoormmeError) as caught:
        refusal.rows(db).update(**refusal.values(db))
    assert str(caught.value).startswith(refusal.message)
    assert "several rows" not in str(caught.value) or isinstance(caught.value, InvalidQuery)
    assert list(statements) == []


@pytest.mark.parametrize(
    ("table", "entry"), [pytest.param(table, entry, id=entry.about) for table, entry in FUNCTIONS]
)
def test_functions_store_what_they_give(
    anything: Database, table: Any, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a function gives as a column of a query is what an update with it stores."""
    asked: list[tuple[QuerySet[Any], Any]] = []

    def computed(query: QuerySet[Any], expression: Any) -> QuerySet[Any]:
        asked.append((query, expression))
        return query.none()

    monkeypatch.setattr(table, "computed", computed)
    entry.ask(anything, entry.first[0])
    for query, expression in asked:
        selected = query.annotate(x=expression).order_by("id").values_list("id", "x").sql()
        stored = {row[0]: row[1] for row in anything.execute(selected.statement, selected.parameters)}
        with anything.transaction() as transaction:
            query.update(anything=expression, all_rows=True)
            name = query.shape.table
            written = {row[0]: row[1] for row in anything.execute(f"SELECT id, anything FROM {name}")}
            transaction.rollback()
        assert {key: written[key] for key in stored} == stored
