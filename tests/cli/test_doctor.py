"""``noormme doctor``: each thing that can be wrong is found, and says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme.cli.doctor import machine
from noormme.cli.doctor.machine import damages_wal
from tests.cli.calling import Invoke


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def findings(invoke: Invoke, *arguments: str | Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    result = invoke("doctor", *arguments, "--json")
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(result.stdout)["findings"]:
        found.setdefault(each["about"], []).append(each)
        assert each["level"] == "ok" or each["advice"]
    return result.exit_code, found


def levels(found: dict[str, list[dict[str, Any]]], about: str) -> set[str]:
    return {each["level"] for each in found[about]}


def test_a_healthy_database(invoke: Invoke, small_path: Path) -> None:
    code, found = findings(invoke, small_path)
    assert code == 0
    for about in (
        "python",
        "sqlite",
        "settings",
        "permissions",
        "database",
        "integrity",
        "foreign keys",
        "schema",
    ):
        assert levels(found, about) == {"ok"}, found[about]
    assert "quick_check" in found["integrity"][0]["message"]
    assert "integrity_check" in findings(invoke, small_path, "--full")[1]["integrity"][0]["message"]


def test_for_people(invoke: Invoke, small_path: Path) -> None:
    result = invoke("doctor", small_path)
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if line.startswith("ok ") and "integrity" in line]


def test_without_a_database(invoke: Invoke) -> None:
    code, found = findings(invoke)
    assert code == 0
    assert "none was named" in found["database"][0]["message"]


def test_the_configured_database(invoke: Invoke, small_path: Path, tmp_path: Path) -> None:
    (tmp_path / "noormme.toml").write_text(
        f'database = "{small_path}"\nforeign_keys = false\nsqlite3_guard = "off"'
    )
    code, found = findings(invoke)
    assert code == 0
    assert [each["level"] for each in found["settings"]] == ["ok", "warning", "warning"]
    assert levels(found, "integrity") == {"ok"}


def test_wrong_settings(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "noormme.toml").write_text("busy_timeout = 1")
    code, found = findings(invoke)
    assert code == 1
    assert found["settings"][0]["advice"].startswith("did you mean 'busy_timeout_s'")


def test_a_file_that_is_not_there(invoke: Invoke, tmp_path: Path) -> None:
    code, found = findings(invoke, tmp_path / "none.db")
    assert (code, levels(found, "file")) == (1, {"problem"})
    assert findings(invoke, tmp_path)[1]["file"][0]["message"].endswith("is not a file")


def test_a_file_that_is_no_database(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, but it is long enough to look like one" * 100)
    code, found = findings(invoke, tmp_path / "text.db")
    assert (code, levels(found, "database")) == (1, {"problem"})


def test_a_url_that_is_none(invoke: Invoke) -> None:
    code, found = findings(invoke, "oracle://host/x")
    assert (code, levels(found, "database")) == (1, {"problem"})


def test_a_damaged_file(invoke: Invoke, make: Callable[..., Path]) -> None:
    path = make(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE INDEX by_name ON t (name)",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000) INSERT INTO t SELECT x, 'name' || x FROM n",
    )
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 3 + 200] = b"\xff" * 200
    path.write_bytes(data)
    code, found = findings(invoke, path)
    assert (code, levels(found, "integrity")) == (1, {"problem"})
    assert "backup" in found["integrity"][0]["advice"]


def test_rows_that_point_nowhere(invoke: Invoke, make: Callable[..., Path]) -> None:
    path = make(
        "CREATE TABLE a (id INTEGER PRIMARY KEY)",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
        "INSERT INTO b VALUES (1, 7), (2, 8)",
    )
    code, found = findings(invoke, path)
    assert (code, levels(found, "foreign keys")) == (0, {"warning"})
    assert "b (2 rows)" in found["foreign keys"][0]["message"]


def test_foreign_keys_that_cannot_be_checked(invoke: Invoke, make: Callable[..., Path]) -> None:
    path = make(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE b (a_name TEXT REFERENCES a (name))",
        "INSERT INTO b VALUES ('x')",
    )
    _, found = findings(invoke, path)
    assert "1 table could not be checked" in found["foreign keys"][0]["message"]
    assert levels(found, "schema") == {"warning"}


def test_checks_end_in_time(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB, y TEXT)")
    connection.execute(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 400000) "
        "INSERT INTO t SELECT x, randomblob(60), hex(x) FROM n"
    )
    connection.execute("CREATE INDEX by_x ON t (x); CREATE INDEX by_y ON t (y)")
    connection.close()
    code, found = findings(invoke, path, "--check-time", "0.1")
    if levels(found, "integrity") == {"ok"}:
        pytest.skip("this machine checks 400,000 rows in a tenth of a second")
    assert code == 0
    assert found["integrity"][0]["advice"] == "--full lets it take its time"


def test_empty_pages(invoke: Invoke, make: Callable[..., Path]) -> None:
    path = make(
        "CREATE TABLE t (x BLOB)",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000) INSERT INTO t SELECT zeroblob(2000) FROM n",
        "DELETE FROM t",
    )
    _, found = findings(invoke, path)
    assert levels(found, "free pages") == {"warning"}
    assert "--write" in found["free pages"][0]["advice"]


def test_a_journal_that_is_kept(
    invoke: Invoke, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make("CREATE TABLE t (x)")
    assert levels(findings(invoke, path)[1], "journal") == {"ok"}
    monkeypatch.setenv("NOORMME_JOURNAL_MODE", "keep")
    assert levels(findings(invoke, path)[1], "journal") == {"warning"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions bind no administrator")
def test_permissions(invoke: Invoke, make: Callable[..., Path], tmp_path: Path) -> None:
    path = make("CREATE TABLE t (x)")
    path.chmod(0o444)
    assert levels(findings(invoke, path)[1], "permissions") == {"warning"}
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        assert levels(findings(invoke, path)[1], "permissions") == {"problem"}
    finally:
        tmp_path.chmod(0o755)
    path.chmod(0)
    code, found = findings(invoke, path)
    assert (code, levels(found, "permissions")) == (1, {"problem"})


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs to become another user")
def test_permissions_of_another_user(make: Callable[..., Path]) -> None:
    # Nobody else may look into the folders that pytest makes.
    with tempfile.TemporaryDirectory() as folder:
        _ask_as_another_user(make("CREATE TABLE t (x)").rename(Path(folder) / "made.db"))


def _ask_as_another_user(path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from noormme.cli.doctor.file import file;"
        # Everything is imported before: another user may not read where Python is installed.
        "list(file(Path(sys.argv[1]))); os.setuid(65534);"
        "print(*(f'{each.level}:{each.message}' for each in file(Path(sys.argv[1])) if each.about == 'permissions'))"
    )

    def said() -> str:
        return subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=True
        ).stdout

    path.parent.chmod(0o755)
    path.chmod(0o600)
    assert said().startswith("problem:no permission to read")
    path.chmod(0o644)
    assert said().startswith("warning:the file can be read, not written")
    path.chmod(0o666)
    assert said().startswith("problem:the file can be written, but not its folder")
    path.parent.chmod(0o777)
    assert said().startswith("ok:")
    beside = path.with_name("made.db-wal")
    beside.touch()
    beside.chmod(0o600)
    assert said().startswith("problem:no permission for 'made.db-wal'")


def test_other_programs_and_the_log(
    invoke: Invoke, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sqlite3").write_text("#!/bin/sh\necho 3.40.1 2022\n")
    (programs / "sqlite3").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    _, found = findings(invoke, make("PRAGMA journal_mode=wal", "CREATE TABLE t (x)"))
    if os.name != "nt":
        said = [each["message"] for each in found["journal"] if str(programs) in each["message"]]
        assert said == [f"{programs / 'sqlite3'} has SQLite 3.40.1, which can damage a file in WAL mode"]


@pytest.mark.parametrize(
    ("build", "bad"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.54.1", False),
    ],
)
def test_builds_with_the_bug(build: str, bad: bool) -> None:
    assert damages_wal(build) is bad


def test_a_driver_that_is_missing(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(machine._DRIVERS, "postgresql", "no-such-package-anywhere")
    code, found = findings(invoke, "postgresql://localhost/x")
    assert code == 1
    assert found["driver"][0]["advice"] == "pip install 'noormme[postgresql]'"
    assert "database" not in found
