"""A plan as data that outlives its process.

Invariant: a stored plan holds no code and no value of the user's: SQL text, numbers, names, and for each
parameter how its encoder is asked for. It is a plan again only where the dialect gives those encoders, and
where every column on whose stored form its SQL depends has that form still. No SQLAlchemy is needed for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from noormme.deferred import made_by_one
from noormme.query.dialect import Dialect, Keeping
from noormme.query.encoding import Lenient, YearBound
from noormme.query.plan import Bind, Encode, Output, Plan, RowGroup
from noormme.query.resolve import model_columns
from noormme.schema.model import Column, Kind, Schema, Table

__all__ = [
    "Learnt",
    "Leniently",
    "Named",
    "OfList",
    "OfNul",
    "OfRows",
    "OfStored",
    "OfValue",
    "OfYear",
    "Recipe",
    "StoredBind",
    "StoredPlan",
    "column_of",
    "decoded",
    "encoded",
    "learnt_of",
    "name_of",
    "thawed",
]

_TYPES: dict[str, type] = {
    each.__name__: each
    for each in (bool, bytes, date, datetime, Decimal, float, int, str, time, timedelta, UUID)
}


class OfValue(msgspec.Struct, frozen=True, array_like=True, tag="value"):
    """``Dialect.encoder``, with exact names of a table and a column, or two times None."""

    kind: Kind
    table: str | None
    column: str | None


class OfStored(msgspec.Struct, frozen=True, array_like=True, tag="stored"):
    """``Dialect.storing``, with exact names."""

    kind: Kind
    table: str
    column: str


class OfList(msgspec.Struct, frozen=True, array_like=True, tag="list"):
    """``Dialect.list_encoder``, with what encodes one value and the name of a Python type."""

    each: Recipe | None
    native: str | None


class OfNul(msgspec.Struct, frozen=True, array_like=True, tag="nul"):
    """``Dialect.nul_encoder``."""


class OfRows(msgspec.Struct, frozen=True, array_like=True, tag="rows"):
    """``Dialect.rows_encoder``, with what encodes each part of a key."""

    parts: tuple[Recipe | None, ...]


class OfYear(msgspec.Struct, frozen=True, array_like=True, tag="year"):
    """A bound of a year; see ``YearBound``."""

    kind: Kind
    table: str | None
    column: str | None
    following: bool


class Leniently(msgspec.Struct, frozen=True, array_like=True, tag="lenient"):
    """An encoder for values that were read; see ``Lenient``."""

    each: Recipe


class Named(msgspec.Struct, frozen=True, array_like=True, tag="named"):
    """An encoder of the engine's own; see ``Keeping.named``."""

    name: str


Recipe: TypeAlias = OfValue | OfStored | OfList | OfNul | OfRows | OfYear | Leniently | Named
"""How an encoder is asked for."""


class StoredBind(msgspec.Struct, frozen=True, array_like=True):
    """A ``Bind`` with the recipe of its encoder and the name of its type."""

    slot: int
    recipe: Recipe | None
    native: str | None
    nullable: bool


class Learnt(msgspec.Struct, frozen=True, array_like=True):
    """In which form a column stored its values when the plan was made."""

    kind: Kind
    table: str
    column: str
    form: str


