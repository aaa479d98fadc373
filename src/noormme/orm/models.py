"""Makes the model class of a table."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from noormme.errors import DoesNotExist, MultipleObjectsReturned, NoormmeError
from noormme.orm.loading import load_deferred
from noormme.orm.manager import Manager
from noormme.orm.mapper import Mapper
from noormme.orm.model import Model
from noormme.orm.related import ToMany, ToOne
from noormme.orm.steps import run
from noormme.schema.types import PYTHON_TYPES

__all__ = ["make_deferred_model", "make_model"]


def make_model(mapper: Mapper) -> type[Model]:
    """The model class of a mapper: a msgspec Struct with a field for each column.

    Args:
        mapper: The mapper; the class keeps it.

    Returns:
        A new class, whose relations are attributes.
    """
    namespace: dict[str, Any] = {
        "__noormme_table__": mapper.table,
        "__noormme_mapper__": mapper,
        "__doc__": f"One row of {mapper.table.name!r}.",
        # Each model has its own, as in Django, so that one can be caught and not the other.
        "DoesNotExist": _error(DoesNotExist, mapper.table.model),
        "MultipleObjectsReturned": _error(MultipleObjectsReturned, mapper.table.model),
    }
    for name, relation in mapper.relations.items():
        namespace[name] = ToMany(mapper, relation) if relation.to_many else ToOne(mapper, relation)
    fields: list[tuple[str, Any]] = []
    for column in mapper.columns:
        python_type: Any = PYTHON_TYPES[column.kind]
        fields.append((column.field, python_type | None if column.nullable else python_type))
    made = msgspec.defstruct(
        mapper.table.model, fields, bases=(Model,), namespace=namespace, module="noormme.models"
    )
    model = cast("type[Model]", made)
    model.objects = Manager(mapper)
    return model


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

    namespace: dict[str, Any] = {"__getattr__": load_missing, "__doc__": model.__doc__}
    made = msgspec.defstruct(
        model.__name__, (), bases=(model,), namespace=namespace, module=model.__module__, eq=False
    )
    return cast("type[Model]", made)
