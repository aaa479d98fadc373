"""The table of the language: SQL and rows of every part, no part left out, and no plan compiled twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import noormme.query.compile
from noormme import Database, NotSupported
from tests.language import (
    table_aggregates,
    table_answers,
    table_arithmetic,
    table_comparison,
    table_expressions,
    table_json,
    table_lookups,
    table_methods,
    table_moments,
    table_numbers,
    table_sets,
    table_text,
    table_windows,
)
from tests.language.engines import ASKED, CANNOT, agreed, where_they_hold
from tests.language.entries import Entry
from tests.language.support import run
from tests.language.surface import SURFACE
from tests.worlds import Worlds

ENTRIES: list[Entry] = [
    *table_methods.ENTRIES,
    *table_lookups.ENTRIES,
    *table_answers.ENTRIES,
    *table_aggregates.ENTRIES,
    *table_arithmetic.ENTRIES,
    *table_expressions.ENTRIES,
    *table_windows.ENTRIES,
    *table_comparison.ENTRIES,
    *table_moments.ENTRIES,
    *table_numbers.ENTRIES,
    *table_text.ENTRIES,
    *table_json.ENTRIES,
    *table_sets.ENTRIES,
]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The shapes that were compiled since the test began, each with what was asked of it."""
    shapes: list[object] = []
    compile_plan = noormme.query.compile.compile_plan

    def counting(shape: Any, mode: Any, *arguments: Any) -> Any:
        shapes.append((shape, mode))
        return compile_plan(shape, mode, *arguments)

    monkeypatch.setattr(noormme.query.compile, "compile_plan", counting)
    return shapes


@pytest.mark.parametrize("entry", where_they_hold(ENTRIES))
def test_sql_and_rows(db: Database, engine: str, entry: Entry) -> None:
    for value, answer in (entry.first, entry.second):
        sql, rows = run(db, entry.ask, value)
        assert agreed(engine, rows) == agreed(engine, answer)
        assert engine != "sqlite" or sql == entry.sql


@pytest.mark.parametrize(
    ("engine", "entry"),
    [
        pytest.param(engine, entry, id=f"{engine}-{entry.about}")
        for engine in ASKED
        for entry in ENTRIES
        if entry.about in CANNOT.get(engine, ())
    ],
)
def test_what_an_engine_cannot(db: Database, engine: str, entry: Entry) -> None:
    with pytest.raises(NotSupported) as caught:
        run(db, entry.ask, entry.first[0])
    assert str(caught.value).startswith(CANNOT[engine][entry.about])
    assert caught.value.hint


def test_every_name_of_the_surface_is_in_the_table() -> None:
    shown = Counter(name.strip() for entry in ENTRIES for name in entry.about.split(","))
    wanted = {f"{group} {name}" for group, names in SURFACE.items() for name in names}
    assert sorted(wanted - shown.keys()) == []
    assert sorted(shown.keys() - wanted) == []


@pytest.mark.otherwise("libsql", "compiles what SQLite compiles, and takes longest")
def test_no_plan_is_compiled_twice(engine: str, path: Path, worlds: Worlds, compiled: list[object]) -> None:
    cannot = CANNOT.get(engine, {})
    entries = [entry for entry in ENTRIES if entry.about not in cannot and "Collate" not in entry.about]
    with worlds.connected(engine, path) as db:
        # The first test on a server writes its world, which compiles what reads the file.
        compiled.clear()
        for entry in entries:
            run(db, entry.ask, entry.first[0])
        assert [shape for shape, times in Counter(compiled).items() if times > 1] == []
        # SQL text of the user's has a plan and no shape.
        texts = sum("method raw" in entry.about for entry in entries)
        assert len(compiled) + texts == len(db.plans)
        assert len(compiled) > len(entries) / 2
        compiled.clear()
        for entry in entries:
            for value, _ in (entry.second, entry.first, entry.second):
                run(db, entry.ask, value)
        assert compiled == []


def test_a_compilation_would_be_noticed(
    engine: str, path: Path, worlds: Worlds, compiled: list[object]
) -> None:
    with worlds.connected(engine, path) as db:
        compiled.clear()  # as above
        list(db.people.filter(id=1))
        list(db.people.filter(name="Ann"))
        assert len(compiled) == 2
