"""The model classes: what a row has, and what can be done with it."""

from __future__ import annotations

from noormme.codegen.python.inputs import insert_variants
from noormme.codegen.python.parts import Module
from noormme.codegen.python.text import docstring, indented, one_line
from noormme.codegen.python.types import literal, optional
from noormme.query.resolve import model_columns
from noormme.schema.model import Column, Table

__all__ = ["about", "base_name", "model_base", "model_class"]


def model_class(module: Module, table: Table) -> list[str]:
    """The class of a table's rows.

    Args:
        module: The module that it is for.
        table: The table.
    """
    body = docstring(about(table))
    body.append("")
    for column in model_columns(table):
        typed = module.typed(table, column)
        body.append(f"{column.field}: {optional(typed.read, typed.nullable)}")
        if column.comment:
            body += docstring(column.comment)
        elif column.generated or column.on_update:
            body += docstring(_filled(column))
    for relation in module.relations(table):
        target = module.target(relation)
        kind = module.names.of(target, "Related") if relation.to_many else module.to_one(relation)
        body.append(f"{relation.name}: {kind}")
    if body[-1] == "":
        body.pop()
    return [f"class {table.model}({base_name(module, table)}, table={literal(table.name)}):", *indented(body)]


def base_name(module: Module, table: Table) -> str:
    """The name of what the class of a table's rows derives from.

    Args:
        module: The module.
        table: The table.
    """
    return module.names.private(table.model, "base")


def model_base(module: Module, table: Table) -> list[str]:
    """The methods of a table's rows that take names, for type checkers.

    A class of its own, because pyright gives up on a module with a condition in each of some hundred classes.

    Args:
        module: The module that it is for.
        table: The table.
    """
    return [f"class {base_name(module, table)}(models.Model):", *indented(_methods(module, table))]


def about(table: Table) -> str:
    """What is said of a table: its comment, or its name.

    Args:
        table: The table.
    """
    if table.comment and table.comment.strip():
        return table.comment
    kind = {"table": "table", "view": "view", "virtual": "virtual table"}[table.kind]
    return f"One row of the {kind} {one_line(table.name)!r}."


def _filled(column: Column) -> str:
    if column.on_update:
        return f"The database sets it when the row is changed: {column.on_update}"
    return f"Computed by the database: {column.expression or 'generated'}"


def _methods(module: Module, table: Table) -> list[str]:
    classvar = module.typing("ClassVar")
    lines = [f"objects: {classvar}[{module.names.of(table, 'Manager')}]", ""]
    lines += ["@property", f"def pk(self) -> {module.key(table)}: ..."]
    if module.writable(table):
        changes = module.unpacked(table, "Update")
        returned = module.typing("Self")
        lines += [
            *_constructors(module, table),
            f"def update(self, /, **values: {changes}) -> {returned}: ...",
            f"async def aupdate(self, /, **values: {changes}) -> {returned}: ...",
        ]
    return lines


def _constructors(module: Module, table: Table) -> list[str]:
    variants = insert_variants(module, table)
    lines: list[str] = []
    for variant in variants:
        if len(variants) > 1:
            lines.append(f"@{module.typing('overload')}")
        lines.append(f"def __init__(self, /, **values: {module.typing('Unpack')}[{variant}]) -> None: ...")
    if len(variants) > 1:
        lines += module.implementation(
            f"def __init__(self, /, **values: {module.typing('Any')}) -> None: ..."
        )
    return lines
