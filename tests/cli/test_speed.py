"""The speed comparison: the other process, and the check that both sides read the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from noormme import connect
from noormme.cli.counting import row_counts
from noormme.cli.demo import rival as rival_module
from noormme.cli.demo.agreement import Reader
from noormme.cli.demo.glance import glances
from noormme.cli.demo.operations import Operation, operations
from noormme.cli.demo.rival import Rival, RivalFailed, rival
from noormme.cli.demo.show import speed_block
from noormme.cli.demo.speed import Timing, compare
from noormme.cli.output import terminal
from tests.cli.calling import Invoke


@pytest.fixture(scope="module")
def tasks(small_path: Path) -> dict[str, Operation]:
    with connect(small_path) as db:
        return {
            task.title: task for task in operations(db.schema, glances(db, row_counts(db, db.schema.tables)))
        }


def test_the_other_process_loads_the_standard_library_only(small_path: Path) -> None:
    script = Path(rival_module.__file__).with_name("contender.py")
    program = (
        "import runpy, sys\n"
        f"runpy.run_path({str(script)!r}, run_name='loaded')\n"
        "print(*{name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(result.stdout.split()) <= {"__main__"}


def test_every_operation_reads_the_same_on_both_sides(
    small_path: Path, tasks: dict[str, Operation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noormme.cli.demo.speed.ROUNDS", 2)
    rounds: list[None] = []
    with connect(small_path) as db, rival(small_path, 2_000, 0) as other:
        timings = list(compare(db, other, list(tasks.values()), done=lambda: rounds.append(None)))
    assert len(timings) == len(tasks) == len(rounds) / 2
    assert all(timing.same and timing.failure is None and timing.ratio > 0 for timing in timings)


def test_a_difference_is_seen(small_path: Path, tasks: dict[str, Operation]) -> None:
    with connect(small_path) as db, rival(small_path, 2_000, 0) as other:
        other_rows = [
            msgspec.structs.replace(task, sql=task.sql.replace("ORDER BY", "WHERE 0 ORDER BY"))
            for title, task in tasks.items()
            if title in ("444 rows", "48 parents with their children")
        ]
        assert [timing.same for timing in compare(db, other, other_rows)] == [False, False]


def test_each_value_counts(small_path: Path, tasks: dict[str, Operation]) -> None:
    with connect(small_path) as db, rival(small_path, 2_000, 0) as other:
        reader = Reader(other, None)
        for title in ("444 rows", "48 parents with their children"):
            task = tasks[title]
            typed = task.flat(eval(task.code, {"db": db}))
            (stored,) = other.rows(task, task.inputs)
            assert reader.agree(task, typed, stored)
            assert not reader.agree(task, typed[:-1], stored)
            changed = [("x", *typed[0][1:]), *typed[1:]]
            assert not reader.agree(task, changed, stored)
        children = [(*row[:-1], row[-1][1:]) for row in typed]
        assert not reader.agree(task, children, stored)


def test_times_with_a_zone_agree(small_path: Path, tasks: dict[str, Operation]) -> None:
    with connect(small_path, timezone="Europe/Berlin") as db, rival(small_path, 2_000, 0) as other:
        (timing,) = compare(db, other, [tasks["444 rows"]])
        assert db.messages.order_by("id")[0].sent_at.tzinfo is not None
    assert timing.same


def test_what_the_other_side_cannot_read_is_told(small_path: Path, tasks: dict[str, Operation]) -> None:
    broken = msgspec.structs.replace(tasks["444 rows"], sql="SELECT nonsense LIMIT ?")
    with connect(small_path) as db, rival(small_path, 2_000, 0) as other:
        (timing,) = compare(db, other, [broken])
    assert timing.failure == "no such column: nonsense"


def test_a_file_that_the_other_side_cannot_open(tmp_path: Path) -> None:
    with (
        pytest.raises(RivalFailed, match="unable to open database file"),
        rival(tmp_path / "none.db", 2_000, 0),
    ):
        pass


def test_the_demo_goes_on_without_the_other_side(
    invoke: Invoke, small_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rival_module, "_SCRIPT", tmp_path / "none.py")
    result = invoke("demo", "--database", small_path)
    assert result.exit_code == 0
    assert "sqlite3 could not take part: " in result.output
    assert result.output.rstrip().endswith(f'db = connect("{small_path}")')


def test_the_other_side_may_end_at_any_time(small_path: Path, tasks: dict[str, Operation]) -> None:
    with rival(small_path, 2_000, 0) as other:
        other._process.kill()
        other._process.wait()
        with pytest.raises(RivalFailed, match="ended without a word"):
            other.rows(tasks["444 rows"], tasks["444 rows"].inputs)


def test_an_error_here_ends_the_other_side(small_path: Path) -> None:
    started: list[Rival] = []

    def fail(other: Rival) -> None:
        started.append(other)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), rival(small_path, 2_000, 0) as other:
        fail(other)
    assert started[0]._process.returncode is not None


def test_how_failures_and_differences_look(capsys: pytest.CaptureFixture[str]) -> None:
    timings = [
        Timing("first", "", "", True, 1e-6, 2e-6, 2e-6, 3e-6),
        Timing("second", "", "", False, 5e-3, 6e-3, 2e-3, 3e-3),
        Timing("third", "", "", failure="no such table"),
    ]
    terminal().show(speed_block(timings, ("3.54.1", "3.40.1")))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "first 1.0 2.0 2.0 3.0 0.50×" in lines
    assert "second 5,000 6,000 2,000 3,000 2.50×" in lines
    assert "third no such table" in lines
    assert "The two sides read different values: second." in lines
