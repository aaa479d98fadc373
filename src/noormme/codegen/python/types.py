"""The types of values in source text.

Invariant: a type is written with names that no field of the module hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from noormme.codegen.python.names import Names
from noormme.codegen.python.options import PythonOptions
from noormme.schema.choices import OneOf, rules_of
from noormme.schema.model import Column, Kind, Table

__all__ = ["Typed", "Types", "literal", "optional"]


class Typed(msgspec.Struct, frozen=True):
    """The types of a column in source text, without None.

    Attributes:
        read: What its values are.
        write: What it can be set to.
        compared: What it can be compared with.
        kind: The kind that lookups go by.
        nullable: Whether it can be None.
        items: What the elements of an array are.
    """

    read: str
    write: str
    compared: str
    kind: Kind
    nullable: bool
    items: Kind | None = None


class Types:
    """Gives the types of columns, and notes what must be imported for them.

    Args:
        names: What things are called.
        options: Which types the user wants instead.
    """

    def __init__(self, names: Names, options: PythonOptions) -> None:
        self._names = names
        self._custom = {_spelled(key): value for key, value in options.types.items()}
        self._choices: dict[str, Mapping[str, OneOf]] = {}
        self._literals: dict[str, tuple[object, ...]] = {}
        self.modules: dict[str, str] = {}
        self.imports: dict[tuple[str, str], str] = {}

    def builtin(self, name: str) -> str:
        """The name of a type of Python's own; it is imported by another one where a field hides it."""
        found = self._names.builtin(name)
        if found != name:
            # An alias would do for all but ``type``, which mypy takes for one that has no arguments then.
            self.imports["builtins", name] = found
        return found

    def named(self, module: str, name: str) -> str:
        """The name of something that is imported.

        Args:
            module: Where it is from.
            name: What it is called there.
        """
        found = self._names.imported(name)
        self.imports[module, name] = found
        return found

    def of(self, table: Table, column: Column) -> Typed:
        """The types of a column.

        Args:
            table: Its table.
            column: The column.
        """
        custom = self._wanted(table, column)
        if custom is not None:
            return Typed(custom, custom, custom, column.kind, column.nullable, column.items)
        read = self.kind(column.kind, column.items)
        choice = self._choice(table, column)
        if choice is not None:
            chosen = self._literal(choice.values)
            return Typed(chosen, chosen, read, column.kind, column.nullable)
        given = read
        if column.kind == "decimal":
            given = f"{read} | {self.builtin('float')}"
        elif column.kind == "uuid":
            given = f"{read} | {self.builtin('str')}"
        compared = f"{read} | {self.kind('date')}" if column.kind == "datetime" else given
        return Typed(read, given, compared, column.kind, column.nullable, column.items)

    def kind(self, kind: Kind, items: Kind | None = None) -> str:
        """The type of the values of a kind.

        Args:
            kind: The kind.
            items: What the elements of an array are.
        """
        if kind in _BUILTIN:
            return self.builtin(_BUILTIN[kind])
        if kind in _DATETIME:
            return f"{self._module('datetime', 'dt')}.{_DATETIME[kind]}"
        if kind == "decimal":
            return self.named("decimal", "Decimal")
        if kind == "uuid":
            return self.named("uuid", "UUID")
        if kind == "array":
            return f"{self.builtin('list')}[{self.kind(items or 'any')}]"
        return self.named("typing", "Any")

    def row(self, types: Sequence[str]) -> str:
        """The type of a row of values of which each is of any of some types.

        Args:
            types: The types, in source text.
        """
        values = self._union([text.removesuffix(" | None") for text in types])
        value = optional(values, any(text.endswith(" | None") for text in types)) or self.builtin("object")
        return f"{self.builtin('tuple')}[{value}, ...]"

    def _module(self, module: str, alias: str) -> str:
        found = self._names.module(alias)
        self.modules[module] = found
        return found

    def _wanted(self, table: Table, column: Column) -> str | None:
        declared = _spelled(column.declared_type)
        for key in (f"{table.name}.{column.name}", declared, declared.partition("(")[0].strip()):
            found = self._custom.get(_spelled(key)) if key else None
            if found is not None:
                module, _, name = found.rpartition(".")
                return self.named(module, name) if module else self.builtin(name)
        return None

    def _choice(self, table: Table, column: Column) -> OneOf | None:
        """The values that a CHECK constraint allows."""
        known = self._choices.get(table.name)
        if known is None:
            rules = rules_of(table) if table.checks else ()
            known = {rule.column: rule for rule in rules if isinstance(rule, OneOf)}
            self._choices[table.name] = known
        found = known.get(column.name)
        types = {type(value) for value in found.values} if found is not None else set[type]()
        fits = (column.kind == "text" and types == {str}) or (column.kind == "integer" and types == {int})
        return found if fits else None

    def _literal(self, values: Iterable[object]) -> str:
        values = tuple(values)
        text = f"{self.named('typing', 'Literal')}[{', '.join(literal(value) for value in values)}]"
        self._literals[text] = values
        return text

    def _union(self, types: Sequence[str]) -> str:
        """Any of some types; the values of all literals are in one of them, as linters want it."""
        values = dict.fromkeys(value for text in types for value in self._literals.get(text, ()))
        one = self._literal(values) if values else ""
        return " | ".join(dict.fromkeys(one if text in self._literals else text for text in types))


_BUILTIN: Mapping[Kind, str] = {
    "integer": "int",
    "real": "float",
    "text": "str",
    "blob": "bytes",
    "boolean": "bool",
}
_DATETIME: Mapping[Kind, str] = {
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "duration": "timedelta",
}


def optional(text: str, nullable: bool) -> str:
    """A type with None, where there can be none.

    Args:
        text: The type.
        nullable: Whether there can be none.
    """
    return f"{text} | None" if nullable and text.rstrip("_") != "Any" else text


def literal(value: object) -> str:
    """A number or a text as a literal in double quotes where that is as good, as formatters write it.

    Args:
        value: The value.
    """
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in value:
        return f'"{text[1:-1]}"'
    return text


def _spelled(key: str) -> str:
    return " ".join(key.lower().split())
