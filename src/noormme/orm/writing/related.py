"""Writing by way of a relation: rows that refer to an object, and rows that a junction table ties to it.

Invariant: what is tied or untied is done in one transaction, and the rows that were loaded for the object are
forgotten, so that asking again gives what the database has.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from noormme.deferred import deferred
from noormme.errors import InvalidValue, NotSupported, UsageError
from noormme.orm.manager import Manager
from noormme.orm.mapper import cache_name
from noormme.orm.model import Model
from noormme.orm.writing.state import is_new

if TYPE_CHECKING:
    from noormme.orm import transaction
    from noormme.orm.mapper import Mapper
    from noormme.orm.writing import assignments, bulk, insert
    from noormme.schema.model import Relation
else:
    transaction = deferred("noormme.orm.transaction")
    assignments = deferred("noormme.orm.writing.assignments")
    bulk = deferred("noormme.orm.writing.bulk")
    insert = deferred("noormme.orm.writing.insert")

__all__ = ["RelatedWrites"]


class RelatedWrites(Manager[Any]):
    """What can be written through the manager of a to-many relation."""

    __slots__ = ()

    @property
    @abstractmethod
    def owner(self) -> Model:
        """The object that the manager belongs to."""

    @property
    @abstractmethod
    def relation(self) -> Relation:
        """The relation."""

    # -- new rows -----------------------------------------------------------------------------------

    def _belonging(self) -> dict[str, object]:
        """What a row holds that refers to the object."""
        mapper, relation = self._mapper, self.relation
        fields = [mapper.field_of(column) for column in relation.target_columns]
        return dict(zip(fields, self._own_key(), strict=True))

    def create(  # type: ignore[override]  # Django's name for the payload of the junction
        self, /, *, through_defaults: Mapping[str, object] | None = None, **values: object
    ) -> Any:
        """Insert a row that belongs to the object.

        Args:
            through_defaults: Values for the row of the junction table, by name.
            **values: Fields, and objects of relations to one row, by name.

        Returns:
            The object of the new row.

        Raises:
            IntegrityError: A constraint refused it.
            InvalidValue: A value does not fit its column.
        """
        if self.relation.through is None:
            self._no_payload(through_defaults)
            made = insert.create(self._mapper, {**values, **self._belonging()})
            self._forget()
            return made
        with transaction.Transaction(self._mapper.registry.engine):
            made = insert.create(self._mapper, values)
            self._tie([made], through_defaults)
        return made

    def _given(self, objs: Iterable[Model | Mapping[str, object]]) -> Iterable[Model | Mapping[str, object]]:
        if self.relation.through is not None:
            raise NotSupported(
                f"'{self.relation.name}' ties rows by way of {self.relation.through}",
                hint=f"create the rows with db.{self._mapper.table.manager}, and add() them",
            )
        for item in objs:
            if isinstance(item, Mapping):
                yield {**item, **self._belonging()}
            else:
                for field, value in self._belonging().items():
                    setattr(item, field, value)
                yield item

    # -- rows that are there ------------------------------------------------------------------------

    def add(self, *rows: object, through_defaults: Mapping[str, object] | None = None) -> None:
        """Let rows belong to the object; those that do already stay as they are.

        Args:
            *rows: Objects, or their keys.
            through_defaults: Values for the rows of the junction table, by name.

        Raises:
            InvalidValue: Something is no row of the table.
            IntegrityError: A constraint refused it.
        """
        if self.relation.through is not None:
            self._tie(rows, through_defaults)
            return
        self._no_payload(through_defaults)
        self._point(rows, self._belonging())

    def remove(self, *rows: object) -> None:
        """Let rows belong to the object no longer.

        Args:
            *rows: Objects, or their keys. Those that do not belong to it stay as they are.

        Raises:
            NotSupported: The rows must belong to some object.
            InvalidValue: Something is no row of the table.
        """
        if self.relation.through is None:
            self._point(rows, self._nothing(), only_own=True)
            return
        junction = self._junction()
        names = [junction.field_of(column) for column in self.relation.through_target_columns]
        with transaction.Transaction(self._mapper.registry.engine):
            for key in self._keys(rows):
                self._ties().filter(**dict(zip(names, key, strict=True))).delete()
        self._forget(rows)

    def clear(self) -> None:
        """Let no row belong to the object any more.

        Raises:
            NotSupported: The rows must belong to some object.
        """
        if self.relation.through is None:
            self.update(all_rows=False, **self._nothing())
        else:
            self._ties().delete()
        self._forget()

    def set(
        self,
        rows: Iterable[object],
        *,
        clear: bool = False,
        through_defaults: Mapping[str, object] | None = None,
    ) -> None:
        """Let exactly these rows belong to the object.

        Args:
            rows: Objects, or their keys.
            clear: Untie all first, instead of leaving those alone that stay.
            through_defaults: Values for new rows of the junction table, by name.

        Raises:
            NotSupported: Rows that are left out must belong to some object.
            InvalidValue: Something is no row of the table.
            IntegrityError: A constraint refused it.
        """
        if not isinstance(rows, Iterable) or isinstance(rows, str | bytes):
            raise InvalidValue(
                f"'{self.relation.name}' of {self.relation.source} is set to a list, not to "
                f"{type(rows).__name__}",
                hint="write set([…])",
            )
        wanted = list(rows)
        with transaction.Transaction(self._mapper.registry.engine):
            if clear:
                self.clear()
            else:
                saved = [row for row in wanted if not (isinstance(row, Model) and is_new(row))]
                keys = set(self._keys(saved))
                now: set[Any] = set(self._now())
                gone = [key if len(key) > 1 else key[0] for key in now - keys]
                if gone:
                    self.remove(*gone)
                kept = [row for row, key in zip(saved, self._keys(saved), strict=True) if key in now]
                wanted = [row for row in wanted if not any(row is each for each in kept)]
            self.add(*wanted, through_defaults=through_defaults)

    # -- what they have in common -------------------------------------------------------------------

    def _own_key(self) -> tuple[object, ...]:
        """The key of the object, by which rows belong to it."""
        if is_new(self.owner):
            raise InvalidValue(
                f"'{self.relation.name}' belongs to an object of {self.relation.source} that was not saved",
                hint="save() it first",
            )
        return self.parameters

    def _names(self) -> list[str]:
        """The fields of the rows at the other end that tell them."""
        if self.relation.through is None:
            return list(self._mapper.key_fields)
        return [self._mapper.field_of(column) for column in self.relation.target_columns]

    def _now(self) -> list[tuple[object, ...]]:
        """The keys of the rows that belong to the object."""
        self._own_key()
        return list(self._derive(self.node, self.parameters).values_list(*self._names()))

    def _keys(self, rows: Iterable[object]) -> list[tuple[object, ...]]:
        """The keys of rows that are given as objects or as keys."""
        table, names = self._mapper.table, self._names()
        found: list[tuple[object, ...]] = []
        for row in rows:
            key: list[object]
            given: type[object] = type(row)
            if isinstance(row, Model):
                if row.__noormme_table__.name != table.name:
                    raise InvalidValue(
                        f"'{self.relation.name}' of {self.relation.source} takes rows of {table.name}, "
                        f"not of {row.__noormme_table__.name}"
                    )
                key = assignments.key_values(row, names, f"'{self.relation.name}' of {self.relation.source}")
            else:
                parts = cast("Sequence[object]", row) if isinstance(row, (tuple, list)) else (row,)
                key = list(parts) if len(names) > 1 else [row]
                if len(names) == 1 and given in (list, dict, set):
                    raise InvalidValue(
                        f"'{self.relation.name}' of {self.relation.source} takes objects and keys, not "
                        f"{given.__name__}",
                        hint="write add(*rows)",
                    )
            if len(key) != len(names) or None in key:
                raise InvalidValue(f"the key of {table.name} has {len(names)} parts: {', '.join(names)}")
            found.append(tuple(key))
        return found

    def _forget(self, rows: Iterable[object] = ()) -> None:
        """Forget the rows that were loaded, here and at the other end."""
        owner, relation = self.owner, self.relation
        mapper = owner.__noormme_mapper__
        vars(owner).pop(cache_name(relation.name), None)
        group = mapper.peers.of(owner)
        batches = None if group is None else group.batches
        if batches is not None:
            batches.pop(relation.name, None)
        for row in rows:
            if isinstance(row, Model):
                vars(row).pop(cache_name(relation.inverse), None)

    # -- rows of a junction table -------------------------------------------------------------------

    def _junction(self) -> Mapper:
        through = self.relation.through
        assert through is not None, "asked for many-to-many relations"
        return self._mapper.registry.mapper(through)

    def _tie_values(self) -> dict[str, object]:
        """What every row of the junction that belongs to the object holds."""
        junction = self._junction()
        names = [junction.field_of(column) for column in self.relation.through_columns]
        return dict(zip(names, self._own_key(), strict=True))

    def _ties(self) -> Any:
        """The rows of the junction that belong to the object."""
        return self._junction().model.objects.filter(**self._tie_values())

    def _tie(self, rows: Sequence[object], payload: Mapping[str, object] | None) -> None:
        junction = self._junction()
        names = [junction.field_of(column) for column in self.relation.through_target_columns]
        own = self._tie_values()
        if payload is not None and not isinstance(payload, Mapping):
            raise UsageError("through_defaults are a dict of values by field")
        more = {name: value() if callable(value) else value for name, value in (payload or {}).items()}
        with transaction.Transaction(self._mapper.registry.engine):
            for row in rows:
                if isinstance(row, Model) and is_new(row):
                    row.save()
            tied = set(self._ties().values_list(*names))
            new = [key for key in dict.fromkeys(self._keys(rows)) if key not in tied]
            values = [{**more, **own, **dict(zip(names, key, strict=True))} for key in new]
            bulk.bulk_create(junction, [insert.unsaved(junction, each) for each in values])
        self._forget(rows)

    # -- rows that refer to the object --------------------------------------------------------------

    def _no_payload(self, payload: Mapping[str, object] | None) -> None:
        if payload is not None:
            raise UsageError(
                f"'{self.relation.name}' of {self.relation.source} has no junction table",
                hint="leave through_defaults out",
            )

    def _nothing(self) -> dict[str, object]:
        """What the reference holds in a row that belongs to no object."""
        mapper, relation = self._mapper, self.relation
        fields = [mapper.field_of(column) for column in relation.target_columns]
        free = [field for field in fields if mapper.column_of(field).nullable]
        if not free:
            raise NotSupported(
                f"rows of {mapper.table.name} must belong to some row of {relation.source}",
                hint="give them to another one, or delete them",
            )
        return {field: None for field in free}  # noqa: C420  # fromkeys has another type

    def _point(self, rows: Sequence[object], values: Mapping[str, object], *, only_own: bool = False) -> None:
        """Let rows refer to the object, or to nothing."""
        keys = self._keys([row for row in rows if not (isinstance(row, Model) and is_new(row))])
        self._own_key()
        with transaction.Transaction(self._mapper.registry.engine):
            belonging = set(self._now()) if only_own else set(keys)
            for row in rows:
                if isinstance(row, Model):
                    if is_new(row) or self._keys([row])[0] in belonging:
                        row.update(**values)
                    continue
                [key] = self._keys([row])
                if key in belonging:
                    query: Any = self._mapper.model.objects
                    found = query.filter(pk=row if len(key) == 1 else key).update(**values)
                    if not found:
                        raise InvalidValue(
                            f"no row of {self._mapper.table.name} has that key", hint="create it first"
                        )
        self._forget(rows)
