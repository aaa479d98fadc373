"""The methods of a repository that load relations.

Invariant: each relation of each level is one query, whatever the number of objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.errors import RelationNotFound, UsageError
from noormme.orm.model import Model
from noormme.orm.prefetch import as_prefetch, run_prefetches
from noormme.orm.repository.reading import Reading
from noormme.orm.steps import run
from noormme.query.expressions import Count, Subquery
from noormme.query.resolve import field_not_found, resolve_relations

if TYPE_CHECKING:
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.queryset import QuerySet

__all__ = ["Relations", "listed_paths"]

T = TypeVar("T")


class Relations(Reading[T]):
    """The rows of a table with what belongs to them."""

    def with_count(self, key: object, relations: str | Iterable[str]) -> T | None:
        """The row with that key, and how many related rows it has. One query.

        Args:
            key: The primary key; a tuple for a composite one.
            relations: Names of relations.

        Returns:
            The object with an attribute for each relation (``posts_count``), or None where there is no row.

        Raises:
            RelationNotFound: A name is that of no relation.
        """
        row = self.where(pk=key)
        counts = {f"{name}_count": self._count(row, name) for name in listed_paths(relations)}
        return self._with_key(row.annotate(**counts), key)

    def _count(self, row: QuerySet[T], name: str) -> Subquery:
        """How many related rows a row has; a query of its own, because joins multiply each other's rows."""
        if name not in self._mapper.relations:
            found = field_not_found(self._mapper.registry.schema, self._mapper.table, name, what="relation")
            raise RelationNotFound(found.message, hint=found.hint)
        return Subquery(row.annotate(n=Count(name)).values("n"))

    def find_with_relations(self, key: object, relations: str | Iterable[str | Prefetch]) -> T | None:
        """The row with that key, and what belongs to it.

        One query, with what leads to one row joined to it; and one more for each relation to many rows, of
        each level.

        Args:
            key: The primary key; a tuple for a composite one.
            relations: Paths of relations (``"posts.comments"``, ``"author"``), or ``Prefetch``.

        Returns:
            The object, or None where there is no such row.

        Raises:
            RelationNotFound: A part of a path is no relation.
        """
        query: QuerySet[T] = self.query.all()
        for path in _paths(relations):
            if isinstance(path, str) and self._leads_to_one(path):
                query = query.select_related(path)
            else:
                query = query.prefetch_related(path)
        return self._with_key(query, key)

    def _leads_to_one(self, path: str) -> bool:
        """Whether a path leads to one row all the way."""
        try:
            hops = resolve_relations(self._mapper.registry.schema, self._mapper.table, path)
        except RelationNotFound:
            # Either the to_attr of a Prefetch before it, or a mistake, which prefetch_related tells.
            return False
        return not any(hop.to_many for hop in hops)

    def load_relationships(self, objects: Iterable[T], relations: str | Iterable[str | Prefetch]) -> list[T]:
        """Load relations of objects, whatever queries these came from. One query for each relation and level.

        What all of them have loaded already is not loaded again.

        Args:
            objects: Objects of this table.
            relations: Paths of relations (``"posts.comments"``, ``"author"``), or ``Prefetch``.

        Returns:
            The objects, in a list.

        Raises:
            UsageError: Something is no object of this table.
            RelationNotFound: A part of a path is no relation.
        """
        items = self._mapper.rows_class(objects)
        for item in items:
            if not isinstance(item, Model) or item.__noormme_table__.name != self.table:
                raise UsageError(
                    f"load_relationships takes objects of {self.table}, not {type(item).__name__}"
                )
        prefetches: list[Prefetch] = []
        for path in _paths(relations):
            prefetches.append(as_prefetch(self._mapper, path, prefetches))
        run(run_prefetches(self._mapper, items, prefetches))
        return list(items)


def listed_paths(given: str | Iterable[Any]) -> list[Any]:
    """One path or several, as a list.

    Args:
        given: What a method was given.
    """
    return [given] if isinstance(given, str) else list(given)


def _paths(given: str | Iterable[str | Prefetch]) -> list[str | Prefetch]:
    """Paths in the form that queries take: ``posts.comments`` is ``posts__comments``."""
    return [path.replace(".", "__") if isinstance(path, str) else path for path in listed_paths(given)]
