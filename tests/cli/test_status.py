"""``noormme status``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.calling import Invoke


def test_a_database(invoke: Invoke, small_path: Path) -> None:
    result = invoke("status", small_path)
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head.startswith(str(small_path))
    assert "13 tables" in head
    assert "rows" in head
    assert ["users", "40"] in [line.split() for line in lines]
    assert lines[-1] == "No warnings."


def test_as_json(invoke: Invoke, small_path: Path) -> None:
    found = json.loads(invoke("status", small_path, "--json").stdout)
    assert found["dialect"] == "sqlite"
    assert found["counted"] is True
    facts = {fact["name"]: fact["value"] for fact in found["facts"]}
    assert facts["size_bytes"] == small_path.stat().st_size == facts["page_size"] * facts["page_count"]
    assert {table["name"]: table["rows"] for table in found["tables"]}["users"] == 40


def test_counting_has_a_limit(invoke: Invoke, make: Callable[..., Path]) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    path = make(
        "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)", f"CREATE VIEW endless AS {endless}"
    )
    found = json.loads(invoke("status", path, "--count-time", "0.3", "--json").stdout)
    assert {table["name"]: table["rows"] for table in found["tables"]} == {"t": 1, "endless": None}
    none = invoke("status", path, "--count-time", "0")
    assert "? was not counted in time" in none.stdout


def test_warnings_of_the_schema(invoke: Invoke, make: Callable[..., Path]) -> None:
    tables = [f"CREATE TABLE t{number} (id INTEGER REFERENCES gone (id))" for number in range(7)]
    result = invoke("status", make(*tables))
    assert "7 warnings" in result.stdout
    assert "noormme inspect shows all of them." in result.stdout


def test_no_such_file(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("status", tmp_path / "none.db")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
