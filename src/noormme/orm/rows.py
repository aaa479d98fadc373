"""Lists of objects that were loaded together, and what is left of one when its objects are let go.

Invariant: a list costs no more than a plain one until a relation of one of its objects is touched. What leads
from an object to the others is never stored in the object.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from noormme.orm.peers import Peers

__all__ = ["Batch", "Group", "Origin", "Rows", "Together"]


class Origin:
    """The objects that rows were loaded for, to which a relation of those rows leads back.

    Args:
        objects: The objects: the list or group that holds them, or any other list of them.
        key: Gives an object's key.
    """

    __slots__ = ("_found", "_holder", "_key")

    def __init__(self, objects: Iterable[Any], key: Callable[[Any], Any]) -> None:
        self._key = key
        self._found: weakref.WeakValueDictionary[Any, Any] | None = None
        self._holder: Callable[[], Iterable[Any] | None]
        if isinstance(objects, Group) or (isinstance(objects, Rows) and len(objects) > 1):
            self._holder = weakref.ref(objects)
        else:
            # Nobody will hold this list.
            self._found = self._by_key(objects)

    def _by_key(self, objects: Iterable[Any]) -> weakref.WeakValueDictionary[Any, Any]:
        return weakref.WeakValueDictionary((self._key(item), item) for item in objects)

    def get(self, key: Any) -> Any:
        """The object with that key; None where there is none, or none any more."""
        if self._found is None:
            objects = self._holder()
            if objects is None:
                return None
            self._found = self._by_key(objects)
        return self._found.get(key)

    def move(self, group: Group) -> None:
        """Note that the objects are held by a group from now on."""
        self._holder = weakref.ref(group)


class Together:
    """What objects of one list have in common when they are pickled one by one.

    It is pickled once for all of them and carries nothing; the objects that come back with it are peers.
    """

    __slots__ = ("group",)

    def __init__(self) -> None:
        self.group: Group | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return (Together, ())


Batch: TypeAlias = dict[Any, tuple[list[Any], int]]


class Rows(list[Any]):
    """A list of objects that one query gave; each model has a subclass that knows its ``Peers``.

    Attributes:
        peers: Where lists of this model are registered.
        origins: The relations that lead back to the objects this list was loaded for, by name. Touching
            such a relation needs no query.
        batches: Rows that a lazy load of a to-many relation fetched for peers: relation name → key → the rows
            and how many objects are still to take them.
        children: Results that were loaded for these, kept so that they stay peers as long as these do.
        joined: The tables that were joined: the class for their rows and the relations that lead to them;
            they become ``children`` when one of them loads lazily.
        grouped: The same objects by the key of a junction, where they were loaded through one.
    """

    # Defaults on the class keep the construction of a list as cheap as that of a plain one.
    peers: ClassVar[Peers | None] = None
    origins: dict[str, Origin] | None = None
    batches: dict[str, Batch] | None = None
    children: list[Rows] | None = None
    joined: list[tuple[type[Rows], tuple[str, ...]]] | None = None
    grouped: defaultdict[Any, list[Any]] | None = None
    together: Together | None = None
    _identities: frozenset[int] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # The class is one of this process; its objects know by themselves that they came together.
        return (list, (list(self),))

    def holds(self, item: object) -> bool:
        """Whether that very object is in the list."""
        identities = self._identities
        if identities is None:
            identities = self._identities = frozenset(map(id, self))
        return id(item) in identities

    def keep(self, rows: Rows) -> None:
        """Keep the rows of a related model as long as these live."""
        if self.children is None:
            self.children = []
        self.children.append(rows)

    def join(self, rows_class: type[Rows], path: tuple[str, ...]) -> None:
        """Note a joined table.

        Args:
            rows_class: The list class of its model.
            path: The relations that lead to its objects.
        """
        if self.joined is None:
            self.joined = []
        self.joined.append((rows_class, path))
        if rows_class.peers is not None:
            rows_class.peers.expect(self)

    def settle_joined(self) -> None:
        """Make peers of the objects that came by joins."""
        joined, self.joined = self.joined, None
        for rows_class, path in joined or ():
            rows = rows_class(self._along(path))
            self.keep(rows)
            if rows_class.peers is not None:
                rows_class.peers.register(rows)

    def _along(self, path: tuple[str, ...]) -> Iterable[Any]:
        """The objects at the end of loaded relations, each once."""
        found: dict[int, Any] = {}
        for item in self:
            end = item
            for name in path:
                end = None if end is None else end.__dict__.get(name)
            if end is not None:
                found[id(end)] = end
        return found.values()

    def __del__(self) -> None:
        if len(self) > 1 and self.peers is not None:
            self.peers.released(self)


class Group:
    """Peers whose list is gone: weak references to the objects that are still used."""

    __slots__ = ("__weakref__", "_identities", "_members", "batches", "origins", "together")

    def __init__(self, objects: Iterable[Any]) -> None:
        self._members = [weakref.ref(item) for item in objects]
        self._identities: dict[int, weakref.ref[Any]] | None = None
        self.together: Together | None = None
        self.batches: dict[str, Batch] | None = None
        self.origins: dict[str, Origin] | None = None

    def __iter__(self) -> Iterator[Any]:
        return (item for member in self._members if (item := member()) is not None)

    @property
    def alive(self) -> bool:
        """Whether any of the objects still exists."""
        return next(iter(self), None) is not None

    def holds(self, item: object) -> bool:
        """Whether that very object is one of the group."""
        if self._identities is None:
            # A number may be used again by another object; the reference tells.
            self._identities = {
                id(found): member for member in self._members if (found := member()) is not None
            }
        member = self._identities.get(id(item))
        return member is not None and member() is item

    def add(self, item: object) -> None:
        """Take one more object in."""
        self._members.append(weakref.ref(item))
        self._identities = None

    def keep(self, rows: Rows) -> None:
        """Nothing to do: a group keeps nothing alive, and rows that are let go become a group as well."""
