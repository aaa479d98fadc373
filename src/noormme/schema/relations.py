"""From foreign keys to relations: which there are, in both directions, and what they are called.

Invariant: the relations and their names depend on what the tables are, never on the order in which
tables, columns or keys come. No two fields or relations of one table share a name: names are given
strongest first (fields, then the side that holds the key, then the other side, then many-to-many),
each group in a sorted order, and whoever finds a name taken uses its longer one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from noormme.schema.model import ForeignKey, Relation, SchemaWarning, Table
from noormme.schema.naming import (
    RESERVED_FIELD_NAMES,
    NameOverrides,
    field_name,
    free_name,
    is_usable,
    join_names,
    refused_override,
    relation_name,
    singular_name,
)

__all__ = ["derive", "raw_fields"]

_ENDINGS = ("_id", "_uuid", "_fk", "_key")
_BARE, _TARGET = len(_ENDINGS) + 1, len(_ENDINGS) + 2
"""Ranks of the names of a column without an ending and of the target, after those of the endings."""


class _Reference(msgspec.Struct):
    """One foreign key that leads to a table: what it is and, in the end, what it is called.

    ``role`` is the name that the key's columns suggest and ``rank`` how strongly they do; ``name`` is
    what the child calls its parent.
    """

    child: Table
    parent: Table
    columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    role: str
    rank: int
    unique: bool
    nullable: bool
    name: str = ""

    @property
    def order(self) -> tuple[int, tuple[str, ...], str, tuple[str, ...]]:
        return (self.rank, self.columns, self.parent.name, self.target_columns)


def derive(
    tables: Sequence[Table], names: NameOverrides | None = None
) -> tuple[tuple[Relation, ...], tuple[SchemaWarning, ...]]:
    """Derive every direction of every relation between tables.

    Args:
        tables: The tables, with their final managers and fields. A foreign key whose target is not
            among them gives no relation.
        names: Names to use instead of those that the rules give.

    Returns:
        The relations, sorted by source and name, and a warning for each name that was taken and each
        override that could not be used.
    """
    by_name = {table.name: table for table in tables}
    by_child = [found for table in tables if table.foreign_keys and (found := _references(table, by_name))]
    references = [reference for found in by_child for reference in found]
    namespaces = _Namespaces()
    for reference in references:
        reference.name = namespaces.claim(reference.child, _forward_names(reference), reference)
    pairs = [*_one_to_many(references, namespaces), *_many_to_many(by_child, namespaces)]
    relations = [relation for pair in pairs for relation in pair]
    if names is not None and names.relations:
        relations = _renamed(relations, names.relations, by_name, namespaces)
    relations.sort(key=lambda relation: (relation.source, relation.name))
    return tuple(relations), tuple(namespaces.warnings)


def raw_fields(table: Table, fields: Mapping[str, str], tables: Mapping[str, Table]) -> dict[str, str]:
    """Give new fields to the key columns whose own name goes to the relation, as Django does.

    Args:
        table: The table.
        fields: Its columns, by exact name, with their fields by the rules.
        tables: All tables by exact name.

    Returns:
        Exact column name to field: ``{"manager": "manager_id"}`` where ``manager`` is a foreign key.
    """
    renamed: dict[str, str] = {}
    for key in table.foreign_keys:
        field = fields.get(key.columns[0], "") if len(key.columns) == 1 else ""
        parent = tables.get(key.target)
        # The relation never has the name of a column with an ending, and nearly every column has one.
        if field.endswith(_ENDINGS) or parent is None or not _resolved(key, fields, parent):
            continue
        if _role(key.columns, parent, key.target_columns)[0] == field:
            renamed[key.columns[0]] = f"{field.rstrip('_')}_id"
    return renamed


def _references(table: Table, tables: Mapping[str, Table]) -> list[_Reference]:
    """The foreign keys of a table that lead somewhere, each once, strongest name first."""
    columns = {column.name: column for column in table.columns}
    unique = table.unique_keys
    found: list[_Reference] = []
    for key in table.foreign_keys:
        parent = tables.get(key.target)
        if parent is None or not _resolved(key, columns, parent):
            continue
        role, rank = _role(key.columns, parent, key.target_columns)
        found.append(
            _Reference(
                child=table,
                parent=parent,
                columns=key.columns,
                target_columns=key.target_columns,
                role=role,
                rank=rank,
                unique=frozenset(key.columns) in unique,
                nullable=True in [columns[name].nullable for name in key.columns],
            )
        )
    return _each_once(found) if len(found) > 1 else found


def _each_once(references: list[_Reference]) -> list[_Reference]:
    found: dict[tuple[str, frozenset[tuple[str, str]]], _Reference] = {}
    for reference in sorted(references, key=lambda reference: reference.order):
        pairs = frozenset(zip(reference.columns, reference.target_columns, strict=True))
        found.setdefault((reference.parent.name, pairs), reference)
    return list(found.values())


def _resolved(key: ForeignKey, own: Iterable[str], parent: Table) -> bool:
    """Whether the key says which columns it compares, and both tables have them."""
    return (
        0 < len(key.columns) == len(key.target_columns)
        and set(key.columns).issubset(own)
        and (
            key.target_columns == parent.primary_key
            or {column.name for column in parent.columns}.issuperset(key.target_columns)
        )
    )


def _role(columns: tuple[str, ...], parent: Table, target_columns: tuple[str, ...]) -> tuple[str, int]:
    """What the columns of a foreign key call the row that they point at, and how strongly."""
    if len(columns) == 1:
        field = field_name(columns[0])
        endings = (*_ENDINGS, f"_{field_name(target_columns[0])}")
        for rank, ending in enumerate(endings):
            if field.endswith(ending) and len(field) > len(ending):
                return relation_name(field[: -len(ending)]), rank
        if f"_{field.lstrip('_')}" not in _ENDINGS:
            return field, _BARE
    return relation_name(singular_name(parent.manager)), _TARGET


def _forward_names(reference: _Reference) -> Iterator[str]:
    yield reference.role
    fields = "_".join([field_name(name).strip("_") for name in reference.columns])
    yield join_names(reference.role, "by", fields.removeprefix(f"{reference.role}_"))


def _one_to_many(
    references: Sequence[_Reference], namespaces: _Namespaces
) -> Iterator[tuple[Relation, Relation]]:
    """Both directions of every foreign key: the children's names are given, the parents' are given here."""
    siblings = Counter([(reference.parent.name, reference.child.name) for reference in references])
    named = [
        (reference, _reverse_name(reference, siblings[reference.parent.name, reference.child.name]))
        for reference in references
    ]
    # A table that has the name itself is stronger than one whose singular, or whose role, gives it.
    named.sort(key=lambda pair: (pair[1] != pair[0].child.manager, pair[0].child.name, pair[0].order))
    for reference, name in named:
        inverse = namespaces.claim(reference.parent, _reverse_names(reference, name), reference)
        yield (
            Relation(
                source=reference.child.name,
                name=reference.name,
                kind="one_to_one" if reference.unique else "many_to_one",
                target=reference.parent.name,
                columns=reference.columns,
                target_columns=reference.target_columns,
                forward=True,
                nullable=reference.nullable,
                inverse=inverse,
            ),
            Relation(
                source=reference.parent.name,
                name=inverse,
                kind="one_to_one" if reference.unique else "one_to_many",
                target=reference.child.name,
                columns=reference.target_columns,
                target_columns=reference.columns,
                inverse=reference.name,
            ),
        )


def _reverse_name(reference: _Reference, siblings: int) -> str:
    if reference.child is reference.parent and reference.role == "parent":
        return "child" if reference.unique else "children"
    plain = _child_name(reference)
    return plain if siblings == 1 else join_names(plain, "as", reference.name)


def _reverse_names(reference: _Reference, name: str) -> Iterator[str]:
    yield name
    yield join_names(_child_name(reference), "as", reference.name)


def _child_name(reference: _Reference) -> str:
    manager = reference.child.manager
    return singular_name(manager) if reference.unique else manager


def _many_to_many(
    by_child: Iterable[list[_Reference]], namespaces: _Namespaces
) -> Iterator[tuple[Relation, Relation]]:
    """Both directions of every relation through a junction table."""
    pairs = [pair for found in by_child for pair in _junctions(found)]
    ends = [end for near, far in pairs for end in ((near, far), (far, near))]
    targets = Counter([(near.parent.name, far.parent.name) for near, far in ends])
    through = Counter([(near.parent.name, far.parent.name, near.child.name) for near, far in ends])
    names: dict[tuple[int, int], str] = {}
    for near, far in sorted(ends, key=lambda end: (end[0].child.name, end[0].order, end[1].order)):
        candidates = _many_names(
            near,
            far,
            alone=targets[near.parent.name, far.parent.name] == 1,
            alone_through=through[near.parent.name, far.parent.name, near.child.name] == 1,
        )
        names[id(near), id(far)] = namespaces.claim(near.parent, candidates, near)
    for near, far in pairs:
        there, back = names[id(near), id(far)], names[id(far), id(near)]
        yield _through(near, far, there, back), _through(far, near, back, there)


def _junctions(references: list[_Reference]) -> Iterator[tuple[_Reference, _Reference]]:
    """The pairs of foreign keys that are, together and only together, a key of their table."""
    keys = references[0].child.unique_keys if len(references) > 1 else ()
    for near, far in combinations(references, 2):
        both = frozenset(near.columns + far.columns)
        if both in keys and len(both) > max(len(near.columns), len(far.columns)):
            yield near, far


def _many_names(near: _Reference, far: _Reference, *, alone: bool, alone_through: bool) -> Iterator[str]:
    if alone:
        yield far.parent.manager
    via = join_names(far.parent.manager, "via", near.child.manager)
    if alone_through:
        yield via
    yield join_names(via, "as", near.name)


def _through(near: _Reference, far: _Reference, name: str, inverse: str) -> Relation:
    return Relation(
        source=near.parent.name,
        name=name,
        kind="many_to_many",
        target=far.parent.name,
        columns=near.target_columns,
        target_columns=far.target_columns,
        inverse=inverse,
        through=near.child.name,
        through_columns=near.columns,
        through_target_columns=far.columns,
    )


class _Namespaces:
    """The names that are taken on each table, fields first."""

    def __init__(self) -> None:
        self.warnings: list[SchemaWarning] = []
        self._taken: dict[str, set[str]] = {}

    def taken(self, table: Table) -> set[str]:
        """The names of the table's fields and of the relations that it has by now."""
        names = self._taken.get(table.name)
        if names is None:
            names = self._taken[table.name] = {column.field for column in table.columns}
        return names

    def claim(self, table: Table, candidates: Iterator[str], reference: _Reference) -> str:
        """Give the first candidate that is free, or else the last with a number."""
        taken = self.taken(table)
        wanted = name = relation_name(next(candidates))
        while name in taken:
            following = next(candidates, None)
            name = free_name(name, taken) if following is None else relation_name(following)
        if name != wanted:
            self.warnings.append(_collision(table, wanted, name, reference))
        taken.add(name)
        return name


