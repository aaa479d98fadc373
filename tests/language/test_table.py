"""The table of the language: SQL and rows of every part, no part left out, and no plan compiled twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import noormme.query.compile
from noormme import Database, connect
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
from tests.language.entries import Entry
from tests.language.support import run
from tests.language.surface import SURFACE
from tests.language.world import build

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


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file; read it, and do not write to it."""
    return build(tmp_path_factory.mktemp("language") / "language.db")


@pytest.fixture(scope="module")
def db(path: Path) -> Iterator[Database]:
    """The database, connected once: a query is compiled by the first test that needs it."""
    with connect(path, readonly=True) as database:
        yield database


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


@pytest.mark.parametrize(
    "entry", [pytest.param(entry, id=f"{number}-{entry.about}") for number, entry in enumerate(ENTRIES)]
)
def test_sql_and_rows(db: Database, entry: Entry) -> None:
    for value, answer in (entry.first, entry.second):
        assert run(db, entry.ask, value) == (entry.sql, answer)


def test_every_name_of_the_surface_is_in_the_table() -> None:
    shown = Counter(name.strip() for entry in ENTRIES for name in entry.about.split(","))
    wanted = {f"{group} {name}" for group, names in SURFACE.items() for name in names}
    assert sorted(wanted - shown.keys()) == []
    assert sorted(shown.keys() - wanted) == []


def test_no_plan_is_compiled_twice(path: Path, compiled: list[object]) -> None:
    with connect(path, readonly=True) as db:
        for entry in ENTRIES:
            run(db, entry.ask, entry.first[0])
        assert [shape for shape, times in Counter(compiled).items() if times > 1] == []
        # SQL text of the user's has a plan and no shape.
        texts = sum("method raw" in entry.about for entry in ENTRIES)
        assert len(compiled) + texts == len(db.plans)
        assert len(compiled) > len(ENTRIES) / 2
        compiled.clear()
        for entry in ENTRIES:
            for value, _ in (entry.second, entry.first, entry.second):
                run(db, entry.ask, value)
        assert compiled == []


def test_a_compilation_would_be_noticed(path: Path, compiled: list[object]) -> None:
    with connect(path, readonly=True) as db:
        list(db.people.filter(id=1))
        list(db.people.filter(name="Ann"))
        assert len(compiled) == 2
