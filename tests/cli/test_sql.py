"""``noormme sql``: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import Invoke, Run

Make = Callable[..., Path]

GOOD = "-- name: users_of :many\n-- Everybody of a team.\nSELECT id, name FROM users WHERE team = :team;\n"
BAD = "-- name: a :many\nSELECT id FROM users WHERE nmae = 1;\n-- name: b :one\nSELECT id FROM teems;\n"


@pytest.fixture
def shop(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database, in the folder where the commands run; statements are looked for beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "queries").mkdir()
    return make("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, team TEXT)")


def test_a_module_is_written(invoke: Invoke, shop: Path) -> None:
    Path("queries/users.sql").write_text(GOOD)
    result = invoke("sql", "generate", shop)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "queries.py written: 1 statement\n"
    source = Path("queries.py").read_text(encoding="utf-8")
    assert "def users_of(db: Database, *, team: str) -> list[UsersOfRow]:" in source
    assert '    """Everybody of a team."""' in source
    assert invoke("sql", "generate", shop, "queries", "--out", "queries.py").stderr == (
        "queries.py is up to date: 1 statement\n"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import noormme, queries; print(queries.users_of(noormme.connect('made.db'), team='x'))",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_problems_one_to_a_line(invoke: Invoke, shop: Path) -> None:
    Path("queries/bad.sql").write_text(BAD)
    Path("queries/good.sql").write_text(GOOD)
    for command in ("check", "generate"):
        result = invoke("sql", command, shop)
        assert result.exit_code == 1
        assert result.stdout == (
            "queries/bad.sql:2:28: no column 'nmae' in users; did you mean 'name'?\n"
            "queries/bad.sql:4:16: no table or view 'teems'\n"
        )
        assert result.stderr == "2 problems in 3 statements\n"
    assert not Path("queries.py").exists()


def test_problems_for_programs(invoke: Invoke, shop: Path) -> None:
    Path("queries/bad.sql").write_text(BAD)
    result = invoke("sql", "check", shop, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["files"], report["statements"]) == (["queries/bad.sql"], 2)
    assert report["problems"][0] == {
        "file": "queries/bad.sql",
        "line": 2,
        "column": 28,
        "message": "no column 'nmae' in users",
        "hint": "did you mean 'name'?",
    }
    Path("queries/bad.sql").write_text(GOOD)
    assert json.loads(invoke("sql", "check", shop, "--json").stdout)["problems"] == []


def test_a_module_that_is_stale(invoke: Invoke, shop: Path) -> None:
    Path("queries/users.sql").write_text(GOOD)
    result = invoke("sql", "check", shop, "--module", "queries.py")
    assert result.exit_code == 1
    assert result.stdout == "queries.py:1:1: there is no such module; run 'noormme sql generate'\n"
    invoke("sql", "generate", shop)
    result = invoke("sql", "check", shop, "--module", "queries.py")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 statement in 1 file: all fit\n"
    module = Path("queries.py")
    module.write_text(module.read_text().replace('"users_of",\n    UsersOfRow,', '"users_of", UsersOfRow,'))
    assert invoke("sql", "check", shop, "--module", "queries.py").exit_code == 0
    Path("queries/users.sql").write_text(GOOD.replace("id, name", "id"))
    result = invoke("sql", "check", shop, "--module", "queries.py")
    assert result.exit_code == 1
    assert result.stdout == (
        "queries.py:1:1: the module is not what the statements give now; run 'noormme sql generate' again\n"
    )
    module.write_text("def broken(")
    assert invoke("sql", "check", shop, "--module", "queries.py").exit_code == 1


def test_a_file_that_somebody_wrote_is_kept(invoke: Invoke, shop: Path) -> None:
    Path("queries/users.sql").write_text(GOOD)
    Path("queries.py").write_text("mine = 1\n")
    result = invoke("sql", "generate", shop)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "error: 'queries.py' is there already, and was not made by this command",
        "hint:  give another file with --out",
    ]
    assert Path("queries.py").read_text() == "mine = 1\n"
    Path("queries.py").write_text("")
    assert invoke("sql", "generate", shop).exit_code == 0


def test_mistakes(invoke: Invoke, shop: Path) -> None:
    result = invoke("sql", "check", shop, "nope")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "error: no file or folder 'nope'",
        "hint:  name the folder that has your queries",
    ]
    assert "no .sql file in 'queries'" in invoke("sql", "check", shop).stderr
    Path("queries/users.sql").write_text(GOOD)
    assert "nope.db" in invoke("sql", "check", "nope.db").stderr
    result = invoke("sql", "generate", shop, "--out", "no/such/folder.py")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == "error: there is no folder 'no/such'"
    assert invoke("sql", "check").exit_code == 2
    assert "generate" in invoke("sql", "--help").stdout


def test_what_it_needs_is_loaded_when_it_runs(run: Run, shop: Path) -> None:
    Path("queries/users.sql").write_text(GOOD)
    hidden = "import sys; sys.modules['sqlglot'] = None; from noormme.cli.app import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", hidden, "sql", "check", str(shop)], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        "error: typed SQL needs a parser that is not installed",
        "hint:  pip install 'noormme[sql]'",
    ]
    assert run("sql", "check", str(shop)).returncode == 0


def test_what_a_module_runs_on_does_without_the_parser() -> None:
    code = "import noormme.typed_sql, sys; print([each for each in sys.modules if 'sqlglot' in each or 'codegen' in each])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
