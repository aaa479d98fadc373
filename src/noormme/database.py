"""``connect`` and ``Database``: the front door.

Invariant: a Database wires the parts together and does little itself: an engine that runs statements, the
schema that was discovered, and the registry of models.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeAlias, TypeVar, Unpack, cast, overload

from msgspec.structs import replace

from noormme.deferred import deferred
from noormme.engines.base import Engine, Role
from noormme.engines.sqlite.driver import SQLiteEngine
from noormme.engines.sqlite.faults import check_file
from noormme.errors import NotSupported, SettingsError
from noormme.orm.customs import Customs
from noormme.orm.database_statements import DatabaseStatements
from noormme.orm.database_transactions import DatabaseTransactions
from noormme.orm.declared import declared_in
from noormme.orm.hooks import Event, Hook
from noormme.orm.late import Late
from noormme.orm.manager import Manager
from noormme.orm.model import Model
from noormme.orm.registry import Address, Registry
from noormme.orm.runner import Runner
from noormme.orm.sqltext import SQLText
from noormme.query.plan import Plan
from noormme.schema.model import Schema
from noormme.settings import MEMORY, Settings, SettingsOptions, Target, resolve_url

if TYPE_CHECKING:
    from datetime import datetime

    from noormme.orm import registering
    from noormme.orm.aio import running
    from noormme.orm.audit.entries import Entry
    from noormme.orm.audit.past import Past
    from noormme.orm.audit.trail import Audit
    from noormme.orm.registering import Registrable
    from noormme.orm.repository import Repository
else:
    running = deferred("noormme.orm.aio.running")
    registering = deferred("noormme.orm.registering")

__all__ = ["BaseDatabase", "Database", "connect", "open_as", "open_registry"]

C = TypeVar("C", bound="Registrable")
D = TypeVar("D", bound="BaseDatabase")
H = TypeVar("H", bound=Hook)
P = TypeVar("P", bound="Repository[Any]")
R = TypeVar("R")

_Opened: TypeAlias = tuple[Engine, Registry]


def connect(
    target: str | os.PathLike[str] | None = None, *, lazy: bool = False, **settings: Unpack[SettingsOptions]
) -> Database:
    """Open a database and discover it.

    Args:
        target: A path, ``":memory:"``, or a URL (``sqlite:///…``, ``postgresql://…``, ``mysql://…``,
            ``mssql://…``, ``libsql://…``); without it, ``$DATABASE_URL``, then ``database`` in
            ``noormme.toml`` or ``[tool.noormme]``.
        lazy: Whether to open and discover it when something is first asked of it, or at ``async with``.
        **settings: Settings by name (see ``Settings``), for example ``readonly=True``.

    Returns:
        The database, its schema discovered unless it is lazy. Nothing is written.

    Raises:
        ConnectionFailed: The database cannot be opened; the message says why and what to do.
        SettingsError: A setting is unknown or of the wrong type.
        NotSupported: The URL names an engine that this version does not have, or whose driver is missing.

    Example:
        ``db = connect("app.db")`` and then ``db.users.filter(is_active=True).count()``.
    """
    return open_as(Database, target, lazy=lazy, **settings)


def open_as(
    kind: type[D],
    target: str | os.PathLike[str] | None = None,
    *,
    lazy: bool = False,
    **settings: Unpack[SettingsOptions],
) -> D:
    """Open a database as an object of a class, as a generated module does.

    Args:
        kind: The class.
        target: As for ``connect``.
        lazy: As for ``connect``.
        **settings: Settings by name.

    Raises:
        ConnectionFailed: The database cannot be opened; the message says why and what to do.
        SettingsError: A setting is unknown or of the wrong type.
        NotSupported: The URL names an engine that this version does not have, or whose driver is missing.
    """
    loaded = _settings(target, settings)
    return kind((lambda: _open(target, loaded)) if lazy else _open(target, loaded))


class BaseDatabase(DatabaseStatements, DatabaseTransactions):
    """What every database is and can, whatever its tables: the base of ``Database`` and of generated ones."""

    _late: Late | None = None
    _declared: ClassVar[tuple[type[Any], ...]] = ()

    def __init__(self, opened: _Opened | Callable[[], _Opened]) -> None:
        if callable(opened):
            self._late = Late(opened, self._set)
        else:
            self._set(*opened)

    def _set(self, engine: Engine, registry: Registry) -> None:
        if self._declared:
            registry.customs.declare(declared_in(self._declared))
        self._engine = engine
        self._runner = Runner(registry)
        self._registry = registry

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
        """The file's path, or ``":memory:"``; of a server the URL without its password."""
        return self._engine.path

    def model(self, name: str) -> type[Model]:
        """The model class of a table or view.

        Args:
            name: Its exact name, or the name of its manager.

        Raises:
            TableNotFound: There is none of that name.
        """
        return self._registry.mapper(name).model

    def on(self, event: Event, table: str) -> Callable[[H], H]:
        """A decorator that makes a function run before or after objects of a table are written.

        It runs in the transaction of the write, which is rolled back when it raises.

        Args:
            event: ``"before_create"``, ``"after_create"``, ``"before_update"``, ``"after_update"``,
                ``"before_delete"`` or ``"after_delete"``.
            table: The table, by exact name or manager name.

        Returns:
            The decorator; it leaves the function as it is. The function gets the object, and for an update
            also the changes: each changed field with its old value.

        Raises:
            TableNotFound: There is no such table.
            UsageError: There is no such event, or the function is a coroutine function.
        """

        def listening(function: H) -> H:
            registering.listen(self._registry, event, table, function)
            return function

        return listening

    # -- the audit trail ----------------------------------------------------------------------------

    @property
    def audit(self) -> Audit:
        """The audit trail: who changed what and when, and what it was before."""
        # Imported here, because most programs keep none.
        from noormme.orm.audit.trail import Audit

        return Audit(lambda: self._registry, self.refresh)

    def as_of(self, moment: datetime) -> Past:
        """The database as it was at a moment; short for ``db.audit.as_of``.

        Args:
            moment: The moment, a datetime with its offset.

        Returns:
            The tables by name, each with ``get`` and ``all``; nothing is read yet.

        Raises:
            InvalidValue: The datetime says no offset.
        """
        return self.audit.as_of(moment)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.schema.table(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(table.manager for table in self.schema)})

    def refresh(self) -> None:
        """Discover the schema again, after it was changed elsewhere. What was registered stays registered.

        Raises:
            ConnectionFailed: The database cannot be read any more.
            UsageError: A registered model has an attribute by the name of a column that is new. The schema is
                the new one all the same.
        """
        old = self._registry
        schema = self._engine.discover()
        with old.making:
            overtaken = old.successor is not None
            if not overtaken:
                self._registry = Registry(schema, self._engine, old.settings, old.origin, old.customs)
                self._runner = Runner(self._registry)
                _forget_managers(self)
                # A class belongs to one schema; what is still made of the old one is plain.
                customs, old.customs, old.successor = old.customs, Customs(), self._registry
                for name in customs.tables_with_models:
                    if schema.table(name) is not None:
                        self._registry.mapper(name)
        if overtaken:
            # By another thread, which may have seen more or less than this one.
            self.refresh()

    async def arefresh(self) -> None:
        """As ``refresh()``, awaited."""
        await running.elsewhere(self._engine, self.refresh)

    def pull(self) -> None:
        """Fetch what is new on the server whose replica this is (``libsql:///file?sync_url=…``).

        Raises:
            NotSupported: The database is no replica.
            ConnectionFailed: The server cannot be reached.
        """
        self._engine.pull()

    async def apull(self) -> None:
        """As ``pull()``, awaited."""
        await running.elsewhere(self._engine, self.pull)

    @contextmanager
    def capture(self) -> Generator[list[SQLText], None, None]:
        """Collect the statements that run while the context is open, on every thread.

        Yields:
            A list that grows with each statement; its items print SQL and parameters.
        """
        captured: list[SQLText] = []
        with self._engine.capture(lambda sql, parameters: captured.append(SQLText(sql, tuple(parameters)))):
            yield captured

    def reading_from(self, role: Role) -> AbstractContextManager[None]:
        """A block whose reads outside of transactions go to one kind of server, where there are replicas.

        It holds for the code of the block and what it calls and awaits, not for tasks and threads that run
        beside it.

        Args:
            role: ``"primary"`` for what others have just written, or ``"replica"`` for what may be
                a little old.

        Example:
            ``with db.reading_from("primary"): db.orders.get(pk=number)``
        """
        return self._engine.reading_from(role)

    @property
    def plans(self) -> list[Plan]:
        """The plans compiled so far, with their statistics, the costliest first."""
        found: dict[int, Plan] = {id(plan): plan for plan in self._runner.plans}
        for mapper in [each for known in self._registry.mappers for each in known.with_limited()]:
            found |= {id(raw.statement.plan): raw.statement.plan for raw in mapper.raw}
            for node in mapper.nodes:
                for statement in (node.rows, node.count, node.exists):
                    if statement is not None:
                        found[id(statement.plan)] = statement.plan
                found |= {id(write.plan): write.plan for write in list(node.writes.values())}
            found |= {id(plan): plan for plan in mapper.row_plans}
        return sorted(found.values(), key=lambda plan: -plan.statistics.total_s)

    def close(self) -> None:
        """Close every connection. Using the database afterwards raises DatabaseClosed."""
        if self._late is not None and self._late.close():
            return
        Registry.forget(self._engine)
        self._registry.stored_plans.save()
        self._engine.close()

    async def aclose(self) -> None:
        """As ``close()``, awaited."""
        if self._late is not None and self._late.close():
            return
        await running.elsewhere(self._engine, self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        if self._late is not None:
            from asyncio import to_thread  # here, because programs without coroutines need none of it

            await to_thread(self._late.open)
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    def __reduce__(self) -> NoReturn:
        raise NotSupported(
            "an open database cannot be pickled", hint="pickle its path, and connect() in the other process"
        )

    def __repr__(self) -> str:
        if self._late is not None and not self._late.opened:
            return "<Database, not opened yet>"
        return f"<Database {self.path!r}: {len(self.schema.tables)} tables, {len(self.schema.views)} views>"


class Database(BaseDatabase):
    """A discovered database: its tables are attributes (``db.users``) and items (``db["Order Details"]``).

    Use it as a context manager to close it at the end. It may be used from several threads.
    """

    @overload
    def repository(self, name: str) -> Repository[Any]: ...
    @overload
    def repository(self, name: type[P]) -> P: ...
    def repository(self, name: str | type[Repository[Any]]) -> Repository[Any]:
        """The repository of a table or view, the same at every call.

        Args:
            name: Its exact name, or the name of its manager; or a class that was registered, for those who
                want its type.

        Returns:
            A ``Repository``, or one of the class that is registered for the table.

        Raises:
            TableNotFound: There is none of that name.
            UsageError: The class is not registered.
        """
        return registering.repository_of(self._registry, self, name)

    @overload
    def register(self, given: C, /, *, table: str | None = None, replace: bool = False) -> C: ...
    @overload
    def register(
        self, given: None = None, /, *, table: str | None = None, replace: bool = False
    ) -> Callable[[C], C]: ...
    def register(
        self, given: C | None = None, /, *, table: str | None = None, replace: bool = False
    ) -> C | Callable[[C], C]:
        """Use a class of your own for a table: for its rows, its manager, its queries, or as its repository.

        It holds from now on, everywhere and also after ``refresh()``. Rows that were loaded before stay what
        they are. As a decorator it may stand with or without arguments.

        Args:
            given: A subclass of ``db.model("users")``, ``Manager``, ``QuerySet`` or ``Repository``.
            table: The table, by exact name or manager name; not needed for a model, nor for a class that has
                ``table = "users"`` in its body.
            replace: Whether it may take the place of one that is registered.

        Returns:
            The class.

        Raises:
            TableNotFound: There is no such table.
            UsageError: It is no such class, does not fit the table, or the table has one already.

        Example:
            ``db.register(Users)`` and then ``db.repository("users").active()``.
        """
        if given is None:
            return lambda late: self.register(late, table=table, replace=replace)
        registering.register(self._registry, given, table, self.repository, replace=replace)
        _forget_managers(self)
        return given

    def __getitem__(self, name: str) -> Manager[Any]:
        """The manager of a table or view, by exact name or manager name.

        Raises:
            TableNotFound: There is none of that name.
        """
        return self._registry.mapper(name).model.objects

    def __getattr__(self, name: str) -> Manager[Any]:
        late = self._late
        if late is not None and name in ("_engine", "_registry", "_runner"):
            late.open()
            # No manager, but what the caller knows by its name.
            return cast("Manager[Any]", self.__dict__[name])
        if name.startswith("__") or (late is None and "_registry" not in self.__dict__):
            raise AttributeError(name)
        manager = self[name]
        # Found as a plain attribute from now on, unless another thread has registered a class meanwhile.
        self.__dict__[name] = manager
        if self[name] is not manager:
            self.__dict__.pop(name, None)
        return manager

    def history(self, item: Model | str, key: object = None) -> list[Entry]:
        """What became of a row, the oldest entry first; short for ``db.audit.history``.

        Args:
            item: An object, or the name of a table.
            key: With a table's name: the row's key, a tuple for a composite one. The row may be gone.

        Returns:
            The entries of the audit trail; empty where it has none.
        """
        return self.audit.history(item, key)

    async def ahistory(self, item: Model | str, key: object = None) -> list[Entry]:
        """As ``history()``, awaited."""
        return await self.audit.ahistory(item, key)


def _forget_managers(database: BaseDatabase) -> None:
    """Have the managers that were found as plain attributes looked for again."""
    kept = vars(database)
    # Other threads find managers meanwhile.
    for name in list(kept):
        if isinstance(kept.get(name), Manager):
            kept.pop(name, None)


def _origin(path: str) -> str:
    """What names the database in pickles; each one in memory has a name of its own, in every process."""
    return f"{MEMORY}{os.urandom(8).hex()}" if path == MEMORY else os.path.realpath(path)


def _settings(target: str | os.PathLike[str] | None, given: SettingsOptions) -> Settings:
    """The settings for a database."""
    loaded = Settings.load(**given)
    if target is not None and "replicas" not in given:
        # Those of the configuration follow the database of the configuration.
        loaded = replace(loaded, replicas=())
    return loaded


def _open(target: str | os.PathLike[str] | None, settings: Settings) -> _Opened:
    found = resolve_url(target, settings)
    if found.dialect != "sqlite":
        return _open_server(found, settings)
    if settings.replicas:
        raise NotSupported(
            "a SQLite file has no replicas", hint="leave the setting replicas out; it is for servers"
        )
    if not found.memory:
        check_file(found.path)
    engine = SQLiteEngine(found.path, settings)
    return engine, Registry(engine.discover(), engine, settings, _origin(found.path))


def _mssql() -> Callable[[str, Settings], Engine]:
    from noormme.engines.server.mssql.driver import SQLServerEngine

    return SQLServerEngine


def _postgresql() -> Callable[[str, Settings], Engine]:
    from noormme.engines.server.postgresql.driver import PostgreSQLEngine

    return PostgreSQLEngine


def _libsql() -> Callable[[str, Settings], Engine]:
    from noormme.engines.libsql.driver import LibSQLEngine

    return LibSQLEngine


def _mysql() -> Callable[[str, Settings], Engine]:
    from noormme.engines.server.mysql.driver import MySQLEngine

    return MySQLEngine


_ENGINES: Mapping[str, Callable[[], Callable[[str, Settings], Engine]]] = {
    "libsql": _libsql,
    "mssql": _mssql,
    "mysql": _mysql,
    "postgresql": _postgresql,
}
"""The engines of servers, each imported when such a database is opened, because its driver is an extra."""


def _open_server(target: Target, settings: Settings) -> _Opened:
    try:
        make = _ENGINES[target.dialect]()
    except ImportError as error:
        raise NotSupported(
            f"{target.dialect} databases need a driver that is not installed",
            hint=f"pip install 'noormme[{target.dialect}]'",
        ) from error
    replicas = _replicas(target, settings)
    engine = make(target.path, replace(settings, database=None, replicas=replicas))
    # What is pickled knows the settings, and must not know a password.
    settings = replace(settings, database=None, replicas=())
    try:
        return engine, Registry(engine.discover(), engine, settings, engine.path)
    except BaseException:
        engine.close()
        raise


def _replicas(target: Target, settings: Settings) -> tuple[str, ...]:
    """The URLs of replicas as their engine takes them."""
    found = [resolve_url(url) for url in settings.replicas]
    if any(each.dialect != target.dialect for each in found):
        raise SettingsError(
            "a replica is a database of another kind than the primary",
            hint="give the URLs of its own replicas",
        )
    return tuple(each.path for each in found)


def open_registry(
    target: str | os.PathLike[str] | None = None, **settings: Unpack[SettingsOptions]
) -> Registry:
    """Open a database for what stands beside ``Database``: its engine, and its schema as discovered.

    Args:
        target: A path or a URL, as for ``connect``.
        **settings: Settings by name.

    Raises:
        ConnectionFailed: The database cannot be opened.
        NotSupported: The URL names an engine that this version does not have, or whose driver is missing.
    """
    return _open(target, _settings(target, settings))[1]


def _reopen(address: Address) -> Registry:
    """Open a database again for what was pickled with it."""
    return _open(address.origin, address.settings)[1]


Registry.reopen = _reopen
