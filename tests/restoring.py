"""The rows of a database on a server, kept beside it, and given back to its tables before each test.

Invariant: a test finds the rows of the file that the database was written from, and a table that numbers its rows
goes on after the greatest number. What is kept is in no schema that was discovered.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing

__all__ = ["KEEPERS"]


def _postgresql(url: str, stack: ExitStack) -> Callable[[], None]:
    import psycopg

    connection = stack.enter_context(psycopg.connect(url, autocommit=True))
    names = [
        name
        for (name,) in connection.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    ]
    numbered = connection.execute(
        "SELECT quote_ident(table_name), quote_ident(column_name),"
        " pg_get_serial_sequence(quote_ident(table_name), column_name) FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_identity = 'YES'"
    ).fetchall()
    made = "".join(f"CREATE TABLE kept.{name} AS SELECT * FROM public.{name};" for name in names)
    connection.execute(f"CREATE SCHEMA kept; {made}".encode())
    parts = ["SET LOCAL session_replication_role = replica"]
    parts += [f"DELETE FROM {name}" for name in names]
    parts += [f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{name}" for name in names]
    parts += [f"SELECT setval('{of}', max({key})) FROM {name}" for name, key, of in numbered]
    script = f"BEGIN; {'; '.join(parts)}; COMMIT".encode()
    return lambda: connection.execute(script) and None


def _mysql(url: str, stack: ExitStack) -> Callable[[], None]:
    from tests.mysql.server import raw_connection

    connection = stack.enter_context(closing(raw_connection(url)))
    cursor = connection.cursor()
    cursor.execute(
        "SELECT table_name, auto_increment FROM information_schema.tables"
        " WHERE table_schema = database() AND table_type = 'BASE TABLE'"
    )
    tables = dict(cursor.fetchall())
    parts = ["SET foreign_key_checks = 0", "BEGIN"]
    for name in tables:
        cursor.execute(f"CREATE TABLE `kept {name}` AS SELECT * FROM `{name}`")
        parts += [f"DELETE FROM `{name}`", f"INSERT INTO `{name}` SELECT * FROM `kept {name}`"]
    parts.append("COMMIT")
    parts += [f"ALTER TABLE `{name}` AUTO_INCREMENT = 1" for name, number in tables.items() if number]

    def restore() -> None:
        for part in parts:
            cursor.execute(part)

    return restore


KEEPERS: dict[str, Callable[[str, ExitStack], Callable[[], None]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
}
"""By engine: keeps the rows of a database by its URL, until a stack ends, and gives the function that gives them
back."""
