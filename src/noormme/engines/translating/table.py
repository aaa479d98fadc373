"""One table of one engine in the terms of another: its columns, keys, constraints and indexes.

Invariant: the columns of the one are those of the other, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from noormme.engines.definable import Wanted
from noormme.engines.translating.context import Context, one_line, stored_columns
from noormme.engines.translating.defaults import NUMBERS, fitting_default
from noormme.schema.declared import Declared, read_declared
from noormme.schema.defaults import is_row_id
from noormme.schema.model import Check, Column, ForeignKey, Index, IndexPart, Kind, Schema, Table, Unique
from noormme.schema.portable import columns_in, portable_default, portable_expression

__all__ = ["TableTranslator"]

T = TypeVar("T")

_COMPARES_BY_SIGNS = re.compile(r"C|POSIX|C\.utf-?8|ucs_basic|(?:.*_)?bin2?(?:_.*)?", re.IGNORECASE)
"""Collations of servers that compare texts sign by sign."""

_IS_TRUTH = re.compile(r"[^=<>]*IN\((?:0,1|1,0|FALSE,TRUE|TRUE,FALSE)\)\)*")


class TableTranslator:
    """Translates one table.

    Args:
        context: What is known of the translation.
        table: The table.
    """

    def __init__(self, context: Context, table: Table) -> None:
        self._context = context
        self._table = table
        self._columns = context.columns[table.name]
        self._creator = context.creator
        self._can = context.can
        self._native = context.native
        self._name = context.names[table.name]
        self._by_name = {column.name: column for column in table.columns}

    def translated(self) -> Table:
        """The table in the terms of the target."""
        table = self._table
        for old, new in self._columns.items():
            if old != new:
                self._note(f"column '{old}'", f"a name that {self._can.label} cannot have", f"now {new}")
        keyed = keyed_columns(self._context.schema, table)
        columns = [self._column(column, key=column.name in keyed) for column in stored_columns(table)]
        key, uniques = self._keys(columns)
        kinds: dict[str, Kind] = {
            old.name: new.kind for old, new in zip(stored_columns(table), columns, strict=True)
        }
        self._notes()
        return Table(
            self._name,
            columns=tuple(columns),
            primary_key=key,
            uniques=uniques,
            checks=(*_there(self._check(check, kinds) for check in table.checks), *self._choices()),
            foreign_keys=_there(map(self._foreign_key, table.foreign_keys)),
            indexes=_there(map(self._index, table.indexes)),
            triggers=table.triggers if self._native else (),
            strict=table.strict and self._native,
            without_rowid=table.without_rowid and self._native,
            sql=table.sql if self._native else None,
            comment=table.comment if self._can.comments else None,
            namespace=self._context.namespace(table),
        )

    def _note(self, about: str, what: str, outcome: str) -> None:
        self._context.note(
            f"{self._name}: {about}" if " " in about else f"{self._name}.{about}", what, outcome
        )

    def _notes(self) -> None:
        table, label = self._table, self._can.label
        if not self._native:
            for trigger in table.triggers:
                self._note(f"trigger {trigger.name}", "a trigger is code of its own database", "left out")
            for unique in table.uniques:
                if unique.on_conflict and unique.on_conflict != "ABORT":
                    self._note(f"unique ({', '.join(unique.columns)})", "ON CONFLICT", "left out")
        if not self._can.comments and (table.comment or any(column.comment for column in table.columns)):
            self._context.note(self._name, f"comments, which {label} does not have", "left out")

    # -- columns ------------------------------------------------------------------------------------

    def _column(self, column: Column, *, key: bool) -> Column:
        table, name = self._table, self._columns[column.name]
        kind, stored = self._context.seen.get((table.name, column.name), (column.kind, None))
        numbered = _numbered(table, column)
        declared = read_declared(column.declared_type)
        text, gives = column.declared_type, kind
        if not (self._native and kind == column.kind and self._creator.knows(column)):
            wanted = Wanted(
                kind=kind,
                declared=declared,
                dialect=self._context.schema.dialect,
                stored=stored,
                numbered=numbered,
                key=key,
            )
            found = self._creator.column_type(wanted)
            text, gives = found.text, found.kind
            if found.lost is not None:
                self._note(name, f"it is declared {column.declared_type or 'without a type'}", found.lost)
            elif column.labels:
                self._note(name, f"it is of the type {declared.name}", f"it becomes {text} with a CHECK")
            elif kind == "text" and self._is_of_its_own(declared):
                self._note(name, f"it is of the type {column.declared_type}", f"it becomes {text}")
            elif column.kind == "any":
                self._note(name, "its type says nothing", f"it becomes {text or 'untyped'}, by what it holds")
            elif kind != column.kind:
                self._note(name, f"it holds what is no {column.kind}", f"it becomes {text or 'untyped'}")
        made = Column(
            name,
            name,
            text,
            gives,
            nullable=column.nullable and not column.primary_key,
            primary_key=column.primary_key,
            autoincrement=self._autoincrement(column, numbered),
            collation=self._collation(column),
            comment=column.comment if self._can.comments else None,
            on_update=column.on_update if self._native else None,
        )
        if column.on_update and not self._native:
            self._note(name, f"an update sets it to {column.on_update}", "left out")
        if column.generated:
            return self._generated(column, made)
        if numbered:
            self._counted(column, made)
            return replace(made, default=column.default if self._native else None)
        return replace(made, default=self._default(column, made))

    def _is_of_its_own(self, declared: Declared) -> bool:
        """Whether a column of texts is of a type that is more than characters: an address, a range."""
        if self._context.schema.dialect == "sqlite":
            return False
        return not any(word in declared.name for word in ("char", "text"))

    def _counted(self, column: Column, made: Column) -> None:
        if self._can.numbers_keys_only and self._table.primary_key != (column.name,):
            what = "a column that the database numbers, and that is not the primary key"
            self._note(made.name, what, "its numbers must be given")

    def _autoincrement(self, column: Column, numbered: bool) -> bool:
        is_key = self._table.primary_key == (column.name,)
        if self._can.numbers_row_ids:
            # Such a key is numbered anyway; that numbers are not given twice is said apart from it.
            return column.autoincrement and numbered and is_key
        if self._can.numbers_keys_only:
            return numbered and is_key
        return numbered

    def _collation(self, column: Column) -> str | None:
        if column.collation is None or self._native:
            return column.collation
        found = self._can.collations.get(column.collation.upper())
        if found is None and self._context.schema.dialect == "sqlite":
            what = f"the collation {column.collation}"
            self._note(column.name, what, "text compares as the database does by itself")
        elif found is None and not _COMPARES_BY_SIGNS.fullmatch(column.collation):
            self._context.note_collation(f"{self._name}.{self._columns[column.name]}", column.collation)
        return found

    def _generated(self, column: Column, made: Column) -> Column:
        text = column.expression
        if text is not None and not self._native:
            # The table is made with it, so it must be understood.
            plain = all(each.kind in {*NUMBERS, "text"} for each in columns_in(text, self._by_name))
            text = self._expression(text) if plain else None
        if text is None:
            self._note(column.name, "its values come from an expression", "it holds the values as they were")
            return made
        return (
            replace(made, generated="stored", expression=text, nullable=True)
            if not self._native
            else (replace(made, generated=column.generated, expression=text, nullable=column.nullable))
        )

    def _default(self, column: Column, made: Column) -> str | None:
        if column.default is None or self._native:
            return column.default
        text = portable_default(column.default)
        if text is not None:
            text = fitting_default(text, made)
        if text is None and column.default.upper() != "NULL":
            self._note(column.name, f"its default is {column.default}", "it has none")
        return None if text == "NULL" else text

    # -- constraints --------------------------------------------------------------------------------

    def _keys(self, columns: list[Column]) -> tuple[tuple[str, ...], tuple[Unique, ...]]:
        table = self._table
        key = self._renamed(table.primary_key)
        uniques = [
            Unique(self._renamed(unique.columns), self._constraint_name(unique.name))
            for unique in table.uniques
        ]
        empty = [
            name
            for name in table.primary_key
            if (stored := self._context.seen.get((table.name, name), ("any", None))[1]) and stored.nulls
        ]
        if empty and not self._native:
            self._note("the primary key", "it holds NULL", "it is a unique key")
            for at, column in enumerate(columns):
                if column.primary_key:
                    columns[at] = replace(column, primary_key=0, nullable=True)
            return (), (Unique(key), *uniques)
        return key, tuple(uniques)

    def _constraint_name(self, name: str | None) -> str | None:
        # Names of constraints are those of indexes on servers, and each engine makes good ones itself.
        return name if self._native else None

    def _check(self, check: Check, kinds: Mapping[str, Kind]) -> Check | None:
        if self._native:
            return check
        if self._is_kept_by_type(check, kinds):
            return None
        text = self._expression(check.expression)
        if text is None:
            self._note(check.name or "a CHECK", f"CHECK ({one_line(check.expression)})", "left out")
            return None
        return Check(text, None)

    def _choices(self) -> Iterator[Check]:
        """What an enum says, as the CHECK that it is elsewhere."""
        for column in () if self._native else stored_columns(self._table):
            if column.labels:
                name = self._creator.quoted(self._columns[column.name])
                yield Check(f"{name} IN ({', '.join(map(self._creator.literal, column.labels))})")

    def _is_kept_by_type(self, check: Check, kinds: Mapping[str, Kind]) -> bool:
        """Whether the types of the target let nothing else in: truth values, documents."""
        if self._can.any_value_anywhere:
            return False
        mentioned = {kinds.get(column.name) for column in columns_in(check.expression, self._by_name)}
        words = check.expression.upper()
        if mentioned == {"json"}:
            return "JSON_VALID" in words and not any(word in words for word in (" AND ", "JSON_TYPE", "="))
        return mentioned == {"boolean"} and _IS_TRUTH.fullmatch("".join(words.split())) is not None

    def _expression(self, text: str) -> str | None:
        """An expression over columns of the table; what the target refuses of it is said later."""
        return portable_expression(
            text, self._columns, self._creator.quoted, table=self._table.name, functions=self._lengths()
        )

    def _lengths(self) -> Mapping[str, str]:
        """The functions that count the characters of a text at the source."""
        names = ["CHAR_LENGTH", "CHARACTER_LENGTH"]
        # On MySQL this one counts bytes.
        names += ["LENGTH"] if self._context.schema.dialect != "mysql" else []
        return dict.fromkeys(names, self._can.length)

    def _foreign_key(self, key: ForeignKey) -> ForeignKey | None:
        target = self._context.wanted.get(key.target)
        if target is None or not key.target_columns:
            if self._native and self._table.sql is not None:
                # The statement that made the table says it as it is.
                return key
            about = f"{self._name} ({', '.join(key.columns)})"
            why = "which is not copied" if target is None else "whose columns are not known"
            self._context.note(about, f"a foreign key to {key.target}, {why}", "left out")
            return None
        if key.deferrable and not self._can.deferrable:
            about = f"{self._name} ({', '.join(key.columns)})"
            self._context.note(about, "a foreign key that is DEFERRABLE", "it is checked at once")
        names = self._context.columns[target.name]
        return replace(
            key,
            columns=self._renamed(key.columns),
            target=self._context.names[target.name],
            target_columns=tuple(names[name] for name in key.target_columns),
            name=key.name if self._native else None,
            deferrable=key.deferrable and self._can.deferrable,
        )

    def _index(self, index: Index) -> Index | None:
        if index.origin != "index":
            return None
        if self._native:
            return index
        about = f"index {index.name}"
        parts: list[IndexPart] = []
        for part in index.parts:
            if part.column is not None and part.column not in self._columns:
                return None
            column = None if part.column is None else self._columns[part.column]
            text = None if part.expression is None else self._expression(part.expression)
            if column is None and text is None:
                self._note(about, f"an index of an expression ({part.expression})", "left out")
                return None
            parts.append(IndexPart(column, text, part.descending))
        where = None
        if index.where is not None:
            where = self._expression(index.where) if self._can.partial_indexes else None
            if where is None:
                outcome = "left out" if index.unique else "it indexes all rows"
                self._note(about, f"an index of some rows (WHERE {one_line(index.where)})", outcome)
                if index.unique:
                    return None
        return Index(self._context.index_name(index.name, self._name), tuple(parts), index.unique, where)

    def _renamed(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._columns[name] for name in names)


def _there(found: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(each for each in found if each is not None)


def _numbered(table: Table, column: Column) -> bool:
    """Whether the database gives a column its numbers."""
    return column.kind == "integer" and (column.autoincrement or is_row_id(table, column))


def keyed_columns(schema: Schema, table: Table) -> set[str]:
    """The columns of a table that are in a key or an index, of its own or of another table's foreign key."""
    names = {*table.primary_key}
    for unique in table.uniques:
        names.update(unique.columns)
    for key in table.foreign_keys:
        names.update(key.columns)
    for index in table.indexes:
        names.update(part.column for part in index.parts if part.column is not None)
    for other in schema.tables:
        for key in other.foreign_keys:
            if key.target == table.name:
                names.update(key.target_columns)
    return names
