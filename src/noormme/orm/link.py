"""How the two ends of a relation find each other: keys in Python, and the one query for many keys.

Invariant: a link is made once for each relation and knows nothing of any object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

import msgspec

from noormme.orm.steps import Call, Steps
from noormme.query.keys import alike, compared, sent
from noormme.query.nodes import Condition, Junction, ListParam
from noormme.query.shape import Filter, LinkKey, Shape, WindowSlice
from noormme.schema.model import Column, Relation

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.node import Node
    from noormme.orm.rows import Rows

__all__ = ["Base", "Link", "filter_by_keys"]

Key = Callable[[Any], Any]


class Base(msgspec.Struct, frozen=True):
    """The query that a batch starts from: all rows of the target, or a prefetch's own query."""

    node: Node
    values: tuple[object, ...] = ()


class Link:
    """One relation with what is needed to follow it for many objects.

    Attributes:
        relation: The relation.
        target: The mapper at its other end.
        own: Reads the key of an object at this end, as the database holds it.
        own_key: The same, in a form that equals the other end's where the database finds them equal.
        their_key: The key of an object at the other end, in that form; not for many-to-many.
        normal: What gives a key that form; None where it has it already.
    """

    __slots__ = ("_names", "_sent", "_whole", "normal", "own", "own_key", "relation", "target", "their_key")

    def __init__(self, mapper: Mapper, relation: Relation) -> None:
        self.relation = relation
        self.target = target = mapper.registry.mapper(relation.target)
        self._names = [target.field_of(name) for name in relation.target_columns]
        self.own: Key = attrgetter(*(mapper.field_of(name) for name in relation.columns))
        theirs: Key = attrgetter(*self._names)
        other_table, other_columns = target.table, relation.target_columns
        if relation.through is not None:
            junction = mapper.registry.schema.table(relation.through)
            assert junction is not None, "a relation names tables of its own schema"
            other_table, other_columns = junction, relation.through_columns
        pairs: list[tuple[Column, Column]] = []
        for here, there in zip(relation.columns, other_columns, strict=True):
            own, other = mapper.table.column(here), other_table.column(there)
            assert own is not None, "a relation names columns of its tables"
            assert other is not None, "a relation names columns of its tables"
            pairs.append((own, other))
        self.normal = normal = _each(
            [compared(*((other, own) if relation.forward else (own, other))) for own, other in pairs]
        )
        self._sent = _each([sent(own, other) for own, other in pairs]) if relation.forward else None
        self.own_key: Key = self.own if normal is None else lambda item: normal(self.own(item))
        self.their_key: Key = theirs if normal is None else lambda item: normal(theirs(item))
        self._whole: str | None = None
        if relation.through is not None or (
            not relation.forward and (len(pairs) > 1 or not all(alike(*pair) for pair in pairs))
        ):
            self._whole = relation.inverse
        elif len(self._names) > 1 and relation.target_columns == target.table.primary_key:
            self._whole = "pk"

    def fetch(self, keys: Iterable[Any], base: Base | None = None) -> Steps[Rows]:
        """The rows at the other end for these keys, in one query; no query where there is no key.

        Args:
            keys: Keys as ``own`` reads them; those with a NULL point nowhere.
            base: The query to take the rows from; all rows by default.

        Returns:
            The rows, each once; for a many-to-many relation their ``grouped`` has them by the junction's key.
        """
        target, relation = self.target, self.relation
        distinct = dict.fromkeys(keys)
        distinct.pop(None, None)
        wanted = [key for key in distinct if None not in key] if len(relation.columns) > 1 else list(distinct)
        if not wanted:
            return target.rows_class()
        if self._sent is not None:
            wanted = list(map(self._sent, wanted))
        start = base or Base(target.nodes.root)
        condition, lists = filter_by_keys(self._names, wanted, len(start.values), self._whole)

        def make(shape: Shape) -> Shape:
            return self._batched(shape, condition)

        node = target.nodes.move(start.node, ("batch", relation.source, relation.name, condition), make)
        rows = cast("Rows", (yield Call(target.statement(node), (*start.values, *lists))))
        target.peers.register(rows)
        return rows

    def _batched(self, shape: Shape, condition: Filter) -> Shape:
        relation = self.relation
        scope = len(shape.steps) + 1
        changes: dict[str, Any] = {"steps": (*shape.steps, condition)}
        if relation.through is not None:
            changes["link"] = LinkKey(relation.inverse, scope)
        elif shape.deferred:
            # The key that ties a row to its object is needed whatever the query left out.
            without = tuple(name for name in shape.deferred if name not in self._names)
            changes["deferred"] = (*without, *self._names) if shape.only else without
        if shape.sliced:
            changes["window"] = WindowSlice(relation.inverse, scope, shape.limit, shape.offset)
            changes["limit"] = changes["offset"] = None
        return msgspec.structs.replace(shape, **changes)


def filter_by_keys(
    names: Sequence[str], keys: Sequence[Any], start: int, whole: str | None = None
) -> tuple[Filter, list[list[Any]]]:
    """A filter for a list of keys, and its values.

    Args:
        names: The fields of the key.
        keys: The keys; tuples where there are several fields.
        start: The slot of the first value.
        whole: A name for the key as a whole. A composite key without one is compared field by field,
            which may give rows too many but never too few.
    """
    if len(names) == 1 or whole is not None:
        kinds = list(dict.fromkeys(map(type, keys)))
        groups: dict[type, list[Any]] = (
            {kinds[0]: list(keys)}
            if len(kinds) == 1
            else {kind: [key for key in keys if type(key) is kind] for kind in kinds}
        )
        # Drivers treat text with a NUL apart.
        texts = groups.get(str, ())
        nul = [text for text in texts if "\0" in text] if "\0" in "".join(texts) else []
        lists = [*groups.values(), *([nul] if nul else [])]
        slots = tuple(range(start, start + len(groups)))
        operand = ListParam(slots, start + len(groups) if nul else None)
        name = names[0] if whole is None else whole
        return Filter(Junction("AND", (Condition(f"{name}__in", operand, stored=True),))), lists
    parts = tuple(
        Condition(f"{name}__in", ListParam((start + index,)), stored=True) for index, name in enumerate(names)
    )
    return Filter(Junction("AND", parts)), [[key[index] for key in keys] for index in range(len(names))]


def _itself(value: Any) -> Any:
    return value


def _each(parts: Sequence[Key | None]) -> Key | None:
    """What changes a key whose columns are changed one by one; None where none is."""
    if not any(parts):
        return None
    if len(parts) == 1:
        return parts[0]
    changes = [part or _itself for part in parts]
    return lambda key: tuple(change(value) for change, value in zip(changes, key, strict=True))
