"""The base of every model: one row as a typed object.

Invariant: an object is filled by msgspec in C and pays for nothing that it does not use; relations that
were loaded live in its ``__dict__``, which exists only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

import msgspec

from noormme import errors

if TYPE_CHECKING:
    from noormme.orm.manager import Manager
    from noormme.orm.mapper import Mapper
    from noormme.schema.model import Table

__all__ = ["Model"]

M = TypeVar("M", bound="Model")

_SHOWN_CHARACTERS = 60


class Model(msgspec.Struct, dict=True, eq=False, weakref=True, kw_only=False):
    """One row of a table.

    Fields are attributes; relations to one row are attributes that load at first touch; relations to
    many rows are managers. Objects are equal when they are of one table and have the same key.

    Attributes:
        objects: The manager of the table (on the class).
        DoesNotExist: What ``get`` raises when there is no row.
        MultipleObjectsReturned: What ``get`` raises when there are several.
    """

    __noormme_table__: ClassVar[Table]
    __noormme_mapper__: ClassVar[Mapper]
    objects: ClassVar[Manager[Any]]
    DoesNotExist: ClassVar[type[errors.DoesNotExist]] = errors.DoesNotExist
    MultipleObjectsReturned: ClassVar[type[errors.MultipleObjectsReturned]] = errors.MultipleObjectsReturned

    if TYPE_CHECKING:
        # The fields of a table are known at run time only.
        def __getattr__(self, name: str, /) -> Any: ...

    @property
    def pk(self) -> Any:
        """The key: one value, a tuple for a composite key, None for a row of a view."""
        fields = self.__noormme_mapper__.key_fields
        if len(fields) == 1:
            return getattr(self, fields[0])
        return tuple(getattr(self, field) for field in fields) if fields else None

    def to_dict(self, *, relations: bool = False) -> dict[str, Any]:
        """The columns as a dict, by field name.

        Args:
            relations: Whether relations that are loaded are included, as dicts in turn.

        Returns:
            A new dict; deferred fields that were not loaded are left out. Does not touch the database.
        """
        mapper = self.__noormme_mapper__
        missing = mapper.deferred_of(self)
        result: dict[str, Any] = {
            field: getattr(self, field) for field in mapper.column_fields if field not in missing
        }
        if relations:
            for name, value in mapper.loaded_relations(self).items():
                if isinstance(value, Model):
                    result[name] = value.to_dict()
                elif isinstance(value, list):
                    result[name] = [item.to_dict() for item in cast("list[Model]", value)]
                else:
                    result[name] = value
        return result

    def __setattr__(self, name: str, value: Any) -> None:
        mapper = self.__noormme_mapper__
        if name in mapper.relations:
            self._relate(name, value)
            return
        msgspec.Struct.__setattr__(self, name, value)
        stale = mapper.relations_by_field.get(name)
        if stale is not None:
            for relation in stale:
                vars(self).pop(relation, None)

    def _relate(self, name: str, value: Any) -> None:
        """Point a relation at another object: its key goes into the fields of the foreign key."""
        mapper = self.__noormme_mapper__
        relation = mapper.relations[name]
        if not relation.forward:
            raise errors.ReadOnly(
                f"'{name}' of {mapper.table.name} is held by {relation.target}, and cannot be assigned",
                hint=f"set '{relation.inverse}' of the {relation.target} object",
            )
        target = mapper.link(name).target
        if value is not None and not (
            isinstance(value, Model) and value.__noormme_table__.name == relation.target
        ):
            raise errors.InvalidValue(
                f"'{name}' of {mapper.table.name} takes an object of {relation.target} or None, "
                f"not {type(value).__name__}"
            )
        for here, there in zip(relation.columns, relation.target_columns, strict=True):
            key = None if value is None else getattr(value, target.field_of(there))
            setattr(self, mapper.field_of(here), key)
        msgspec.Struct.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Model):
            return NotImplemented
        mine, theirs = self.__noormme_mapper__, other.__noormme_mapper__
        if mine is not theirs and (
            mine.table.name != theirs.table.name or mine.registry.origin != theirs.registry.origin
        ):
            return False
        return bool(self._identity() == other._identity())

    def __ne__(self, other: object) -> bool:
        # Structs have one of their own, which goes by identity.
        return not self == other

    def __hash__(self) -> int:
        return hash((self.__noormme_table__.name, self._identity()))

    def _identity(self) -> Any:
        """What equality compares: the key; without one, the object itself or (for views) all its values."""
        mapper = self.__noormme_mapper__
        if mapper.key_fields:
            key = self.pk
            return key if key is not None else id(self)
        return tuple(getattr(self, field) for field in mapper.column_fields)

    def __repr__(self) -> str:
        missing = self.__noormme_mapper__.deferred_of(self)
        parts: list[str] = []
        for field in self.__noormme_mapper__.column_fields:
            if field not in missing:
                shown = repr(getattr(self, field))
                if len(shown) > _SHOWN_CHARACTERS:
                    shown = f"{shown[:_SHOWN_CHARACTERS]}…"
                parts.append(f"{field}={shown}")
        return f"{self.__noormme_table__.model}({', '.join(parts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        mapper = self.__noormme_mapper__
        together = mapper.peers.together(self)
        restored = (mapper.registry.address, mapper.table.name, self._loaded_fields(), together)
        # What points at other objects, which may point back, is given to the object once it exists.
        return (mapper.registry.restore, restored, dict(self.__dict__) or None)

    def __setstate__(self, loaded: dict[str, Any]) -> None:
        for name, value in loaded.items():
            msgspec.Struct.__setattr__(self, name, value)

    def __copy__(self) -> Self:
        copied = self.__noormme_mapper__.make(self._loaded_fields())
        copied.__setstate__(vars(self))
        return cast("Self", copied)

    def _loaded_fields(self) -> dict[str, Any]:
        mapper = self.__noormme_mapper__
        missing = mapper.deferred_of(self)
        return {field: getattr(self, field) for field in mapper.fields if field not in missing}
