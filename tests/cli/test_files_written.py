"""The files that a user names with ``-o`` and its like: what is there, and is no such file, stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.calling import COMMAND, Invoke, Run

_QUERY = ("query", "select 1 as a", "--format", "csv", "-o")
_GENERATE = ("generate", "--lang", "dbml", "--force", "-o")
_PLANS = ("generate", "--plans")


@pytest.fixture
def configured(small_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which the sample is the database."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here" / "noormme.toml").write_text(f"database = '{small_path}'\n", encoding="utf-8")
    return tmp_path / "here"


@pytest.mark.parametrize("command", [_QUERY, _GENERATE, _PLANS], ids=["query", "generate", "plans"])
def test_a_database_is_not_overwritten(
    invoke: Invoke, configured: Path, small_path: Path, command: tuple[str, ...]
) -> None:
    data = small_path.read_bytes()
    other = configured / "other.db"
    other.write_bytes(data)
    result = invoke(*command, other)
    assert result.exit_code == 1
    assert "is left as it is" in result.stderr
    assert "hint:  choose another file" in result.stderr
    assert other.read_bytes() == data


@pytest.mark.parametrize("command", [_QUERY, _GENERATE, _PLANS], ids=["query", "generate", "plans"])
def test_a_link_stays_and_its_file_is_written(
    invoke: Invoke, configured: Path, command: tuple[str, ...]
) -> None:
    (configured / "real").touch()
    (configured / "link").symlink_to("real")
    assert invoke(*command, configured / "link").exit_code == 0
    assert (configured / "link").is_symlink()
    assert (configured / "real").stat().st_size > 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize(
    ("command", "start"), [(_QUERY, b"a\n1\n"), (_GENERATE, b"// Generated")], ids=["query", "generate"]
)
def test_a_pipe_is_written_to(
    invoke: Invoke, configured: Path, command: tuple[str, ...], start: bytes
) -> None:
    pipe = configured / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    result = invoke(*command, pipe)
    assert result.exit_code == 0, result.stderr
    assert pipe.is_fifo()
    reader.join(30)
    assert read[0].startswith(start)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_plans_need_a_file(invoke: Invoke, configured: Path) -> None:
    pipe = configured / "pipe"
    os.mkfifo(pipe)
    result = invoke(*_PLANS, pipe)
    assert result.exit_code == 1
    assert "is no file of plans" in result.stderr
    assert pipe.is_fifo()


def test_the_permissions_of_a_file_stay(invoke: Invoke, configured: Path) -> None:
    file = configured / "rows.csv"
    file.touch(mode=0o600)
    file.chmod(0o600)
    assert invoke(*_QUERY, file).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_missing_is_named_as_the_user_did(invoke: Invoke, configured: Path) -> None:
    result = invoke(*_QUERY, "missing/rows.csv")
    assert result.exit_code == 1
    assert result.stderr == (
        "error: there is no folder 'missing'\nhint:  make it first, or choose another one\n"
    )


@pytest.mark.parametrize("name", ["pyproject.toml", ".env", ".gitignore"])
def test_init_says_which_file_is_not_utf8(
    invoke: Invoke, small_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"# caf\xe9\n")
    result = invoke("init", small_path)
    assert "fault in noormme" not in result.stderr
    if name == "pyproject.toml":
        assert result.exit_code == 1
        assert name in result.stderr
        assert "UTF-8" in result.stderr
    assert (tmp_path / name).read_bytes() == b"# caf\xe9\n"


def test_init_leaves_a_broken_pyproject_as_it_is(
    invoke: Invoke, small_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool\n", encoding="utf-8")
    result = invoke("init", small_path)
    assert result.exit_code == 1
    assert "'pyproject.toml' is not TOML" in result.stderr
    assert (tmp_path / "pyproject.toml").read_text(encoding="utf-8") == "[tool\n"


def test_standard_output_is_utf8_as_the_file_is(run: Run, make: Callable[..., Path], tmp_path: Path) -> None:
    path = make('create table "café" (id integer primary key)')
    assert run("generate", path, "--lang", "dbml", "-o", tmp_path / "made.dbml").returncode == 0
    plain = run("generate", path, "--lang", "dbml", PYTHONIOENCODING="ascii")
    written = (tmp_path / "made.dbml").read_text(encoding="utf-8")
    assert plain.stdout == written.replace(" -o made.dbml --lang", " --lang", 1)
    assert "café" in plain.stdout


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", [("inspect",), ("status",), ("query", "select 1", "--format", "json")])
def test_streams_that_the_caller_has_closed(small_path: Path, command: tuple[str, ...], closed: str) -> None:
    name, *rest = command
    result = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, name, str(small_path), *rest],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
