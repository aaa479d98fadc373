"""``noormme demo --database``: sensible questions to any database, and not a byte of it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from noormme import connect
from noormme.cli.counting import row_counts
from noormme.cli.demo.derive import derived
from noormme.cli.demo.glance import glances
from tests.cli.calling import Invoke

Make = Callable[..., Path]
DATABASES = (
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
)


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of change of every file in a folder; nobody may have them open."""
    return {
        item.name: (hashlib.sha256(item.read_bytes()).hexdigest(), item.stat().st_mtime_ns)
        for item in folder.iterdir()
    }


@pytest.mark.parametrize("name", DATABASES)
def test_real_databases(invoke: Invoke, copied: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    path = tmp_path / "own.db"
    path.write_bytes(copied(name).read_bytes())
    before = state(tmp_path)
    result = invoke("demo", "--database", path, "--json", "--no-speed", "--debug")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert 6 <= len(found["answers"]) <= 12
    assert [each["failure"] for each in found["answers"]] == [None] * len(found["answers"])
    assert state(tmp_path) == before


@pytest.mark.parametrize("name", ["chinook", "datasette_fixtures", "kitchen_sink"])
def test_both_sides_read_the_same_of_real_databases(
    invoke: Invoke, copied: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("noormme.cli.demo.speed.ROUNDS", 1)
    path = tmp_path / "own.db"
    path.write_bytes(copied(name).read_bytes())
    before = state(tmp_path)
    result = invoke("demo", "--database", path, "--json", "--debug")
    assert result.exit_code == 0, result.output
    timings = json.loads(result.stdout)["timings"]
    assert len(timings) >= 6
    assert all(timing["same"] for timing in timings), timings
    assert state(tmp_path) == before


def test_derived_questions_use_what_is_there(copied: Callable[[str], Path]) -> None:
    with connect(str(copied("chinook")), readonly=True) as db:
        questions = derived(db.schema, glances(db, row_counts(db, db.schema.tables)))
    code = "\n".join(question.code for question in questions)
    assert len(questions) == 12
    for part in ("get(", "order_by(", "__icontains=", "__isnull=True", "__year=", "Avg(", "annotate("):
        assert part in code
    for part in ("select_related(", "prefetch_related("):
        assert part in code


def test_names_that_are_odd_or_taken(invoke: Invoke, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noormme.cli.demo.speed.ROUNDS", 1)
    path = make(
        'CREATE TABLE "select" ("key id" INTEGER PRIMARY KEY, n TEXT, n_ INTEGER, "it""s" TEXT)',
        'CREATE TABLE close (id INTEGER PRIMARY KEY, "class" INTEGER REFERENCES "select",'
        " n_ TEXT NOT NULL UNIQUE)",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60)"
        " INSERT INTO \"select\" SELECT x, 'it''s \"' || x % 3, x % 5, 'word' FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60)"
        " INSERT INTO close SELECT x, x, 'n' || x FROM c",
    )
    result = invoke("demo", "--database", path, "--json", "--debug")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [each["failure"] for each in found["answers"]] == [None] * len(found["answers"])
    assert 'db["close"]' in "".join(each["question"]["code"] for each in found["answers"])
    assert {timing["title"] for timing in found["timings"]} >= {"get by a unique field", "count by group"}
    assert all(timing["same"] for timing in found["timings"])


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_nothing_is_written_or_left_behind(
    invoke: Invoke, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr("noormme.cli.demo.speed.ROUNDS", 1)
    path = make(
        f"PRAGMA journal_mode={mode}",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT)",
        "INSERT INTO t (word) VALUES ('one'), ('two')",
    )
    before = state(tmp_path)
    assert list(before) == ["made.db"]
    for arguments in (["demo", "--database"], ["inspect"], ["inspect", "--json"]):
        assert invoke(*arguments, path).exit_code == 0
    assert state(tmp_path) == before


def test_people_who_know_people(invoke: Invoke, make: Make) -> None:
    path = make(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE friends (a INTEGER REFERENCES people, b INTEGER REFERENCES people, PRIMARY KEY (a, b))",
        "INSERT INTO people (name) VALUES ('Ann'), ('Bo')",
        "INSERT INTO friends VALUES (1, 2)",
    )
    output = invoke("demo", "--database", path, "--no-speed").output
    assert "[other_person.name for other_person in person." in output
    assert "NoneType" not in output


def test_rows_that_cannot_be_read_stop_nothing(invoke: Invoke, make: Make) -> None:
    path = make(
        "CREATE TABLE good (id INTEGER PRIMARY KEY, word TEXT)",
        "INSERT INTO good (word) VALUES ('one')",
        "CREATE TABLE bad (id INTEGER PRIMARY KEY, raw TEXT)",
        "INSERT INTO bad (raw) VALUES ('no json')",
        "ALTER TABLE bad ADD COLUMN sum INT AS (json_extract(raw, '$.x')) VIRTUAL",
        "CREATE VIEW worse AS SELECT id FROM bad WHERE sum > 0",
    )
    lines = [" ".join(line.split()) for line in invoke("inspect", path, "--rows").output.splitlines()]
    assert "bad 1 3 id" in lines
    assert "worse view ? 1 none" in lines
    result = invoke("demo", "--database", path, "--json", "--no-speed")
    found = json.loads(result.stdout)
    assert found["rows"] == {"bad": 1, "good": 1}
    assert all("bad" not in each["question"]["code"] for each in found["answers"])


def test_what_another_program_left_in_the_wal_stays_there(invoke: Invoke, make: Make, tmp_path: Path) -> None:
    path = make("PRAGMA journal_mode=wal", "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT)")
    writer = apsw.Connection(str(path))
    writer.execute("INSERT INTO t (word) VALUES ('one'), ('two')")
    # As after a crash: the rows are in the -wal file only, and nobody is left to move them.
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for item in ("made.db", "made.db-wal"):
        (crashed / item).write_bytes((tmp_path / item).read_bytes())
    writer.close()
    before = state(crashed)
    result = invoke("demo", "--database", crashed / "made.db", "--json", "--no-speed")
    assert json.loads(result.stdout)["rows"] == {"t": 2}
    after = state(crashed)
    assert {name: after[name] for name in before} == before


def test_an_empty_database_has_nothing_to_ask(invoke: Invoke, make: Make) -> None:
    result = invoke("demo", "--database", make("CREATE TABLE t (x)"))
    assert result.exit_code == 0
    assert "Nothing yet: no table has rows." in result.output
    assert "How fast it is" not in result.output


def test_a_database_in_memory_has_no_other_side(invoke: Invoke) -> None:
    result = invoke("demo", "--database", ":memory:")
    assert result.exit_code == 0
    assert "0 tables" in result.output


def test_many_tables_and_views_are_told_and_not_all_listed(invoke: Invoke, make: Make) -> None:
    tables = [f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY)" for number in range(45)]
    path = make(
        *tables, "CREATE VIEW v AS SELECT 1 AS one", "CREATE TABLE orphans (x REFERENCES nothing_here)"
    )
    output = invoke("demo", "--database", path).output
    assert "46 tables" in output
    assert "and 6 smaller tables" in output
    assert "Views  v" in output
    assert "1 warning" in output


def test_values_that_cannot_be_read_are_told_at_the_end(
    invoke: Invoke, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noormme.cli.demo.speed.ROUNDS", 1)
    path = make(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, born DATE, word TEXT)",
        "INSERT INTO t (born, word) VALUES ('2001-02-03', 'one'), ('whenever', 'two')",
    )
    result = invoke("demo", "--database", path, "--debug")
    assert result.exit_code == 0
    assert result.output.count("t.born holds a value that cannot be read as date") == 1


def test_rows_that_break_their_own_rules(invoke: Invoke, make: Make) -> None:
    path = make(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE kids (id INTEGER PRIMARY KEY, name TEXT, parent_id INT NOT NULL REFERENCES parents)",
        "INSERT INTO parents (name) VALUES ('Ann')",
        "INSERT INTO kids (name, parent_id) VALUES ('Bo', 99), ('Cy', 1)",
    )
    result = invoke("demo", "--database", path, "--no-speed")
    assert result.exit_code == 0
    assert "'NoneType' object has no attribute 'name'" in result.output


def test_every_shape_of_value_is_one_cell(invoke: Invoke, make: Make) -> None:
    path = make(
        "CREATE TABLE t"
        " (id INTEGER PRIMARY KEY, b BLOB, j JSON, f REAL, d DECIMAL, w TIMESTAMP, n TEXT, c TEXT)",
        "INSERT INTO t VALUES (1, x'00ff', '{\"a\":[1]}', 0.1, '12.50', '2020-01-02 03:04:05', NULL,"
        " 'two' || char(10) || 'lines' || char(27) || '[31m')",
    )
    output = " ".join(invoke("demo", "--database", path, "--no-speed").output.split())
    assert '1 <2 bytes> {"a":[1]} 0.1 12.5 2020-01-02 03:04:05 None two\\nlines\\x1b[31m' in output


def test_wide_rows_name_what_does_not_fit(invoke: Invoke, make: Make) -> None:
    columns = ", ".join(f"column_number_{number} TEXT" for number in range(12))
    values = ", ".join(f"'value number {number} that is long'" for number in range(12))
    path = make(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns})", f"INSERT INTO t VALUES (1, {values})")
    output = invoke("demo", "--database", path, "--no-speed").output
    assert "value number" in output
    assert "and column_number_" in output
    tables = [line for line in output.splitlines() if "SELECT" not in line and "column_number_11" not in line]
    assert max(map(len, tables)) <= 120


def test_it_reads_a_table_that_it_cannot_count(invoke: Invoke, shared: Path, make: Make) -> None:
    nasty = make((shared / "reference" / "nasty.sql").read_text(encoding="utf-8"), name="nasty.db")
    result = invoke("demo", "--database", nasty, "--json", "--no-speed", "--debug")
    assert result.exit_code == 0
    with connect(nasty) as db:
        readable = {table.name for table in db.schema.tables if table.readable}
    assert set(json.loads(result.stdout)["rows"]) == readable
