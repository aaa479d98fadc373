"""Reading the audit trail: what became of a row, and what it was.

Invariant: the past is worked out backwards from the rows as they are now, by undoing one entry after the
other. So it holds for rows that were there before the trail began, and does not need its oldest entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from noormme.errors import DoesNotExist, InvalidValue, UsageError
from noormme.orm.audit.entries import COLUMNS, Entry, Stored, decoded, read_stored, values_of
from noormme.query.resolve import key_columns

if TYPE_CHECKING:
    from noormme.engines.audit import AuditSQL
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["Trail", "beginning", "in_utc", "key_parts"]


def in_utc(moment: object, what: str, sql: AuditSQL) -> str:
    """A moment as the trail writes it.

    Args:
        moment: A datetime with an offset.
        what: What it is for, for the error.
        sql: The engine's SQL, which knows how exact it is.

    Raises:
        InvalidValue: It is no datetime, says no offset, or has no time in UTC.
    """
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidValue(
            f"{what} takes a datetime that says its offset",
            hint="write datetime.now(timezone.utc), for example",
        )
    try:
        return moment.astimezone(UTC).isoformat(" ", sql.timespec)
    except OverflowError as error:
        raise InvalidValue(f"{what} takes a moment between the years 1 and 9999 in UTC") from error


def key_parts(key: object) -> tuple[object, ...]:
    """The values of a key, whether it came as a tuple or as one value."""
    return cast("tuple[object, ...]", key) if isinstance(key, tuple) else (key,)


class Trail:
    """The trail of one table.

    Args:
        mapper: The table.
        sql: The engine's SQL.

    Attributes:
        engine: Where it is kept.
    """

    def __init__(self, mapper: Mapper, sql: AuditSQL) -> None:
        self._mapper = mapper
        self.engine = mapper.registry.engine
        self._sql = sql
        self._table = mapper.table

    # -- what became of a row -----------------------------------------------------------------------

    def history(self, key: object) -> list[Entry]:
        """The entries of a row, the oldest first, followed through changes of its key."""
        found: dict[int, Stored] = {}
        pending: list[tuple[tuple[object, ...], int | None]] = [(self._stored_key(key), None)]
        while pending:
            each, before = pending.pop()
            for entry in self._entries(each, before=before):
                if entry.id not in found:
                    found[entry.id] = entry
                    if entry.key == each and entry.previous_key is not None:
                        pending.append((entry.previous_key, entry.id))
        return [decoded(self._mapper, found[number]) for number in sorted(found)]

    def _entries(self, key: tuple[object, ...], *, before: int | None = None, after: int = 0) -> list[Stored]:
        """The entries that a key had a part in, in order; ``before`` and ``after`` are entries' numbers."""
        written, place, column = self._sql.key(self._table), len(key), self._sql.column
        columns = ", ".join(f"{column(name)} AS {name}" for name in COLUMNS)
        until = "" if before is None else f" AND id < {before:d}"
        sql = " UNION ".join(
            f"SELECT {columns} FROM {self._sql.table} WHERE table_name = {self._sql.mark(place + 1)} "
            f"AND {column(name)} = {written} AND id > {after:d}{until}"
            for name in ("row_key", "previous_key")
        )
        sql = f"SELECT * FROM ({sql}) AS found ORDER BY id"
        rows = self.engine.fetch(sql, (*key, self._table.name), len(COLUMNS))
        return [read_stored(self._sql, row) for row in rows]

    def _stored_key(self, key: object) -> tuple[object, ...]:
        """The values of a key as the database stores them."""
        columns = key_columns(self._table)
        values = key_parts(key)
        if len(values) != len(columns):
            raise InvalidValue(
                f"the key of {self._table.name} has {len(columns)} columns, not {len(values)}",
                hint="give a tuple of their values, in the order of the key",
            )
        dialect = self.engine.dialect
        stored: list[object] = []
        for value, column in zip(values, columns, strict=True):
            encode = dialect.encoder(column.kind, self._table, column)
            stored.append(value if encode is None or value is None else encode(value))
        [[written]] = self.engine.fetch(f"SELECT {self._sql.key(self._table)}", stored, 1)
        return self._sql.read_key(written) or ()

    def key_from(self, pk: object, fields: dict[str, object]) -> object:
        """The key that a call gives, as a value or by its fields.

        Raises:
            InvalidValue: The fields are not those of the key.
        """
        if not fields:
            return pk
        names = self._mapper.key_fields
        if pk is not None or fields.keys() != set(names):
            raise InvalidValue(
                f"the past is asked by key: get({', '.join(f'{name}=…' for name in names)})",
                hint="for other conditions, look through all()",
            )
        return tuple(fields[name] for name in names)

    def missing(self, moment: str) -> DoesNotExist:
        """The error for a row that was not there."""
        return self._mapper.model.DoesNotExist(f"no such row in {self._table.name} at {moment}")

    # -- what it was --------------------------------------------------------------------------------

    def row_at(self, key: object, moment: str) -> Model | None:
        """The row that had a key at a moment, as an object; None where there was none."""
        self._check_covered(moment)
        stored = self._stored_key(key)
        values = self._values_at(stored, self._last_entry(moment))
        return None if values is None else self._made(stored, values)

    def rows_at(self, moment: str) -> list[Model]:
        """All rows of a moment as objects, in the order of their keys as text."""
        self._check_covered(moment)
        keys: dict[str, tuple[object, ...]] = {}
        rows: dict[str, dict[str, object]] = {}

        def put(key: str | bytes, row: dict[str, object]) -> None:
            rows[str(key)] = row
            keys[str(key)] = self._sql.read_key(key) or ()

        for key, row in self.engine.fetch(self._sql.rows(self._table, one=False), (), 2):
            put(key, self._sql.read_row(row) or {})
        last, column = self._last_entry(moment), self._sql.column
        sql = (
            f"SELECT action, {column('row_key')}, {column('previous_key')}, {column('before')} "
            f"FROM {self._sql.table} WHERE table_name = {self._sql.mark(1)} AND row_key IS NOT NULL "
            f"AND id > {last:d} ORDER BY id DESC"
        )
        for action, key, previous, before in self.engine.fetch(sql, (self._table.name,), 4):
            # What was written after the rows were read is undone twice, which changes nothing.
            after = rows.pop(str(key), {})
            if action != "insert":
                put(previous or key, after | (self._sql.read_row(before) or {}))
        return [self._made(keys[key], rows[key]) for key in sorted(rows)]

    def _made(self, key: tuple[object, ...], row: dict[str, object]) -> Model:
        """The object of a row."""
        values = values_of(self._mapper, row)
        if not self._table.primary_key:
            values[self._mapper.key_fields[0]] = key[0]
        return self._mapper.make(values)

    def _values_at(self, key: tuple[object, ...], last: int) -> dict[str, object] | None:
        """The stored values of the row that had a key once the entry of that number was written."""
        current = self.engine.fetch(self._sql.rows(self._table, one=True), key, 2)
        values = self._sql.read_row(current[0][1]) if current else None
        for entry in reversed(self._entries(key, after=last)):
            if entry.key != key:
                # The row went to another key, where it was just after.
                moved = self._values_at(entry.key or (), entry.id)
                values = {**(moved or {}), **(entry.before or {})}
            elif entry.action == "insert" or entry.previous_key is not None:
                values = None
            elif entry.action == "delete":
                values = dict(entry.before or {})
            else:
                values = {**(values or {}), **(entry.before or {})}
        return values

    def _last_entry(self, moment: str) -> int:
        """The number of the last entry that was written by then."""
        sql = f"SELECT id FROM {self._sql.table} WHERE at <= {self._sql.mark(1)} ORDER BY id DESC LIMIT 1"
        rows = self.engine.fetch(sql, (moment,))
        return int(rows[0][0]) if rows else 0

    def _check_covered(self, moment: str) -> None:
        """Raise unless the trail has every change since a moment.

        Raises:
            UsageError: No trail of the table is kept.
            InvalidValue: It begins later.
        """
        name = self._table.name
        kept = self.engine.fetch(self._sql.kept, (name,))
        begins = beginning(self._markers()) if kept else None
        if begins is None:
            raise UsageError(
                f"no audit trail of '{name}' is kept", hint=f"db.audit.enable({name!r}) begins one"
            )
        if moment < begins:
            raise InvalidValue(
                f"the audit trail of '{name}' begins at {begins}", hint="ask for a later moment"
            )

    def _markers(self) -> Iterable[Sequence[Any]]:
        column = self._sql.column
        sql = (
            f"SELECT action, {column('at')}, {column('detail')} FROM {self._sql.table} "
            f"WHERE table_name IN ({self._sql.mark(1)}, '') AND row_key IS NULL ORDER BY id"
        )
        return self.engine.fetch(sql, (self._table.name,))


def beginning(markers: Iterable[Sequence[Any]]) -> str | None:
    """From when on a trail is complete, or None where none is kept.

    Args:
        markers: Action, time and detail of what was done to the trail, in order.
    """
    begins: str | None = None
    purged = ""
    for action, at, detail in markers:
        if action == "enable":
            begins = str(at)
        elif action == "disable":
            begins = None
        elif action == "purge":
            purged = max(purged, str(detail))
    return None if begins is None else max(begins, purged)
