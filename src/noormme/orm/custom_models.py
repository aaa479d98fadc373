"""Model classes of the user's own: subclasses of the class that was made for a table.

Invariant: such a class has the fields of its table, in their order and no others, so it is filled as the one
that it derives from is.
"""

from __future__ import annotations

from types import CellType, FunctionType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

from noormme.errors import UsageError
from noormme.orm.declared import check_declaration
from noormme.orm.model import Model, annotated, defaults_of
from noormme.orm.models import attributes, make_model

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper

__all__ = ["base_of", "check_model", "fitted", "own_part"]

_OF_CLASSES = frozenset(
    {
        "__annotate_func__",
        "__annotations__",
        "__annotations_cache__",
        "__dict__",
        "__match_args__",
        "__slots__",
        "__weakref__",
    }
)
"""What a class gets when it is made, and is not to be copied."""


def base_of(model: type[Model]) -> type[Model] | None:
    """The class made for a table that a class of the user's derives from; None where it derives from none."""
    return next((each for each in model.__mro__ if "__noormme_mapper__" in vars(each)), None)


def own_part(model: type[Model]) -> tuple[type[Any], ...]:
    """The classes of the user's that a model is made of; the one made for its table is not among them."""
    end = base_of(model) or Model
    return model.__mro__[: model.__mro__.index(end)]


def check_model(model: type[Model], mapper: Mapper) -> None:
    """Check that objects of a table can be of a class.

    Args:
        model: The class.
        mapper: The mapper that it derives from.

    Raises:
        UsageError: It has other fields than its table, hides one, or its objects cannot change.
    """
    table, name = mapper.table.name, model.__name__
    fields = model.__struct_fields__
    if fields != mapper.fields:
        added = [field for field in fields if field not in mapper.fields]
        what = f"has a field '{added[0]}' that {table} has not" if added else f"changes the fields of {table}"
        raise UsageError(
            f"the model {name} {what}",
            hint="write ClassVar[…] for what belongs to the class; objects have room for other attributes",
        )
    if model.__struct_config__.frozen:
        raise UsageError(f"the model {name} is frozen, and objects get relations when they are loaded")
    for each in own_part(model):
        for attribute, value in vars(each).items():
            if attribute in mapper.relations or (
                attribute in mapper.fields and not isinstance(value, MemberDescriptorType)
            ):
                kind = "field" if attribute in mapper.fields else "relation"
                raise UsageError(
                    f"the model {name} hides '{attribute}', a {kind} of {table}", hint="choose another name"
                )


def fitted(model: type[Model], mapper: Mapper) -> type[Model]:
    """A class of the user's for the rows of a mapper, which may know a newer schema than the class does.

    Args:
        model: The class.
        mapper: The mapper.

    Returns:
        The class itself, which belongs to this mapper from now on, where the columns and relations are those
        that it was written for; else a class like it on top of the new columns.

    Raises:
        UsageError: It hides a column or a relation that is new.
    """
    base = base_of(model)
    if base is None:
        # It declares the table, or derives from what does: what belongs to a mapper derives from it.
        check_declaration(model, mapper)
        return make_model(mapper, model)
    former = base.__noormme_mapper__
    if former is mapper:
        return model
    if former.columns == mapper.columns and former.relations == mapper.relations:
        for name, value in attributes(mapper).items():
            setattr(base, name, value)
        return model
    made = _moved(model, base, make_model(mapper, base.__bases__[0]))
    check_model(made, mapper)
    return made


def _moved(model: type[Any], base: type[Model], new_base: type[Model]) -> type[Any]:
    """A class written again, on top of another base."""
    if model is base:
        return new_base
    if not issubclass(model, base):
        return model
    # Where ``super()`` without arguments finds the class.
    cell = CellType()
    namespace = {
        name: _in_class(value, cell)
        for name, value in vars(model).items()
        if name not in _OF_CLASSES and not isinstance(value, MemberDescriptorType)
    }
    # Fields may be written again with a type and a default; the columns of some may be gone.
    gone = {*model.__struct_fields__} - {*new_base.__struct_fields__}
    kept = {name: hint for name, hint in annotated(vars(model)).items() if name not in gone}
    namespace["__annotations__"] = kept
    former = defaults_of(base)
    namespace |= {
        name: default
        for name, default in defaults_of(model).items()
        if name in kept and default != former.get(name)
    }
    bases = tuple(_moved(each, base, new_base) for each in model.__bases__)
    metaclass: Any = type(model)
    made: type[Any] = metaclass(model.__name__, bases, namespace)
    made.__qualname__ = model.__qualname__
    cell.cell_contents = made
    return made


def _in_class(value: Any, cell: CellType) -> Any:
    """A function of a class's body for a copy of that class, so that its ``super()`` finds the copy."""
    if isinstance(value, staticmethod | classmethod):
        wrapped = cast("staticmethod[..., Any] | classmethod[Any, ..., Any]", value)
        return type(wrapped)(_in_class(wrapped.__func__, cell))
    if isinstance(value, property):
        getter, setter, deleter = (_in_class(part, cell) for part in (value.fget, value.fset, value.fdel))
        return property(getter, setter, deleter, value.__doc__)
    if not isinstance(value, FunctionType) or "__class__" not in value.__code__.co_freevars:
        return value
    names = value.__code__.co_freevars
    closure = tuple(
        cell if name == "__class__" else former
        for name, former in zip(names, value.__closure__ or (), strict=True)
    )
    made = FunctionType(value.__code__, value.__globals__, value.__name__, value.__defaults__, closure)
    made.__kwdefaults__ = value.__kwdefaults__
    made.__dict__.update(value.__dict__)
    made.__doc__, made.__qualname__ = value.__doc__, value.__qualname__
    made.__annotations__ = value.__annotations__
    return made
