"""MySQL and MariaDB: the two servers that one engine speaks to, and all that is not the same of them.

Invariant: nothing else in this folder asks which of the two it is, or which version; a difference is a member
of ``Flavour``. What this module does not say is the same on MariaDB from 10.6 on and on MySQL from 8.0 on.
"""

from __future__ import annotations

import re

import msgspec

from noormme.engines.lacking import ONLY_SQLITE
from noormme.query.features import Features

__all__ = ["Flavour", "flavour_of", "sequence_of"]

_SQL_MODE = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_AUTO_VALUE_ON_ZERO,NO_UNSIGNED_SUBTRACTION"

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_OLD_PREFIX = "5.5.5-"
"""What MariaDB says before its version, so that old replicas of MySQL believe it."""


class Flavour(msgspec.Struct, frozen=True):
    """One of the two servers, in one version.

    Attributes:
        is_mariadb: Whether it is MariaDB.
        version: Its version, such as ``(10, 11, 19)``.
    """

    is_mariadb: bool = True
    version: tuple[int, ...] = (10, 6, 0)

    @property
    def features(self) -> Features:
        """What it can do, as the compiler asks it."""
        return Features(
            locks_rows=True,
            returns_inserted=self.is_mariadb,
            returns_updated=False,
            frames_groups=False,
            having_reads_rows=False,
            full_joins=False,
            shifts_with_default=not self.is_mariadb,
            tells_numbers=True,
            conflict_targets=False,
            round_trips=True,
            lacks=ONLY_SQLITE,
        )

    @property
    def collation_by_signs(self) -> str:
        """The collation of text whose signs are all that counts, spaces at its end among them."""
        return "utf8mb4_nopad_bin" if self.is_mariadb else "utf8mb4_0900_bin"

    @property
    def collation_without_case(self) -> str:
        """The collation of text of which only the case says nothing, or the nearest one to that."""
        if not self.is_mariadb:
            return "utf8mb4_0900_as_ci"
        return "utf8mb4_uca1400_nopad_as_ci" if self.version >= (10, 10) else "utf8mb4_general_nopad_ci"

    @property
    def sql_mode(self) -> str:
        """The modes of a session.

        What does not fit is refused, 0 is a key like any other, a difference can be negative, and what is
        assigned is computed from the row as it was, which MySQL has no mode for. A division by zero gives
        NULL, as it does on SQLite.
        """
        return _SQL_MODE + (",SIMULTANEOUS_ASSIGNMENT" if self.is_mariadb else "")

    @property
    def assigns_at_once(self) -> bool:
        """Whether an UPDATE computes all new values from the row as it was, with the mode above."""
        return self.is_mariadb

    @property
    def position(self) -> str | None:
        """The question how far its log is, or what a replica has applied of it; None where there is none.

        The answer is the domain in which the server itself writes, and what ``sequence_of`` reads.
        """
        return "SELECT @@GLOBAL.gtid_domain_id, @@GLOBAL.gtid_current_pos" if self.is_mariadb else None

    @property
    def locks_of_tables(self) -> bool:
        """Whether FOR UPDATE can say of which tables it locks rows."""
        return not self.is_mariadb

    @property
    def has_json_type(self) -> bool:
        """Whether JSON has a type of its own, whose values compare as JSON; on MariaDB it is text."""
        return not self.is_mariadb

    def time_limit(self, limit_s: float | None) -> str:
        """The statement that limits how long the next ones may run; MySQL limits those that read only.

        Args:
            limit_s: The limit in seconds; None for none.
        """
        if self.is_mariadb:
            return f"SET max_statement_time = {0 if limit_s is None else max(0.001, limit_s):.3f}"
        return f"SET max_execution_time = {0 if limit_s is None else max(1, round(limit_s * 1000))}"


def sequence_of(position: str, domain: int) -> int | None:
    """The number of the last transaction of a domain, which grows whichever server writes in it.

    Args:
        position: The last transaction of each domain as domain, server and number: ``0-1-100,7-2-5``.
        domain: The domain, whose numbers say nothing of those of others.

    Returns:
        The number; None where nothing of the domain is there.
    """
    for each in position.split(","):
        found, _, rest = each.strip().partition("-")
        if found == str(domain):
            return int(rest.partition("-")[2])
    return None


def flavour_of(said: str) -> Flavour:
    """The server by what it says of itself when a connection is opened.

    Args:
        said: Its version, such as ``5.5.5-10.11.19-MariaDB`` or ``8.0.41``.
    """
    is_mariadb = "mariadb" in said.lower()
    found = _VERSION.search(said.removeprefix(_OLD_PREFIX) if is_mariadb else said)
    version = () if found is None else tuple(int(part or 0) for part in found.groups())
    return Flavour(is_mariadb, version)
