"""From a written name (``"author__email__icontains"``) to relations, columns, transforms and lookup.

Invariant: this is the only place that splits names at ``__``; whatever cannot be resolved raises the
named error with a suggestion here or in ``query.suffix``, so no later step meets an unknown name.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from noormme.deferred import deferred
from noormme.errors import FieldNotFound, LookupNotFound, RelationNotFound, UsageError, did_you_mean
from noormme.query.lookups import LOOKUPS, LookupRule, lookup_rule
from noormme.query.nodes import Expression
from noormme.query.shape import Annotate, FilteredJoin, Shape
from noormme.query.suffix import Element, Path, suffix
from noormme.schema.model import Column, Kind, Relation, Schema, Table

if TYPE_CHECKING:
    from noormme.query import kinds as expression_kinds
else:
    expression_kinds = deferred("noormme.query.kinds")

__all__ = [
    "FilteredHop",
    "Target",
    "field_not_found",
    "key_columns",
    "kind_of",
    "model_columns",
    "resolve",
    "resolve_relations",
    "split_first",
]


_NOTHING: Mapping[str, Annotate] = {}

_NONE: Mapping[str, FilteredJoin] = {}


class FilteredHop(Relation, frozen=True, kw_only=True):
    """A relation that is joined with a further condition.

    Attributes:
        join: The condition, and the name that stands for the relation.
    """

    join: FilteredJoin


class Target(msgspec.Struct, frozen=True):
    """What a name means.

    Attributes:
        hops: The relations to follow from the query's table.
        table: The table at the end of the hops.
        columns: The columns at the end; several for a composite key, none for an annotation.
        annotation: The annotation's name, when the name is one.
        relation: The last relation, when the name ends with it and not with a field.
        transforms: Transforms to apply, in order; a path where a part of a document is meant.
        lookup: The lookup; ``"exact"`` where none was written.
        kind: The kind of the value after the transforms; ``"any"`` for composite keys, and for annotations
            that do not say it.
    """

    hops: tuple[Relation, ...]
    table: Table
    columns: tuple[Column, ...]
    annotation: str | None = None
    relation: Relation | None = None
    transforms: tuple[str | Path | Element, ...] = ()
    lookup: str = "exact"
    kind: Kind = "any"

    @property
    def rule(self) -> LookupRule:
        """The rule of the lookup for what the name means."""
        return lookup_rule(self.lookup, self.kind)

    @property
    def to_many(self) -> bool:
        """Whether one row can meet several here."""
        return any(hop.to_many for hop in self.hops)


def key_columns(table: Table) -> tuple[Column, ...]:
    """The columns that identify a row: the primary key, else the row id, else none."""
    if table.primary_key:
        by_name = {column.name: column for column in table.columns}
        return tuple(by_name[name] for name in table.primary_key)
    if table.rowid:
        return (Column(name=table.rowid, field=table.rowid, kind="integer", nullable=False),)
    return ()


def model_columns(table: Table) -> tuple[Column, ...]:
    """The columns of a model's fields, in their order; the row id comes last where it is the key."""
    columns = tuple(column for column in table.columns if not column.hidden)
    return columns if table.primary_key else columns + key_columns(table)


def field_not_found(
    schema: Schema, table: Table, name: str, *, extra: Iterable[str] = (), what: str = "field"
) -> FieldNotFound:
    """The error for a name that a table does not have, with a suggestion or the list of what it has.

    Args:
        schema: The schema of the table.
        table: The table.
        name: The name as it was written.
        extra: Other names that could have been meant.
        what: What was looked for, as a noun.
    """
    relations = schema.relations_of(table.name)
    names = [*(column.field for column in table.columns), *relations, *extra]
    if len(table.primary_key) > 0 or table.rowid:
        names.append("pk")
    hint = did_you_mean(name, names)
    if hint is None:
        shown = ", ".join(sorted(set(names))[:12])
        hint = f"there are: {shown}" + (", …" if len(set(names)) > 12 else "")
    return FieldNotFound(f"no {what} '{name}' on {table.name}", hint=hint)


