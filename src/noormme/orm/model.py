"""The base of every model: one row as a typed object.

Invariant: an object is filled by msgspec in C and pays for nothing that it does not use; relations that
were loaded live in its ``__dict__``, which exists only then.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

import msgspec

from noormme import errors
from noormme.deferred import deferred
from noormme.orm.aio.running import on_loop
from noormme.orm.steps import run
from noormme.orm.writing.state import CHANGED, NEW, is_new, note_change, put
from noormme.query.resolve import field_not_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import CoreSchema

    from noormme.orm import prefetch as prefetching
    from noormme.orm.aio import writing as aio_writing
    from noormme.orm.manager import Manager
    from noormme.orm.mapper import Mapper
    from noormme.orm.writing import save as saving
    from noormme.schema.model import Table
else:
    # What decodes into a model (``msgspec.convert``) reads the annotations of its class.
    Table = Mapper = object
    Manager = list
    prefetching = deferred("noormme.orm.prefetch")
    saving = deferred("noormme.orm.writing.save")
    aio_writing = deferred("noormme.orm.aio.writing")

__all__ = ["Model", "ModelMeta", "annotated", "defaults_of"]

M = TypeVar("M", bound="Model")

_SHOWN_CHARACTERS = 60


class ModelMeta(msgspec.StructMeta):
    """The class of model classes: what a program makes with ``User(…)`` is new, what a query makes is not.

    Queries make their objects without coming by here (``query.decode.row_maker``), at the speed of msgspec.
    """

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        table: str | None = None,
        declared: tuple[str, ...] = (),
        **options: Any,
    ) -> ModelMeta:
        """Make a class; a field that is written again for its type keeps its default.

        Args:
            name: Its name.
            bases: What it derives from.
            namespace: Its body.
            table: The table that the class declares the rows of. What it annotates is for type checkers then;
                its fields come from the database that is opened.
            declared: Names of fields and relations that a stub annotates instead.
            **options: As msgspec takes them.
        """
        if table is not None:
            names = (*declared, *annotated(namespace))
            for key in ("__annotations__", "__annotate_func__", "__annotate__"):
                namespace.pop(key, None)
            namespace |= {"__noormme_declares__": table, "__noormme_declared__": names}
        defaults: dict[str, object] = {}
        for base in bases:
            if isinstance(base, ModelMeta):
                defaults |= defaults_of(base)
        kept = {field: defaults[field] for field in annotated(namespace) if field in defaults}
        return super().__new__(mcls, name, bases, {**kept, **namespace}, **options)

    def __call__(self, /, *arguments: Any, **fields: Any) -> Any:
        """Make an object that has no row yet.

        Args:
            *arguments: Values of the fields, in their order.
            **fields: Values of fields, and objects of relations to one row, by name.

        Raises:
            FieldNotFound: A name is neither's.
            ReadOnly: A relation is held by the other table.
            UsageError: The class only declares a table.
        """
        declares: str | None = vars(self).get("__noormme_declares__")
        if declares is not None:
            raise errors.UsageError(
                f"{self.__name__} declares the rows of {declares}, and belongs to no database",
                hint="write db.<table>.create(…), or db.<table>.model(…) for an object that is saved later",
            )
        made: Any
        try:
            made = super().__call__(*arguments, **fields)
        except TypeError:
            relations = {name: fields[name] for name in fields if name not in self.__struct_fields__}
            if not relations:
                raise
            given = {name: fields[name] for name in fields if name not in relations}
            made = self(*arguments, **given)
            mapper: Mapper = made.__noormme_mapper__
            for name, value in relations.items():
                if name not in mapper.relations:
                    raise field_not_found(mapper.registry.schema, mapper.table, name) from None
                setattr(made, name, value)
            return made
        put(made, NEW, {*made.__struct_fields__[: len(arguments)], *fields})
        return made


def defaults_of(model: ModelMeta) -> dict[str, object]:
    """What the fields of a new object hold that are not given."""
    return dict(zip(model.__struct_fields__[::-1], model.__struct_defaults__[::-1], strict=False))


def annotated(namespace: Mapping[str, Any]) -> Mapping[str, Any]:
    """The names that the body of a class gives a type, with their types."""
    written: Mapping[str, Any] = namespace.get("__annotations__", {})
    annotate = namespace.get("__annotate_func__")
    if annotate is not None:
        # From Python 3.14 on the types are found when somebody asks for them.
        library: Any = import_module("annotationlib")
        written = library.call_annotate_function(annotate, library.Format.FORWARDREF)
    return written


class Model(msgspec.Struct, metaclass=ModelMeta, dict=True, eq=False, weakref=True, kw_only=False):
    """One row of a table.

    Fields are attributes; relations to one row are attributes that load at first touch; relations to
    many rows are managers. Objects are equal when they are of one table and have the same key.

    Attributes:
        objects: The manager of the table (on the class).
        DoesNotExist: What ``get`` raises when there is no row.
        MultipleObjectsReturned: What ``get`` raises when there are several.
    """

    __noormme_declares__: ClassVar[str | None] = None
    __noormme_declared__: ClassVar[tuple[str, ...]] = ()
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
        """The key: one value, a tuple for a composite key, None for a new object or a row of a view."""
        key = tuple(getattr(self, field) for field in self.__noormme_mapper__.key_fields)
        if not key or msgspec.UNSET in key:
            return None
        return key[0] if len(key) == 1 else key

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
        if name in mapper.plain_fields:
            note_change(self, name, value)
            put(self, name, value)
            return
        if name in mapper.relations:
            self._relate(name, value)
            return
        if name in mapper.fields:
            note_change(self, name, value)
        msgspec.Struct.__setattr__(self, name, value)
        stale = mapper.relations_by_field.get(name)
        if stale is not None:
            for relation in stale:
                vars(self).pop(relation, None)

    # -- writing ------------------------------------------------------------------------------------

    def save(self, *, update_fields: Iterable[str] | None = None, force_insert: bool = False) -> Self:
        """Write what has changed: a new object becomes a row, of another one the changed columns are written.

        Args:
            update_fields: Write these fields, changed or not, and no others. A list or a dict that was
                changed in place is written only if it is named here, or assigned again.
            force_insert: Make a new row, whether there is one or not.

        Returns:
            The object; what the database filled in is on it.

        Raises:
            DoesNotExist: The row is gone.
            IntegrityError: A constraint refused it.
            InvalidValue: A value does not fit its column.
            ReadOnly: The table, or the database, can only be read.
        """
        if update_fields is not None or force_insert or not saving.save_changes(self):
            saving.save(self, update_fields, force_insert=force_insert)
        return self

    def update(self, /, **values: object) -> Self:
        """Set fields and write these.

        Args:
            **values: Fields and relations to one row, by name.

        Returns:
            The object.

        Raises:
            FieldNotFound: A name is unknown.
            DoesNotExist: The row is gone.
            IntegrityError: A constraint refused it.
        """
        saving.update(self, values)
        return self

    def delete(self) -> int:
        """Delete the row, and what the database's foreign keys delete with it.

        Returns:
            1, or 0 where the row was gone already. Saving the object again makes a new row.

        Raises:
            ForeignKeyViolation: Other rows refer to it.
        """
        return saving.delete(self)

    def refresh(self, *fields: str) -> Self:
        """Read the row again; what was loaded with the object and changes that were not saved are forgotten.

        Args:
            *fields: Only these fields.

        Returns:
            The object.

        Raises:
            DoesNotExist: The row is gone.
        """
        saving.refresh(self, fields)
        return self

    # -- for coroutines -----------------------------------------------------------------------------

    async def aload(self, *names: str) -> None:
        """Load what touching an attribute would load, without holding the event loop.

        One query loads it for all objects of the same result. What was loaded before stays as it is.

        Args:
            *names: Relations, paths of them (``"author__profile"``), and fields that were left out.

        Raises:
            RelationNotFound: A name is neither a field nor a relation.
            DoesNotExist: The row of the object is gone.

        Example:
            ``await post.aload("author", "tags")``, and ``post.author`` needs no query any more.
        """
        mapper = self.__noormme_mapper__
        await on_loop(mapper.registry.engine, _load, (self, names))

    async def asave(self, *, update_fields: Iterable[str] | None = None, force_insert: bool = False) -> Self:
        """As ``save()``, awaited."""
        fields = None if update_fields is None else list(update_fields)
        options: dict[str, object] = {"update_fields": fields, "force_insert": force_insert}
        mapper = self.__noormme_mapper__
        return await aio_writing.write(
            mapper.registry.engine, self.save, (), options, long=mapper.runs_own_code
        )

    async def aupdate(self, /, **values: object) -> Self:
        """As ``update()``, awaited."""
        mapper = self.__noormme_mapper__
        return await aio_writing.write(
            mapper.registry.engine, self.update, (), values, long=mapper.runs_own_code
        )

    async def adelete(self) -> int:
        """As ``delete()``, awaited."""
        mapper = self.__noormme_mapper__
        return await aio_writing.write(mapper.registry.engine, self.delete, long=mapper.runs_own_code)

    async def arefresh(self, *fields: str) -> Self:
        """As ``refresh()``, awaited."""
        return await on_loop(self.__noormme_mapper__.registry.engine, self.refresh, fields)

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
            return id(self) if key is None or is_new(self) else key
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
        return f"{type(self).__name__}({', '.join(parts)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        """What pydantic asks a type, and FastAPI through it; see ``orm.pydantic_support``."""
        # Imported here, because only programs that have pydantic come by.
        from noormme.orm.pydantic_support import core_schema_of

        return core_schema_of(cls)

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
        state = dict(vars(self))
        if CHANGED in state:
            state[CHANGED] = dict(state[CHANGED])
        if NEW in state:
            state[NEW] = set(state[NEW])
        copied.__setstate__(state)
        return cast("Self", copied)

    def _loaded_fields(self) -> dict[str, Any]:
        mapper = self.__noormme_mapper__
        missing = mapper.deferred_of(self)
        return {field: getattr(self, field) for field in mapper.fields if field not in missing}


def _load(item: Model, names: tuple[str, ...]) -> None:
    run(prefetching.load_named(item.__noormme_mapper__, item, names))
