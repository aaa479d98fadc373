"""The benchmark harness on a small database: it runs, and it tells equal data from different data."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from benchmarks import data
from benchmarks.chart import svg
from benchmarks.concurrent.run import measure, table
from benchmarks.contenders import CONTENDERS, sql
from benchmarks.contenders.apsw_contender import Apsw, User
from benchmarks.measure import Run
from benchmarks.operations import OPERATIONS, arguments, depth
from benchmarks.plain import digest, plain
from benchmarks.report import markdown
from benchmarks.results import Results

ROOT = Path(__file__).resolve().parents[2]
USERS = 1_000
EVENTS = 1_200
TIMED = [operation.key for operation in OPERATIONS if operation.key != "discovery"]
GET = next(operation for operation in OPERATIONS if operation.key == "get_by_key")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmarks")


@pytest.fixture(scope="module")
def results(directory: Path) -> Results:
    run = Run(
        ["apsw", "noormme"],
        [*TIMED, "memory"],
        directory=directory,
        rounds=1,
        round_s=0.0,
        users=USERS,
        events=EVENTS,
        say=lambda line: None,
    )
    return run.run()


def test_every_contender_gives_the_data_of_the_reference(results: Results) -> None:
    assert results.skipped == {}
    assert results.wrong == {}
    for operation in TIMED:
        assert set(results.operations[operation]) == {"stdlib", "apsw", "noormme"}, operation


def test_every_database_is_written_when_it_is_read(results: Results, directory: Path) -> None:
    written = {path.name for path in directory.glob("*.sqlite")}
    assert written >= {
        f"blog-{USERS}-v{data.VERSION}.sqlite",
        f"deep-{EVENTS}-v{data.VERSION}.sqlite",
    }
    assert not any(name.startswith("wide") for name in written), "nothing was discovered"


def test_the_page_by_keyset_begins_among_equal_moments(results: Results, directory: Path) -> None:
    # With the library that wrote the file: two SQLite libraries never meet in one process.
    with closing(sqlite3.connect(directory / f"deep-{EVENTS}-v{data.VERSION}.sqlite")) as connection:
        happened, key = connection.execute(sql.EVENT_AT, (depth(EVENTS) - 1,)).fetchone()
        before = "select count(*) from events where (happened, id) <= (?, ?)"
        assert connection.execute(before, (happened, key)).fetchone() == (depth(EVENTS),)
        page = connection.execute(sql.EVENTS_AFTER, (happened, key)).fetchall()
    assert len(page) == 20
    assert page[0][2] == happened, "the key decides which row is next"
    assert page[0][0] > key


def test_ratio_is_against_the_reference_of_the_same_run(results: Results) -> None:
    times = results.operations["filter_1000"]
    assert results.ratio("filter_1000", "stdlib") == 1.0
    assert results.ratio("filter_1000", "noormme") == times["noormme"].minimum / times["stdlib"].minimum
    assert results.ratio("filter_1000", "django") is None


def test_streaming_holds_a_small_part_of_the_rows(results: Results) -> None:
    kib = results.statistics["stream_peak"]["noormme"].minimum
    rows_kib = results.statistics["row_bytes"]["noormme"].minimum * USERS * data.POSTS_PER_USER / 1024
    assert kib < 1024
    assert kib < rows_kib / 2


def test_results_survive_json(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results


def test_table_and_chart_show_every_operation(results: Results) -> None:
    table, drawing = markdown(results), svg(results)
    for operation in OPERATIONS:
        if operation.key in TIMED:
            assert f"| {operation.title} |" in table
            assert f">{operation.title}</text>" in drawing
    assert drawing.count('class="bar ours"') == len(TIMED)


def test_digest_tells_orders_apart_where_the_order_is_asked_for() -> None:
    contender = Apsw()
    rows = [(1, 5), (2, 5)]
    for operation in OPERATIONS:
        if operation.form == "tuples":
            same = plain(contender, operation, rows) == plain(contender, operation, rows[::-1])
            assert same is not operation.ordered, operation.key


@pytest.mark.parametrize(
    "different",
    [
        {"age": 41},
        {"score": None},
        {"is_active": 1},
        {"created_at": "2024-01-02 03:04:05.000000"},
        {"id": 1.0},
    ],
)
def test_digest_tells_values_and_their_types_apart(different: dict[str, object]) -> None:
    values: dict[str, object] = {
        "id": 1,
        "email": "ann@example.com",
        "name": "Ann",
        "age": 40,
        "score": 1.5,
        "is_active": True,
        "created_at": datetime(2024, 1, 2, 3, 4, 5),
    }
    contender = Apsw()
    same = digest(plain(contender, GET, User(**values)))
    assert digest(plain(contender, GET, User(**values))) == same
    assert digest(plain(contender, GET, User(**{**values, **different}))) != same


def test_a_contender_with_other_data_gets_no_time(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.process import WorkerProcess

    honest = WorkerProcess.request

    def lying(self: WorkerProcess, do: str, **details: object) -> dict[str, object]:
        answer = honest(self, do, **details)
        return {"digest": "another"} if do == "check" and self.name == "apsw" else answer

    monkeypatch.setattr(WorkerProcess, "request", lying)
    said: list[str] = []
    run = Run(["apsw"], ["count"], directory=directory, rounds=1, round_s=0.0, users=USERS, say=said.append)
    results = run.run()
    assert results.wrong == {"count": ["apsw"]}
    assert set(results.operations["count"]) == {"stdlib"}
    assert "count: other data than sqlite3: apsw" in said


def test_a_missing_peer_is_skipped_with_a_reason(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.measure.find_spec", lambda name: None)
    said: list[str] = []
    run = Run(["peewee"], ["count"], directory=directory, rounds=1, round_s=0.0, users=USERS, say=said.append)
    assert run.run().skipped == {"peewee": "peewee is not installed"}
    assert said[0] == "skipped peewee: peewee is not installed"


def test_arguments_are_the_same_in_every_process() -> None:
    for operation in OPERATIONS:
        assert arguments(operation, USERS) == arguments(operation, USERS) != []


def test_every_contender_has_its_files() -> None:
    for name in CONTENDERS:
        assert (ROOT / "benchmarks" / "contenders" / f"{name}_contender.py").exists()
        assert (ROOT / "benchmarks" / "startup" / f"{name}_startup.py").exists()


def test_command_line(directory: Path, tmp_path: Path) -> None:
    data.build_blog(directory / f"blog-10000-v{data.VERSION}.sqlite", users=USERS)
    command = [sys.executable, "-m", "benchmarks", "run", "--quick", "--rounds", "1"]
    command += ["--contenders", "stdlib", "--operations", "count", "--directory", str(directory)]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "r.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "sqlite3 by hand" in done.stdout
    assert list(json.loads((tmp_path / "r.json").read_text())["operations"]) == ["count"]


def test_requirements_are_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    peers = [line for line in lines if not line.startswith("#")]
    assert peers == project["project"]["optional-dependencies"]["bench"]


def test_the_tasks_of_an_event_loop(directory: Path) -> None:
    data.build_blog(directory / f"blog-{USERS}-v{data.VERSION}.sqlite", users=USERS)
    said: list[str] = []
    found = measure(
        ["noormme", "apsw"],
        ["awaited", "gathered"],
        database=directory / f"blog-{USERS}-v{data.VERSION}.sqlite",
        users=USERS,
        rounds=1,
        say=said.append,
    )
    assert said == ["awaited: measured", "gathered: measured"]
    assert found.keys() == {"noormme", "apsw"}
    assert all(
        figures.keys() == {"get_us", "gets"} and min(figures.values()) > 0 for figures in found.values()
    )
    assert "| one awaited get, µs | ≤ 5 |" in table(found)