def resolve(
    schema: Schema,
    table: Table,
    name: str,
    *,
    annotations: Mapping[str, Annotate] = _NOTHING,
    filtered: Mapping[str, FilteredJoin] = _NONE,
    with_lookup: bool = False,
    kinds: _Kinds | None = None,
) -> Target:
    """Find what ``name`` means on ``table``.

    Args:
        schema: The schema that both belong to.
        table: Where the path starts.
        name: Relations, a field, transforms and (for conditions) a lookup, joined by ``__``. A field
            may be written as its Python name or as the exact name in the database.
        annotations: Names that were added by ``annotate``; they win over fields.
        filtered: Relations that were added by ``annotate``.
        with_lookup: Whether a lookup may follow.
        kinds: The kinds of the annotations that are known already.

    Returns:
        The resolved target.

    Raises:
        FieldNotFound: A part is neither a field nor a relation.
        LookupNotFound: What follows the field is neither a transform nor a lookup of it.
        UsageError: The name is no text.
    """
    if not isinstance(name, str):
        raise UsageError(f"a field is given by its name, not as {type(name).__name__}")
    parts = name.split("__")
    for end in range(len(parts), 0, -1):
        head = "__".join(parts[:end])
        if head in annotations:
            kind = (kinds or _Kinds(schema, table, annotations, filtered)).annotation(head)
            where = f"annotation '{head}'" + ("" if kind == "any" else f" ({kind})")
            steps, lookup, kind = suffix(parts[end:], kind, where, with_lookup, unsure=kind == "any")
            return Target((), table, (), annotation=head, transforms=steps, lookup=lookup, kind=kind)

    hops, current, position = _start(schema, table, parts, filtered)
    while position < len(parts):
        found, end = _step(schema, current, parts, position)
        if isinstance(found, Relation):
            hops.append(found)
            target = schema.table(found.target)
            assert target is not None, "a relation leads to a table of the same schema"
            current, position = target, end
            continue
        if found is not None:
            where = f"{current.name}.{found[0].field}" if len(found) == 1 else f"{current.name}.pk"
            kind = found[0].kind if len(found) == 1 else "any"
            items = found[0].items if len(found) == 1 else None
            steps, lookup, kind = suffix(parts[end:], kind, f"{where} ({kind})", with_lookup, items=items)
            return Target(tuple(hops), current, found, transforms=steps, lookup=lookup, kind=kind)
        if hops and parts[position] in LOOKUPS and position == len(parts) - 1 and with_lookup:
            return _relation_target(tuple(hops), current, parts[position])
        if parts[position] == "" and position > 0:
            raise LookupNotFound(f"'{name}' on {table.name} ends in '__' with nothing after it")
        raise field_not_found(schema, current, parts[position], extra=() if hops else annotations)
    return _relation_target(tuple(hops), current, "exact")


def kind_of(
    schema: Schema,
    table: Table,
    node: Expression,
    annotations: Mapping[str, Annotate] = _NOTHING,
    filtered: Mapping[str, FilteredJoin] = _NONE,
) -> Kind:
    """The kind of an expression's values; ``"any"`` where its node does not say it.

    Args:
        schema: The schema that the table belongs to.
        table: The table of the query that the expression stands in.
        node: The expression.
        annotations: Names that were added by ``annotate``.
        filtered: Relations that were added by ``annotate``.
    """
    return _Kinds(schema, table, annotations, filtered).of(node)


class _Kinds:
    """The kinds of the annotations of one query; each is found once, as others may be made of it."""

    def __init__(
        self,
        schema: Schema,
        table: Table,
        annotations: Mapping[str, Annotate],
        filtered: Mapping[str, FilteredJoin],
    ) -> None:
        self._schema = schema
        self._table = table
        self._annotations = annotations
        self._filtered = filtered
        self._known: dict[str, Kind] = {}

    def annotation(self, name: str) -> Kind:
        if name not in self._known:
            self._known[name] = self.of(self._annotations[name].expression)
        return self._known[name]

    def of(self, node: Expression) -> Kind:
        return expression_kinds.expression_kind(node, self._named, self._inside)

    def _named(self, name: str) -> Kind:
        target = resolve(
            self._schema,
            self._table,
            name,
            annotations=self._annotations,
            filtered=self._filtered,
            kinds=self,
        )
        return target.kind

    def _inside(self, shape: Shape, name: str) -> Kind:
        table = self._schema.table(shape.table)
        assert table is not None, "a shape names a table of its schema"
        return resolve(self._schema, table, name, annotations=shape.annotations, filtered=shape.filtered).kind


