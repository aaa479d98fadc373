"""Writing through a query set: new rows, and all rows of a query at once.

Invariant: nothing here writes all rows of a table unless the caller says that it is meant.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from msgspec.structs import replace

from noormme.deferred import deferred
from noormme.engines.budget import time_limit
from noormme.errors import DoesNotExist, UnsafeOperation, UsageError
from noormme.orm.summaries import Summaries
from noormme.query.shape import Filter, Search

if TYPE_CHECKING:
    from noormme.orm.model import Model
    from noormme.orm.writing import assignments, bulk, getting, insert, statements
    from noormme.orm.writing import upsert as upserting
    from noormme.orm.writing.statements import Prepared
    from noormme.orm.writing.upsert import Upserted
    from noormme.query.expressions import Conditional, Expression
else:
    bulk = deferred("noormme.orm.writing.bulk")
    getting = deferred("noormme.orm.writing.getting")
    insert = deferred("noormme.orm.writing.insert")
    statements = deferred("noormme.orm.writing.statements")
    upserting = deferred("noormme.orm.writing.upsert")
    assignments = deferred("noormme.orm.writing.assignments")

__all__ = ["WritingQueries"]

T = TypeVar("T")


class WritingQueries(Summaries[T]):
    """What can be written by way of a query set or a manager."""

    __slots__ = ()

    _own_get: ClassVar[bool] = False
    """Whether it is of a class of the user's that has a ``get`` of its own."""

    @abstractmethod
    def get(self, /, *conditions: Conditional | Expression, **lookups: object) -> T:
        """The one row for which the conditions hold."""

    # -- one row ------------------------------------------------------------------------------------

    def create(self, /, **values: object) -> T:
        """Insert a row.

        Args:
            **values: Fields, and objects of relations to one row, by name. The database fills in the rest.

        Returns:
            Its object, with its key, defaults and generated values.

        Raises:
            FieldNotFound: A name is unknown.
            IntegrityError: A constraint refused it.
            InvalidValue: A value does not fit its column.
            ReadOnly: The table, or the database, can only be read.
        """
        mapper = self._mapper
        known = mapper.creators.get(tuple(values))
        if known is None:
            return insert.create(mapper, values)  # type: ignore[return-value]
        return known(tuple(values.values()))  # type: ignore[return-value]

    def get_or_create(
        self, defaults: Mapping[str, object] | None = None, **lookups: object
    ) -> tuple[T, bool]:
        """The one row for which the lookups hold; where there is none it is made of them.

        However many do this at once, one row is made.

        Args:
            defaults: What else a new row gets; callables are called.
            **lookups: As ``get`` takes them.

        Returns:
            The object, and whether it was made.

        Raises:
            MultipleObjectsReturned: There are several.
            IntegrityError: A constraint refused the new row.
        """
        try:
            if len(lookups) == 1 and self._mode is None and not self.prefetches and not self._own_get:
                # What ``get`` does first; calling it with names would cost more than that.
                for name, value in lookups.items():
                    one = self.node.gets.get((name, value.__class__))
                    if one is not None:
                        return one((*self.parameters, value)), False
            return self.get(**lookups), False
        except DoesNotExist:
            return getting.get_or_create(self, defaults, lookups)

    def update_or_create(
        self,
        defaults: Mapping[str, object] | None = None,
        create_defaults: Mapping[str, object] | None = None,
        **lookups: object,
    ) -> tuple[T, bool]:
        """The one row for which the lookups hold, updated; where there is none it is made.

        Args:
            defaults: What the row is updated with, and a new one gets; callables are called.
            create_defaults: What a new row gets instead.
            **lookups: As ``get`` takes them.

        Returns:
            The object, and whether it was made.

        Raises:
            MultipleObjectsReturned: There are several.
            IntegrityError: A constraint refused it.
        """
        return getting.update_or_create(self, defaults, create_defaults, lookups)

    # -- many rows at once --------------------------------------------------------------------------

    def bulk_create(
        self,
        objs: Iterable[Model | Mapping[str, object]],
        *,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        unique_fields: Sequence[str] | None = None,
        update_fields: Sequence[str] | None = None,
    ) -> list[T]:
        """Insert many rows in one transaction.

        Args:
            objs: Objects of the table's model, or values by name.
            ignore_conflicts: Leave rows as they are that are there already; their objects take them over.
            update_conflicts: Update rows that are there already.
            unique_fields: The unique key by which ``update_conflicts`` finds them; the key by default.
            update_fields: The fields that it updates; by default all that an object gives.

        Returns:
            The objects in the order given, with keys, defaults and generated values as the rows have them.

        Raises:
            IntegrityError: A constraint refused one of them; none is written.
            InvalidValue: A value does not fit its column; none is written.
        """
        if ignore_conflicts and update_conflicts:
            raise UsageError("ignore_conflicts and update_conflicts exclude each other")
        mapper = self._mapper
        items = bulk.objects_of(mapper, self._given(objs))
        if ignore_conflicts:
            upserting.insert_or_ignore(mapper, items)
        elif update_conflicts:
            upserting.upsert(mapper, items, unique_fields or (), update_fields)
        else:
            bulk.bulk_create(mapper, items)
        return self._together(items)

    def bulk_update(self, objs: Iterable[Any], fields: Sequence[str]) -> int:
        """Write certain fields of many objects in one transaction.

        Args:
            objs: Objects that have rows.
            fields: The fields that are written, changed or not.

        Returns:
            How many rows were written; objects whose row is gone are none.

        Raises:
            UsageError: No field is given, one is of the key, or an object was never saved.
            IntegrityError: A constraint refused one of them; none is written.
        """
        if isinstance(fields, str):
            raise UsageError("bulk_update() takes a list of fields", hint=f"write ['{fields}']")
        return bulk.bulk_update(self._mapper, bulk.objects_of(self._mapper, objs), fields)

    def upsert(
        self,
        objs: Iterable[Model | Mapping[str, object]],
        *,
        on: Sequence[str] | None = None,
        update: Sequence[str] | None = None,
    ) -> Upserted[T]:
        """Insert rows, and update those that there are already, in one transaction.

        Args:
            objs: Objects of the table's model, or values by name.
            on: The unique key by which a row is found; the key of the table by default.
            update: The fields that a row takes over; by default all that an object gives.

        Returns:
            Which objects were inserted and which updated; all hold what their rows hold.

        Raises:
            IntegrityError: Another constraint refused one of them; none is written.
            InvalidQuery: ``on`` is no unique key.
        """
        names = (on,) if isinstance(on, str) else tuple(on or ())
        taken = (update,) if isinstance(update, str) else update
        found = upserting.upsert(self._mapper, bulk.objects_of(self._mapper, self._given(objs)), names, taken)
        return replace(found, objects=self._together(found.objects))

    def _together(self, items: list[Model]) -> list[T]:
        """The objects as one result, so that what is loaded for one of them is loaded for all."""
        rows = self._mapper.rows_class(items)
        self._mapper.peers.register(rows)
        return cast("list[T]", rows)

    def _given(self, objs: Iterable[Model | Mapping[str, object]]) -> Iterable[Model | Mapping[str, object]]:
        """What is to be written; a related manager lets it belong to its object."""
        return objs

    # -- all rows of the query ----------------------------------------------------------------------

    def update(self, /, *, all_rows: bool = False, **values: object) -> int:
        """Set fields of every row of the query, in one statement.

        Args:
            all_rows: Says that all rows of the table are meant, where the query has no filter.
            **values: Values, expressions (``F("visits") + 1``) or query sets, by field or relation to one
                row.

        Returns:
            How many rows were found, changed or not.

        Raises:
            UnsafeOperation: The query has no filter, and ``all_rows`` does not say that it is meant.
            InvalidQuery: The query is sliced, combined or grouped.
            IntegrityError: A constraint refused a row; none is changed.
        """
        self._meant(all_rows, "update")
        if not values:
            raise UsageError("update() needs the fields to set", hint="write update(field=value)")
        mapper = self._mapper
        assignments.check_writable(mapper)
        return self._written(statements.update_of(mapper, self.node, self.parameters, values))

    def delete(self, *, all_rows: bool = False) -> int:
        """Delete every row of the query, in one statement.

        What the database's foreign keys delete with a row goes as well.

        Args:
            all_rows: Says that all rows of the table are meant, where the query has no filter.

        Returns:
            How many rows of this table were deleted.

        Raises:
            UnsafeOperation: The query has no filter, and ``all_rows`` does not say that it is meant.
            InvalidQuery: The query is sliced, combined or grouped.
            ForeignKeyViolation: Other rows refer to one of them; none is deleted.
        """
        self._meant(all_rows, "delete")
        if not self.node.writes:
            assignments.check_writable(self._mapper)
        return self._written(statements.delete_of(self._mapper, self.node, self.parameters))

    def _meant(self, all_rows: bool, what: str) -> None:
        shape = self.node.shape
        if all_rows or shape.empty:
            return
        for step in shape.steps:
            if isinstance(step, Filter | Search):
                return
        raise UnsafeOperation(
            f"{what}() of '{self._mapper.table.name}' without a filter would {what} every row",
            hint=f"filter() first, or write {what}(all_rows=True) if that is meant",
        )

    def _written(self, prepared: Prepared) -> int:
        plan, run = prepared.statement.plan, prepared.statement.run
        self._rows = None
        if self.node.shape.empty:
            return 0
        parameters = plan.bind(prepared.values)
        started = perf_counter()
        limit_s = self._mapper.limit_s
        if limit_s is None:
            _, count, _, _ = run(parameters)
        else:
            with time_limit(limit_s):
                _, count, _, _ = run(parameters)
        plan.statistics.add(perf_counter() - started, count)
        return count
