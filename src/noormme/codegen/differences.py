"""Where a generated file and the database differ, table by table.

Invariant: the answer comes from the two texts alone, so it holds for every output, and for files that an
earlier version wrote. A definition in them belongs to the table whose model, manager or name its own name
begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from noormme.codegen.header import source_in
from noormme.schema.model import Schema

__all__ = ["Difference", "differences"]

_DEFINITION = re.compile(
    r"(?:class|export interface|export type) +(\w+)"  # Python, TypeScript
    r'|(?:Table|Ref:) "([^"]*)"'  # DBML
    r'|    "([^"]*)"(?:\[.*\])? \{$'  # Mermaid
    r'|    "([^"]*)" [|}][|o]--[|o][|{] '  # Mermaid's relations
    r'|    "([^"]*)": \{$'  # JSON Schema
)
_BEFORE = ("@", "#", "//", "/**")
"""How lines begin that belong to the definition behind them."""


class Difference(msgspec.Struct, frozen=True, order=True):
    """One table that a file has in another way than the database.

    Attributes:
        table: The table's exact name; of one that the database does not have, the name that the file has.
        what: Whether the file lacks it, has it in another form, or has it alone.
    """

    table: str
    what: Literal["differs", "is not in the file", "is not in the database"]


def differences(file: str, generated: str, schema: Schema) -> list[Difference]:
    """Compare a file with what the database gives. Touches neither.

    Args:
        file: The text of the file.
        generated: The text that was generated anew, in the same language.
        schema: The schema that it was generated from.

    Returns:
        The tables that differ, sorted; empty where only what stands outside of tables does, or nothing.
    """
    old, new = _definitions(file), _definitions(generated)
    names = _Names(schema)
    suffixes = {suffix for name in new if (suffix := names.suffix_of(name)) is not None}
    found: dict[str, set[str]] = {}
    for name in old.keys() | new.keys():
        if old.get(name) == new.get(name):
            continue
        table = names.table_of(name) if name in new else names.gone(name, suffixes)
        if table is None:
            continue
        found.setdefault(table, set()).add(
            "differs" if name in old and name in new else "new" if name in new else "old"
        )
    known = {names.table_of(name) for name in old} & set(found)
    return sorted(_difference(table, ways, names, known=table in known) for table, ways in found.items())


def _difference(table: str, ways: set[str], names: _Names, *, known: bool) -> Difference:
    if not names.has(table):
        return Difference(table, "is not in the database")
    return Difference(table, "is not in the file" if ways == {"new"} and not known else "differs")


def _definitions(text: str) -> dict[str, list[str]]:
    """The lines of each definition, by its name; lines of comment before it are its own."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if source_in(line) is not None:
            continue
        match = _DEFINITION.match(line)
        if match:
            before: list[str] = []
            while current and (not current[-1] or current[-1].startswith(_BEFORE)):
                before.insert(0, current.pop())
            current = found.setdefault(next(name for name in match.groups() if name is not None), [])
            current += [each for each in before if each]
        current.append(line)
    return {name: [line for line in lines if line.strip("{}, ")] for name, lines in found.items()}


class _Names:
    """Which table the name of a definition is of."""

    def __init__(self, schema: Schema) -> None:
        self._exact: Mapping[str, str] = {
            **{table.manager: table.name for table in schema},
            **{table.name.replace('"', "'"): table.name for table in schema},
        }
        self._models = {table.model: table.name for table in schema}
        self._tables = {table.name for table in schema}

    def has(self, table: str) -> bool:
        return table in self._tables

    def table_of(self, name: str) -> str | None:
        """The table's exact name, or None for what is of no table."""
        if name in self._exact:
            return self._exact[name]
        model = self._model_of(name)
        return None if model is None else self._models[model]

    def suffix_of(self, name: str) -> str | None:
        """What a name has behind its model's, or None where it is of none."""
        model = self._model_of(name)
        if model is None:
            return None
        return (name if name.startswith(model) else name.removeprefix("_"))[len(model) :]

    def gone(self, name: str, suffixes: Iterable[str]) -> str:
        """What a name that is in the file alone was of: a table that is there, or one by the name it had."""
        if name in self._exact:
            return self._exact[name]
        for suffix in sorted(suffixes, key=len, reverse=True):
            if name.endswith(suffix) and name != suffix:
                stem = name.removesuffix(suffix)
                return self._models.get(stem) or self._models.get(stem.removeprefix("_")) or stem
        return name

    def _model_of(self, name: str) -> str | None:
        """The longest name of a model that the name begins with, up to the end of a word."""
        for start in (name, name.removeprefix("_")):
            for end in range(len(start), 0, -1):
                rest = start[end:]
                if start[:end] in self._models and not rest[:1].islower() and not rest[:1].isdigit():
                    return start[:end]
        return None
