"""The database as it was: ``db.as_of(time).users.get(1)``.

Invariant: nothing here writes, and nothing is kept: every question is worked out from the trail when it is
asked. Relations of the objects lead to the rows as they are now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noormme.orm.aio.running import on_loop
from noormme.orm.audit.reading import Trail

if TYPE_CHECKING:
    from noormme.orm.model import Model
    from noormme.orm.registry import Registry

__all__ = ["Past", "PastTable"]


class Past:
    """All tables as they were at one moment, by name: ``past.users``, ``past["Order Details"]``.

    Args:
        registry: The models.
        moment: The moment, as the trail writes it.
    """

    def __init__(self, registry: Registry, moment: str) -> None:
        self._registry = registry
        self._moment = moment

    def __getitem__(self, name: str) -> PastTable:
        """The table of that exact name or manager name.

        Raises:
            TableNotFound: There is none of that name.
        """
        return PastTable(Trail(self._registry.mapper(name), self._registry.engine.audit), self._moment)

    def of(self, item: Model) -> Model | None:
        """What an object was. Touches the database.

        Args:
            item: The object; the row that had its key then is meant.

        Returns:
            Another object with the values of then; None where there was no such row.

        Raises:
            UsageError: No trail of its table is kept.
            InvalidValue: It begins later.
        """
        mapper = self._registry.mapper(item.__noormme_table__.name)
        return Trail(mapper, self._registry.engine.audit).row_at(item.pk, self._moment)

    async def aof(self, item: Model) -> Model | None:
        """As ``of()``, awaited."""
        return await on_loop(self._registry.engine, self.of, (item,))

    def __getattr__(self, name: str) -> PastTable:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __repr__(self) -> str:
        return f"<Past at {self._moment}>"


class PastTable:
    """One table as it was at one moment.

    Args:
        trail: The trail of the table.
        moment: The moment, as the trail writes it.
    """

    def __init__(self, trail: Trail, moment: str) -> None:
        self._trail = trail
        self._moment = moment

    def get(self, pk: Any = None, **key: Any) -> Model:
        """The row that had a key then. Touches the database.

        Args:
            pk: The key; a tuple for a composite one.
            **key: The same by field: ``get(id=1)``.

        Returns:
            An object with the values of then; fields that the table did not have load from the row of now.

        Raises:
            DoesNotExist: There was no such row (the model's own class).
            InvalidValue: The key has other fields or another number of columns.
            UsageError: No trail of the table is kept.
            InvalidValue: It begins later.
        """
        found = self._trail.row_at(self._trail.key_from(pk, key), self._moment)
        if found is None:
            raise self._trail.missing(self._moment)
        return found

    async def aget(self, pk: Any = None, **key: Any) -> Model:
        """As ``get()``, awaited."""
        return await on_loop(self._trail.engine, self.get, (pk,), key)

    def all(self) -> list[Model]:
        """All rows of then. Touches the database, and reads the whole table.

        Raises:
            UsageError: No trail of the table is kept.
            InvalidValue: It begins later.
        """
        return self._trail.rows_at(self._moment)

    async def aall(self) -> list[Model]:
        """As ``all()``, awaited."""
        return await on_loop(self._trail.engine, self.all)