class StoredPlan(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A ``Plan``, whose attributes these are, and what was learnt of the columns that it reads."""

    sql: str
    binds: tuple[StoredBind, ...]
    outputs: tuple[Output, ...]
    groups: tuple[RowGroup, ...]
    leading: int
    trailing: int
    order: tuple[int, ...]
    keys: tuple[int, ...]
    style: Literal["model", "dict", "tuple", "flat", "named", "row"]
    reads: tuple[str, ...]
    slots: int
    learnt: tuple[Learnt, ...]


def encoded(plan: StoredPlan) -> bytes:
    """A stored plan as bytes."""
    return msgspec.msgpack.encode(plan)


_decoder = made_by_one(lambda: msgspec.msgpack.Decoder(StoredPlan))


def decoded(data: bytes) -> StoredPlan | None:
    """The stored plan of some bytes; None where they are none."""
    try:
        return _decoder().decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def thawed(stored: StoredPlan, schema: Schema, dialect: Dialect, keeping: Keeping) -> Plan | None:
    """The plan, or None where it does not fit any more.

    Args:
        stored: The stored plan.
        schema: The schema that it was made for.
        dialect: The engine's side.
        keeping: What the dialect knows of the forms of columns.

    Returns:
        The plan. The database is touched where the form of a column must be learnt.
    """
    try:
        if not all(_is_known_still(each, keeping) for each in stored.learnt):
            return None
        binds = tuple(
            Bind(
                _within(bind.slot, stored.slots),
                None if bind.recipe is None else _made(bind.recipe, schema, dialect, keeping),
                None if bind.native is None else _TYPES[bind.native],
                bind.nullable,
            )
            for bind in stored.binds
        )
    except LookupError:
        return None
    return Plan(
        stored.sql,
        binds,
        stored.outputs,
        groups=stored.groups,
        leading=stored.leading,
        trailing=stored.trailing,
        order=stored.order,
        keys=stored.keys,
        style=stored.style,
        reads=stored.reads,
        slots=stored.slots,
    )


def learnt_of(tables: Iterable[str], schema: Schema, keeping: Keeping) -> tuple[Learnt, ...] | None:
    """What is known of the forms of the columns of some tables.

    Args:
        tables: Exact names.
        schema: The schema.
        keeping: Knows it.

    Returns:
        The forms; None where one of them was decided upon without a value that shows it.
    """
    found: list[Learnt] = []
    for name in tables:
        table = schema.table(name)
        for column in () if table is None else table.columns:
            form = keeping.known(name, column.name)
            if form == "":
                return None
            if form is not None:
                found.append(Learnt(column.kind, name, column.name, form))
    return tuple(found)


def column_of(schema: Schema, table: str, column: str) -> tuple[Table, Column]:
    """A table and its column by exact names; the row id is one.

    Raises:
        LookupError: There is none.
    """
    found = schema.table(table)
    for each in () if found is None else (*found.columns, *model_columns(found)):
        if each.name == column and found is not None:
            return found, each
    raise LookupError(column)


def name_of(native: type | None) -> str | None:
    """The name of a Python type.

    Raises:
        LookupError: It is none of those that a plan can name.
    """
    if native is None:
        return None
    if _TYPES.get(native.__name__) is not native:
        raise LookupError(native.__name__)
    return native.__name__


def _is_known_still(learnt: Learnt, keeping: Keeping) -> bool:
    form = keeping.form(learnt.kind, learnt.table, learnt.column)
    # Of a column without a value it is a guess, which the next value may show to be wrong: who compiles for
    # one keeps nothing, so nothing may be found for it either.
    return form == learnt.form == keeping.known(learnt.table, learnt.column)


def _within(slot: int, slots: int) -> int:
    if not 0 <= slot < slots:
        raise LookupError(slot)
    return slot


def _made(recipe: Recipe, schema: Schema, dialect: Dialect, keeping: Keeping) -> Encode | None:
    if isinstance(recipe, Named):
        return keeping.named(recipe.name)
    if isinstance(recipe, OfNul):
        return dialect.nul_encoder()
    if isinstance(recipe, OfList):
        native = None if recipe.native is None else _TYPES[recipe.native]
        return dialect.list_encoder(_part(recipe.each, schema, dialect, keeping), native)
    if isinstance(recipe, OfRows):
        return dialect.rows_encoder([_part(part, schema, dialect, keeping) for part in recipe.parts])
    if isinstance(recipe, Leniently):
        return Lenient(_needed(_made(recipe.each, schema, dialect, keeping)))
    place: Any = (None, None)
    if recipe.table is not None and recipe.column is not None:
        place = column_of(schema, recipe.table, recipe.column)
    if isinstance(recipe, OfStored):
        return dialect.storing(recipe.kind, *place)
    if isinstance(recipe, OfValue):
        return dialect.encoder(recipe.kind, *place)
    start = _needed(dialect.year_start(recipe.kind, *place))
    return YearBound(start, dialect.encoder("integer", None, None), following=recipe.following)


def _part(recipe: Recipe | None, schema: Schema, dialect: Dialect, keeping: Keeping) -> Encode | None:
    return None if recipe is None else _made(recipe, schema, dialect, keeping)


def _needed(encode: Encode | None) -> Encode:
    if encode is None:
        raise LookupError("an encoder")
    return encode
