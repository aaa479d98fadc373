"""What a column's values are in TypeScript: in JSON that noormme writes, and in the Node drivers.

Invariant: a type is a fact about a program outside of this one, so all of them stand in these tables and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from noormme.schema.declared import read_declared
from noormme.schema.model import Column, Kind

__all__ = ["DRIVERS", "JSON", "Types"]


class Types(msgspec.Struct, frozen=True):
    """The types of one way to get at values.

    Attributes:
        about: What these values are, a sentence or two for the top of the file.
        read: The type of each kind as it is read.
        written: The type of those kinds that may be written in other forms too.
        big: The type of an integer of 64 bits where it is another one than of smaller integers.
    """

    about: str
    read: Mapping[Kind, str]
    written: Mapping[Kind, str] = {}
    big: str | None = None

    def of(self, column: Column) -> tuple[str, str]:
        """The types of a column's values as they are read and as they are written, without null."""
        if column.kind == "array":
            items = self.read[column.items or "any"]
            array = f"Array<{items}>" if "|" in items else f"{items}[]"
            return array, array
        if self.big and column.kind == "integer" and _is_big(column):
            return self.big, f"{self.big} | number | bigint" if self.big == "string" else self.big
        read = self.read[column.kind]
        return read, self.written.get(column.kind, read)


def _is_big(column: Column) -> bool:
    return read_declared(column.declared_type).name.partition(" ")[0] in ("bigint", "bigserial", "int8")


_SCALARS: Mapping[Kind, str] = {"any": "JsonValue", "json": "JsonValue", "text": "string", "uuid": "string"}
_NUMBERS: Mapping[Kind, str] = {"integer": "number", "real": "number"}
_TEXTS: Mapping[Kind, str] = dict.fromkeys(("date", "time", "datetime", "duration", "decimal"), "string")
_DATES: Mapping[Kind, str] = dict.fromkeys(("date", "datetime"), "Date | string")

JSON = Types(
    "Values are those of JSON as noormme writes it: dates, times and decimals are text, and so are binary\n"
    "values, as base64. Integers beyond 2^53 lose digits where JSON.parse() reads them.",
    {**_SCALARS, **_NUMBERS, **_TEXTS, "boolean": "boolean", "blob": "string", "array": "JsonValue[]"},
)
"""A row in JSON: ``msgspec.json.encode(row)``, or the answer of an API."""

_SQLITE = Types(
    "Tables for Kysely, with the values of better-sqlite3: truth values are 0 and 1, JSON is text.",
    {
        **_SCALARS,
        **_NUMBERS,
        **_TEXTS,
        "any": "string | number | Uint8Array",
        "boolean": "number",
        "decimal": "string | number",
        "json": "string",
        "blob": "Uint8Array",
        "array": "string",
    },
)

DRIVERS: Mapping[str, Types] = {
    "sqlite": _SQLITE,
    "libsql": _SQLITE,
    "postgresql": Types(
        "Tables for Kysely, with the values of pg.",
        {
            **_SCALARS,
            **_NUMBERS,
            **_TEXTS,
            "date": "Date",
            "datetime": "Date",
            "any": "unknown",
            # An object of the driver's own.
            "duration": "unknown",
            "boolean": "boolean",
            "blob": "Uint8Array",
            "array": "unknown[]",
        },
        {**_DATES, "decimal": "string | number", "duration": "string"},
        big="string",
    ),
    "mysql": Types(
        "Tables for Kysely, with the values of mysql2: truth values are 0 and 1.",
        {
            **_SCALARS,
            **_NUMBERS,
            **_TEXTS,
            "date": "Date",
            "datetime": "Date",
            "any": "unknown",
            "boolean": "number",
            "blob": "Uint8Array",
            "array": "string",
        },
        {**_DATES, "boolean": "boolean | number", "decimal": "string | number"},
    ),
    "mssql": Types(
        "Tables for Kysely, with the values of tedious.",
        {
            **_SCALARS,
            **_NUMBERS,
            **_TEXTS,
            "date": "Date",
            "datetime": "Date",
            "time": "Date",
            "decimal": "number",
            "any": "unknown",
            "boolean": "boolean",
            "blob": "Uint8Array",
            "json": "string",
            "array": "string",
        },
        {**_DATES, "time": "Date | string", "decimal": "number | string"},
        big="string",
    ),
}
"""The values of the driver that Kysely takes for a dialect, as they are where nobody sets it up otherwise."""
