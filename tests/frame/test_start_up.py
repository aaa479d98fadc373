"""What a start costs, counted in modules: they do not differ from run to run, as times do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("asyncio", "multiprocessing", "rich", "sqlalchemy", "sqlite3", "typer")


def loaded(program: str, *arguments: str) -> set[str]:
    """The top-level modules that a fresh process has after it ran the program."""
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
    return {name.partition(".")[0] for name in result.stdout.splitlines()[-1].split()}


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
