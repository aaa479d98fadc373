"""The servers that are measured, and who takes part on each.

Invariant: a driver is imported only where its server is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

__all__ = ["PEERS", "Server", "server_of"]

PEERS = {
    "by_hand": "{driver} by hand",
    "noormme": "noormme",
    "sqlalchemy": "SQLAlchemy ORM",
    "django": "Django",
}
"""The title of each contender. The first is the reference."""


@dataclass(frozen=True, slots=True)
class Server:
    """One kind of server.

    Attributes:
        name: Its module, which makes databases and empties them.
        driver: The driver that every contender uses.
        shown: What people call the driver.
    """

    name: str
    driver: str
    shown: str

    @property
    def module(self) -> Any:
        """Its ``new_database``, ``emptied`` and ``signature``; imports the driver."""
        return import_module(f"benchmarks.server.{self.name}")

    def title(self, peer: str) -> str:
        """What a contender is called.

        Args:
            peer: One of ``PEERS``.
        """
        return PEERS[peer].format(driver=self.shown)

    def needs(self, peer: str) -> tuple[str, ...]:
        """The packages that a contender needs.

        Args:
            peer: One of ``PEERS``.
        """
        return (self.driver,) if peer == "by_hand" else (peer, self.driver)


_SERVERS = {
    "postgresql": Server("postgresql", "psycopg", "psycopg"),
    "mariadb": Server("mariadb", "pymysql", "PyMySQL"),
    "mysql": Server("mariadb", "pymysql", "PyMySQL"),
}


def server_of(url: str) -> Server:
    """The kind of server that a URL leads to.

    Args:
        url: The URL.

    Raises:
        ValueError: None that is measured.
    """
    scheme = url.partition("://")[0]
    if scheme not in _SERVERS:
        raise ValueError(f"no server of '{scheme}' is measured; there are {', '.join(_SERVERS)}")
    return _SERVERS[scheme]
