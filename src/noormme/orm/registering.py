"""``db.register`` and ``db.on``: what a user adds to the tables of a database.

Invariant: nothing is noted before everything was checked, and what is noted holds at once: plans that made
objects of the former class are forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from noormme.errors import UsageError
from noormme.orm.custom_models import base_of, check_model, own_part
from noormme.orm.customs import hooks_in
from noormme.orm.declared import check_declaration
from noormme.orm.hooks import Hook, check_event, check_hook
from noormme.orm.manager import Manager, declared_class
from noormme.orm.model import Model
from noormme.orm.queryset import QuerySet
from noormme.orm.related import RelatedManager
from noormme.orm.repository import Repository
from noormme.query.lookups import notify_changed

if TYPE_CHECKING:
    from noormme.orm.compat import Models
    from noormme.orm.customs import Custom
    from noormme.orm.mapper import Mapper
    from noormme.orm.registry import Registry

__all__ = ["Registrable", "listen", "register", "repository_of"]

Registrable: TypeAlias = type[Model] | type[QuerySet[Any]] | type[Repository[Any]]
"""The classes that can be registered; managers are query sets."""


def register(
    registry: Registry,
    given: Registrable,
    table: str | None,
    open_repository: Callable[[str], Repository[Any]],
    *,
    replace: bool,
) -> None:
    """Note a class for a table.

    Args:
        registry: The models of the database.
        given: The class.
        table: The table, by exact name or manager name; None where the class says it.
        open_repository: Gives the repository of a table.
        replace: Whether it may take the place of another.

    Raises:
        TableNotFound: There is no such table.
        UsageError: It is no class that can be registered, the table has one of its kind already, or it does
            not fit the table.
    """
    _check_kind(given)
    mapper = _mapper_of(registry, given, table)
    name = mapper.table.name
    with registry.making:
        if registry.successor is not None:
            # The schema was discovered again meanwhile.
            register(registry.successor, given, table, open_repository, replace=replace)
            return
        custom = registry.customs.of(name)
        if issubclass(given, Model):
            _register_model(custom, given, mapper, name, replace)
            registry.customs.fit_model(mapper, custom)
        elif issubclass(given, QuerySet):
            _check_queries(given)
            kind = "manager" if issubclass(given, Manager) else "queries"
            _set(custom, kind, given, name, replace)
            registry.customs.fit_queries(mapper, custom)
        else:
            _check_hooks(given)
            _set(custom, "repository", given, name, replace)
            custom.opened = lambda: open_repository(name)
            registry.repositories.pop(name, None)
        mapper.listen(custom.hooks())
        mapper.forget_limited()
        if issubclass(given, Model):
            mapper.forget()
            # Other tables' plans make such objects as well, where they join this one.
            notify_changed()


def listen(registry: Registry, event: str, table: str, function: Hook) -> None:
    """Note a function as a hook.

    Args:
        registry: The models of the database.
        event: When it runs.
        table: The table, by exact name or manager name.
        function: The function.

    Raises:
        TableNotFound: There is no such table.
        UsageError: There is no such event, or the function is none or is a coroutine function.
    """
    known = check_event(event)
    mapper = registry.mapper(table)
    check_hook(function, "a hook")
    with registry.making:
        if registry.successor is not None:
            # The schema was discovered again meanwhile.
            listen(registry.successor, event, table, function)
            return
        custom = registry.customs.of(mapper.table.name)
        custom.functions.setdefault(known, []).append(function)
        mapper.listen(custom.hooks())


def repository_of(registry: Registry, database: Models, name: str | type[Repository[Any]]) -> Repository[Any]:
    """The repository of a table, made at first use.

    Args:
        registry: The models of the database.
        database: The database, which the repository keeps.
        name: The table, by exact name or manager name, or a class that is registered.

    Raises:
        TableNotFound: There is no such table.
        UsageError: The class is not registered.
    """
    if isinstance(name, type):
        found = registry.customs.table_of(name)
        if found is None:
            raise UsageError(
                f"{name.__name__} is not registered", hint=f"call db.register({name.__name__}) first"
            )
        name = found
    table = registry.mapper(name).table.name
    repository = registry.repositories.get(table)
    if repository is None:
        # Not while a class is registered for the table: a plain one would be kept that came too late.
        with registry.making:
            repository = registry.repositories.get(table)
            if repository is None:
                kind: type[Repository[Any]] = registry.customs.repository_class(table) or Repository
                repository = registry.repositories[table] = kind(database, table)
    return repository


def _check_kind(given: object) -> None:
    if not isinstance(given, type):
        raise UsageError(
            f"register takes a class, not {type(given).__name__}", hint="register the class of the object"
        )
    kinds = (Model, QuerySet, Repository)
    if not issubclass(given, kinds) or given in (*kinds, Manager) or issubclass(given, RelatedManager):
        raise UsageError(
            f"{given.__name__} is no class that a table can use",
            hint="register a subclass of Repository, Manager, QuerySet or db.model('users')",
        )


def _mapper_of(registry: Registry, given: Registrable, table: str | None) -> Mapper:
    """The mapper of the table that a class is for."""
    if not issubclass(given, Model):
        name = table or (given.table if issubclass(given, Repository) else given.registered_table)
        if not name:
            raise UsageError(
                f"{given.__name__} does not say which table it is for",
                hint="write table = 'users' in its body, or register(…, table='users')",
            )
        return registry.mapper(name)
    base = base_of(given)
    declares = given.__noormme_declares__
    if base is None and declares is not None:
        mapper = registry.mapper(declares)
        if table is not None and registry.mapper(table) is not mapper:
            raise UsageError(f"the model {given.__name__} is one of {declares}, not of {table}")
        return mapper
    if base is None:
        raise UsageError(
            f"the model {given.__name__} derives from that of no table",
            hint=f"write class {given.__name__}(db.model('users'))",
        )
    former = base.__noormme_mapper__
    if former.registry.engine is not registry.engine:
        raise UsageError(
            f"the model {given.__name__} derives from that of another database",
            hint="derive it from db.model(…) of the database that it is registered for",
        )
    mapper = registry.mapper(former.table.name)
    if table is not None and registry.mapper(table) is not mapper:
        raise UsageError(f"the model {given.__name__} is one of {former.table.name}, not of {table}")
    return mapper


def _register_model(custom: Custom, model: type[Model], mapper: Mapper, table: str, replace: bool) -> None:
    base = base_of(model)
    if model is base:
        raise UsageError(f"{model.__name__} is the model of '{table}' already", hint="register a subclass")
    if base is None:
        check_declaration(model, mapper)
    else:
        check_model(model, base.__noormme_mapper__)
    _check_hooks(model)
    manager = _declared_manager(model)
    _check_free(custom.model, model, table, replace)
    if manager is not None:
        _check_queries(manager)
        _set(custom, "manager", manager, table, replace)
    custom.model = model


def _declared_manager(model: type[Model]) -> type[Manager[Any]] | None:
    """The class of the manager that stands in the body of a model."""
    for each in own_part(model):
        found = declared_class(vars(each).get("objects"))
        if found is not None:
            return found
    return None


def _set(custom: Custom, kind: str, given: type[Any], table: str, replace: bool) -> None:
    _check_free(getattr(custom, kind), given, table, replace)
    setattr(custom, kind, given)


def _check_free(former: type[Any] | None, given: type[Any], table: str, replace: bool) -> None:
    if former is not None and not replace:
        raise UsageError(
            f"{given.__name__} is registered for '{table}' already"
            if former is given
            else f"'{table}' has {former.__name__} registered already",
            hint="say register(…, replace=True)",
        )


def _check_queries(given: type[QuerySet[Any]]) -> None:
    if hasattr(given, "get_queryset"):
        raise UsageError(
            f"{given.__name__} has a get_queryset, which nobody would call: a manager stands for all rows",
            hint="write a method with a name of its own that gives the query",
        )


def _check_hooks(given: type[Any]) -> None:
    for event in hooks_in(given):
        check_hook(getattr(given, event), f"{given.__name__}.{event}")
