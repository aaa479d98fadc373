"""Classes that declare a table before there is a database: what generated modules are made of.

Invariant: a declared class has no fields of its own. When a database is opened, the class of a table's rows
derives from it and has the fields that the table has, so declarations never decide what is read or written.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from noormme.deferred import deferred
from noormme.errors import SchemaDrift, UsageError
from noormme.orm.manager import Manager
from noormme.orm.model import Model
from noormme.orm.queryset import QuerySet

if TYPE_CHECKING:
    from noormme.orm import repository as repositories
    from noormme.orm.mapper import Mapper
    from noormme.orm.repository import Repository
else:
    # Only a generated module has such classes.
    repositories = deferred("noormme.orm.repository")

__all__ = ["Declared", "check_declaration", "classes_of", "declared_in", "warn_of_drift"]


class Declared:
    """The classes that are declared for one table.

    Attributes:
        model: The class that its rows derive from.
        queries: The class of its query sets.
        manager: The class of its manager.
        repository: The class of its repository.
    """

    __slots__ = ("manager", "model", "queries", "repository")

    def __init__(
        self,
        model: type[Model],
        queries: type[QuerySet[Any]],
        manager: type[Manager[Any]],
        repository: type[Repository[Any]],
    ) -> None:
        self.model = model
        self.queries = queries
        self.manager = manager
        self.repository = repository


def classes_of(
    model: type[Model],
) -> tuple[type[QuerySet[Any]], type[Manager[Any]], type[Repository[Any]]]:
    """Make the classes of queries, manager and repository of a declared table, for users to derive from.

    Args:
        model: The class that declares the table's rows.

    Returns:
        The three, called after the model: ``UserQuerySet``, ``UserManager``, ``UserRepository``.
    """
    body = {"__module__": model.__module__, "table": model.__noormme_declares__}
    name = model.__name__
    queries = type(f"{name}QuerySet", (QuerySet,), {**body, "__slots__": ()})
    manager = type(f"{name}Manager", (Manager,), {**body, "__slots__": ()})
    repository = type(f"{name}Repository", (repositories.Repository,), body)
    setattr(model, _CLASSES, Declared(model, queries, manager, repository))
    return queries, manager, repository


_CLASSES = "__noormme_classes__"


def declared_in(models: Iterable[type[Model]]) -> dict[str, Declared]:
    """The classes that are declared for tables, by the exact names of the tables.

    Args:
        models: Classes that declare tables, which ``classes_of`` was called with.
    """
    return {str(model.__noormme_declares__): getattr(model, _CLASSES) for model in models}


def check_declaration(model: type[Model], mapper: Mapper) -> None:
    """Check that the class of a table's rows can derive from a class of the user's.

    Args:
        model: The class, which derives from one that declares the table.
        mapper: The table.

    Raises:
        UsageError: It adds a field, or hides a column or a relation.
    """
    name, table = model.__name__, mapper.table.name
    if model.__struct_fields__:
        raise UsageError(
            f"the model {name} declares a field '{model.__struct_fields__[0]}', and fields come from {table}",
            hint="write ClassVar[…] for what belongs to the class; objects have room for other attributes",
        )
    if model.__struct_config__.frozen:
        raise UsageError(f"the model {name} is frozen, and objects get relations when they are loaded")
    taken = {*mapper.fields, *mapper.relations}
    for each in model.__mro__[: model.__mro__.index(Model)]:
        hidden = sorted(taken & vars(each).keys())
        if hidden:
            kind = "field" if hidden[0] in mapper.fields else "relation"
            raise UsageError(
                f"the model {name} hides '{hidden[0]}', a {kind} of {table}", hint="choose another name"
            )


def warn_of_drift(model: type[Model], mapper: Mapper) -> None:
    """Warn where a table has not the fields and relations that were declared.

    Args:
        model: The class that declares it, or one that derives from that.
        mapper: The table as it is.
    """
    declared, found = {*model.__noormme_declared__}, {*mapper.fields, *mapper.relations}
    if declared == found:
        return
    gone, new = sorted(declared - found), sorted(found - declared)
    parts = [f"no {', '.join(gone)} any more"] if gone else []
    parts += [f"{', '.join(new)} besides"] if new else []
    warnings.warn(
        f"{mapper.table.name} is not what {model.__module__} was generated from: it has "
        f"{' and '.join(parts)}; "
        "everything works, but type checkers do not know: run noormme generate again",
        SchemaDrift,
        stacklevel=2,
    )
