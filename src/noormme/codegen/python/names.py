"""The names that a generated module needs besides those of the schema.

Invariant: a name of the schema is never changed; whatever else the module calls something gives way to it. Fields are
lower case and classes begin with a capital, so each can only meet others of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from noormme.query.resolve import model_columns
from noormme.schema.model import Schema, Table

__all__ = ["Names"]

SUFFIXES = (
    "Field",
    "Insert",
    "Lookups",
    "Manager",
    "Order",
    "Path",
    "Queries",
    "QuerySet",
    "Related",
    "Relation",
    "Repository",
    "Rows",
    "Update",
    "Values",
)
"""What the classes and types of a table are called, behind the name of its model."""


class Names:
    """What things are called in one module.

    Args:
        schema: The schema.
    """

    def __init__(self, schema: Schema) -> None:
        self.classes = {table.model for table in schema}
        self.members = {*_members(schema)}
        self._stems: dict[str, str] = {}
        self._private: dict[tuple[str, object], str] = {}
        taken = {*self.classes}
        for table in sorted(schema, key=lambda table: table.name):
            # Tools want the name of a type to begin with a capital, which a digit is not.
            stem = f"Table{table.model[1:]}" if table.model[:1] == "_" else table.model
            while any(name in taken for name in _of_stem(stem)):
                stem += "_"
            taken |= {*_of_stem(stem)}
            self._stems[table.name] = stem
        self._taken = taken

    def of(self, table: Table, suffix: str) -> str:
        """The name of one of a table's own classes: ``UserManager``.

        Args:
            table: The table.
            suffix: What it is, one of ``SUFFIXES``.
        """
        return self._stems[table.name] + suffix

    def annotated(self, table: Table) -> str:
        """The name of the class of a table's rows with annotations."""
        return "Annotated" + self._stems[table.name]

    def imported(self, name: str) -> str:
        """What a class that the module imports is called in it.

        Args:
            name: Its own name, which begins with a capital.
        """
        while name in self._taken:
            name += "_"
        return name

    def module(self, name: str) -> str:
        """What a module that the module imports is called in it.

        Args:
            name: Its own name, in lower case.
        """
        while name in self.members:
            name += "_"
        return name

    def builtin(self, name: str) -> str:
        """What a type of Python's own is called: another name where a field hides it in the body of its class."""
        return self.imported(name.capitalize()) if name in self.members else name

    def private(self, wanted: str, key: object) -> str:
        """A name with an underscore in front for a class that tables share; the same for the same key.

        Args:
            wanted: What it is to be called.
            key: What tells it from others that want the name.
        """
        found = self._private.get((wanted, key))
        if found is None:
            name, number = f"_{wanted}", 1
            while name in self._taken:
                number += 1
                name = f"_{wanted}{number}"
            self._taken.add(name)
            found = self._private[wanted, key] = name
        return found


def _of_stem(stem: str) -> Iterator[str]:
    yield f"Annotated{stem}"
    for suffix in SUFFIXES:
        yield stem + suffix


def _members(schema: Schema) -> Iterator[str]:
    """All names that stand in the body of a class."""
    for table in schema:
        yield table.manager
        for column in model_columns(table):
            yield column.field
    for relation in schema.relations:
        yield relation.name
