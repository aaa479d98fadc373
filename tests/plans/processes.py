"""Programs in processes of their own, with a cache folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["SCHEMA", "TOLD", "make", "run"]

SCHEMA = """
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born DATE, active BOOLEAN);
CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id), title TEXT,
    price DECIMAL(8, 2), sold_at DATETIME, notes JSON);
INSERT INTO authors VALUES (1, 'Ann', '1950-01-02', 1), (2, 'Bob', '1960-05-06', 0), (3, 'Cid', NULL, NULL);
INSERT INTO books VALUES (1, 1, 'One', '9.50', '2024-01-02 03:04:05', '{"pages": 100}'),
    (2, 1, 'Two', '12.00', '2025-06-07 08:09:10', '{}'), (3, 2, 'Three', NULL, NULL, NULL);
"""

TOLD = """
import sys
from noormme import connect
db = connect(sys.argv[1])
{body}
db.close()
print("compiled" if "sqlalchemy" in sys.modules else "found")
"""
"""A program that runs a body and says whether anything was compiled."""


def make(path: Path, sql: str = SCHEMA) -> Path:
    """A database of these statements, written by another process.

    Args:
        path: The file.
        sql: The statements.
    """
    program = "import apsw, sys\napsw.Connection(sys.argv[1]).execute(sys.argv[2])"
    subprocess.run([sys.executable, "-c", program, str(path), sql], check=True, timeout=60)
    return path


def run(
    program: str, *arguments: object, cache: Path | str, measured: bool = True, **variables: str
) -> list[str]:
    """Run a program in a fresh process.

    Args:
        program: Its source.
        *arguments: Its arguments.
        cache: The folder of caches.
        measured: Whether coverage may be measured there, which writes a file.
        **variables: More environment variables.

    Returns:
        The lines that it printed.
    """
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **variables}
    if not measured:
        environment = {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()
