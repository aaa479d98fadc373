"""The typed dicts of what is written and of what is read as dicts: ``UserInsert``, ``UserUpdate``, ``UserValues``."""

from __future__ import annotations

from itertools import product

from noormme.codegen.python.parts import Module
from noormme.codegen.python.types import optional
from noormme.query.resolve import model_columns
from noormme.schema.defaults import required
from noormme.schema.model import Column, Relation, Table

__all__ = ["child_insert", "inputs", "insert_variants"]

_MOST_REFERENCES = 3
"""A required reference is given by its column or by its object: each one doubles the number of typed dicts."""


def insert_variants(module: Module, table: Table) -> list[str]:
    """The names of the typed dicts of a new row: one for each way to give its required references.

    Args:
        module: The module.
        table: The table.
    """
    first = module.names.of(table, "Insert")
    names = [first]
    for combination in _combinations(module, table)[1:]:
        key = tuple(relation.name for relation, by_object in combination if by_object)
        wanted = f"{first}By{''.join(part.title().replace('_', '') for part in key)}"
        names.append(module.names.private(wanted, (table.name, key)))
    return names


def child_insert(module: Module, table: Table) -> str:
    """The name of the typed dict of a new row whose references are filled in by its related manager."""
    if not _choices(module, table):
        return module.names.of(table, "Insert")
    return module.names.private(f"{module.names.of(table, 'Insert')}Related", table.name)


def inputs(module: Module, table: Table) -> list[list[str]]:
    """The classes, each as its lines.

    Args:
        module: The module that they are for.
        table: The table.
    """
    classes = [_values(module, table)]
    if module.writable(table):
        classes += [_update(module, table), *_inserts(module, table)]
    return classes


def _choices(module: Module, table: Table) -> list[Relation]:
    """The required references, as far as each way to give them has a typed dict of its own."""
    found: dict[str, Relation] = {}
    for relation in module.references(table):
        found.setdefault(relation.columns[0], relation)
    return list(found.values())[:_MOST_REFERENCES]


def _combinations(module: Module, table: Table) -> list[list[tuple[Relation, bool]]]:
    choices = _choices(module, table)
    ways = product((False, True), repeat=len(choices))
    return [list(zip(choices, way, strict=True)) for way in ways]


def _values(module: Module, table: Table) -> list[str]:
    lines = [f"class {module.names.of(table, 'Values')}({module.typed_dict}):"]
    lines += [f"    {path.name}: {path.read}" for path in module.paths(table)]
    return lines if len(lines) > 1 else [*lines, "    ..."]


def _settable(table: Table) -> list[Column]:
    return [column for column in model_columns(table) if column.generated is None]


def _update(module: Module, table: Table) -> list[str]:
    lines = [f"class {module.names.of(table, 'Update')}({module.typed_dict}, total=False, closed=True):"]
    operand = module.queries("Operand")
    for column in _settable(table):
        typed = module.typed(table, column)
        lines.append(f"    {column.field}: {_operand(operand, optional(typed.write, typed.nullable))}")
    for relation in _forward(module, table):
        lines.append(f"    {relation.name}: {module.to_one(relation)}")
    return lines if len(lines) > 1 else [*lines, "    ..."]


def _operand(operand: str, text: str) -> str:
    return text if text.rstrip("_") == "Any" else f"{operand}[{text}]"


def _forward(module: Module, table: Table) -> list[Relation]:
    return [relation for relation in module.relations(table) if relation.forward]


def _inserts(module: Module, table: Table) -> list[list[str]]:
    typed_dict, optional_key = module.typed_dict, module.typing("NotRequired")
    choices = _choices(module, table)
    chosen = {relation.columns[0] for relation in choices}
    known = {relation.columns[0] for relation in module.references(table)}
    body: list[str] = []
    for column in _settable(table):
        if column.name in chosen:
            continue
        typed = module.typed(table, column)
        text = optional(typed.write, typed.nullable)
        needed = required(table, column) and column.name not in known
        body.append(f"    {column.field}: {text if needed else f'{optional_key}[{text}]'}")
    body += [
        f"    {relation.name}: {optional_key}[{module.to_one(relation)}]"
        for relation in _forward(module, table)
        if relation not in choices
    ]
    body = body or ["    ..."]
    first = module.names.of(table, "Insert")
    if not choices:
        return [[f"class {first}({typed_dict}, closed=True):", *body]]
    base = module.names.private(f"{first}Base", table.name)
    classes = [[f"class {base}({typed_dict}):", *body]]
    for name, combination in zip(insert_variants(module, table), _combinations(module, table), strict=True):
        lines = [f"class {name}({base}, closed=True):"]
        for relation, by_object in combination:
            lines.append(_reference(module, table, relation, by_object=by_object))
        classes.append(lines)
    related = [f"class {child_insert(module, table)}({base}, total=False, closed=True):"]
    for relation in choices:
        for by_object in (False, True):
            related.append(_reference(module, table, relation, by_object=by_object))
    return [*classes, related]


def _reference(module: Module, table: Table, relation: Relation, *, by_object: bool) -> str:
    if by_object:
        return f"    {relation.name}: {module.target(relation).model}"
    column = table.column(relation.columns[0])
    assert column is not None, "a relation names columns of its table"
    return f"    {column.field}: {module.typed(table, column).write}"
