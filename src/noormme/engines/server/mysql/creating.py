"""Definitions as MySQL and MariaDB write them.

Invariant: a table compares text byte by byte, unless its columns say otherwise, so that keys which are unlike
elsewhere are unlike here. What is part of a key or an index has a length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from noormme.engines.creating import Creator
from noormme.engines.definable import Abilities, ColumnType, Wanted
from noormme.engines.server.mysql.flavours import Flavour
from noormme.schema.declared import read_declared
from noormme.schema.model import Column, ForeignKey, IndexPart, Kind, Table

__all__ = ["MySQLCreator"]

_NO_MARK = re.compile(r"%(?!s)")
_INTEGERS = {"smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}
_LENGTHS = (36, 64, 128, 255, 768)
"""Of these the first that is enough is the length of a column in a key; an index has 3,072 bytes."""

_LONGEST_VARCHAR = 16_383
_LARGEST_ROW = 60_000
"""Bytes of the columns of a row that are not kept apart from it; the server has room for 65,535."""

_TIME_WITH_OFFSET = "VARCHAR(40)"
_PREFIX = 191
_PRECISION, _SCALE = 65, 30
_WIDTH_BYTES = 4

_TYPES: Mapping[Kind, str] = {
    "real": "DOUBLE",
    "boolean": "TINYINT(1)",
    "date": "DATE",
    "json": "JSON",
    "any": "LONGTEXT",
}


class MySQLCreator(Creator):
    """Writes the definitions of MySQL and MariaDB.

    Args:
        flavour: Which of the two servers it is.
    """

    dialect = "mysql"
    large_text = "LONGTEXT"
    can = Abilities(
        label="MySQL",
        partial_indexes=False,
        deferrable=False,
        booleans_are_numbers=True,
        longest_name=60,
        wide_names=False,
        spaces_at_end=False,
        shared_index_names=False,
        transactional=False,
        numbers_keys_only=True,
        sized_keys=True,
        stores_infinity=False,
        stores_nan=False,
        length="CHAR_LENGTH",
    )

    def __init__(self, flavour: Flavour) -> None:
        self._flavour = flavour
        label = "MariaDB" if flavour.is_mariadb else "MySQL"
        # One that tells accents and spaces at the end apart, which are unlike elsewhere too.
        nocase = flavour.collation_without_case
        self.can = replace(self.can, label=label, collations={"NOCASE": nocase})

    # -- types --------------------------------------------------------------------------------------

    def column_type(self, wanted: Wanted) -> ColumnType:
        """The type that holds what the other one holds."""
        kind = wanted.kind
        if kind == "integer":
            return ColumnType(_INTEGERS[wanted.integer], kind)
        if kind in ("text", "blob"):
            return _sized(wanted)
        if kind == "decimal":
            return _decimal(wanted)
        if kind == "duration":
            return ColumnType("BIGINT", "integer", "it is a number of microseconds")
        if kind == "time" and wanted.zoned:
            # Without its day it cannot be said in UTC, and the server would drop the offset.
            return ColumnType(_TIME_WITH_OFFSET, "text", "a time with an offset becomes text")
        if kind in ("time", "datetime"):
            fraction = 6 if wanted.fraction is None else wanted.fraction
            lost = "its moments are those of UTC, without an offset" if wanted.zoned else None
            return ColumnType(f"{kind.upper()}({fraction})", kind, lost)
        if kind == "uuid":
            own = self._flavour.is_mariadb and self._flavour.version >= (10, 7)
            return ColumnType("UUID", kind) if own else ColumnType("CHAR(36)", "text")
        if kind == "array":
            return ColumnType("JSON", "json", "an array becomes JSON")
        if kind == "any":
            return ColumnType("LONGTEXT", "text")
        return ColumnType(_TYPES[kind], kind)

    # -- names and texts ----------------------------------------------------------------------------

    def mark(self, number: int) -> str:
        """A percent sign and an s."""
        return "%s"

    def runnable(self, sql: str, *, marks: bool = False) -> str:
        """A percent sign is doubled, because it stands before the place of a parameter."""
        return _NO_MARK.sub("%%", sql) if marks else sql.replace("%", "%%")

    def quoted(self, name: str) -> str:
        """A name between backticks."""
        return "`" + name.replace("`", "``") + "`"

    def collation(self, name: str) -> str:
        """A collation is a word."""
        return name

    def default(self, column: Column) -> str:
        """A constant of a column with a length; everything else stands in parentheses."""
        text = column.default or "NULL"
        declared = read_declared(column.declared_type)
        if text.startswith("CURRENT_TIMESTAMP") and column.kind == "datetime":
            return f"CURRENT_TIMESTAMP({declared.arguments[0] if declared.arguments else 0})"
        plain = not text.startswith("CURRENT_") and declared.name not in ("longtext", "longblob", "json")
        return text if plain else f"({text})"

    def literal(self, text: str) -> str:
        """A text as a literal; a backslash is a sign of its own there."""
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    # -- tables -------------------------------------------------------------------------------------

    def create_table(self, table: Table) -> str:
        """The statement that makes a table; texts for which a row has no room are kept apart from it."""
        keyed = {*table.primary_key, *(name for unique in table.uniques for name in unique.columns)}
        keyed |= {part.column for index in table.indexes for part in index.parts if part.column is not None}
        keyed |= {name for key in table.foreign_keys for name in key.columns}
        widths = {column.name: _width(column) for column in table.columns}
        columns = list(table.columns)
        for name in sorted(widths, key=lambda each: -widths[each]):
            if sum(widths.values()) <= _LARGEST_ROW:
                break
            if name not in keyed and widths[name] > _WIDTH_BYTES * _WIDTH_BYTES:
                at = next(at for at, column in enumerate(columns) if column.name == name)
                columns[at] = replace(columns[at], declared_type="LONGTEXT")
                widths[name] = _WIDTH_BYTES
        return super().create_table(replace(table, columns=tuple(columns)))

    def options(self, table: Table) -> str:
        """Text is compared byte by byte, spaces at its end too; the comment stands there."""
        collation = self._flavour.collation_by_signs
        comment = f" COMMENT {self.literal(table.comment)}" if table.comment else ""
        return f" ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE {collation}{comment}"

    def column(self, table: Table, column: Column) -> str:
        """The definition of a column, with its comment."""
        text = super().column(table, column)
        if column.on_update:
            text += f" ON UPDATE {column.on_update}"
        return f"{text} COMMENT {self.literal(column.comment)}" if column.comment else text

    def numbering(self, table: Table, column: Column) -> str:
        """AUTO_INCREMENT."""
        return "AUTO_INCREMENT"

    def index_part(self, table: Table, part: IndexPart) -> str:
        """One part of an index: of a text without a length, its beginning."""
        column = None if part.column is None else table.column(part.column)
        if column is None or read_declared(column.declared_type).name not in ("longtext", "longblob"):
            return super().index_part(table, part)
        text = f"{self.quoted(column.name)}({_PREFIX})"
        return f"{text} DESC" if part.descending else text

    def drop_foreign_key(self, table: Table, key: ForeignKey) -> str | None:
        """The statement that removes a foreign key, without which a table that it refers to stays."""
        if key.name is None:
            return None
        return f"ALTER TABLE {self.place(table)} DROP FOREIGN KEY {self.quoted(key.name)}"

    def set_counter(self, table: Table, column: Column, last: int) -> tuple[str, tuple[object, ...]]:
        """The counter is an option of the table."""
        return f"ALTER TABLE {self.place(table)} AUTO_INCREMENT = {last + 1}", ()

    def counter(self, table: Table, column: Column) -> tuple[str, tuple[object, ...]] | None:
        """What the catalogue says; the rows say more where that is behind."""
        return (
            "SELECT AUTO_INCREMENT - 1 FROM information_schema.TABLES "
            "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s",
            (table.name,),
        )


def _sized(wanted: Wanted) -> ColumnType:
    """A text or binary column: with a length where it has one, or needs one."""
    variable, large = ("VARCHAR", "LONGTEXT") if wanted.kind == "text" else ("VARBINARY", "LONGBLOB")
    length = wanted.length
    if length is not None and length <= (_LENGTHS[-1] if wanted.key else _LONGEST_VARCHAR):
        return ColumnType(f"{variable}({length})", wanted.kind)
    longest = wanted.stored.longest if wanted.stored is not None else _LENGTHS[-2]
    if wanted.key and longest <= _LENGTHS[-1]:
        size = next(size for size in _LENGTHS if longest <= size)
        return ColumnType(f"{variable}({size})", wanted.kind, f"in a key it has {size} characters at most")
    return ColumnType(large, wanted.kind)


def _decimal(wanted: Wanted) -> ColumnType:
    if wanted.precision is not None:
        digits, scale = wanted.precision
    else:
        stored = wanted.stored
        scale = _SCALE if stored is None else min(stored.scale, _SCALE)
        digits = _PRECISION
        if stored is not None and (stored.scale > _SCALE or stored.whole_digits + scale > digits):
            return ColumnType("LONGTEXT", "text", "it has more digits than DECIMAL: text")
    if digits > _PRECISION or scale > _SCALE:
        return ColumnType("LONGTEXT", "text", "it has more digits than DECIMAL: text")
    return ColumnType(f"DECIMAL({digits}, {scale})", "decimal")


def _width(column: Column) -> int:
    """How many bytes of a row a column takes."""
    declared = read_declared(column.declared_type)
    if declared.name in ("varchar", "char") and declared.arguments:
        return declared.arguments[0] * _WIDTH_BYTES
    if declared.name in ("varbinary", "binary") and declared.arguments:
        return declared.arguments[0]
    return 2 * _WIDTH_BYTES
