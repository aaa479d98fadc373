"""From the type that a column was declared with to what its values are in Python.

Invariant: the answer depends on the text of the declaration alone. A type that is known by name gives
its meaning; any other gives what SQLite's affinity rules say that its values are stored as.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from noormme.schema.model import Column, Kind

__all__ = ["PYTHON_TYPES", "Affinity", "affinity_of", "annotation", "kind_of", "length_of"]

Affinity = Literal["integer", "text", "blob", "real", "numeric"]
"""What SQLite turns a value into before it stores it, if nothing is lost; ``"blob"`` turns nothing."""

PYTHON_TYPES: Mapping[Kind, type] = MappingProxyType(
    {
        "any": object,
        "integer": int,
        "real": float,
        "text": str,
        "blob": bytes,
        "boolean": bool,
        "date": date,
        "time": time,
        "datetime": datetime,
        "duration": timedelta,
        "decimal": Decimal,
        "uuid": UUID,
        "json": object,
        "array": list,
    }
)
"""The Python type of each kind; ``object`` where any type can come."""

_NAMES: Mapping[Kind, str] = {
    "boolean": "bool boolean",
    "date": "date",
    "time": "time timetz",
    "datetime": "datetime datetime2 datetimeoffset smalldatetime",
    "duration": "duration",
    "decimal": "currency dec decimal fixed money number numeric smallmoney",
    "uuid": "guid uniqueidentifier uuid",
    "json": "json jsonb",
    "integer": "bigserial serial smallserial year",
    "text": "xml",
    "blob": "binary bytea image longvarbinary rowversion varbinary",
    # Left to affinity, the letters "int" in these would make integers of them.
    "any": "any interval multipoint point",
}
_KINDS: Mapping[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
"""Types with a meaning of their own, by the first word of the declaration without its arguments."""

_WHOLE: Mapping[str, Kind] = {"bit": "boolean", "bit(1)": "boolean", "tinyint(1)": "boolean"}
"""Types whose arguments are part of the meaning: TINYINT(1) is how MySQL spells BOOLEAN."""

_AFFINITIES: tuple[tuple[str, Literal["integer", "text", "blob", "real"]], ...] = (
    ("int", "integer"),
    ("char", "text"),
    ("clob", "text"),
    ("text", "text"),
    ("blob", "blob"),
    ("real", "real"),
    ("floa", "real"),
    ("doub", "real"),
)
"""SQLite's rules in SQLite's order: the first one whose letters occur in the type decides."""

_SIZED = frozenset(
    {
        "char",
        "char varying",
        "character",
        "character varying",
        "national character",
        "national character varying",
        "native character",
        "nchar",
        "nvarchar",
        "varchar",
        "varchar2",
        "varying character",
    }
)
"""Types whose number in parentheses is how many characters they hold."""


def kind_of(declared_type: str, overrides: Mapping[str, Kind] | None = None) -> Kind:
    """Give the kind of a column from its declared type.

    Args:
        declared_type: The type as it was declared, arguments included, or ``""``; upper and lower
            case are the same.
        overrides: Kinds to use instead of the rules. A key is a whole declared type
            (``"DECIMAL(10,2)"``), or one without its arguments (``"decimal"``); the whole one wins.

    Returns:
        The kind; ``"any"`` when there is no type, or one that says nothing about its values.
    """
    if overrides:
        return _kind(declared_type, tuple(overrides.items()))
    return _kind(declared_type)


def annotation(column: Column) -> str:
    """Give the annotation of a column's values in Python source, such as ``"datetime | None"``.

    Args:
        column: The column.

    Returns:
        The name of the type as its own module spells it, ``Any`` where any type can come.
    """
    python_type = PYTHON_TYPES[column.kind]
    if python_type is object:
        return "Any"
    name = python_type.__name__
    if column.kind == "array":
        items = PYTHON_TYPES[column.items or "any"]
        name = f"list[{'Any' if items is object else items.__name__}]"
    return f"{name} | None" if column.nullable else name


def affinity_of(declared_type: str) -> Affinity:
    """Give SQLite's affinity of a column from its declared type.

    Args:
        declared_type: The type as it was declared, or ``""``.

    Returns:
        The affinity, by SQLite's rules. A column ``ANY`` of a STRICT table turns nothing, which its type
        alone does not say.
    """
    if not declared_type:
        return "blob"
    return _affinity(declared_type.lower()) or "numeric"


def length_of(declared_type: str) -> int | None:
    """Give how many characters a type of characters holds at most.

    Args:
        declared_type: The type as it was declared: ``VARCHAR(50)``, ``CHAR(2)``, ``NVARCHAR(100)``,
            ``CHARACTER VARYING(20)`` and their like.

    Returns:
        The number, at least 1; None for every other type.
    """
    name, _, rest = _spelled(declared_type).partition("(")
    number = rest.partition(")")[0]
    if name not in _SIZED or not (number.isascii() and number.isdigit()):
        return None
    return int(number) or None


@lru_cache(maxsize=4096)
def _kind(declared_type: str, overrides: tuple[tuple[str, Kind], ...] = ()) -> Kind:
    whole = _spelled(declared_type)
    bare = _bare(whole)
    if overrides:
        wanted: dict[str, Kind] = {_spelled(name): kind for name, kind in overrides}
        kind = wanted.get(whole) or wanted.get(bare)
        if kind:
            return kind
    if whole in _WHOLE:
        return _WHOLE[whole]
    word = bare.partition(" ")[0]
    if word.startswith("timestamp"):
        return "datetime"
    return _KINDS.get(word) or _affinity(whole) or "any"


def _affinity(spelled: str) -> Literal["integer", "text", "blob", "real"] | None:
    for letters, affinity in _AFFINITIES:
        if letters in spelled:
            return affinity
    return None


def _spelled(declared_type: str) -> str:
    """One spelling for all: lower case, single spaces, none around parentheses and commas."""
    text = " ".join(declared_type.lower().split())
    for sign in "(,)":
        text = text.replace(f" {sign}", sign).replace(f"{sign} ", sign)
    return text


def _bare(spelled: str) -> str:
    """The type without its arguments: ``decimal(10,2) unsigned`` is ``decimal unsigned``."""
    before, parenthesis, rest = spelled.partition("(")
    return f"{before} {rest.partition(')')[2]}".strip() if parenthesis else before
