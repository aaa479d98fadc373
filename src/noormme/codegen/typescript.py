"""A schema as TypeScript, by the conventions of Kysely: of each column, how it is read, inserted and updated.

Invariant: the file needs no package. Its ``ColumnType`` has the shape of Kysely's, so that
``new Kysely<DB>()`` takes its ``DB`` as it is.
"""

from __future__ import annotations

import json
import re

from noormme.codegen.columns import is_written, read_columns, read_tables
from noormme.codegen.header import header
from noormme.codegen.typescript_types import DRIVERS, JSON, Types
from noormme.schema.defaults import filled_by_database
from noormme.schema.limits import Limits, limits_of
from noormme.schema.model import Column, Schema, Table

__all__ = ["render", "render_for_kysely"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*").fullmatch

_UTILITIES = """\
/** A column whose type depends on whether it is read, inserted or updated. */
export type ColumnType<SelectType, InsertType = SelectType, UpdateType = SelectType> = {
  readonly __select__: SelectType;
  readonly __insert__: InsertType;
  readonly __update__: UpdateType;
};

/** A column that the database fills in where an insert leaves it out. */
export type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;

/** A column that the database computes, and nobody writes. */
export type GeneratedAlways<T> = ColumnType<T, never, never>;

type SelectOf<C> = C extends { readonly __select__: infer S } ? S : C;
type InsertOf<C> = C extends { readonly __insert__: infer I } ? I : C;
type UpdateOf<C> = C extends { readonly __update__: infer U } ? U : C;

type MayBeLeftOut<T> = undefined extends T ? true : null extends T ? true : false;
type Needed<T, K> = [T] extends [never] ? never : MayBeLeftOut<T> extends true ? never : K;
type Possible<T, K> = [T] extends [never] ? never : MayBeLeftOut<T> extends true ? K : never;

/** A row as it is read. */
export type Selectable<R> = { [K in keyof R]: SelectOf<R[K]> };

/** What an insert takes. */
export type Insertable<R> = { [K in keyof R as Needed<InsertOf<R[K]>, K>]: InsertOf<R[K]> } & {
  [K in keyof R as Possible<InsertOf<R[K]>, K>]?: InsertOf<R[K]>;
};

/** What an update takes. */
export type Updateable<R> = {
  [K in keyof R as [UpdateOf<R[K]>] extends [never] ? never : K]?: UpdateOf<R[K]>;
};
"""

_JSON_VALUE = """
/** A value of JSON that is not null. */
export type JsonValue =
  | string
  | number
  | boolean
  | Array<JsonValue | null>
  | { [key: string]: JsonValue | null };
"""


def render(schema: Schema, *, source: str) -> str:
    """Write the file for programs that get rows as JSON. Touches no database.

    Args:
        schema: The schema.
        source: What it was read from, for the header.

    Returns:
        TypeScript source, ending in a line break. Tables have the names of managers, columns those of fields.
    """
    return _File(schema, JSON, exact=False).text(header(source, "typescript"))


def render_for_kysely(schema: Schema, *, source: str) -> str:
    """Write the file for programs that query the same database with Kysely. Touches no database.

    Args:
        schema: The schema.
        source: What it was read from, for the header.

    Returns:
        TypeScript source, ending in a line break. Tables and columns have the database's own names.
    """
    return _File(schema, DRIVERS[schema.dialect], exact=True).text(header(source, "kysely"))


class _File:
    """Writes one file."""

    def __init__(self, schema: Schema, types: Types, *, exact: bool) -> None:
        self._tables = read_tables(schema)
        self._types = types
        self._exact = exact

    def text(self, first: str) -> str:
        """The file.

        Args:
            first: The header's line.
        """
        tables = [self._table(table) for table in self._tables]
        parts = [
            "\n".join(
                ["/**", f" * {first}", " *", *(f" * {line}" for line in self._types.about.split("\n"))]
            ),
            "\n */\n\n",
            _UTILITIES,
            _JSON_VALUE if any("JsonValue" in each for each in tables) else "",
            *(f"\n{each}" for each in tables),
            f"\n{self._database()}",
        ]
        return "".join(parts)

    def _table(self, table: Table) -> str:
        limits = limits_of(table)
        about = f"{table.name}: {table.comment}" if table.comment else table.name
        lines = [*_comment(f"Columns of {about}", ""), f"export interface {table.model}Table {{"]
        for column in read_columns(table):
            if column.comment:
                lines += _comment(column.comment, "  ")
            name = _property(column.name if self._exact else column.field)
            lines.append(f"  {name}: {self._column(table, column, limits.get(column.name))};")
        lines += ["}", f"export type {table.model}Row = Selectable<{table.model}Table>;"]
        if is_written(table):
            lines.append(f"export type {table.model}Insert = Insertable<{table.model}Table>;")
            lines.append(f"export type {table.model}Update = Updateable<{table.model}Table>;")
        return "\n".join(lines) + "\n"

    def _column(self, table: Table, column: Column, limits: Limits | None) -> str:
        read, written = self._types.of(column)
        if limits is not None and limits.values:
            read = written = " | ".join(json.dumps(value) for value in limits.values)
        if column.nullable:
            read, written = (each if each == "unknown" else f"{each} | null" for each in (read, written))
        if column.generated is not None or not is_written(table):
            return f"GeneratedAlways<{read}>"
        plain = read if read == written else f"ColumnType<{read}, {written}, {written}>"
        return f"Generated<{plain}>" if filled_by_database(table, column) else plain

    def _database(self) -> str:
        names = {_property(table.name if self._exact else table.manager): table for table in self._tables}
        lines = ["/** All tables and views. */", "export interface DB {"]
        lines += [f"  {name}: {names[name].model}Table;" for name in sorted(names)]
        return "\n".join([*lines, "}"]) + "\n"


def _property(name: str) -> str:
    return name if _IDENTIFIER(name) else json.dumps(name)


def _comment(words: str, indent: str) -> list[str]:
    line = "".join(sign if sign.isprintable() else " " for sign in words)
    plain = " ".join(line.split()).replace("*/", "* /").rstrip(".")
    return [f"{indent}/** {plain}. */"]
