"""``noormme copy``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import connect
from tests.cli.calling import COMMAND, Invoke, Run


def test_a_copy(invoke: Invoke, small_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    result = invoke("copy", small_path, target)
    assert result.exit_code == 0
    assert f"{small_path}→{target}" in "".join(result.stdout.split())
    assert "Everything has its equal at the target." in result.stdout
    assert "Every table was read again: the target holds the same rows." in result.stdout
    assert result.stderr == ""
    with connect(target, readonly=True) as db, connect(small_path, readonly=True) as source:
        assert db.schema == source.schema
        assert db.users.count() == source.users.count()


def test_as_json(invoke: Invoke, small_path: Path, tmp_path: Path) -> None:
    result = invoke("copy", small_path, tmp_path / "target.db", "--json", "--tables", "users")
    report = json.loads(result.stdout)
    assert [table["name"] for table in report["tables"]] == ["users"]
    assert report["tables"][0]["matches"] is True
    assert len(report["tables"][0]["hash"]) == 32
    assert report["dry_run"] is False


def test_nothing_is_written(invoke: Invoke, small_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    result = invoke("copy", small_path, target, "--dry-run")
    assert result.exit_code == 0
    assert "CREATE TABLE users (" in result.stdout
    assert "Nothing was written." in result.stdout
    assert not target.exists()
    result = invoke("copy", small_path, target, "--dry-run", "--replace")
    assert result.exit_code == 2
    assert "--dry-run writes nothing" in result.stderr


def test_options(invoke: Invoke, small_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    assert invoke("copy", small_path, target, "--exclude", "messages", "--no-verify").exit_code == 0
    with connect(target, readonly=True) as db:
        assert "messages" not in db.tables
        assert db.users.count() > 0
    result = invoke("copy", small_path, target, "--schema-only")
    assert result.exit_code == 1
    assert "has tables or views of these names already" in result.stderr
    assert "hint:" in result.stderr
    result = invoke("copy", small_path, target, "--schema-only", "--replace")
    assert result.exit_code == 0
    assert "The tables were not compared." in result.stdout
    with connect(target, readonly=True) as db:
        assert db.users.count() == 0
    assert invoke("copy", small_path, target, "--batch-rows", "0").exit_code == 2
    assert invoke("copy", small_path, target, "--on-bad-value", "ignore").exit_code == 2


def test_differences_are_named(invoke: Invoke, make: Callable[..., Path], tmp_path: Path) -> None:
    source = make(
        "CREATE TABLE a (id INTEGER PRIMARY KEY)",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
        "INSERT INTO b VALUES (1, 5)",
        "CREATE VIRTUAL TABLE found USING fts5 (text)",
    )
    result = invoke("copy", source, tmp_path / "target.db")
    assert result.exit_code == 0
    assert "2 differences" in result.stdout
    assert "found: a virtual table (module fts5); left out" in result.stdout
    assert "b: 1 row that refers to none; it is there as it was" in result.stdout


def test_a_table_that_is_another_at_the_target(
    invoke: Invoke, make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from noormme.copying import run as running
    from noormme.copying import verify

    source = make("CREATE TABLE a (id INTEGER PRIMARY KEY, n)", "INSERT INTO a VALUES (1, 1)")
    compared = verify.compared

    def changed(copied: object, *arguments: object) -> object:
        with connect(source) as db:
            db.a.filter(id=1).update(n=2)
        return compared(copied, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "compared", changed)
    result = invoke("copy", source, tmp_path / "target.db")
    assert result.exit_code == 3
    assert "Not the same at the target: a." in result.stdout


def test_ctrl_c(run: Run, small_path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    script = (
        "import os, signal, sys\n"
        "from noormme.copying import rows\n"
        "write = rows.TableCopy._write\n"
        "def interrupted(*arguments):\n"
        "    write(*arguments)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "rows.TableCopy._write = interrupted\n"
        "from noormme.cli.app import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [COMMAND[0], "-c", script, "copy", str(small_path), str(target), "--batch-rows", "10"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONFAULTHANDLER": "0"},
    )
    assert ended.returncode == 128 + signal.SIGINT, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "what was copied is kept: the same command goes on from there",
        "interrupted",
    ]
    ended = run("copy", small_path, target, "--batch-rows", "10")
    assert ended.returncode == 0
    assert "It goes on where an earlier one had stopped." in ended.stdout
    assert "the target holds the same rows" in ended.stdout
