"""The class of the database, and what opens it."""

from __future__ import annotations

from noormme.codegen.python.parts import Module
from noormme.codegen.python.text import indented, wrapped
from noormme.codegen.python.types import literal
from noormme.schema.naming import RESERVED_DATABASE_NAMES

__all__ = ["connect_function", "database_class"]


def database_class(module: Module, *, checked: bool = True) -> list[str]:
    """The class of the database, which has the managers as attributes.

    Args:
        module: The module.
        checked: Whether type checkers read it.
    """
    body: list[str] = []
    models = [f"{table.model}," if len(module.tables) == 1 else table.model for table in module.tables]
    declared = wrapped("_declared = (", models, ")")
    if module.stub:
        body += _members(module)
    elif checked:
        # Apart, because a table's attribute may hide the model of that name.
        body += [f"if {module.typing('TYPE_CHECKING')}:", *indented(_members(module))]
        body += ["", "else:", *indented(declared)]
    else:
        body += declared
    return [
        f"class {module.names.imported('Database')}(databases.Database):",
        '    """The database; its tables are attributes."""',
        "",
        *indented(body),
    ]


def _members(module: Module) -> list[str]:
    members: list[str] = []
    overload, names = f"@{module.typing('overload')}", _names(module)
    for table in module.tables:
        if table.manager not in RESERVED_DATABASE_NAMES:
            members += ["@property", f"def {table.manager}(self) -> {module.names.of(table, 'Manager')}: ..."]
    for table in module.tables:
        if len(module.tables) > 1:
            members.append(overload)
        manager = module.names.of(table, "Manager")
        members.append(f"def __getitem__(self, name: {names[table.name]}, /) -> {manager}: ...")
    if len(module.tables) > 1:
        members += module.implementation(
            f"def __getitem__(self, name: {module.typing('Any')}, /) -> {module.typing('Any')}: ..."
        )
    for table in module.tables:
        repository = module.names.of(table, "Repository")
        members += [overload, f"def repository(self, name: {names[table.name]}) -> {repository}: ..."]
    given = module.queries("P")
    if module.tables:
        members.append(overload)
    members.append(f"def repository(self, name: {module.types.builtin('type')}[{given}]) -> {given}: ...")
    if module.tables:
        members += module.implementation(
            f"def repository(self, name: {module.typing('Any')}) -> {module.typing('Any')}: ..."
        )
    return members


def _names(module: Module) -> dict[str, str]:
    """The names by which each table is asked for; exact names win."""
    exact = {table.name for table in module.tables}
    found: dict[str, str] = {}
    for table in module.tables:
        names = [table.name]
        if table.manager not in exact:
            names.append(table.manager)
        found[table.name] = f"{module.typing('Literal')}[{', '.join(literal(name) for name in names)}]"
    return found


def connect_function(module: Module) -> list[str]:
    """The function that opens the database.

    Args:
        module: The module.
    """
    database, text = module.names.imported("Database"), module.types.builtin("str")
    path, unpack = module.name("os", "PathLike"), module.typing("Unpack")
    options = module.name("noormme.typed.databases", "SettingsOptions")
    opened = f"    return databases.open_as({database}, target, lazy=lazy, **settings)"
    body = [] if module.stub else [opened]
    return [
        "def connect(",
        f"    target: {text} | {path}[{text}] | None = None,",
        "    *,",
        f"    lazy: {module.types.builtin('bool')} = False,",
        f"    **settings: {unpack}[{options}],",
        f") -> {database}:",
        '    """Open the database, as ``noormme.connect`` does."""',
        *body,
    ]
