"""The contenders by name, one module each.

Invariant: this module imports none of them. A contender is imported in its own process alone, so that no
library pays for another one, and the two SQLite libraries never meet in one process.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CONTENDERS", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """How a contender is found.

    Attributes:
        name: Its name on the command line; its module here is ``<name>_contender``.
        title: Its name in tables.
        distribution: The installed distribution that it needs, whose version is shown; None for sqlite3,
            which shows the version of SQLite.
        package: What ``import`` takes.
    """

    name: str
    title: str
    distribution: str | None
    package: str


CONTENDERS = {
    entry.name: entry
    for entry in (
        Entry("stdlib", "sqlite3 by hand", None, "sqlite3"),
        Entry("apsw", "APSW by hand", "apsw", "apsw"),
        Entry("noormme", "noormme", "noormme", "noormme"),
        Entry("sqlalchemy_core", "SQLAlchemy Core", "SQLAlchemy", "sqlalchemy"),
        Entry("sqlalchemy_orm", "SQLAlchemy ORM", "SQLAlchemy", "sqlalchemy.orm"),
        Entry("sqlmodel", "SQLModel", "sqlmodel", "sqlmodel"),
        Entry("django", "Django", "Django", "django.db.models"),
        Entry("peewee", "peewee", "peewee", "peewee"),
        Entry("pony", "Pony", "pony", "pony.orm"),
        Entry("tortoise", "Tortoise", "tortoise-orm", "tortoise"),
        Entry("piccolo", "Piccolo", "piccolo", "piccolo.table"),
        Entry("oxyde", "Oxyde", "oxyde", "oxyde"),
    )
}
