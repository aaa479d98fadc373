"""Which objects were loaded together, so that one lazy load can serve them all.

Invariant: an object never pays for this. A list of results registers itself once; who its peers are is
looked for at the first lazy load only. Nothing here keeps an object alive for longer than Python's own
garbage collector would: a result list that was let go while its objects live on (``list(query)``) is held
as long as a look at some of them finds them in use, and at a full collection at the latest it is replaced
by weak references.
"""

from __future__ import annotations

import gc
import sys
import weakref
from itertools import islice
from sys import getrefcount
from threading import Lock
from typing import Any

from noormme.orm.rows import Group, Rows, Together

__all__ = ["Peers"]


_SAMPLE = 64
"""How many objects of a released list are looked at to see how many are still used."""

_GLANCE = 3
"""How many are looked at when a list that was in use is looked at again."""

_HELD = 16
"""How many released lists whose objects are in use are held as they are; older ones become groups."""

_HELD_OBJECTS = 50_000
"""How many objects are held in this way, if they are in more than one list."""

_GROUPS = 128
"""How many groups may gather before those without a living object are thrown away."""

_PATIENCE = 500
"""How many objects of released lists may wait before a query looks whether they are used."""


def _references(rows: list[Any], step: int = 1) -> list[int]:
    """How many references there are to objects of a list, those of looking among them."""
    return [getrefcount(item) for item in islice(rows, 0, None, step)]


# What looking adds differs between versions of Python, so it is measured.
_ALONE = _references([object()])[0]
"""References to an object that only its list holds, as ``_references`` counts them."""

_ALONE_MAPPED = sum(map(getrefcount, [object()]))
"""The same, as ``_unused`` counts them."""


