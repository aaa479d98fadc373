"""Loading relations for many objects at once: prefetch, and lazy loads on behalf of all peers.

Invariant: one relation of any number of objects is one query. Nothing here runs a query per object.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from noormme.engines.budget import in_coroutine
from noormme.errors import DoesNotExist, RelationNotLoaded
from noormme.orm.link import Base, Link, filter_by_keys
from noormme.orm.mapper import attach
from noormme.orm.rows import Origin
from noormme.orm.steps import Call, Steps
from noormme.query.shape import Shape

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model
    from noormme.orm.rows import Batch, Group, Rows

__all__ = [
    "LOADING",
    "load_deferred",
    "load_field",
    "load_lazily",
    "load_many",
    "load_one",
    "related_rows",
    "set_loading",
]

LOADING = "__loading"
"""Where an object of a query with ``loading("raise")`` notes that, in its ``__dict__``."""


def load_one(link: Link, items: Sequence[Model], base: Base | None = None) -> Steps[Rows]:
    """Load a relation to one row for all ``items`` and set it on them; None where there is no row.

    Args:
        link: The relation.
        items: Objects at its near end.
        base: The query to take the rows from; all rows by default.

    Returns:
        The rows that were loaded.
    """
    relation = link.relation
    keys = [*map(link.own_key, items)]
    rows = yield from link.fetch(map(link.own, items), base)
    found = dict(zip(map(link.their_key, rows), rows, strict=True))
    name, inverse = relation.name, relation.inverse
    for item, key, key_now in zip(items, keys, map(link.own_key, items), strict=True):
        if key_now != key:
            # Set meanwhile, by another task or thread: its row was not asked for.
            continue
        row = found.get(key)
        if relation.kind != "one_to_one":
            item.__dict__[name] = row  # pyright: ignore[reportIndexIssue]  # takes it for the dict of a class
            continue
        attach(item, name, row)
        if row is not None:
            attach(row, inverse, item)
    return rows


def load_many(
    link: Link, items: Iterable[Model], base: Base | None = None
) -> Steps[tuple[defaultdict[Any, list[Any]], Rows]]:
    """Load a relation to many rows for all ``items``.

    Args:
        link: The relation.
        items: Objects at its near end.
        base: The query to take the rows from; all rows by default.

    Returns:
        The rows by the ``own_key`` of the item they belong to, and all of them.
    """
    found = yield from link.fetch(map(link.own, items), base)
    through = found.grouped
    if through is not None:
        # It must not outlive this: what a list refers to besides its objects keeps them from being let go.
        found.grouped = None
        return through, found
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for key, row in zip(map(link.their_key, found), found, strict=True):
        grouped[key].append(row)
    found.origins = {link.relation.inverse: Origin(items, link.own_key)}
    return grouped, found


def load_lazily(link: Link, item: Model, mapper: Mapper) -> Steps[Model | None]:
    """The other end of a relation to one row, loaded for every peer of ``item`` in one query.

    Args:
        link: The relation.
        item: The object that was touched.
        mapper: Its mapper.

    Raises:
        RelationNotLoaded: Lazy loading is off.
    """
    name = link.relation.name
    key = link.own_key(item)
    if key is None or (type(key) is tuple and None in key):
        attach(item, name, None)
        return None
    group = mapper.peers.of(item)
    if group is not None and group.origins is not None and name in group.origins:
        origin = group.origins[name].get(key)
        if origin is not None:
            attach(item, name, origin)
            return origin  # type: ignore[no-any-return]
    _refuse(mapper, item, f"relation '{name}'", "select_related", name)
    items = [item] if group is None else [peer for peer in group if name not in peer.__dict__]
    rows = yield from load_one(link, items)
    if group is not None:
        group.keep(rows)
    if name not in item.__dict__:
        # Its key was set meanwhile.
        return (yield from load_lazily(link, item, mapper))
    loaded: Model | None = item.__dict__[name]
    return loaded


def related_rows(link: Link, item: Model, mapper: Mapper) -> Steps[list[Any]]:
    """The rows of a to-many relation, loaded for every peer of ``item`` in one query.

    Each peer takes its rows once, so that asking again asks the database again.

    Args:
        link: The relation.
        item: The object that was touched.
        mapper: Its mapper.

    Raises:
        RelationNotLoaded: Lazy loading is off.
    """
    name = link.relation.name
    group = mapper.peers.of(item)
    key = link.own_key(item)
    waiting = group.batches.get(name) if group is not None and group.batches else None
    if waiting is not None and (found := _taken(waiting, key)) is not None:
        return found
    _refuse(mapper, item, f"relation '{name}'", "prefetch_related", name)
    with mapper.peers.steady():
        group = mapper.peers.of(item)
        items: Iterable[Model] = [item] if group is None else group
        grouped, rows = yield from load_many(link, items)
        if group is None:
            return grouped[key]
        group.keep(rows)
        # Several objects may have one key; each of them takes the rows once.
        batch = {
            each: (grouped.get(each, []), times) for each, times in Counter(map(link.own_key, items)).items()
        }
        # Once others can see the batch, they may take the rows of this object as well.
        own = _taken(batch, key)
        group.batches = {**(group.batches or {}), name: batch}
        return own or []


def _taken(batch: Batch, key: Any) -> list[Any] | None:
    """The rows of one key, taken once more; None where they were taken as often as there are objects."""
    rows, times = batch.pop(key, (None, 0))
    if rows is not None and times > 1:
        batch[key] = (rows, times - 1)
    return rows


def load_deferred(mapper: Mapper, item: Model, field: str) -> Steps[None]:
    """Load a field that was left out, for every peer that lacks it, in one query.

    Args:
        mapper: The mapper of the object.
        item: The object that was touched.
        field: The field.

    Raises:
        RelationNotLoaded: Lazy loading is off.
        DoesNotExist: The row is gone.
    """
    _refuse(mapper, item, f"field '{field}'", "only", field)
    yield from load_field(mapper, item, field)


def load_field(mapper: Mapper, item: Model, field: str) -> Steps[None]:
    """The same because it was asked for, whatever is said of lazy loading.

    Args:
        mapper: The mapper of the object.
        item: An object that lacks the field.
        field: The field.

    Raises:
        DoesNotExist: The row is gone.
    """
    group: Rows | Group | list[Model] = mapper.peers.of(item) or [item]
    items = [peer for peer in group if field in mapper.deferred_of(peer)]
    names = mapper.key_fields
    key = attrgetter(*names)
    whole = "pk" if len(names) > 1 else None
    condition, lists = filter_by_keys(names, [key(peer) for peer in items], 0, whole)

    def make(shape: Shape) -> Shape:
        return msgspec.structs.replace(shape, steps=(condition,), fields=(*names, field), style="tuple")

    node = mapper.nodes.move(mapper.nodes.root, ("deferred", field, len(lists)), make)
    rows = yield Call(mapper.statement(node), tuple(lists))
    found = {row[0] if len(names) == 1 else row[:-1]: row[-1] for row in rows}
    for peer in items:
        # What was set meanwhile stays.
        if key(peer) in found and field in mapper.deferred_of(peer):
            attach(peer, field, found[key(peer)])
            if not mapper.deferred_of(peer):
                # Complete now; an object of the plain class reads its attributes faster.
                peer.__class__ = mapper.model
    if key(item) not in found:
        raise DoesNotExist(f"the {mapper.table.name} row whose field '{field}' was to be loaded is gone")


def set_loading(rows: Rows, mode: Literal["peers", "raise"]) -> None:
    """Note on objects, and on what was loaded with them, how the rest loads; not on those told before.

    Args:
        rows: The objects.
        mode: What ``loading`` was told.
    """
    for row in rows:
        if LOADING not in row.__dict__:
            attach(row, LOADING, mode)
    rows.settle_joined()
    for child in rows.children or ():
        set_loading(child, mode)


def _refuse(mapper: Mapper, item: Model, what: str, method: str, name: str) -> None:
    mode = item.__dict__.get(LOADING) or mapper.registry.settings.loading
    if mode == "raise":
        raise RelationNotLoaded(
            f"{what} of {mapper.table.name} was not loaded, and loading is 'raise'",
            hint=f"add .{method}('{name}') to the query of {mapper.table.name}, "
            "or its path to a query that leads here",
        )
    if mapper.registry.engine.waits and in_coroutine():
        raise RelationNotLoaded(
            f"{what} of {mapper.table.name} was not loaded, and a coroutine waits for a server by await only",
            hint=f"write await item.aload('{name}'), or add .{method}('{name}') to the query",
        )