def resolve_relations(
    schema: Schema, table: Table, path: str, filtered: Mapping[str, FilteredJoin] = _NONE
) -> tuple[Relation, ...]:
    """The relations along a path, for loading.

    Args:
        schema: The schema that the table belongs to.
        table: Where the path starts.
        path: Names of relations, joined by ``__`` (``"author__profile"``).
        filtered: Relations that were added by ``annotate``.

    Raises:
        RelationNotFound: A part is not a relation of the table that it is looked for on.
        UsageError: The path is no text.
    """
    parts = path.split("__")
    hops, current, position = _start(schema, table, parts, filtered)
    while position < len(parts):
        relation, end = _step(schema, current, parts, position)
        if not isinstance(relation, Relation):
            part = parts[position]
            relations = schema.relations_of(current.name)
            hint = did_you_mean(part, relations)
            if hint is None:
                hint = (
                    f"its relations are: {', '.join(sorted(relations))}"
                    if relations
                    else "it has no relations"
                )
            message = f"no relation '{part}' on {current.name}"
            if current.column(part):
                message = f"'{part}' is a field of {current.name}, not a relation"
            raise RelationNotFound(message, hint=hint)
        hops.append(relation)
        target = schema.table(relation.target)
        assert target is not None, "a relation leads to a table of the same schema"
        current, position = target, end
    return tuple(hops)


def _start(
    schema: Schema, table: Table, parts: list[str], filtered: Mapping[str, FilteredJoin]
) -> tuple[list[Relation], Table, int]:
    """Where a path goes on behind the name of a filtered relation; at the table where it has none."""
    join = filtered.get(parts[0])
    if join is None:
        return [], table, 0
    *before, last = resolve_relations(schema, table, join.relation, filtered)
    known: dict[str, Any] = {name: getattr(last, name) for name in Relation.__struct_fields__}
    known["name"] = join.name
    target = schema.table(last.target)
    assert target is not None, "a relation leads to a table of the same schema"
    return [*before, FilteredHop(join=join, **known)], target, 1


def _step(
    schema: Schema, table: Table, parts: list[str], position: int
) -> tuple[Relation | tuple[Column, ...] | None, int]:
    """The longest run of parts that names a relation or a field: names may hold ``__`` themselves."""
    relations = schema.relations_of(table.name)
    for end in range(len(parts), position, -1):
        written = "__".join(parts[position:end])
        following = _without_underscore(parts, end)
        for name in (written,) if following is None else (f"{written}_", written):
            column = table.column(name)
            found: Relation | tuple[Column, ...] | None = relations.get(name)
            if found is None and column is not None:
                found = (column,)
            elif found is None and name in ("pk", table.rowid):
                found = key_columns(table) or None
            if found is not None:
                if following is not None and name != written:
                    parts[end:] = following
                return found, end
    return None, position


def _without_underscore(parts: list[str], end: int) -> list[str] | None:
    """The parts from ``end`` on, when the name before them may own one more underscore.

    ``class___in`` is the field ``class_`` and the lookup ``in``; ``class____2nd`` is ``class_`` and ``_2nd``.
    """
    if end < len(parts) and parts[end].startswith("_"):
        return [parts[end][1:], *parts[end + 1 :]]
    if end + 1 < len(parts) and parts[end] == "":
        return [f"_{parts[end + 1]}", *parts[end + 2 :]]
    return None


def split_first(path: str, names: Container[str]) -> tuple[str, str]:
    """Part a path of relations after the first: ``class___school`` may be ``class_`` and ``school``.

    Args:
        path: Names of relations, joined by ``__``.
        names: The relations that the first one can be.

    Returns:
        The first name and the rest of the path, ``""`` when there is none.
    """
    name, _, rest = path.partition("__")
    if name not in names and rest.startswith("_"):
        return f"{name}_", rest[1:]
    return name, rest


def _relation_target(hops: tuple[Relation, ...], table: Table, lookup: str) -> Target:
    last = hops[-1]
    if last.forward or last.through is not None:
        columns = tuple(column for name in last.target_columns if (column := table.column(name)) is not None)
    else:
        columns = key_columns(table) or tuple(
            column for name in last.target_columns if (column := table.column(name)) is not None
        )
    kind = columns[0].kind if len(columns) == 1 else "any"
    return Target(hops, table, columns, relation=last, lookup=lookup, kind=kind)
