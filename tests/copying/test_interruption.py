"""A copy that is killed goes on where it was, and in the end the target holds what the source holds."""

from __future__ import annotations

import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from noormme import UnsafeOperation, connect
from noormme.copying import copy
from noormme.copying.progress import STATE_TABLE
from noormme.copying.report import Progress
from tests.copying.contents import hashes

SCRIPT = Path(__file__).with_name("interrupted.py")
POINTS = [("copying", 12), ("note", 5), ("copying", 24), ("finishing", 4), ("verifying", 2)]
"""Where the five runs are killed: between batches, in the middle of one, between steps, while reading again."""


def run(source: str | Path, target: str | Path, point: str, count: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(source), str(target), "700", point, str(count)],
        cwd=SCRIPT.parents[2],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def killed_five_times(source: Path, target: str | Path) -> None:
    rows: list[int] = []
    for point, count in POINTS:
        ended = run(source, target, point, count)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        with connect(target, readonly=True) as db:
            assert db.schema.table(STATE_TABLE) is not None
            there = [db[name].count() for name in db.tables if name != STATE_TABLE]
            rows.append(sum(there))
    assert rows == sorted(rows)
    assert rows[0] < rows[1] < rows[2]
    ended = run(source, target, "none", 0)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[:2] == ["True", "True"]
    # What was written before was not written again.
    assert int(ended.stdout.split()[2]) > 0
    with connect(target, readonly=True) as db:
        assert db.schema.table(STATE_TABLE) is None
    assert hashes(target) == hashes(source)


def test_on_postgresql(copied: Callable[[str], Path], url: str) -> None:
    killed_five_times(copied("chinook"), url)


def test_on_sqlite(copied: Callable[[str], Path], tmp_path: Path) -> None:
    killed_five_times(copied("chinook"), tmp_path / "target.db")


def test_no_row_is_written_twice_where_a_table_has_no_key(
    made: Callable[..., Path], url: str, tmp_path: Path
) -> None:
    # Read from PostgreSQL, where nothing but a key tells which rows are there already.
    copy(made("CREATE TABLE log (line TEXT, n INTEGER)"), url)
    with connect(url) as db:
        db.execute("INSERT INTO log SELECT 'line ' || i, i FROM generate_series(1, 3000) AS i")
    target = tmp_path / "target.db"
    for point, count in (("note", 4), ("copying", 4)):
        assert run(url, target, point, count).returncode == -signal.SIGKILL
    report = copy(url, target, batch_rows=700)
    assert report.verified
    assert report.rows == 3000


def test_an_error_in_between_keeps_what_is_there(made: Callable[..., Path], tmp_path: Path) -> None:
    source = made(
        """
        CREATE TABLE one (id INTEGER PRIMARY KEY, name TEXT);
        WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 50)
        INSERT INTO one SELECT value, 'n' || value FROM n;
        CREATE TABLE two (id INTEGER PRIMARY KEY);
        INSERT INTO two SELECT id FROM one;
        """
    )
    target = tmp_path / "target.db"

    def stop(progress: Progress) -> None:
        if progress.phase == "copying" and progress.done >= 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(source, target, batch_rows=10, progress=stop)
    with connect(target, readonly=True) as db:
        assert (db.one.count(), db.two.count()) == (50, 10)
    seen: list[Progress] = []
    report = copy(source, target, batch_rows=10, progress=seen.append)
    assert report.resumed
    assert report.verified
    copying = [progress.done for progress in seen if progress.phase == "copying"]
    assert copying[:2] == [50, 60]
    assert copying[-1] == 100


def test_what_was_begun_with_other_arguments_is_not_gone_on_with(
    made: Callable[..., Path], tmp_path: Path
) -> None:
    source = made("CREATE TABLE one (id INTEGER PRIMARY KEY); INSERT INTO one VALUES (1), (2)")
    other = made("CREATE TABLE one (id INTEGER PRIMARY KEY, n); INSERT INTO one VALUES (1, 2)", "other.db")
    target = tmp_path / "target.db"

    def stop(progress: Progress) -> None:
        if progress.phase == "verifying":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(source, target, progress=stop)
    with pytest.raises(UnsafeOperation, match="unfinished copy of another source"):
        copy(other, target)
    # The same file, after its tables were changed.
    connection = apsw.Connection(str(source))
    connection.execute("ALTER TABLE one ADD COLUMN more TEXT")
    connection.close()
    with pytest.raises(UnsafeOperation, match="unfinished copy of another source"):
        copy(source, target)
    report = copy(other, target, replace=True)
    assert report.verified
    assert not report.resumed
    assert hashes(target) == hashes(other)


def test_no_more_than_a_batch_is_held(made: Callable[..., Path], tmp_path: Path) -> None:
    source = made(
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
        INSERT INTO t SELECT i, i || replace(hex(zeroblob(500)), '0', 'x') FROM n;
        """
    )
    # A first one, so that what is loaded and kept for ever is not counted.
    copy(source, tmp_path / "first.db", tables=["t"], schema_only=True)
    tracemalloc.start()
    try:
        assert copy(source, tmp_path / "target.db", batch_rows=500).rows == 20_000
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The rows are 20 MB.
    assert peak_bytes < 5_000_000
