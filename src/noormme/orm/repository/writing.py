"""The methods of a repository that write.

Invariant: each of them is one transaction, and does what the objects and query sets do; hooks and methods of
the user's model run whether a row is named by its object or by its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from noormme.errors import UsageError
from noormme.orm.model import Model
from noormme.orm.repository.async_reading import AsyncReading
from noormme.orm.transaction import Transaction
from noormme.orm.writing.state import is_new

if TYPE_CHECKING:
    from noormme.engines.base import Mode
    from noormme.orm.writing.upsert import Upserted

__all__ = ["Writing", "several"]

T = TypeVar("T")


class Writing(AsyncReading[T]):
    """The rows of a table, written by objects and by keys."""

    def transaction(self, mode: Mode = "immediate", *, durable: bool = False) -> Transaction:
        """A transaction, for methods of several steps: ``with self.transaction(): …``.

        Args:
            mode: As ``db.transaction`` takes it.
            durable: As ``db.transaction`` takes it.
        """
        return Transaction(self._mapper.registry.engine, mode, durable=durable)

    # -- one row ------------------------------------------------------------------------------------

    def create(self, values: Mapping[str, object] | T | None = None, /, **fields: object) -> T:
        """Insert a row.

        Args:
            values: Fields and relations to one row, by name; or a new object.
            **fields: The same, as keywords.

        Returns:
            The object, with its key, defaults and generated values.

        Raises:
            FieldNotFound: A name is unknown.
            IntegrityError: A constraint refused it.
            InvalidValue: A value does not fit its column.
            ReadOnly: The table, or the database, can only be read.
            UsageError: The object has a row already, or what is given is neither.
        """
        if isinstance(values, Model):
            item = self._own(values)
            if not is_new(item):
                raise UsageError(
                    f"this object of {self.table} has a row already", hint="use update() or save()"
                )
            return cast("T", item.update(**fields) if fields else item.save())
        if values is None:
            return self.query.create(**fields)
        if not isinstance(values, Mapping):
            raise UsageError(f"create() of {self.table} takes values by name, not {type(values).__name__}")
        given = cast("Mapping[str, object]", values)
        return self.query.create(**({**given, **fields} if fields else given))

    def save(self, item: T, /) -> T:
        """Write what has changed of an object; a new one becomes a row.

        Args:
            item: The object.

        Returns:
            The same object.

        Raises:
            DoesNotExist: The row is gone.
            IntegrityError: A constraint refused it.
            InvalidValue: A value does not fit its column.
        """
        self._own(item).save()
        return item

    def update(self, target: object, values: Mapping[str, object] | None = None, /, **fields: object) -> T:
        """Change a row: save what was changed of an object, or set fields of the row with a key.

        Args:
            target: An object, or a primary key (a tuple for a composite one).
            values: What to set, by name; needed where a key is given.
            **fields: The same, as keywords.

        Returns:
            The object.

        Raises:
            DoesNotExist: There is no such row.
            FieldNotFound: A name is unknown.
            IntegrityError: A constraint refused it.
            InvalidValue: A value does not fit its column.
            UsageError: The object has no row yet, or a key comes without values.
        """
        given = {**(values or {}), **fields}
        if isinstance(target, Model):
            item = self._own(target)
            if is_new(item):
                raise UsageError(f"this object of {self.table} has no row yet", hint="use create() or save()")
            return cast("T", item.update(**given) if given else item.save())
        if not given:
            raise UsageError(f"update() of {self.table} by key needs values", hint="write update(key, {…})")
        with self.transaction():
            found: Any = self.query.get(pk=target)
            return cast("T", found.update(**given))

    def delete(self, target: object, /) -> bool:
        """Delete a row, and what the database's foreign keys delete with it.

        Args:
            target: An object, or a primary key (a tuple for a composite one).

        Returns:
            Whether there was such a row.

        Raises:
            ForeignKeyViolation: Other rows refer to it; it is not deleted.
            UsageError: The object was never saved.
        """
        return self.delete_many([target]) > 0

    # -- many rows ----------------------------------------------------------------------------------

    def create_many(self, rows: Iterable[Mapping[str, object] | T]) -> list[T]:
        """Insert many rows in one transaction.

        Args:
            rows: Values by name, or new objects.

        Returns:
            The objects in the order given, with keys, defaults and generated values.

        Raises:
            IntegrityError: A constraint refused one of them; none is written.
            InvalidValue: A value does not fit its column; none is written.
        """
        return self.query.bulk_create(several(rows))

    def update_many(self, objects: Iterable[T], fields: Sequence[str] | None = None) -> int:
        """Write many objects in one transaction.

        Args:
            objects: Objects that have rows.
            fields: The fields to write, changed or not; without them, what has changed of each object.

        Returns:
            How many objects were written.

        Raises:
            DoesNotExist: The row of one is gone, where no fields are given; nothing is written.
            IntegrityError: A constraint refused one of them; nothing is written.
            UsageError: One has no row yet.
        """
        if fields is not None:
            return self.query.bulk_update(objects, fields)
        items = [self._own(item) for item in several(objects)]
        with self.transaction():
            for item in items:
                self.update(item)
        return len(items)

    def delete_many(self, targets: Iterable[object]) -> int:
        """Delete many rows in one transaction, and what the database's foreign keys delete with them.

        Args:
            targets: Objects, or primary keys.

        Returns:
            How many of the rows there were.

        Raises:
            ForeignKeyViolation: Other rows refer to one of them; none is deleted.
            UsageError: An object was never saved.
        """
        keys: list[object] = []
        items: list[Model] = []
        for target in several(targets):
            if isinstance(target, Model):
                items.append(self._own(target))
            else:
                keys.append(target)
        if not items and len(keys) == 1 and not self._looks_at_deletes:
            return self.where(pk=keys[0]).delete()
        with self.transaction():
            if keys and self._looks_at_deletes:
                items.extend(cast("list[Model]", self.find_by_ids(keys)))
                keys = []
            count = sum(item.delete() for item in items)
            return count + (self.where(pk__in=keys).delete() if keys else 0)

    @property
    def _looks_at_deletes(self) -> bool:
        """Whether the user's code wants to see each object that is deleted."""
        return self._mapper.hooks.deleting or self._mapper.model.delete is not Model.delete

    def upsert(
        self,
        rows: Mapping[str, object] | T | Iterable[Mapping[str, object] | T],
        *,
        on: Sequence[str] | None = None,
        update: Sequence[str] | None = None,
    ) -> Upserted[T]:
        """Insert rows, and update those that there are already, in one transaction.

        Args:
            rows: Values by name, or objects; one or many.
            on: The unique key by which a row is found; the primary key by default.
            update: The fields that a row takes over; all that are given by default.

        Returns:
            Which objects were inserted and which updated; all hold what their rows hold.

        Raises:
            IntegrityError: Another constraint refused one of them; none is written.
            InvalidQuery: ``on`` is no unique key.
        """
        return self.query.upsert(several(rows), on=on, update=update)

    def _own(self, item: object) -> Model:
        """The object, which is one of this table."""
        if not isinstance(item, Model) or item.__noormme_table__.name != self.table:
            raise UsageError(
                f"the repository of {self.table} takes its own objects, not {type(item).__name__}"
            )
        return item


def several(rows: Any) -> list[Any]:
    """What is to be written, as a list, whether it came as one row or as many.

    Args:
        rows: Values by name, or an object; or an iterable of such.
    """
    if isinstance(rows, Mapping | Model):
        return [rows]
    if not isinstance(rows, Iterable) or isinstance(rows, str | bytes):
        raise UsageError(f"rows are given as a list, not as {type(rows).__name__}")
    found: Iterable[Any] = rows  # pyright: ignore[reportUnknownVariableType]  # of anything
    return list(found)
