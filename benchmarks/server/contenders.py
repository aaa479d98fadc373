"""psycopg by hand, noormme, SQLAlchemy's ORM and Django, each as its documentation recommends.

Invariant: a method gives everything that was asked for, made into what the library's users hold. A contender
is imported in its own process only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from benchmarks.server.data import FIELDS

__all__ = ["PEERS", "Contender", "made"]

PEERS = {
    "psycopg": ("psycopg by hand", ("psycopg",)),
    "noormme": ("noormme", ("noormme", "psycopg")),
    "sqlalchemy": ("SQLAlchemy ORM", ("sqlalchemy", "psycopg")),
    "django": ("Django", ("django", "psycopg")),
}
"""The title of each contender, and what it needs. The first is the reference."""

_COLUMNS = ", ".join(FIELDS)

Values = Sequence[Any]


class Contender(Protocol):
    """One library, connected; each statement commits by itself unless it says otherwise."""

    def get(self, key: int) -> Any:
        """The user with a key."""

    def list_1000(self, age: int) -> Any:
        """The users of an age, by their keys."""

    def given(self, rows: Sequence[Values]) -> Any:
        """Rows as this library's user has them before they are written; not timed."""

    def insert(self, row: Any) -> Any:
        """Write one of these, committed by itself; gives its key, or what has it."""

    def bulk(self, rows: Any) -> Any:
        """Write all of these in one transaction."""

    def plain(self, row: Any) -> Values:
        """A user as the values of its key and ``FIELDS``; not timed."""


class _ByHand:
    """One connection, constant SQL, bare tuples. COPY gives no keys, and nobody waits for them here."""

    def __init__(self, url: str) -> None:
        import psycopg

        # psycopg reads moments in UTC faster than those in a zone whose rules it must look up.
        self._connection = psycopg.connect(url, autocommit=True, options="-c TimeZone=UTC")
        self._cursor = self._connection.cursor()

    def get(self, key: int) -> Any:
        return self._cursor.execute(
            f"SELECT id, {_COLUMNS} FROM users WHERE id = %s".encode(), (key,)
        ).fetchone()

    def list_1000(self, age: int) -> Any:
        return self._cursor.execute(
            f"SELECT id, {_COLUMNS} FROM users WHERE age = %s ORDER BY id".encode(), (age,)
        ).fetchall()

    def given(self, rows: Sequence[Values]) -> Any:
        return list(rows)

    def insert(self, row: Any) -> Any:
        marks = ", ".join(["%s"] * len(FIELDS))
        statement = f"INSERT INTO written ({_COLUMNS}) VALUES ({marks}) RETURNING id"
        return self._cursor.execute(statement.encode(), row).fetchone()

    def bulk(self, rows: Any) -> Any:
        with self._cursor.copy(f"COPY written ({_COLUMNS}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def plain(self, row: Any) -> Values:
        return tuple(row)


class _Objects:
    """What holds a user's values as attributes."""

    def plain(self, row: Any) -> Values:
        return tuple(getattr(row, field) for field in ("id", *FIELDS))


class _Noormme(_Objects):
    def __init__(self, url: str) -> None:
        from noormme import connect

        self._db = connect(url)
        self._model = self._db.model("written")

    def get(self, key: int) -> Any:
        return self._db.users.get(id=key)

    def list_1000(self, age: int) -> Any:
        return list(self._db.users.filter(age=age).order_by("id"))

    def given(self, rows: Sequence[Values]) -> Any:
        return [self._model(**dict(zip(FIELDS, row, strict=True))) for row in rows]

    def insert(self, row: Any) -> Any:
        row.save()
        return row.id

    def bulk(self, rows: Any) -> Any:
        return self._db.written.bulk_create(rows)


class _SQLAlchemy(_Objects):
    """One session, emptied after each operation; otherwise the next read would be answered from memory."""

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine, select
        from sqlalchemy.ext.automap import automap_base
        from sqlalchemy.orm import Session

        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        mapped: Any = automap_base()
        mapped.prepare(autoload_with=engine)
        self._user, self._written = mapped.classes.users, mapped.classes.written
        self._select = select
        self._session = Session(engine, expire_on_commit=False)
        self._reading = Session(engine.execution_options(isolation_level="AUTOCOMMIT"))

    def get(self, key: int) -> Any:
        found = self._reading.get(self._user, key)
        self._reading.expunge_all()
        return found

    def list_1000(self, age: int) -> Any:
        user = self._user
        found = self._reading.scalars(self._select(user).where(user.age == age).order_by(user.id)).all()
        self._reading.expunge_all()
        return found

    def given(self, rows: Sequence[Values]) -> Any:
        return [self._written(**dict(zip(FIELDS, row, strict=True))) for row in rows]

    def insert(self, row: Any) -> Any:
        return self.bulk([row])

    def bulk(self, rows: Any) -> Any:
        self._session.add_all(rows)
        self._session.commit()
        self._session.expunge_all()
        return rows[-1].id


class _Django(_Objects):
    def __init__(self, url: str) -> None:
        from urllib.parse import urlsplit

        import django
        from django.conf import settings
        from django.db import models, transaction

        parts = urlsplit(url)
        options = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path[1:],
            "USER": parts.username or "",
            "PASSWORD": parts.password or "",
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
        }
        settings.configure(INSTALLED_APPS=[], USE_TZ=True, TIME_ZONE="UTC", DATABASES={"default": options})
        django.setup()
        self._atomic = transaction.atomic

        def model(name: str) -> Any:
            fields = {
                "id": models.BigAutoField(primary_key=True),
                "email": models.TextField(unique=True),
                "name": models.TextField(),
                "age": models.IntegerField(),
                "score": models.FloatField(null=True),
                "is_active": models.BooleanField(default=True),
                "created_at": models.DateTimeField(),
                "__module__": __name__,
                "Meta": type("Meta", (), {"app_label": "server", "managed": False, "db_table": name}),
            }
            return type(name.title(), (models.Model,), fields)

        self._user, self._written = model("users"), model("written")

    def get(self, key: int) -> Any:
        return self._user.objects.get(id=key)

    def list_1000(self, age: int) -> Any:
        return list(self._user.objects.filter(age=age).order_by("id"))

    def given(self, rows: Sequence[Values]) -> Any:
        return [self._written(**dict(zip(FIELDS, row, strict=True))) for row in rows]

    def insert(self, row: Any) -> Any:
        row.save(force_insert=True)
        return row.id

    def bulk(self, rows: Any) -> Any:
        # psycopg sends no more than 65,535 parameters in one statement.
        return self._written.objects.bulk_create(rows, batch_size=5_000)


def made(name: str, url: str) -> Contender:
    """A contender, connected.

    Args:
        name: Which one of ``PEERS``.
        url: The database.
    """
    kinds: dict[str, Any] = {
        "psycopg": _ByHand,
        "noormme": _Noormme,
        "sqlalchemy": _SQLAlchemy,
        "django": _Django,
    }
    contender: Contender = kinds[name](url)
    return contender
