"""The driver by hand, noormme, SQLAlchemy's ORM and Django, each as its documentation recommends.

Invariant: a method gives everything that was asked for, made into what the library's users hold. A contender
is imported in its own process only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from benchmarks.server.data import FIELDS
from benchmarks.server.servers import server_of

__all__ = ["Contender", "made"]

_COLUMNS = ", ".join(FIELDS)
_MARKS = ", ".join(["%s"] * len(FIELDS))

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

    def transaction(self) -> AbstractContextManager[Any]:
        """A block whose writes are one transaction."""

    def insert_open(self, row: Any) -> Any:
        """Write one of these in the open transaction; gives its key, or what has it."""

    def bulk(self, rows: Any) -> Any:
        """Write all of these in one transaction."""

    def plain(self, row: Any) -> Values:
        """A user as the values of its key and ``FIELDS``; not timed."""


class _Psycopg:
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
        statement = f"INSERT INTO written ({_COLUMNS}) VALUES ({_MARKS}) RETURNING id"
        return self._cursor.execute(statement.encode(), row).fetchone()

    insert_open = insert

    def transaction(self) -> AbstractContextManager[Any]:
        return self._connection.transaction()

    def bulk(self, rows: Any) -> Any:
        with self._cursor.copy(f"COPY written ({_COLUMNS}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def plain(self, row: Any) -> Values:
        return tuple(row)


class _PyMySQL:
    """One connection, constant SQL, bare tuples; ``executemany`` writes many rows in each INSERT."""

    def __init__(self, url: str) -> None:
        from benchmarks.server.mariadb import connected

        self._connection = connected(url)
        self._cursor = self._connection.cursor()

    def get(self, key: int) -> Any:
        self._cursor.execute(f"SELECT id, {_COLUMNS} FROM users WHERE id = %s", (key,))
        return self._cursor.fetchone()

    def list_1000(self, age: int) -> Any:
        self._cursor.execute(f"SELECT id, {_COLUMNS} FROM users WHERE age = %s ORDER BY id", (age,))
        return self._cursor.fetchall()

    def given(self, rows: Sequence[Values]) -> Any:
        return list(rows)

    def insert(self, row: Any) -> Any:
        self._cursor.execute(f"INSERT INTO written ({_COLUMNS}) VALUES ({_MARKS})", row)
        return self._cursor.lastrowid

    insert_open = insert

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._connection.begin()
        yield
        self._connection.commit()

    def bulk(self, rows: Any) -> Any:
        with self.transaction():
            self._cursor.executemany(f"INSERT INTO written ({_COLUMNS}) VALUES ({_MARKS})", rows)

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

    insert_open = insert

    def transaction(self) -> AbstractContextManager[Any]:
        return self._db.transaction()

    def bulk(self, rows: Any) -> Any:
        return self._db.written.bulk_create(rows)


class _SQLAlchemy(_Objects):
    """One session, emptied after each operation; otherwise the next read would be answered from memory."""

    def __init__(self, url: str) -> None:
        from sqlalchemy import Double, create_engine, event, select
        from sqlalchemy.ext.automap import automap_base
        from sqlalchemy.orm import Session

        scheme, _, rest = url.partition("://")
        engine = create_engine(f"{scheme}+{server_of(url).driver}://{rest}")
        mapped: Any = automap_base()

        @event.listens_for(mapped.metadata, "column_reflect")
        def real(inspector: Any, table: Any, column: Any) -> None:
            # What is reflected of a double of MariaDB would give a decimal of ten digits.
            if isinstance(column["type"], Double):
                column["type"] = Double(asdecimal=False)

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

    def insert_open(self, row: Any) -> Any:
        self._session.add(row)
        self._session.flush()
        return row.id

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield
        self._session.commit()
        self._session.expunge_all()

    def bulk(self, rows: Any) -> Any:
        self._session.add_all(rows)
        self._session.commit()
        self._session.expunge_all()
        return rows[-1].id


class _Django(_Objects):
    def __init__(self, url: str) -> None:
        import django
        from django.conf import settings
        from django.db import models, transaction

        kind = server_of(url)
        if kind.driver == "pymysql":
            # The driver of all contenders here; the one that Django recommends is written in C.
            import pymysql

            pymysql.install_as_MySQLdb()
        parts = urlsplit(url)
        options = {
            "ENGINE": f"django.db.backends.{'mysql' if kind.driver == 'pymysql' else 'postgresql'}",
            "NAME": parts.path[1:],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
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

    insert_open = insert

    def transaction(self) -> AbstractContextManager[Any]:
        block: AbstractContextManager[Any] = self._atomic()
        return block

    def bulk(self, rows: Any) -> Any:
        # Neither a statement of more than 65,535 parameters, nor one of many megabytes.
        return self._written.objects.bulk_create(rows, batch_size=5_000)


def made(name: str, url: str) -> Contender:
    """A contender, connected.

    Args:
        name: Which one of ``servers.PEERS``.
        url: The database.
    """
    kinds: dict[str, Any] = {
        "by_hand": _PyMySQL if server_of(url).driver == "pymysql" else _Psycopg,
        "noormme": _Noormme,
        "sqlalchemy": _SQLAlchemy,
        "django": _Django,
    }
    contender: Contender = kinds[name](url)
    return contender
