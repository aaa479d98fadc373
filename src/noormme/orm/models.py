"""Makes the model class of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from noormme.errors import DoesNotExist, MultipleObjectsReturned, NoormmeError
from noormme.orm.loading import load_deferred
from noormme.orm.manager import Manager
from noormme.orm.mapper import Mapper
from noormme.orm.model import Model, ModelMeta
from noormme.orm.related import ToMany, ToOne
from noormme.orm.steps import run
from noormme.schema.defaults import constant_default, is_row_id
from noormme.schema.types import PYTHON_TYPES

if TYPE_CHECKING:
    from noormme.schema.model import Column, Table

__all__ = ["attributes", "make_deferred_model", "make_model"]


def make_model(mapper: Mapper, base: type[Model] = Model) -> type[Model]:
    """The model class of a mapper: a msgspec Struct with a field for each column.

    Args:
        mapper: The mapper; the class keeps it.
        base: What it derives from: a class that declares the table, where there is one.

    Returns:
        A new class, whose relations are attributes.
    """
    namespace: dict[str, Any] = {
        "__doc__": base.__doc__ if base is not Model else f"One row of {mapper.table.name!r}.",
        # Each model has its own, as in Django, so that one can be caught and not the other.
        "DoesNotExist": _error(DoesNotExist, mapper.table.model),
        "MultipleObjectsReturned": _error(MultipleObjectsReturned, mapper.table.model),
        **attributes(mapper),
    }
    annotations: dict[str, Any] = {}
    for column in mapper.columns:
        python_type: Any = PYTHON_TYPES[column.kind]
        annotations[column.field] = python_type | None if column.nullable else python_type
        namespace[column.field] = _default(mapper.table, column)
    namespace |= {"__annotations__": annotations, "__module__": "noormme.models"}
    name = mapper.table.model if base is Model else base.__name__
    return cast("type[Model]", ModelMeta(name, (base,), namespace))


def attributes(mapper: Mapper) -> dict[str, Any]:
    """What ties a model class to its mapper: attributes of the class, its relations among them."""
    relations = {
        name: ToMany(mapper, relation) if relation.to_many else ToOne(mapper, relation)
        for name, relation in mapper.relations.items()
    }
    return {
        "__noormme_table__": mapper.table,
        "__noormme_mapper__": mapper,
        "objects": Manager(mapper),
        **relations,
    }


def _default(table: Table, column: Column) -> object:
    """What a field of a new object holds that was not given; UNSET where only the database knows."""
    if column.generated is not None:
        return msgspec.UNSET
    if column.default is not None:
        return constant_default(column)
    numbered = column.autoincrement or column.name == table.rowid or is_row_id(table, column)
    known = column.nullable or numbered
    return None if known else msgspec.UNSET


def _error(base: type[NoormmeError], model: str) -> type[NoormmeError]:
    return type(
        base.__name__, (base,), {"__module__": "noormme.models", "__qualname__": f"{model}.{base.__name__}"}
    )


def make_deferred_model(model: type[Model]) -> type[Model]:
    """The class of objects whose fields were not all loaded: touching one that is missing loads it.

    A class of its own, because a class with ``__getattr__`` reads every attribute more slowly on Python 3.11.
    """

    def load_missing(item: Model, name: str) -> Any:
        # Only reached for what is not there: a deferred field, or a mistake.
        mapper = item.__noormme_mapper__
        if name not in mapper.fields:
            raise AttributeError(f"{model.__name__!r} object has no attribute {name!r}", name=name, obj=item)
        run(load_deferred(mapper, item, name))
        return getattr(item, name)

    namespace: dict[str, Any] = {
        "__getattr__": load_missing,
        "__doc__": model.__doc__,
        "__module__": model.__module__,
    }
    return cast("type[Model]", ModelMeta(model.__name__, (model,), namespace, eq=False))
