"""From a written name (``"author__email__icontains"``) to relations, columns, transforms and lookup.

Invariant: this is the only place that splits names at ``__``; whatever cannot be resolved raises the
named error with a suggestion here, so no later step meets an unknown name.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

import msgspec

from noormme.errors import FieldNotFound, LookupNotFound, RelationNotFound, UsageError, did_you_mean
from noormme.query.lookups import LOOKUPS, TRANSFORMS
from noormme.schema.model import Column, Kind, Relation, Schema, Table

__all__ = [
    "Target",
    "field_not_found",
    "key_columns",
    "model_columns",
    "resolve",
    "resolve_relations",
    "split_first",
]


class Target(msgspec.Struct, frozen=True):
    """What a name means.

    Attributes:
        hops: The relations to follow from the query's table.
        table: The table at the end of the hops.
        columns: The columns at the end; several for a composite key, none for an annotation.
        annotation: The annotation's name, when the name is one.
        relation: The last relation, when the name ends with it and not with a field.
        transforms: Transforms to apply, in order.
        lookup: The lookup; ``"exact"`` where none was written.
    """

    hops: tuple[Relation, ...]
    table: Table
    columns: tuple[Column, ...]
    annotation: str | None = None
    relation: Relation | None = None
    transforms: tuple[str, ...] = ()
    lookup: str = "exact"

    @property
    def kind(self) -> Kind:
        """The kind of the value after the transforms; ``"any"`` for annotations and composite keys."""
        if self.transforms:
            return TRANSFORMS[self.transforms[-1]].gives
        return self.columns[0].kind if len(self.columns) == 1 else "any"

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
    annotations: Container[str] = (),
    with_lookup: bool = False,
) -> Target:
    """Find what ``name`` means on ``table``.

    Args:
        schema: The schema that both belong to.
        table: Where the path starts.
        name: Relations, a field, transforms and (for conditions) a lookup, joined by ``__``. A field
            may be written as its Python name or as the exact name in the database.
        annotations: Names that were added by ``annotate``; they win over fields.
        with_lookup: Whether a lookup may follow.

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
            transforms, lookup = _suffix(parts[end:], "any", f"annotation '{head}'", with_lookup)
            return Target((), table, (), annotation=head, transforms=transforms, lookup=lookup)

    hops: list[Relation] = []
    current = table
    position = 0
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
            kind: Kind = found[0].kind if len(found) == 1 else "any"
            transforms, lookup = _suffix(parts[end:], kind, f"{where} ({kind})", with_lookup)
            return Target(tuple(hops), current, found, transforms=transforms, lookup=lookup)
        if hops and parts[position] in LOOKUPS and position == len(parts) - 1 and with_lookup:
            return _relation_target(tuple(hops), current, parts[position])
        if parts[position] == "" and position > 0:
            raise LookupNotFound(f"'{name}' on {table.name} ends in '__' with nothing after it")
        extra = annotations if isinstance(annotations, Iterable) and not hops else ()
        raise field_not_found(schema, current, parts[position], extra=extra)
    return _relation_target(tuple(hops), current, "exact")


def resolve_relations(schema: Schema, table: Table, path: str) -> tuple[Relation, ...]:
    """The relations along a path, for loading.

    Args:
        schema: The schema that the table belongs to.
        table: Where the path starts.
        path: Names of relations, joined by ``__`` (``"author__profile"``).

    Raises:
        RelationNotFound: A part is not a relation of the table that it is looked for on.
        UsageError: The path is no text.
    """
    hops: list[Relation] = []
    current = table
    parts = path.split("__")
    position = 0
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
    return Target(hops, table, columns, relation=last, lookup=lookup)


def _suffix(parts: list[str], kind: Kind, where: str, with_lookup: bool) -> tuple[tuple[str, ...], str]:
    """Split what follows a field into transforms and a lookup."""
    transforms: list[str] = []
    for index, part in enumerate(parts):
        transform = TRANSFORMS.get(part)
        if transform is not None and (
            kind in transform.takes or (kind == "any" and where.startswith("annotation"))
        ):
            transforms.append(part)
            kind = transform.gives
            continue
        if with_lookup and part in LOOKUPS and index == len(parts) - 1:
            return tuple(transforms), part
        usable = [name for name, item in TRANSFORMS.items() if kind in item.takes]
        names = [*usable, *(LOOKUPS if with_lookup else ())]
        if part in LOOKUPS and with_lookup:
            raise LookupNotFound(
                f"'{part}' on {where} must be the last part, but '{parts[index + 1]}' follows",
                hint="a lookup ends the name",
            )
        if part in LOOKUPS:
            raise LookupNotFound(f"'{part}' is a lookup, and only conditions take lookups, on {where}")
        if transform is not None:
            raise LookupNotFound(
                f"'{part}' does not apply to {where}",
                hint=f"it needs a field of kind {' or '.join(sorted(transform.takes))}",
            )
        raise LookupNotFound(
            f"no lookup or transform '{part}' on {where}",
            hint=did_you_mean(part, names) or f"there are: {', '.join(names) or 'none'}",
        )
    return tuple(transforms), "exact"
