"""What a start costs, counted in modules: they do not differ from run to run, as times do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("asyncio", "multiprocessing", "rich", "sqlalchemy", "sqlite3", "typer")


LATER = (
    "noormme.orm.aio.writing",
    "noormme.orm.audit",
    "noormme.orm.prefetch",
    "noormme.orm.registering",
    "noormme.orm.repository",
    "noormme.orm.raw_statement",
    "noormme.orm.table_query",
    "noormme.orm.transaction",
    "noormme.orm.writing.bulk",
    "noormme.orm.writing.insert",
    "noormme.orm.writing.save",
    "noormme.orm.writing.upsert",
    "noormme.engines.server",
    "noormme.engines.libsql",
    "noormme.query.builder",
    "noormme.query.compile",
    "noormme.query.cursor",
    "noormme.query.custom",
    "noormme.query.expressions.aggregates",
    "noormme.query.functions",
    "noormme.query.kinds",
    "noormme.query.recording",
    "hashlib",
    "importlib.metadata",
    "importlib.util",
    "json",
    "logging",
    "pathlib",
    "random",
    "tempfile",
    "tenacity",
    "urllib.parse",
    "zoneinfo",
)
"""What a program that reads a row does not need, each with what is in it."""

MOST = 180
"""How many modules of noormme's own such a program may load. A start pays for each of them."""


def modules_of(program: str, *arguments: str) -> set[str]:
    """The modules that a fresh process has after it ran the program."""
    # Coverage would start in the process too and bring modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    result = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


def loaded(program: str, *arguments: str) -> set[str]:
    """The top-level ones of them."""
    return {name.partition(".")[0] for name in modules_of(program, *arguments)}


def test_import_loads_nothing_heavy() -> None:
    assert loaded("import noormme").isdisjoint(HEAVY)


def test_discovery_loads_nothing_heavy(studio_path: Path) -> None:
    program = """
import sys
from noormme import connect

with connect(sys.argv[1], readonly=True) as db:
    assert len(db.tables) == 13
    assert db.model("users").__name__ == "User"
    db.users.filter(is_active=True)
"""
    assert loaded(program, str(studio_path)).isdisjoint(HEAVY)


def test_the_first_query_loads_the_compiler(studio_path: Path) -> None:
    program = """
import sys
from noormme import connect

with connect(sys.argv[1], readonly=True) as db:
    assert db.users.order_by("id").first() is not None
"""
    modules = loaded(program, str(studio_path))
    assert "sqlalchemy" in modules
    assert modules.isdisjoint(set(HEAVY) - {"sqlalchemy", "asyncio"})


def test_a_query_that_is_known_loads_little(
    studio_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = """
import sys
from noormme import connect

with connect(sys.argv[1], readonly=True) as db:
    assert db.users.get(id=1).id == 1
    assert [user.id for user in db.users.filter(id__gt=1).order_by("id")[:2]] == [2, 3]
"""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    # Away from the configuration of this repository, which is TOML to be read.
    monkeypatch.chdir(tmp_path)
    assert "sqlalchemy" in modules_of(program, str(studio_path))
    modules = modules_of(program, str(studio_path))
    assert {name.partition(".")[0] for name in modules}.isdisjoint(HEAVY)
    assert [name for name in modules if name.startswith(LATER)] == []
    own = [name for name in modules if name.partition(".")[0] == "noormme"]
    assert len(own) <= MOST, sorted(own)


def test_the_package_alone_is_nearly_empty() -> None:
    own = [name for name in modules_of("import noormme") if name.partition(".")[0] == "noormme"]
    assert sorted(own) == ["noormme", "noormme.deferred", "noormme.errors", "noormme.sharing"]
