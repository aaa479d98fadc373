"""The entries of the audit trail, with the values that the models have.

Invariant: an entry says what was, and never changes; a column that the table no longer has keeps its name and
the value as it was stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

if TYPE_CHECKING:
    from noormme.engines.audit import AuditSQL
    from noormme.engines.base import Row
    from noormme.orm.mapper import Mapper

__all__ = ["COLUMNS", "Entry", "Stored", "decoded", "read_stored"]

COLUMNS = (
    "id",
    "at",
    "actor",
    "action",
    "row_key",
    "previous_key",
    "before",
    "after",
    "transaction_id",
)
"""What ``read_stored`` takes, as the trail's table names it."""


class Entry(msgspec.Struct, frozen=True):
    """One change of one row.

    Attributes:
        id: Its number; later entries have larger ones.
        at: When it was written, in UTC, to the millisecond on SQLite, else to the
            microsecond.
        actor: Who wrote it, as ``db.audit.actor`` said; None where nobody said it, or another program wrote.
        action: What happened.
        table: The exact name of the table.
        key: The row's key afterwards, or before it was deleted: one value, or a tuple for a composite key.
        previous_key: The key before, where the change was one of the key.
        before: The values before, by field: all of a row that was deleted, of one that was updated those that
            changed; None for one that was inserted.
        after: The values after, in the same way; None for a row that was deleted.
        transaction: What the entries of one transaction have in common; None where another program wrote to
            a file.
    """

    id: int
    at: datetime
    actor: str | None
    action: Literal["insert", "update", "delete"]
    table: str
    key: Any
    previous_key: Any
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    transaction: int | None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """For each field that changed: the value before and the one after; None where there was no row."""
        before, after = self.before or {}, self.after or {}
        return {field: (before.get(field), after.get(field)) for field in {**before, **after}}


class Stored(msgspec.Struct, frozen=True):
    """An entry with the values as they were stored, by the columns' exact names."""

    id: int
    at: str
    actor: str | None
    action: str
    key: tuple[object, ...] | None
    previous_key: tuple[object, ...] | None
    before: dict[str, object] | None
    after: dict[str, object] | None
    transaction: int | None


def read_stored(sql: AuditSQL, row: Row) -> Stored:
    """An entry from a row of the trail's table.

    Args:
        sql: The engine's SQL, which knows how it writes values.
        row: The values of ``COLUMNS``.
    """
    number, at, actor, action, key, previous, before, after, transaction = row
    return Stored(
        number,
        at,
        actor,
        action,
        sql.read_key(key),
        sql.read_key(previous),
        sql.read_row(before),
        sql.read_row(after),
        transaction,
    )


def decoded(mapper: Mapper, stored: Stored) -> Entry:
    """An entry with the values that the model has.

    Args:
        mapper: The table that it is of.
        stored: The entry.
    """
    return Entry(
        stored.id,
        datetime.fromisoformat(stored.at),
        stored.actor,
        cast("Literal['insert', 'update', 'delete']", stored.action),
        mapper.table.name,
        _key(mapper, stored.key),
        _key(mapper, stored.previous_key),
        None if stored.before is None else values_of(mapper, stored.before),
        None if stored.after is None else values_of(mapper, stored.after),
        stored.transaction,
    )


def values_of(mapper: Mapper, row: Mapping[str, object]) -> dict[str, Any]:
    """The values of a row by field, decoded as queries decode them.

    Args:
        mapper: The row's table.
        row: The stored values by the columns' exact names.
    """
    table, sql = mapper.table, mapper.registry.engine.audit
    columns = {column.name: column for column in table.columns}
    values: dict[str, Any] = {}
    for name, value in row.items():
        column = columns.get(name)
        field = name if column is None else column.field
        values[field] = None if value is None else sql.decode(table, column, value)
    return values


def _key(mapper: Mapper, key: Sequence[object] | None) -> Any:
    if key is None:
        return None
    names = mapper.table.primary_key
    # A row id is a number as it is.
    values = list(values_of(mapper, dict(zip(names, key, strict=True))).values()) if names else list(key)
    return values[0] if len(values) == 1 else tuple(values)
