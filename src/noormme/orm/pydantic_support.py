"""Models as types that pydantic understands, and FastAPI with it.

Invariant: nothing here runs, and pydantic is not imported, before pydantic itself asks a model for its
schema.

An object of the model is taken as it is. Data makes a new object that has no row yet: what is required is
what an INSERT requires, and what limits values is what ``save()`` checks. What is written are the columns, as
in ``to_dict()``; relations are not, whether they are loaded or not, so that a type has one JSON schema.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec

from noormme.errors import UsageError
from noormme.orm.registry import Registry
from noormme.schema.defaults import constant_default, required
from noormme.schema.limits import Limits, limits_of
from noormme.schema.model import Column, Kind, Table

if TYPE_CHECKING:
    from pydantic_core import CoreSchema
    from pydantic_core.core_schema import SerializationInfo, TypedDictField, ValidatorFunctionWrapHandler

    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["core_schema_of"]

_NO_BOUNDS: Mapping[str, int | float] = {}


def core_schema_of(model: type[Model]) -> CoreSchema:
    """Give pydantic's schema of a model. Touches no database.

    Args:
        model: The class: of ``db.model("users")``, registered for a table, or of a generated module.

    Raises:
        UsageError: The class belongs to no table of a database that is open.
    """
    from pydantic_core import core_schema

    bound = _bound(model)
    table = bound.__noormme_table__
    columns = [column for column in table.columns if not column.hidden]
    limits = limits_of(table)
    # Pydantic calls a type by what stands before the colon, and tells types apart by the whole.
    name, number = f"{model.__module__}.{model.__qualname__}", id(model)
    given = core_schema.typed_dict_schema(
        {column.field: _given(table, column, limits.get(column.name, Limits())) for column in columns},
        cls_name=model.__name__,
        extra_behavior="forbid",
        ref=f"{name}Input:{number}",
    )
    read = core_schema.typed_dict_schema(
        {column.field: _read(column) for column in columns},
        cls_name=model.__name__,
        ref=f"{name}:{number}",
    )
    computed = frozenset(column.field for column in columns if column.generated is not None)

    def make(data: Any, handler: ValidatorFunctionWrapHandler) -> Model:
        if isinstance(data, model) or _is_of(data, bound):
            return cast("Model", data)
        values: dict[str, Any] = handler(data)
        return bound(**{name: value for name, value in values.items() if name not in computed})

    return core_schema.no_info_wrap_validator_function(
        make,
        given,
        serialization=core_schema.plain_serializer_function_ser_schema(
            _columns, info_arg=True, return_schema=read
        ),
    )


def _is_of(data: object, model: type[Model]) -> bool:
    """Whether it is a row of the same table, of a class that another reading of the schema has made."""
    mapper: Mapper | None = getattr(data, "__noormme_mapper__", None)
    if mapper is None:
        return False
    own = model.__noormme_mapper__
    return mapper.table.name == own.table.name and mapper.registry.origin == own.registry.origin


def _bound(model: type[Model]) -> type[Model]:
    """The class itself, or of a class that declares a table the one that an open database has made of it."""
    if hasattr(model, "__noormme_table__"):
        return model
    found: type[Model] | None = None
    declared: str | None = getattr(model, "__noormme_declares__", None)
    if declared is not None:
        with_table = [each for each in Registry.opened() if each.schema.table(declared) is not None]
        models = [registry.mapper(declared).model for registry in with_table]
        found = next((each for each in models if issubclass(each, model)), None)
    if found is None:
        raise UsageError(
            f"nothing is known of the fields of {model.__name__} before its database is open",
            hint='connect() first, or take db.model("users")',
        )
    return found


def _columns(item: Model, info: SerializationInfo) -> dict[str, Any]:
    """What is written of an object: its columns, but for those that only the database will fill in."""
    values = item.to_dict()
    # Any column of SQLite can hold bytes, and most rows hold none.
    for field in [name for name, value in values.items() if value is msgspec.UNSET or type(value) is bytes]:
        if values[field] is msgspec.UNSET:
            del values[field]
        elif info.mode_is_json():
            values[field] = b64encode(values[field]).decode()
    return values


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return b64decode(value, validate=True)
    except ValueError:
        raise ValueError("binary values are written in base64") from None


def _given(table: Table, column: Column, limits: Limits) -> TypedDictField:
    """A column in the data that an object is made of."""
    from pydantic_core import core_schema

    schema = _nullable(column, _limited(column, limits))
    default = constant_default(column)
    metadata: dict[str, Any] = {}
    if column.comment:
        metadata["description"] = column.comment
    if default is not msgspec.UNSET:
        metadata["default"] = default
    if column.generated is not None:
        metadata["readOnly"] = True
    return core_schema.typed_dict_field(
        schema,
        required=required(table, column),
        metadata={"pydantic_js_updates": metadata} if metadata else None,
    )


def _read(column: Column) -> TypedDictField:
    """A column in what is written of an object: described by its type, though SQLite stores any."""
    from pydantic_core import core_schema

    typed = _nullable(column, _typed(column))

    def describe(_: CoreSchema, handler: Callable[[CoreSchema], dict[str, Any]]) -> dict[str, Any]:
        described = handler(typed)
        return {**described, "description": column.comment} if column.comment else described

    schema = core_schema.any_schema(metadata={"pydantic_js_functions": [describe]})
    return core_schema.typed_dict_field(schema, required=True)


def _nullable(column: Column, schema: CoreSchema) -> CoreSchema:
    from pydantic_core import core_schema

    return core_schema.nullable_schema(schema) if column.nullable and schema["type"] != "any" else schema


def _limited(column: Column, limits: Limits) -> CoreSchema:
    """The values that a column takes, but for NULL."""
    from pydantic_core import core_schema

    if limits.values:
        return core_schema.literal_schema(list(limits.values))
    return _typed(column, limits.bounds)


def _typed(column: Column, bounds: Mapping[str, int | float] = _NO_BOUNDS) -> CoreSchema:
    """The type of a column's values, but for NULL; the bounds have the names that pydantic has for them."""
    from pydantic_core import core_schema

    makers: dict[Kind, Callable[..., CoreSchema]] = {
        "any": core_schema.any_schema,
        "json": core_schema.any_schema,
        "array": core_schema.any_schema,
        "integer": core_schema.int_schema,
        "real": core_schema.float_schema,
        "text": core_schema.str_schema,
        "blob": _base64_schema,
        "boolean": core_schema.bool_schema,
        "date": core_schema.date_schema,
        "time": core_schema.time_schema,
        "datetime": core_schema.datetime_schema,
        "duration": core_schema.timedelta_schema,
        "decimal": core_schema.decimal_schema,
        "uuid": core_schema.uuid_schema,
    }
    if column.kind == "array":
        return core_schema.list_schema(makers[column.items or "any"]())
    return makers[column.kind](**bounds)


def _base64_schema() -> CoreSchema:
    from pydantic_core import core_schema

    return core_schema.no_info_before_validator_function(
        _from_base64,
        core_schema.bytes_schema(),
        metadata={"pydantic_js_updates": {"format": None, "contentEncoding": "base64"}},
    )
