"""Mistakes of the user's: each is told in a line that says what to do, and shows no password."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.calling import Invoke, Run


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@s3cret@127.0.0.1:5432/app",
        "mysql://u:p@s3cret@127.0.0.1:3306/app",
        "postgresql://u:[s3cret@127.0.0.1/app",
        "postgresql://u:s3cret@[::1/app",
        "libsql://u:s3cret@[::1",
    ],
)
@pytest.mark.parametrize("command", ["inspect", "status"])
def test_a_url_that_is_written_wrongly(invoke: Invoke, command: str, url: str) -> None:
    result = invoke(command, url)
    assert result.exit_code == 1
    assert "s3cret" not in result.output
    assert "fault in noormme" not in result.output


def test_two_at_signs_say_how_to_write_them(invoke: Invoke) -> None:
    result = invoke("inspect", "postgresql://u:p@s3cret@127.0.0.1:5432/app")
    assert result.stderr.startswith("error: the URL of a server has two @ before its path\nhint:  ")
    assert "@ as %40" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names of files")
def test_a_path_that_is_not_utf8(run: Run) -> None:
    result = run("inspect", "b\udce9d.db")
    assert result.returncode == 1
    assert result.stderr == (
        "error: the database's path is not UTF-8, and SQLite opens no other\n"
        "hint:  give the file another name\n"
    )


def test_a_database_without_a_query(invoke: Invoke, small_path: Path) -> None:
    result = invoke("query", small_path)
    assert result.exit_code == 1
    assert f"error: '{small_path}' is a file, and there is no query" in result.stderr


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("10**10000", "ValueError"),
        ("(1 / 0 for _ in [1])", "ZeroDivisionError"),
        ("(1 / (1 - i) for i in range(3))", "ZeroDivisionError"),
    ],
)
def test_python_that_fails_while_its_rows_are_taken(
    invoke: Invoke, small_path: Path, query: str, said: str
) -> None:
    result = invoke("query", small_path, query)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: the expression failed: {said}: ")
    assert "fault in noormme" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no named pipes")
def test_typed_sql_does_not_wait_for_a_pipe(run: Run, small_path: Path, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    result = run("sql", "check", small_path, tmp_path / "pipe")
    assert result.returncode == 1
    assert result.stderr.startswith("error: no file or folder")
