"""Scripts that were written for the client program of MySQL.

Invariant: every statement runs as it stands; only what is for the client, or chooses a database, is left out.
"""

from __future__ import annotations

from pathlib import Path

from tests.mysql.server import raw_connection

__all__ = ["run_client_script"]

_CHOOSES = ("DROP DATABASE", "CREATE DATABASE", "CREATE SCHEMA", "DROP SCHEMA", "USE ")


def run_client_script(url: str, path: Path, *, database: str = "") -> None:
    """Run a script in a database.

    Args:
        url: The database.
        path: The script.
        database: The name that the script itself gives to the database, where it writes it before tables.
    """
    text = path.read_text(encoding="utf-8")
    if database:
        text = text.replace(f"{database}.", "")
    with raw_connection(url) as connection, connection.cursor() as cursor:
        for statement in _statements(text):
            cursor.execute(statement)
            while cursor.nextset():
                continue


def _statements(text: str) -> list[str]:
    """The statements: several together where ``;`` parts them, else what another delimiter parts."""
    delimiter = ";"
    found: list[str] = []
    gathered: list[str] = []
    for line in text.splitlines():
        if line.startswith("DELIMITER "):
            found.append("\n".join(gathered))
            gathered, delimiter = [], line.split()[1]
        elif line.upper().startswith(_CHOOSES) or line.startswith("--"):
            continue
        elif delimiter != ";" and line.rstrip().endswith(delimiter):
            found.append("\n".join([*gathered, line.rstrip().removesuffix(delimiter)]))
            gathered = []
        else:
            gathered.append(line)
    found.append("\n".join(gathered))
    return [each for each in found if each.strip()]
