"""The typed dicts of lookups: what ``filter`` takes.

Invariant: what is alike is written once, be it the type of a value, a field with its lookups, or what lies beyond a
relation, so that a module is no longer than it must be. No name is in two classes of a table with two types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from noormme.codegen.python.lookups import Form, lookups_of
from noormme.codegen.python.parts import Module
from noormme.codegen.python.text import wrapped
from noormme.codegen.python.types import Typed, literal, optional
from noormme.query.resolve import key_columns, model_columns
from noormme.schema.model import Relation, Table

__all__ = ["Filters"]

_WORD = re.compile(r"(?:\w+\.)*(\w+)")
_LONGEST_NAME = 40

# What a typed dict holds besides cannot be written and is nothing: it is closed. Where that is said as ``closed=True``,
# pyright works out whether it is as good as a plain dict, in a time that is quadratic in its names: 20 s for a table
# with many relations. mypy knows none of the names that could be there and goes by those that it sees.
_UNKNOWN_TO_MYPY = "  # type: ignore[call-arg, unused-ignore]"


class Filters:
    """Writes the typed dicts of lookups.

    Args:
        module: The module that they are for.

    Attributes:
        aliases: The types of what is compared, each as its line.
        shared: The classes that tables share, each as its lines, in the order in which they need each other.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self.aliases: dict[str, str] = {}
        self.shared: list[list[str]] = []
        self._keys: dict[str, frozenset[str]] = {}
        self._behind: dict[tuple[Typed, bool], tuple[tuple[str, str], ...]] = {}

    def of(self, table: Table) -> list[str]:
        """The class of a table's lookups.

        Args:
            table: The table.
        """
        module = self._module
        own = dict(self._relations(table, "", nullable=False))
        bases: list[str] = []
        for column in model_columns(table):
            typed = module.typed(table, column)
            null = "OrNull" if typed.nullable else ""
            wanted = f"{_camel(column.field)}{typed.kind.capitalize()}{null}"
            bases.append(self._shared(wanted, dict(self._lookups(column.field, typed))))
        taken = {*own}.union(*(self._keys[base] for base in bases))
        own |= {name: text for name, text in self._key(table, "") if name not in taken}
        taken |= {*own}
        if module.options.depth > 0:
            for relation in module.relations(table):
                for base in self._beyond(relation, "", module.options.depth, taken, nullable=False):
                    bases.append(base)
                    taken |= self._keys[base]
        bases = list(dict.fromkeys(bases)) or [module.typed_dict]
        closed = f"extra_items={module.name('typing_extensions', 'ReadOnly')}[{module.typing('Never')}]"
        first, *rest = _class(module.names.of(table, "Lookups"), bases, own, "total=False", closed)
        return [f"{first}{_UNKNOWN_TO_MYPY}", *rest]

    def _shared(self, wanted: str, entries: dict[str, str]) -> str:
        """The name of the class with these entries, which is written once."""
        name = self._module.names.private(wanted, tuple(entries.items()))
        if name not in self._keys:
            self._keys[name] = frozenset(entries)
            self.shared.append(self._written(name, entries))
        return name

    def _written(self, name: str, entries: dict[str, str]) -> list[str]:
        typed_dict = self._module.typed_dict
        if not self._module.stub:
            return _class(name, [typed_dict], entries, "total=False")
        # pyright counts what is assigned and annotated in a module, and says of more than 30,000 that they are too
        # complex; items of a dict are not counted. In a module that runs their types would have to be in quotes.
        items = [f"    {literal(key)}: {text}," for key, text in entries.items()]
        return [f"{name} = {typed_dict}({literal(name)}, {{", *items, "}, total=False)"]

    def _beyond(
        self, relation: Relation, before: str, depth: int, taken: set[str], *, nullable: bool
    ) -> Iterator[str]:
        """The classes of the lookups beyond a relation: of its fields, of its relations, and deeper ones."""
        target, prefix = self._module.target(relation), f"{before}{relation.name}__"
        nullable = nullable or relation.nullable or relation.to_many
        fields: dict[str, str] = {}
        for column in model_columns(target):
            typed = self._module.typed(target, column)
            reached = replace(typed, nullable=nullable or typed.nullable)
            fields |= self._lookups(prefix + column.field, reached, near=False)
        related = {**dict(self._key(target, prefix)), **dict(self._relations(target, prefix, nullable=True))}
        for what, entries in (("Fields", fields), ("Relations", related)):
            kept = {name: text for name, text in entries.items() if name not in taken}
            if kept:
                yield self._shared(f"{_camel(prefix)}{what}", kept)
        if depth > 1:
            for further in self._module.relations(target):
                yield from self._beyond(further, prefix, depth - 1, taken, nullable=nullable)

    # -- entries ------------------------------------------------------------------------------------

    def _lookups(self, name: str, typed: Typed, *, near: bool = True) -> Iterator[tuple[str, str]]:
        key = (typed, near)
        behind = self._behind.get(key)
        if behind is None:
            behind = self._behind[key] = tuple(self._taken(typed, near))
        for suffix, text in behind:
            yield name + suffix, text

    def _taken(self, typed: Typed, near: bool) -> Iterator[tuple[str, str]]:
        for suffix, kind, form in lookups_of(typed.kind, near=near):
            compared = typed.compared if kind == typed.kind else self._module.types.kind(kind)
            yield suffix, self._operand(form, compared, nullable=typed.nullable)

    def _key(self, table: Table, prefix: str) -> Iterator[tuple[str, str]]:
        columns = key_columns(table)
        if not columns:
            return
        if len(columns) == 1 and not prefix:
            typed = self._module.typed(table, columns[0])
            yield from self._lookups("pk", replace(typed, compared=f"{table.model} | {typed.compared}"))
            return
        compared = f"{table.model} | {self._module.key(table)}"
        yield f"{prefix}pk", self._operand("exact", compared, nullable=bool(prefix))
        yield f"{prefix}pk__in", self._operand("list", compared, nullable=False)

    def _relations(self, table: Table, prefix: str, *, nullable: bool) -> Iterator[tuple[str, str]]:
        for relation in self._module.relations(table):
            name = prefix + relation.name
            compared = f"{self._module.target(relation).model} | {self._compared_with(relation)}"
            missing = nullable or relation.nullable or relation.to_many
            yield name, self._operand("exact", compared, nullable=missing)
            yield f"{name}__in", self._operand("list", compared, nullable=False)
            yield f"{name}__isnull", self._operand("flag", compared, nullable=False)

    def _compared_with(self, relation: Relation) -> str:
        """The type of a relation's value where it is no object."""
        target = self._module.target(relation)
        columns = [column for name in relation.target_columns if (column := target.column(name)) is not None]
        if not (relation.forward or relation.through is not None):
            columns = list(key_columns(target)) or columns
        parts = [self._module.typed(target, column).compared for column in columns]
        if len(parts) == 1:
            return parts[0]
        return f"{self._module.types.builtin('tuple')}[{', '.join(parts)}]"

    def _operand(self, form: Form, compared: str, *, nullable: bool) -> str:
        text = self._module.types.builtin("str")
        if form == "flag":
            return self._module.types.builtin("bool")
        if form in ("list", "pair"):
            return self._alias("Several", compared)
        if form == "keys":
            return self._alias("Several", text)
        if form == "key":
            return self._alias("Operand", f"{text} | {self._module.types.builtin('int')}")
        if form in ("text", "text_or_null"):
            return self._alias("Operand", optional(text, nullable and form == "text_or_null"))
        if compared.rstrip("_") == "Any":
            return compared
        return self._alias("Operand", optional(compared, nullable and form == "exact"))

    def _alias(self, form: str, compared: str) -> str:
        """The alias of a type, so that checkers work it out once."""
        text = f"{self._module.queries(form)}[{compared}]"
        found = self.aliases.get(text)
        if found is None:
            words = "Or".join(word[:1].upper() + word[1:] for word in _WORD.findall(compared))[:_LONGEST_NAME]
            behind = "s" if form == "Several" else ""
            found = self.aliases[text] = self._module.names.private(f"{words}{behind}", text)
        return found


def _camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_")) or "Field"


def _class(name: str, bases: list[str], entries: dict[str, str], *options: str) -> list[str]:
    body = [f"    {key}: {text}" for key, text in entries.items()] or ["    ..."]
    return [*wrapped(f"class {name}(", [*bases, *options], "):"), *body]
