"""SQLite's side of the audit trail.

Invariant: it is made of statements only; nothing runs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from noormme.engines.audit import Timespec
from noormme.engines.sqlite.audit_stamp import AUDIT_TABLE, EXISTS, PREFIX, STAMP, AuditStamp
from noormme.engines.sqlite.audit_stored import stored_key, stored_row
from noormme.engines.sqlite.audit_triggers import NOW, REPLACED_TABLE, TABLES, audit_triggers
from noormme.engines.sqlite.audit_values import key_names, key_of, row_of, typed
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import quote_identifier

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["SQLiteAudit"]


_TRIGGERS = "FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE"
_OWN_TRIGGERS = f"{_TRIGGERS} AND substr(name, 1, {len(PREFIX)}) = '{PREFIX}'"


class SQLiteAudit:
    """The statements of the audit trail; an ``engines.audit.AuditSQL``, which explains them.

    Args:
        stamp: Knows whether the connection that writes is stamped.
        dialect: Decodes values.
    """

    table = AUDIT_TABLE
    own = frozenset({AUDIT_TABLE, REPLACED_TABLE})
    prefix = PREFIX
    setup: Sequence[str] = TABLES
    stamp: Sequence[str] = (STAMP,)
    timespec: Timespec = "milliseconds"
    first = "because they are newer; db.audit.enable({table!r}) mends it"
    exists = EXISTS
    kept = f"SELECT 1 {_OWN_TRIGGERS} LIMIT 1"
    # The newest trigger runs first.
    later = (
        f"SELECT name {_TRIGGERS} AND rowid > (SELECT max(rowid) {_OWN_TRIGGERS}) "
        "AND sql NOT LIKE '%BEFORE%' ORDER BY name"
    )

    def __init__(self, stamp: AuditStamp, dialect: SQLiteDialect) -> None:
        self._stamp = stamp
        self._dialect = dialect

    @property
    def stamped(self) -> bool:
        """Whether ``stamp`` has run on the connection that writes."""
        return self._stamp.stamped

    def note_stamped(self, *, kept: bool) -> None:
        """Note that ``stamp`` has run on the connection that writes."""
        self._stamp.stamped = kept

    def refusal(self, table: Table) -> str | None:
        """Why no trail of a table can be kept, or None where it can."""
        if table.name in self.own:
            return "it belongs to the trail itself"
        if table.kind != "table":
            return f"it is a {table.kind if table.kind == 'view' else 'virtual table'}, which has no triggers"
        if not table.primary_key and table.rowid is None:
            return "nothing tells its rows apart"
        return None if table.readable else "it cannot be read"

    def triggers(self, table: Table) -> Mapping[str, str]:
        """The statements that make the triggers of a table, by the names of the triggers."""
        return audit_triggers(table)

    def outdated(self, found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
        """Whether triggers are made by other statements than they should."""
        return found != wanted

    def drop(self, trigger: str, table: Table) -> str:
        """The statement that removes a trigger."""
        return f"DROP TRIGGER {quote_identifier(trigger)}"

    def marker(self) -> str:
        """The statement that notes an action upon a table."""
        return f"INSERT INTO {AUDIT_TABLE} (at, action, table_name, after) VALUES ({NOW}, ?, ?, ?)"

    def mark(self, number: int) -> str:
        """How a statement names a parameter."""
        return f"?{number}"

    def column(self, name: str) -> str:
        """A column of the trail, which has everything as text."""
        return "after" if name == "detail" else name

    def key(self, table: Table) -> str:
        """An expression for a key whose values are the first parameters."""
        return f"json_array({', '.join(typed(f'?{at}') for at in range(1, len(key_names(table)) + 1))})"

    def read_key(self, written: Any) -> tuple[object, ...] | None:
        """The values of a key."""
        return stored_key(written)

    def read_row(self, written: Any) -> dict[str, object] | None:
        """The values of a row."""
        return stored_row(written)

    def decode(self, table: Table, column: Column | None, value: object) -> object:
        """A stored value as queries give it."""
        return value if column is None else self._dialect.decode(column.kind, value, table.name, column.name)

    def rows(self, table: Table, *, one: bool) -> str:
        """A query for the key and the columns of the rows of a table."""
        conditions = [f"r.{name} IS ?{number}" for number, name in enumerate(key_names(table), 1)]
        where = f" WHERE {' AND '.join(conditions)}" if one else ""
        columns = f"{key_of(table, 'r')}, {row_of(table, 'r')}"
        return f"SELECT {columns} FROM {quote_identifier(table.name)} AS r{where}"
