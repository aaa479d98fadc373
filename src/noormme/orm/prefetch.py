"""``prefetch_related``: which relations to load after a query, and how deep.

Invariant: one query for each relation of each level, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from noormme.errors import InvalidQuery, NotSupported, UsageError
from noormme.orm.link import Base
from noormme.orm.loading import load_field, load_many, load_one, set_loading
from noormme.orm.mapper import cache_name
from noormme.orm.rows import Rows
from noormme.orm.steps import Steps
from noormme.query.resolve import resolve_relations, split_first

if TYPE_CHECKING:
    from noormme.orm.compat import Models
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model
    from noormme.orm.queryset import QuerySet
    from noormme.query.build import Queryable
    from noormme.schema.model import Relation

__all__ = ["Prefetch", "as_prefetch", "load_named", "run_prefetches"]


class Prefetch:
    """A relation to load after a query, with a say in which of its rows and where they go.

    Args:
        lookup: The path of relations (``"comments__author"``).
        queryset: The rows of the last relation to take, and in which order; all of them by default.
        to_attr: Where to put them as a plain list; by default the relation's manager has them.

    Raises:
        InvalidQuery: ``queryset`` gives something other than objects.
        NotSupported: ``queryset`` is a set operation.
    """

    __slots__ = ("lookup", "queryset", "to_attr")

    def __init__(self, lookup: str, queryset: Queryable | None = None, to_attr: str | None = None) -> None:
        queryset = cast("QuerySet[Any] | None", queryset)
        if queryset is not None and not queryset.gives_objects:
            raise InvalidQuery(
                f"the query set of Prefetch('{lookup}') must give objects",
                hint="leave values() and values_list() out",
            )
        if queryset is not None and queryset.shape.compound is not None:
            raise NotSupported(
                f"the query set of Prefetch('{lookup}') cannot be a {queryset.shape.compound.operator}",
                hint="combine the conditions with | instead",
            )
        self.lookup = lookup
        self.queryset = queryset
        self.to_attr = to_attr

    def using(self, database: Models) -> Prefetch:
        """The same on another database.

        Args:
            database: The other database.

        Raises:
            TableNotFound: It has no such table.
        """
        queryset = None if self.queryset is None else self.queryset.using(database)
        return Prefetch(self.lookup, queryset, self.to_attr)

    def __repr__(self) -> str:
        return f"Prefetch({self.lookup!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A query set pickles with its rows, but this one was never meant to run by itself.
        recipe = None if self.queryset is None else self.queryset.recipe()
        return (_rebuilt, (self.lookup, recipe, self.to_attr))


def _rebuilt(lookup: str, recipe: Any, to_attr: str | None) -> Prefetch:
    """Make a pickled Prefetch again."""
    if recipe is None:
        return Prefetch(lookup, None, to_attr)
    restore, query = recipe
    return Prefetch(lookup, restore(*query, None), to_attr)


def as_prefetch(mapper: Mapper, item: object, known: Sequence[Prefetch]) -> Prefetch:
    """A ``prefetch_related`` argument as a Prefetch whose path exists.

    Args:
        mapper: The mapper of the query.
        item: The argument.
        known: Those before it, whose ``to_attr`` its path may name.

    Raises:
        UsageError: It is neither a path nor a Prefetch, or its ``to_attr`` is taken.
        RelationNotFound: A part of the path is no relation.
        InvalidQuery: Its query set is of another table.
    """
    if isinstance(item, str):
        item = Prefetch(item)
    if not isinstance(item, Prefetch):
        raise UsageError(f"prefetch_related takes names and Prefetch, not {type(item).__name__}")
    if not isinstance(item.lookup, str):
        raise UsageError(f"Prefetch takes the path of a relation, not {type(item.lookup).__name__}")
    path = _without_attributes(item.lookup, known)
    hops = resolve_relations(mapper.registry.schema, mapper.table, path)
    last = hops[-1]
    if item.to_attr is not None:
        mapper.registry.mapper(last.source).free_attribute(item.to_attr)
        if "__" in item.to_attr:
            raise UsageError("to_attr cannot hold two underscores in a row: they part the names of a path")
    if item.queryset is not None and item.queryset.table != last.target:
        raise InvalidQuery(
            f"Prefetch('{item.lookup}') leads to {last.target}, but its query set is of {item.queryset.table}"
        )
    return item


def _without_attributes(path: str, known: Sequence[Prefetch]) -> str:
    """The path with names given by an earlier ``to_attr`` replaced by the relations they hold."""
    # A later one may itself stand below an earlier one.
    for prefetch in reversed(known):
        if prefetch.to_attr is None:
            continue
        attribute = "__".join((*prefetch.lookup.split("__")[:-1], prefetch.to_attr))
        if path == attribute or path.startswith(f"{attribute}__"):
            path = prefetch.lookup + path[len(attribute) :]
    return path


class _Branch:
    """What to do for one relation of one level."""

    def __init__(self, relation: Relation, attribute: str | None) -> None:
        self.relation = relation
        self.attribute = attribute
        self.own: Prefetch | None = None
        self.nested: list[Prefetch] = []


def run_prefetches(mapper: Mapper, items: Rows, prefetches: Sequence[Prefetch]) -> Steps[None]:
    """Load relations of ``items`` and set them.

    Args:
        mapper: The mapper of the items.
        items: Objects of one model.
        prefetches: What to load, paths from these items on.
    """
    if not items or not prefetches:
        return
    branches: dict[str, _Branch] = {}
    for prefetch in prefetches:
        name, rest = split_first(prefetch.lookup, mapper.relations)
        if not rest:
            key = prefetch.to_attr or name
            branch = branches.setdefault(key, _Branch(mapper.relations[name], prefetch.to_attr))
            branch.own = prefetch
        else:
            branch = branches.get(name) or branches.setdefault(name, _Branch(mapper.relations[name], None))
            branch.nested.append(_Nested(rest, prefetch))
    for branch in branches.values():
        yield from _run(mapper, items, branch)


def load_named(mapper: Mapper, item: Model, names: Sequence[str]) -> Steps[None]:
    """Load relations and fields of an object, and of all its peers that lack them as it does.

    Args:
        mapper: The mapper of the object.
        item: The object.
        names: Relations, paths of them, and fields that were left out.

    Raises:
        RelationNotFound: A name is neither a field nor a relation.
        UsageError: A name is no text.
        DoesNotExist: The row of the object is gone.
    """
    for name in names:
        if isinstance(name, str) and name in mapper.fields:
            if name in mapper.deferred_of(item):
                yield from load_field(mapper, item, name)
            continue
        prefetch = as_prefetch(mapper, name, ())
        first, _ = split_first(prefetch.lookup, mapper.relations)
        key = cache_name(first) if mapper.relations[first].to_many else first
        with mapper.peers.steady():
            group = mapper.peers.of(item)
            known = key in item.__dict__
            # What another object has already, it may have been given.
            like = [item] if group is None else [peer for peer in group if (key in peer.__dict__) is known]
            items = Rows(like)
            yield from run_prefetches(mapper, items, [prefetch])
            if group is not None:
                for child in items.children or ():
                    group.keep(child)


class _Nested(Prefetch):
    """The rest of a path, below its first relation."""

    def __init__(self, rest: str, prefetch: Prefetch) -> None:
        super().__init__(rest, prefetch.queryset, prefetch.to_attr)


def _run(mapper: Mapper, items: Rows, branch: _Branch) -> Steps[None]:
    relation = branch.relation
    target = mapper.link(relation.name).target
    query = branch.own.queryset if branch.own else None
    children = None
    if query is None and branch.attribute is None:
        children = _loaded(items, relation, target)
    if children is None:
        base = None if query is None else Base(query.node, query.parameters)
        children = yield from _load(mapper, items, branch, base)
    items.keep(children)
    if query is not None:
        yield from run_prefetches(target, children, query.prefetches)
    yield from run_prefetches(target, children, branch.nested)
    if query is not None and query.mode is not None:
        set_loading(children, query.mode)


def _loaded(items: Rows, relation: Relation, target: Mapper) -> Rows | None:
    """The rows of a relation that all items have loaded already, or None."""
    key = cache_name(relation.name) if relation.to_many else relation.name
    if not all(key in item.__dict__ for item in items):
        return None
    rows: dict[int, Any] = {}
    for item in items:
        value = item.__dict__[key]
        for row in value if relation.to_many else (value,):
            if row is not None:
                rows[id(row)] = row
    return target.rows_class(rows.values())


def _load(mapper: Mapper, items: Rows, branch: _Branch, base: Base | None) -> Steps[Rows]:
    relation = branch.relation
    link = mapper.link(relation.name)
    if not relation.to_many:
        rows = yield from load_one(link, items, base)
        if branch.attribute is not None:
            for item in items:
                item.__dict__[branch.attribute] = item.__dict__.pop(relation.name)
        return rows
    grouped, children = yield from load_many(link, items, base)
    name = branch.attribute or cache_name(relation.name)
    for item, key in zip(items, map(link.own_key, items), strict=True):
        item.__dict__[name] = grouped.get(key) or []
    return children