def _in_use(rows: list[Any], sample: int) -> float:
    """The share of objects of a list that something else refers to, judged by a sample."""
    counts = _references(rows, max(1, len(rows) // sample))
    return sum(count > _ALONE for count in counts) / len(counts)


def _unused(rows: list[Any]) -> bool:
    """Whether nothing else refers to any object of a list; exact, at the cost of some nanoseconds each."""
    return sum(map(getrefcount, rows)) == _ALONE_MAPPED * len(rows)


class _Steady:
    """A time in which no list becomes a group."""

    __slots__ = ("_held", "_lock")

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        self._held = self._lock.acquire(blocking=False)

    def __exit__(self, *exception: object) -> None:
        if self._held:
            self._lock.release()


class Peers:
    """The results of one model that are alive, newest last.

    A list that is let go goes at once when none of its objects are used. Else it is looked at again when some
    hundred objects wait for that at a query of their model, and at the next full garbage collection: it is
    held while most of its objects are used, and else becomes a ``Group``.
    """

    __slots__ = ("_expected", "_groups", "_held", "_lists", "_released", "_settling", "_unseen")

    def __init__(self) -> None:
        self._lists: dict[int, weakref.ref[Rows]] = {}
        self._released: list[Rows] = []
        self._held: list[Rows] = []
        self._groups: list[Group] = []
        self._expected: list[weakref.ref[Rows]] = []
        self._unseen = 0
        self._settling = Lock()

    def after_fork(self) -> None:
        """Let a child process settle, where another thread of the parent was about to."""
        self._settling = Lock()

    def register(self, rows: Rows) -> None:
        """Note that these objects were loaded together."""
        if self._unseen > _PATIENCE:
            self.settle()
        if len(rows) > 1:
            self._lists[id(rows)] = weakref.ref(rows)

    def expect(self, rows: Rows) -> None:
        """Note that objects of this model came with the rows of another, by a join."""
        expected = self._expected
        expected.append(weakref.ref(rows))
        if len(expected) > _GROUPS:
            self._expected = [reference for reference in expected if reference() is not None]

    def released(self, rows: Rows) -> None:
        """A list was let go: keep it for now if its objects were not (called by ``Rows``)."""
        # Memory that is given back at once is still in the processor's cache when the next query takes it.
        if self._lists.pop(id(rows), None) is None or _unused(rows):
            return
        if len(rows) > _PATIENCE and not _in_use(rows, _GLANCE):
            # Most of a large list is not used: what it takes is given back at once.
            self._drop(rows)
            return
        self._released.append(rows)
        self._unseen += len(rows)
        _waiting.add(self)

    def settle(self, *, weakly: bool = False) -> None:
        """Look at the lists that were let go.

        Args:
            weakly: Hold none of them as they are, so that objects in reference cycles can be collected.
        """
        # Another thread may be at it, or this one, when a garbage collection comes in between.
        if self._settling.acquire(blocking=False):
            try:
                self._settle(weakly)
            finally:
                self._settling.release()

    def steady(self) -> _Steady:
        """A context in which what ``of`` gives goes on to stand for its objects, for it to be added to."""
        return _Steady(self._settling)

    def _settle(self, weakly: bool) -> None:
        released, self._released, self._unseen = self._released, [], 0
        held, self._held = self._held, []
        holding: list[Rows] = []
        for rows in held:
            if _in_use(rows, _GLANCE):
                holding.append(rows)
            else:
                released.append(rows)
        held.clear()
        while released:
            rows = released.pop(0)
            if _in_use(rows, _SAMPLE) > 0.5:
                holding.append(rows)
            else:
                self._drop(rows)
        objects = sum(map(len, holding))
        while len(holding) > 1 and objects > _HELD_OBJECTS:
            objects -= len(holding[0])
            self._drop(holding.pop(0))
        while holding and (weakly or len(holding) > _HELD):
            self._drop(holding.pop(0))
        self._held = holding
        self._unseen = objects
        if weakly:
            self._groups = [group for group in self._groups if group.alive]
        if not holding and not self._released:
            _waiting.discard(self)

    def _drop(self, rows: Rows) -> None:
        """Go on with weak references to those objects of a list that are used, if there are any."""
        if _unused(rows):
            return
        rows.settle_joined()
        group = Group(item for item, count in zip(rows, _references(rows), strict=True) if count > _ALONE)
        group.batches, group.origins, group.together = rows.batches, rows.origins, rows.together
        for child in rows.children or ():
            for origin in (child.origins or {}).values():
                origin.move(group)
        self._group(group)

    def _group(self, group: Group) -> None:
        self._groups.append(group)
        if len(self._groups) > _GROUPS:
            self._groups = [known for known in self._groups if known.alive or known is group]

    def together(self, item: object) -> Together | None:
        """What an object is pickled with, the same for all of its peers; None when it came alone."""
        group = self.of(item)
        if group is None:
            return None
        if group.together is None:
            group.together = Together()
        return group.together

    def reunite(self, together: Together, item: object) -> None:
        """Make an unpickled object a peer of those that were pickled with it.

        Args:
            together: What the objects of one result were pickled with.
            item: The object.
        """
        if together.group is None:
            together.group = Group(())
            self._group(together.group)
        together.group.add(item)

    def of(self, item: object) -> Rows | Group | None:
        """The list or group that an object was loaded in, the newest one; None when it came alone."""
        expected, self._expected = self._expected, []
        for reference in expected:
            parents = reference()
            if parents is not None:
                parents.settle_joined()
        for rows in (*reversed(self._released), *reversed(self._held)):
            if rows.holds(item):
                return rows
        for reference in reversed(list(self._lists.values())):
            found = reference()
            if found is not None and found.holds(item):
                return found
        for group in reversed(self._groups):
            if group.holds(item):
                return group
        return None


_waiting: set[Peers] = set()
"""Those with lists that were let go and may have to be dropped."""


# From Python 3.14 on old objects are collected a part at a time, which counts as generation 1.
_OLD = 1 if sys.version_info >= (3, 14) else 2


def _on_collection(phase: str, info: dict[str, int]) -> None:
    # At collections of old objects only: an interrupt that arrives in here is lost, so this must run rarely.
    if info["generation"] >= _OLD and phase == "start":
        for peers in list(_waiting):
            peers.settle(weakly=True)


gc.callbacks.append(_on_collection)