def _collision(table: Table, wanted: str, name: str, reference: _Reference) -> SchemaWarning:
    columns = ", ".join(reference.columns)
    return SchemaWarning(
        code="name_collision",
        table=table.name,
        message=f"{table.name}: the relation by {reference.child.name} ({columns}) is called '{name}', "
        f"because '{wanted}' is a field or another relation",
        column=reference.columns[0] if table is reference.child and len(reference.columns) == 1 else None,
    )


def _renamed(
    relations: list[Relation],
    wanted: Mapping[str, Mapping[str, str]],
    tables: Mapping[str, Table],
    namespaces: _Namespaces,
) -> list[Relation]:
    """Put the names that a person chose in the place of the derived ones, where they can be used."""
    derived: dict[str, set[str]] = {name: set() for name in tables}
    for relation in relations:
        derived[relation.source].add(relation.name)
    renamed: dict[tuple[str, str], str] = {}
    for table, chosen in sorted(wanted.items()):
        taken = namespaces.taken(tables[table]) if table in tables else set[str]()
        usable, warnings = _usable(table, chosen, derived.get(table, set()), taken)
        namespaces.warnings += warnings
        renamed |= {(table, old): new for old, new in usable.items()}
    return [
        msgspec.structs.replace(
            relation,
            name=renamed.get((relation.source, relation.name), relation.name),
            inverse=renamed.get((relation.target, relation.inverse), relation.inverse),
        )
        for relation in relations
    ]


def _usable(
    table: str, chosen: Mapping[str, str], derived: set[str], taken: set[str]
) -> tuple[dict[str, str], list[SchemaWarning]]:
    """Take those of the chosen names that exist, are names, and leave every name of the table single."""
    usable: dict[str, str] = {}
    warnings: list[SchemaWarning] = []
    for old, new in sorted(chosen.items()):
        if old not in derived:
            warnings.append(refused_override(table, _named(old, new), "there is no such relation"))
        elif not is_usable(new, RESERVED_FIELD_NAMES):
            warnings.append(
                refused_override(table, _named(old, new), "it is no identifier, or one that is reserved")
            )
        else:
            usable[old] = new
    # A refused name stays where it was, which can take the place of another: so look again.
    while clash := _clash(usable, taken - usable.keys()):
        warnings.append(refused_override(table, _named(clash, usable.pop(clash)), "it is taken"))
    return usable, warnings


def _named(old: str, new: str) -> str:
    return f"the name '{new}' for the relation '{old}'"


def _clash(chosen: Mapping[str, str], taken: set[str]) -> str | None:
    seen = set(taken)
    for old, new in chosen.items():
        if new in seen:
            return old
        seen.add(new)
    return None
