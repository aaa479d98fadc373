"""The methods of a query set that say what is loaded with each object.

Invariant: they never change which rows there are, and nothing here touches the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from noormme.deferred import deferred
from noormme.errors import InvalidQuery, NotSupported, UsageError
from noormme.orm.chain import Chain
from noormme.query.resolve import FilteredHop, resolve_relations
from noormme.query.shape import Shape

if TYPE_CHECKING:
    from noormme.orm import prefetch as prefetching
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.queryset import QuerySet
else:
    prefetching = deferred("noormme.orm.prefetch")

__all__ = ["EagerLoading"]

T = TypeVar("T")
replace = msgspec.structs.replace


class EagerLoading(Chain[T]):
    """A query that was not run, with a say in which fields and relations come with its objects."""

    __slots__ = ()

    def select_related(self, *paths: str | None) -> QuerySet[T]:
        """Load relations to one row with the rows themselves, by joins.

        Args:
            *paths: Relations, or paths of them. None removes all; without arguments, every relation that
                cannot be missing is followed.

        Raises:
            RelationNotFound: A part of a path is no relation.
            InvalidQuery: A relation leads to many rows, or rows are not objects.
            UsageError: A path is no text.
        """
        if not self.gives_objects:
            raise InvalidQuery(
                "select_related needs objects", hint="call it before values() or values_list()"
            )
        self._single_query("use select_related")
        for path in paths:
            if path is not None and not isinstance(path, str):
                raise UsageError(f"select_related takes names, not {type(path).__name__}")

        def make(shape: Shape) -> Shape:
            if None in paths:
                return replace(shape, related=())
            named = tuple(path for path in paths if path is not None) or self._required_paths()
            for path in named:
                for hop in resolve_relations(
                    self._mapper.registry.schema, self._mapper.table, path, shape.filtered
                ):
                    if hop.to_many and not isinstance(hop, FilteredHop):
                        raise InvalidQuery(
                            f"select_related cannot follow '{hop.name}': it leads to many rows",
                            hint=f"write prefetch_related('{path}')",
                        )
            return replace(
                shape, related=(*shape.related, *(path for path in named if path not in shape.related))
            )

        return self._derive(self._mapper.nodes.move(self.node, ("related", *paths), make), self.parameters)

    def _required_paths(self) -> tuple[str, ...]:
        """Paths of relations that every row has, at most five deep and through no table twice."""
        paths: list[str] = []

        def walk(table: str, prefix: str, seen: tuple[str, ...]) -> None:
            for relation in self._mapper.registry.schema.relations_of(table).values():
                if (
                    relation.forward
                    and not relation.nullable
                    and relation.target not in seen
                    and len(seen) <= 5
                ):
                    path = f"{prefix}__{relation.name}" if prefix else relation.name
                    paths.append(path)
                    walk(relation.target, path, (*seen, relation.target))

        walk(self.table, "", (self.table,))
        return tuple(paths)

    def prefetch_related(self, *lookups: str | Prefetch | None) -> QuerySet[T]:
        """Load relations after the rows, one query for each relation and level.

        Args:
            *lookups: Relations, paths of them, or ``Prefetch``. None removes all.

        Raises:
            RelationNotFound: A part of a path is no relation.
            InvalidQuery: Rows are not objects.
        """
        if not self.gives_objects:
            raise InvalidQuery(
                "prefetch_related needs objects", hint="call it before values() or values_list()"
            )
        found: list[Prefetch] = [] if None in lookups else list(self.prefetches)
        for lookup in lookups:
            if lookup is not None:
                found.append(prefetching.as_prefetch(self._mapper, lookup, found))
        made = self._derive(self.node, self.parameters)
        made.prefetches = tuple(found)
        return made

    def defer(self, *fields: str | None) -> QuerySet[T]:
        """Leave fields out of the objects; touching one loads it for all peers.

        Args:
            *fields: Fields, and paths to those of joined objects. None loads all fields again.

        Raises:
            FieldNotFound: A name is unknown.
            InvalidQuery: Rows are not objects, or have no key.
        """
        self._single_query("use defer")
        if None in fields:
            return self._changed(deferred=(), only=False)
        return self._deferring(tuple(field for field in fields if field is not None), only=False)

    def only(self, *fields: str) -> QuerySet[T]:
        """Load these fields (and the key) only; touching another loads it for all peers.

        Args:
            *fields: Fields, and paths to those of joined objects.

        Raises:
            FieldNotFound: A name is unknown.
            InvalidQuery: Rows are not objects, or have no key.
        """
        self._single_query("use only")
        return self._deferring(fields, only=True)

    def _deferring(self, fields: tuple[str, ...], *, only: bool) -> QuerySet[T]:
        if not self.gives_objects:
            raise InvalidQuery("defer and only need objects", hint="name the fields in values() instead")
        if not self._mapper.key_fields:
            raise InvalidQuery(f"{self.table} has no key, so a field left out could never be loaded")
        for field in fields:
            if any(isinstance(hop, FilteredHop) for hop in self._resolve(field).hops):
                raise NotSupported(
                    f"defer and only cannot name '{field}': its relation is filtered",
                    hint="name the fields in values() instead",
                )
        shape = self.node.shape
        known = shape.deferred
        if only:
            kept = fields if shape.only else tuple(name for name in fields if name not in known)
            return self._changed(deferred=kept, only=bool(kept))
        if not shape.only:
            return self._changed(deferred=(*known, *fields))
        kept = tuple(name for name in known if name not in fields)
        if kept:
            return self._changed(deferred=kept)
        return self._changed(deferred=tuple(name for name in fields if name not in known), only=False)

    def loading(self, mode: Literal["peers", "raise"]) -> QuerySet[T]:
        """How relations that were not asked for load when touched.

        Args:
            mode: ``"peers"`` loads them for every object of the result in one query; ``"raise"`` makes
                touching one a RelationNotLoaded that names the prefetch to add.

        Raises:
            UsageError: There is no such mode.
        """
        if mode not in ("peers", "raise"):
            raise UsageError(f"no loading mode '{mode}'", hint="use 'peers' or 'raise'")
        made = self._derive(self.node, self.parameters)
        made._mode = mode
        return made
