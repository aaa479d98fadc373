"""From what an engine found to a finished schema: names, relations and order.

Invariant: the same tables give the same schema, in whatever order they come. Only the order of columns
is the database's own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from msgspec.structs import replace

from noormme.schema.model import Column, Schema, SchemaWarning, Table
from noormme.schema.naming import (
    RESERVED_DATABASE_NAMES,
    RESERVED_FIELD_NAMES,
    NameOverrides,
    allocate,
    is_usable,
    manager_name,
    model_name,
    refused_override,
    singular_name,
)
from noormme.schema.relations import derive, raw_fields
from noormme.schema.search_index import SearchIndex

__all__ = ["assemble"]

_CHOSEN, _EXACT, _MADE, _RAW = range(4)
"""Who has a name that several want: who was given it, who is spelled so, the others, raw keys."""

_VIEW = 4
"""Added to the rank of a view: tables have their names first."""


def assemble(
    dialect: str,
    tables: Iterable[Table],
    views: Iterable[Table],
    *,
    hidden_tables: Iterable[str] = (),
    warnings: Iterable[SchemaWarning] = (),
    names: NameOverrides | None = None,
    search_indexes: Iterable[SearchIndex] = (),
) -> Schema:
    """Finish a schema: name tables, models, fields and relations, and sort everything.

    Does not touch a database and never fails: what cannot have the name that it should have gets
    another one, and a warning says so.

    Args:
        dialect: ``"sqlite"``, ``"postgresql"``, …
        tables: Tables and virtual tables, without managers and models; each column's field is
            ``field_name(column.name)``.
        views: Views, likewise.
        hidden_tables: Names of shadow tables.
        warnings: What the engine had to say.
        names: Names to use instead of those that the rules give.
        search_indexes: Full-text indexes.

    Returns:
        The schema, with the engine's warnings and those of this step.
    """
    chosen = names or NameOverrides()
    found = list(warnings)
    tables, views = sorted(tables, key=_name), sorted(views, key=_name)
    ranks = {view.name: _VIEW for view in views} | {table.name: 0 for table in tables}
    managers = _managers(ranks, chosen.tables, found)
    models = _models(ranks, chosen.models, found)
    for unknown in sorted(chosen.fields.keys() - ranks.keys()):
        found.append(refused_override(unknown, "the field names", "there is no such table"))

    tables = [replace(table, manager=managers[table.name], model=models[table.name]) for table in tables]
    views = [replace(view, manager=managers[view.name], model=models[view.name]) for view in views]
    by_name = {table.name: table for table in tables}
    tables = [_with_fields(table, by_name, chosen.fields.get(table.name, {}), found) for table in tables]
    views = [_with_fields(view, by_name, chosen.fields.get(view.name, {}), found) for view in views]
    relations, about_relations = derive(tables, chosen)
    return Schema(
        dialect=dialect,
        tables=tuple(tables),
        views=tuple(views),
        relations=relations,
        hidden_tables=tuple(sorted(hidden_tables)),
        warnings=tuple(sorted([*found, *about_relations], key=_place)),
        search_indexes=tuple(sorted(search_indexes, key=_searched)),
    )


def _name(table: Table) -> str:
    return table.name


def _searched(index: SearchIndex) -> tuple[str, str]:
    return (index.table, index.name)


def _place(warning: SchemaWarning) -> tuple[str, str, str, str]:
    return (warning.table, warning.column or "", warning.code, warning.message)


def _managers(
    ranks: Mapping[str, int], chosen: Mapping[str, str], found: list[SchemaWarning]
) -> dict[str, str]:
    accepted = _accepted(chosen, ranks, "table", found)
    wanted = {table: manager_name(table) for table in ranks} | accepted
    managers = wanted
    if len(set(wanted.values())) < len(wanted):
        exact = {table for table in ranks if wanted[table] == table}
        managers = allocate(_claims(wanted, ranks, accepted, exact))
        found += _collisions(wanted, managers, "manager")
    for table, manager in managers.items():
        if manager in RESERVED_DATABASE_NAMES:
            how = f'reach it with db["{manager}"], because a Database keeps db.{manager} for itself'
            found.append(SchemaWarning("reserved_name", table, f"{table}: {how}"))
    return managers


def _models(
    ranks: Mapping[str, int], chosen: Mapping[str, str], found: list[SchemaWarning]
) -> dict[str, str]:
    accepted = _accepted(chosen, ranks, "model", found)
    wanted = {table: model_name(table) for table in ranks} | accepted
    if len(set(wanted.values())) == len(wanted):
        return wanted
    exact = {table for table in ranks if table in (wanted[table], singular_name(manager_name(table)))}
    models = allocate(_claims(wanted, ranks, accepted, exact), separator="")
    found += _collisions(wanted, models, "model")
    return models


def _claims(
    wanted: Mapping[str, str], ranks: Mapping[str, int], accepted: Container[str], exact: Container[str]
) -> Iterator[tuple[int, str, str]]:
    for table, name in wanted.items():
        rank = _CHOSEN if table in accepted else ranks[table] + (_EXACT if table in exact else _MADE)
        yield rank, table, name


def _collisions(wanted: Mapping[str, str], given: Mapping[str, str], what: str) -> Iterator[SchemaWarning]:
    for table, name in given.items():
        if name != wanted[table]:
            why = f"its {what} is '{name}', because '{wanted[table]}' is another's"
            yield SchemaWarning("name_collision", table, f"{table}: {why}")


def _with_fields(
    table: Table, tables: Mapping[str, Table], chosen: Mapping[str, str], found: list[SchemaWarning]
) -> Table:
    """Give every column a field of its own, and leave the key columns' names to their relations."""
    wanted = {column.name: column.field for column in table.columns}
    raw = raw_fields(table, wanted, tables) if table.foreign_keys else {}
    if not chosen and not raw and _all_differ(wanted, table.rowid):
        return table

    accepted = _accepted(chosen, wanted, "field", found, table=table.name)
    wanted |= raw | accepted
    ranks = {column: _EXACT if field == column else _MADE for column, field in wanted.items()}
    ranks |= dict.fromkeys(raw, _RAW) | dict.fromkeys(accepted, _CHOSEN)
    fields = allocate(
        [(ranks[column], column, field) for column, field in wanted.items()],
        taken=(table.rowid,) if table.rowid else (),
    )
    for column, field in fields.items():
        if field != wanted[column]:
            why = f"the field of '{column}' is '{field}', because '{wanted[column]}' is another's"
            found.append(SchemaWarning("name_collision", table.name, f"{table.name}: {why}", column))
    return replace(
        table,
        columns=tuple([_with_field(column, fields[column.name]) for column in table.columns]),
    )


def _with_field(column: Column, field: str) -> Column:
    return column if column.field == field else replace(column, field=field)


def _all_differ(fields: Mapping[str, str], rowid: str | None) -> bool:
    names = set(fields.values())
    return len(names) == len(fields) and rowid not in names


def _accepted(
    chosen: Mapping[str, str],
    known: Container[str],
    what: str,
    found: list[SchemaWarning],
    *,
    table: str | None = None,
) -> dict[str, str]:
    """Take the chosen names whose owner exists and that can be used, with a warning for the others."""
    reserved = RESERVED_FIELD_NAMES if what == "field" else frozenset[str]()
    accepted: dict[str, str] = {}
    for owner, name in sorted(chosen.items()):
        where, subject, kind = owner, f"the {what} name '{name}'", "table"
        if table is not None:
            where, subject, kind = table, f"{subject} for '{owner}'", "column"
        if owner not in known:
            found.append(refused_override(where, subject, f"there is no such {kind}"))
        elif not is_usable(name, reserved):
            found.append(refused_override(where, subject, "it is no identifier, or one that is reserved"))
        else:
            accepted[owner] = name
    return accepted
