"""Databases on a real SQL Server, where ``NOORMME_TEST_MSSQL_URL`` names one; each is dropped at the end.

The login must be allowed to create databases; the server must be of 2019 or later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pymssql

from noormme import Database
from noormme.engines.server.mssql.addresses import arguments
from noormme.engines.server.mssql.batches import batch
from noormme.settings import Settings

__all__ = ["NO_SERVER", "SERVER", "copy_rows", "new_database", "run_script"]

SERVER = os.environ.get("NOORMME_TEST_MSSQL_URL")

NO_SERVER = "no SQL Server: set NOORMME_TEST_MSSQL_URL to the URL of one whose login may create databases"

COLLATION = "Latin1_General_100_CS_AS_SC_UTF8"
"""Texts differ where SQLite says that they do."""


def opened(url: str) -> Any:
    call: Any = pymssql.connect
    return call(**arguments(url, Settings()))


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of an empty database, which is dropped at the end."""
    name = f"noormme_{uuid4().hex}"
    with opened(server) as connection:
        connection.cursor().execute(f"CREATE DATABASE [{name}] COLLATE {COLLATION}")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with opened(server) as connection:
            cursor = connection.cursor()
            cursor.execute(f"ALTER DATABASE [{name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
            cursor.execute(f"DROP DATABASE [{name}]")


def run_script(url: str, path: Path) -> None:
    """Run the batches of a script, which lines with GO part."""
    with opened(url) as connection:
        for part in re.split(r"(?m)^GO\s*$", path.read_text()):
            if part.strip():
                connection.cursor().execute(part)


def copy_rows(source: Database, target: Database, url: str) -> None:
    """Write the rows of a SQLite database into tables of the same names, with the same keys."""
    with opened(url) as connection:
        cursor = connection.cursor()
        for name in ("people", "profiles", "posts", "tags", "post_tags"):
            table = target.schema.table(name)
            assert table is not None
            numbered = any(column.autoincrement for column in table.columns)
            names = ", ".join(f"[{column.name}]" for column in table.columns)
            places = ", ".join(f"@P{at}" for at in range(1, len(table.columns) + 1))
            encoders = [
                target._engine.dialect.storing(column.kind, table, column) for column in table.columns
            ]
            on = f"SET IDENTITY_INSERT [{name}] ON " if numbered else ""
            fields = [column.field for column in table.columns]
            for row in source[name].all().values_list(*fields):
                values = [
                    None if value is None or encode is None else encode(value)
                    for value, encode in zip(row, encoders, strict=True)
                ]
                cursor.execute(*batch(f"{on}INSERT INTO [{name}] ({names}) VALUES ({places})", values))
