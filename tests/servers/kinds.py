"""What tests say of every server with transactions of its own: how to reach it, and its words for a few things.

Invariant: a driver is imported only where its server is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from noormme import Database

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of server.

    Attributes:
        name: The folder of its tests.
        driver: The driver.
        schemes: How its URLs may begin, the usual one first.
        numbers: A SELECT of the numbers from 1 to 5,000.
        sleep: A statement that takes so many seconds.
        as_text: The clause that makes a column one of texts.
        syntax_error: What is said of what is no SQL.
    """

    name: str
    driver: str
    schemes: tuple[str, ...]
    numbers: str
    sleep: str
    as_text: str
    syntax_error: str

    @property
    def is_there(self) -> bool:
        """Whether its driver is installed."""
        return find_spec(self.driver) is not None

    @property
    def parts(self) -> Any:
        """The module that finds a server and makes databases; imports the driver."""
        return import_module(f"tests.{self.name}.server")

    @property
    def error(self) -> type[Exception]:
        """What the driver raises."""
        found: type[Exception] = import_module(self.driver).Error
        return found

    def running(self) -> AbstractContextManager[str | None]:
        """The URL of a server, None where there is none."""
        found: AbstractContextManager[str | None] = self.parts.running()
        return found

    @property
    def new_database(self) -> Callable[[str], AbstractContextManager[str]]:
        """Makes an empty database."""
        found: Callable[[str], AbstractContextManager[str]] = self.parts.new_database
        return found

    def run_script(self, url: str, script: str) -> None:
        """Run statements with the driver alone.

        Args:
            url: The database.
            script: The statements, parted by semicolons.
        """
        self.parts.run_script(url, script)

    def mirror(self, source: Database, url: str) -> None:
        """Write the tables and the rows of a database into an empty one.

        Args:
            source: The database.
            url: The empty one.
        """
        import_module(f"tests.{self.name}.mirror").mirror(source, url)

    def sort_as_sqlite(self, database: Database) -> None:
        """Let NULLs come first where nothing else is said, on the server on which they come last.

        Args:
            database: The database.
        """
        if self.name == "postgresql":
            import_module("tests.postgresql.ordering").sort_as_sqlite(database)

    def end_all(self, url: str) -> None:
        """End every connection to a database but one's own, as a restart would.

        Args:
            url: The database.
        """
        self.parts.end_all(url)


KINDS = {
    "postgresql": Kind(
        "postgresql",
        "psycopg",
        ("postgresql", "postgres", "PostgreSQL+psycopg"),
        "SELECT i, i FROM generate_series(1, 5000) i",
        "SELECT pg_sleep({})",
        "ALTER COLUMN n TYPE text",
        "syntax error",
    ),
    "mysql": Kind(
        "mysql",
        "pymysql",
        ("mysql", "mariadb", "MariaDB+pymysql"),
        "SELECT 1 + a.n + 50 * b.n, 1 + a.n + 50 * b.n FROM"
        " (WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 49) SELECT n FROM s) a,"
        " (WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 99) SELECT n FROM s) b",
        "SELECT SLEEP({})",
        "MODIFY n text",
        "it is not SQL as this server writes it",
    ),
}
