"""Relations as attributes: one object (loaded at first touch) or a manager of many.

Invariant: both descriptors have no ``__set__``, so what is stored in an object's ``__dict__`` under the
relation's name is found first, at the speed of a plain attribute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import msgspec

from noormme.orm.async_related import AsyncRelatedWrites
from noormme.orm.loading import load_lazily, related_rows
from noormme.orm.mapper import Mapper, cache_name
from noormme.orm.model import Model
from noormme.orm.node import Node
from noormme.orm.steps import run
from noormme.query.nodes import Condition, Junction, Param, Params
from noormme.query.shape import Filter, Shape

if TYPE_CHECKING:
    from noormme.schema.model import Relation

__all__ = ["RelatedManager", "Source", "ToMany", "ToOne"]


class ToOne:
    """A relation to at most one row; None where there is none."""

    def __init__(self, mapper: Mapper, relation: Relation) -> None:
        self.mapper = mapper
        self.relation = relation
        self.__doc__ = f"The {relation.target} row of this {relation.source} row."

    @overload
    def __get__(self, item: None, owner: type[Model]) -> ToOne: ...
    @overload
    def __get__(self, item: Model, owner: type[Model]) -> Model | None: ...
    def __get__(self, item: Model | None, owner: type[Model]) -> ToOne | Model | None:
        if item is None:
            return self
        return run(load_lazily(self.mapper.link(self.relation.name), item, self.mapper))


class ToMany:
    """A relation to any number of rows, as a manager bound to the object."""

    def __init__(self, mapper: Mapper, relation: Relation) -> None:
        self.mapper = mapper
        self.relation = relation
        self.__doc__ = f"The {relation.target} rows of this {relation.source} row."

    @overload
    def __get__(self, item: None, owner: type[Model]) -> ToMany: ...
    @overload
    def __get__(self, item: Model, owner: type[Model]) -> RelatedManager: ...
    def __get__(self, item: Model | None, owner: type[Model]) -> ToMany | RelatedManager:
        if item is None:
            return self
        target = self.mapper.link(self.relation.name).target
        return target.related_manager(self.mapper, self.relation, item)


class RelatedManager(AsyncRelatedWrites):
    """The rows of a to-many relation of one object.

    Iterating it (or its ``all()``) loads the rows for every peer of the object in one query; anything
    narrower (``filter``, ``count``, …) asks the database for this object's rows.
    """

    __slots__ = ()

    def __init__(self, mapper: Mapper, relation: Relation, item: Model) -> None:
        target = mapper.link(relation.name).target
        super().__init__(target)
        self.node = _base(mapper, target, relation)
        self.parameters = tuple(getattr(item, mapper.field_of(column)) for column in relation.columns)
        self._source = Source(mapper, relation, item)

    @property
    def owner(self) -> Model:
        """The object that the manager belongs to."""
        return self._origin().item

    @property
    def relation(self) -> Relation:
        """The relation."""
        return self._origin().relation

    def _origin(self) -> Source:
        assert self._source is not None, "set when it is made"
        return self._source

    def __reduce__(self) -> tuple[Any, ...]:
        return (getattr, (self.owner, self.relation.name))


class Source:
    """Where an unfiltered related manager gets its rows from."""

    __slots__ = ("item", "mapper", "relation")

    def __init__(self, mapper: Mapper, relation: Relation, item: Model) -> None:
        self.mapper = mapper
        self.relation = relation
        self.item = item

    def loaded(self) -> list[Any] | None:
        """The rows if they were prefetched."""
        rows: list[Any] | None = self.item.__dict__.get(cache_name(self.relation.name))
        return rows

    def rows(self) -> list[Any]:
        """The rows, prefetched or loaded now for all peers."""
        found = self.loaded()
        if found is None:
            return run(related_rows(self.mapper.link(self.relation.name), self.item, self.mapper))
        return found


def _base(mapper: Mapper, target: Mapper, relation: Relation) -> Node:
    """The query for the rows of one object; the values are the object's key."""

    def make(shape: Shape) -> Shape:
        slots = tuple(range(len(relation.columns)))
        operand = Param(0) if len(slots) == 1 else Params(slots)
        condition = Condition(relation.inverse, operand, stored=True)
        return msgspec.structs.replace(shape, steps=(Filter(Junction("AND", (condition,))),))

    return target.nodes.move(target.nodes.root, ("relation", relation.source, relation.name), make)
