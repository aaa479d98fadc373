"""What the command line says of a server."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from noormme.cli.app import app


def asked(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_doctor(url: str) -> None:
    found = asked("doctor", url)["findings"]
    assert isinstance(found, list)
    about = {each["about"] for each in found}
    assert {"driver", "server", "connections", "time limits", "schema"} <= about
    assert [each for each in found if each["level"] == "problem"] == []


def test_status(url: str) -> None:
    assert CliRunner().invoke(app, ["query", url, "create table a (id integer)", "--write"]).exit_code == 0
    refused = CliRunner().invoke(app, ["query", url, "insert into a values (1)"])
    assert refused.exit_code == 1
    assert "--write" in refused.stderr
    assert CliRunner().invoke(app, ["query", url, "insert into a values (1)", "--write"]).exit_code == 0
    found = asked("status", url)
    assert found["tables"] == [{"name": "a", "kind": "table", "rows": 1}]
    facts = found["facts"]
    assert isinstance(facts, list)
    assert {"version", "database", "user", "size_bytes"} <= {fact["name"] for fact in facts}
