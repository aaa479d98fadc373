"""``connect`` and ``Database``: the front door.

Invariant: a Database wires the parts together and does little itself: an engine that runs statements, the
schema that was discovered, and the registry of models.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

from noormme.engines.sqlite.driver import SQLiteEngine
from noormme.engines.sqlite.faults import check_file
from noormme.errors import NotSupported
from noormme.orm.core import CoreTables
from noormme.orm.manager import Manager
from noormme.orm.model import Model
from noormme.orm.registry import Address, Registry
from noormme.orm.runner import Runner
from noormme.orm.sqltext import SQLText
from noormme.orm.table_query import TableQuery
from noormme.query.builder.base import Aliased
from noormme.query.plan import Plan
from noormme.query.rows import Row
from noormme.schema.model import Schema
from noormme.settings import MEMORY, Settings, SettingsOptions, resolve_url

if TYPE_CHECKING:
    from sqlalchemy import Executable

__all__ = ["Database", "connect"]


def connect(target: str | os.PathLike[str] | None = None, **settings: Unpack[SettingsOptions]) -> Database:
    """Open a database and discover it.

    Args:
        target: A path, ``":memory:"`` or a ``sqlite:///`` URL; without it, ``$DATABASE_URL``, then
            ``database`` in ``noormme.toml`` or ``[tool.noormme]``.
        **settings: Settings by name (see ``Settings``), for example ``readonly=True``.

    Returns:
        The database, its schema discovered. Nothing is written.

    Raises:
        ConnectionFailed: The database cannot be opened; the message says why and what to do.
        SettingsError: A setting is unknown or of the wrong type.
        NotSupported: The URL names an engine that this version does not have.

    Example:
        ``db = connect("app.db")`` and then ``db.users.filter(is_active=True).count()``.
    """
    return Database(*_open(target, Settings.load(**settings)))


class Database:
    """A discovered database: its tables are attributes (``db.users``) and items (``db["Order Details"]``).

    Use it as a context manager to close it at the end. It may be used from several threads.
    """

    def __init__(self, engine: SQLiteEngine, registry: Registry) -> None:
        self._engine = engine
        self._registry = registry
        self._runner = Runner(registry)

    @property
    def tables(self) -> list[str]:
        """The exact names of the tables, virtual tables among them, sorted."""
        return [table.name for table in self.schema.tables]

    @property
    def views(self) -> list[str]:
        """The exact names of the views, sorted."""
        return [view.name for view in self.schema.views]

    @property
    def schema(self) -> Schema:
        """What the database looks like, as pure data; ``db.schema.warnings`` says what is odd about it."""
        return self._registry.schema

    @property
    def settings(self) -> Settings:
        """The settings it was opened with."""
        return self._registry.settings

    @property
    def path(self) -> str:
        """The file's path, or ``":memory:"``."""
        return self._engine.path

    def model(self, name: str) -> type[Model]:
        """The model class of a table or view.

        Args:
            name: Its exact name, or the name of its manager.

        Raises:
            TableNotFound: There is none of that name.
        """
        return self._registry.mapper(name).model

    def table(self, source: str | Aliased) -> TableQuery:
        """A query in tables, for those who think in SQL: ``db.table("users").where("age", ">", 18).all()``.

        Args:
            source: The first table, by exact name or manager name (``"users"``, ``"users as u"``), or a query
                with a name (``query.as_("u")``).

        Raises:
            TableNotFound: There is none of that name.
        """
        return TableQuery(self._runner, source)

    @property
    def core(self) -> CoreTables:
        """The tables as SQLAlchemy Core has them: ``db.core.users``, for what ``execute`` takes."""
        return self._runner.core

    def execute(
        self,
        statement: str | Executable,
        parameters: Sequence[object] | Mapping[str, object] | None = None,
    ) -> list[Row]:
        """Run SQL text or a SELECT of SQLAlchemy Core, and give all of its rows.

        Args:
            statement: One statement that reads.
            parameters: The values of its parameters: in order for ``?``, by name for ``:name``.

        Returns:
            The rows as tuples with names; each value is read as the table column that it comes from.

        Raises:
            UsageError: There is no statement or there are several, or the parameters do not fit.
            QueryFailed: The database refused it.
            ReadOnly: It writes.

        Example:
            ``db.execute("select * from users where id = ?", [1])``
        """
        return self._runner.execute(statement, parameters)

    def __getitem__(self, name: str) -> Manager[Any]:
        """The manager of a table or view, by exact name or manager name.

        Raises:
            TableNotFound: There is none of that name.
        """
        return self._registry.mapper(name).model.objects

    def __getattr__(self, name: str) -> Manager[Any]:
        if name.startswith("__") or "_registry" not in self.__dict__:
            raise AttributeError(name)
        manager = self[name]
        # Found as a plain attribute from now on.
        self.__dict__[name] = manager
        return manager

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.schema.table(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(table.manager for table in self.schema)})

    def refresh(self) -> None:
        """Discover the schema again, after it was changed elsewhere.

        Raises:
            ConnectionFailed: The database cannot be read any more.
        """
        old = self._registry
        self._registry = Registry(self._engine.discover(), self._engine, old.settings, old.origin)
        self._runner = Runner(self._registry)
        for name in [name for name, value in self.__dict__.items() if isinstance(value, Manager)]:
            del self.__dict__[name]

    @contextmanager
    def capture(self) -> Generator[list[SQLText], None, None]:
        """Collect the statements that run while the context is open, on every thread.

        Yields:
            A list that grows with each statement; its items print SQL and parameters.
        """
        captured: list[SQLText] = []
        with self._engine.capture(lambda sql, parameters: captured.append(SQLText(sql, tuple(parameters)))):
            yield captured

    @property
    def plans(self) -> list[Plan]:
        """The plans compiled so far, with their statistics, the costliest first."""
        found: dict[int, Plan] = {id(plan): plan for plan in self._runner.plans}
        for mapper in self._registry.mappers:
            found |= {id(raw.statement.plan): raw.statement.plan for raw in mapper.raw}
            for node in mapper.nodes:
                for statement in (node.rows, node.count, node.exists):
                    if statement is not None:
                        found[id(statement.plan)] = statement.plan
        return sorted(found.values(), key=lambda plan: -plan.statistics.total_s)

    def close(self) -> None:
        """Close every connection. Using the database afterwards raises DatabaseClosed."""
        Registry.forget(self._engine)
        self._engine.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise NotSupported(
            "an open database cannot be pickled", hint="pickle its path, and connect() in the other process"
        )

    def __repr__(self) -> str:
        return f"<Database {self.path!r}: {len(self.schema.tables)} tables, {len(self.schema.views)} views>"


def _origin(path: str) -> str:
    """What names the database in pickles; each one in memory has a name of its own, in every process."""
    return f"{MEMORY}{os.urandom(8).hex()}" if path == MEMORY else os.path.realpath(path)


def _open(target: str | os.PathLike[str] | None, settings: Settings) -> tuple[SQLiteEngine, Registry]:
    found = resolve_url(target, settings)
    if not found.memory:
        check_file(found.path)
    engine = SQLiteEngine(found.path, settings)
    return engine, Registry(engine.discover(), engine, settings, _origin(found.path))


def _reopen(address: Address) -> Registry:
    """Open a database again for what was pickled with it."""
    return _open(address.origin, address.settings)[1]


Registry.reopen = _reopen
