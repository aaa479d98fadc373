"""The types of columns as annotations in Python source, and the imports that these need.

Invariant: an annotation means the same wherever it stands in the module. A class may have a field called
``date`` or ``str``, and a table a model called ``Decimal``: neither hides a type.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from noormme.schema.limits import Limits
from noormme.schema.model import Column, Kind

__all__ = ["Annotations", "literal", "text"]

_LINE_CHARACTERS = 88
"""How long a line of imports may be: what formatters take where nobody says otherwise."""

_BUILTIN: Mapping[Kind, str] = {
    "integer": "int",
    "real": "float",
    "text": "str",
    "blob": "bytes",
    "boolean": "bool",
}
_MOMENTS: Mapping[Kind, str] = {
    "date": "dt.date",
    "time": "dt.time",
    "datetime": "dt.datetime",
    "duration": "dt.timedelta",
}
_IMPORTED: Mapping[Kind, tuple[str, str]] = {"decimal": ("decimal", "Decimal"), "uuid": ("uuid", "UUID")}


class Annotations:
    """Writes annotations for one module, and remembers what has to be imported for them.

    Args:
        classes: The names of the classes that the module defines.
    """

    def __init__(self, classes: Collection[str] = ()) -> None:
        self._classes = frozenset(classes)
        self._names: dict[str, set[str]] = {}
        self._modules: set[str] = set()

    def name(self, module: str, name: str) -> str:
        """How to write a name of another module, which is imported.

        Args:
            module: The module.
            name: What it has.
        """
        if name in self._classes:
            self._modules.add(f"import {module}")
            return f"{module}.{name}"
        self._names.setdefault(module, set()).add(name)
        return name

    def type(self, column: Column, fields: Collection[str], limits: Limits | None = None) -> str:
        """The type of a column's values that are not NULL.

        Args:
            column: The column.
            fields: The fields of the class that the annotation is for.
            limits: With it, a list of allowed values becomes a ``Literal``.
        """
        if limits is not None and limits.values:
            values = ", ".join(map(literal, limits.values))
            return f"{self.name('typing', 'Literal')}[{values}]"
        if column.kind == "array":
            return f"{self._builtin('list', fields)}[{self._kind(column.items or 'any', fields)}]"
        return self._kind(column.kind, fields)

    def _kind(self, kind: Kind, fields: Collection[str]) -> str:
        if kind in _BUILTIN:
            return self._builtin(_BUILTIN[kind], fields)
        if kind in _MOMENTS:
            self._modules.add("import datetime as dt")
            return _MOMENTS[kind]
        if kind in _IMPORTED:
            return self.name(*_IMPORTED[kind])
        return self.name("typing", "Any")

    def _builtin(self, name: str, fields: Collection[str]) -> str:
        if name not in fields:
            return name
        # In a class, a field of that name stands before the type.
        self._modules.add("import builtins")
        return f"builtins.{name}"

    def imports(self, first_party: Iterable[str] = ()) -> list[str]:
        """The lines that import what was written, in the order that linters expect.

        Args:
            first_party: Modules that come in a group of their own behind the standard library.
        """
        last = set(first_party)
        groups = [
            [line for line in self._lines() if (line.split()[1].partition(".")[0] in last) is late]
            for late in (False, True)
        ]
        lines: list[str] = []
        for group in groups:
            if group:
                lines += [*([""] if lines else []), *group]
        return lines

    def _lines(self) -> list[str]:
        named = [
            _from(module, sorted(names, key=_import_order)) for module, names in sorted(self._names.items())
        ]
        return [*sorted(self._modules), *named]


def _from(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _LINE_CHARACTERS:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _import_order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then the rest."""
    return not name.isupper(), not name[:1].isupper(), name


def literal(value: object) -> str:
    """A text, number, truth value or None as Python source, texts in double quotes where that is shorter.

    Args:
        value: The value.
    """
    if not isinstance(value, str):
        return repr(value)
    shown = ascii(value) if not value.isprintable() else repr(value)
    inner = shown[1:-1]
    return f'"{inner}"' if shown[0] == "'" and '"' not in inner and "\\'" not in inner else shown


def text(words: str) -> str:
    """Words as they may stand in a docstring.

    Args:
        words: Any text, such as the comment of a column.
    """
    line = " ".join(words.split())
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
    return plain.replace("\\", "\\\\").replace('"', "'")
