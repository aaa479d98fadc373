"""What all commands have in common."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.core import TyperGroup

from noormme.cli.arguments import database_paths
from noormme.cli.commands import COMMANDS, Later
from tests.cli.calling import COMMAND, Invoke


@pytest.mark.parametrize("name", COMMANDS)
def test_help(invoke: Invoke, name: str) -> None:
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert f"noormme {name}" in result.output
    if not isinstance(Later(name, COMMANDS[name]).load(), TyperGroup):
        for words in ("Examples:\n", "--json", "--debug"):
            assert words in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    entry = COMMANDS[name]
    found = getattr(import_module(entry.module), entry.attribute)
    made = Later(name, entry).load()
    assert (made.help or found.info.help).splitlines()[0] == entry.summary
    assert len(entry.summary) <= 68, "the list would cut it"


def test_listing_them_loads_none() -> None:
    program = "import sys; from noormme.cli.app import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Commands:" in result.stdout
    loaded = set(result.stdout.splitlines()[-1].split())
    assert loaded.isdisjoint({entry.module for entry in COMMANDS.values()})
    assert "rich" not in loaded


def test_a_misspelt_command_gets_a_suggestion(invoke: Invoke) -> None:
    result = invoke("inspekt")
    assert result.exit_code == 2
    assert "Did you mean 'inspect'?" in result.stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["gen"], "'generate'"),
        (["s"], "'shell', 'sql', 'status'"),
        (["sql", "gen"], "'generate'"),
        (["sql", "chekc"], "'check'"),
    ],
)
def test_so_does_the_beginning_of_one_and_a_command_of_a_command(
    invoke: Invoke, words: list[str], meant: str
) -> None:
    result = invoke(*words)
    assert result.exit_code == 2
    assert f"Error: No such command '{words[-1]}'." in result.stderr
    assert f"Did you mean {meant}?" in result.stderr


def test_what_is_no_beginning_of_a_command_gets_none(invoke: Invoke) -> None:
    result = invoke("sql", "zzz")
    assert (result.exit_code, "Did you mean" in result.stderr) == (2, False)


def complete(words: str, folder: Path, shell: str = "bash") -> list[str]:
    """What a shell would be told to offer after these words."""
    result = subprocess.run(
        COMMAND,
        cwd=folder,
        env={
            **os.environ,
            "_NOORMME_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.stdout.splitlines()


def test_completion(tmp_path: Path) -> None:
    for name in ("app.db", "notes.txt", "old.sqlite3", ".hidden.db"):
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "more.sqlite").touch()
    program = COMMAND
    assert program[-1] == "from noormme.cli.entry import main; main()"
    assert list(database_paths(f"{tmp_path}/")) == [
        f"{tmp_path}/{name}" for name in ("app.db", "data/", "old.sqlite3")
    ]
    assert list(database_paths(f"{tmp_path}/data/m")) == [f"{tmp_path}/data/more.sqlite"]
    assert list(database_paths(f"{tmp_path}/.h")) == [f"{tmp_path}/.hidden.db"]
    assert list(database_paths(f"{tmp_path}/none/")) == []


def test_the_configured_database_is_used(
    invoke: Invoke, small_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(small_path))
    assert json.loads(invoke("inspect", "--json").stdout)["dialect"] == "sqlite"
    assert invoke("status").stdout.startswith(str(small_path))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.chdir(small_path.parent)
    missing = invoke("inspect")
    assert missing.exit_code == 1
    assert missing.stderr.splitlines()[0] == "error: no database was named"
