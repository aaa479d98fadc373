"""PostgreSQL's side of the audit trail.

Invariant: it is made of statements only; nothing runs here. One function writes the trail of all tables from
the rows as they are, so a table whose columns change needs no new triggers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from noormme.engines.audit import Timespec
from noormme.engines.server.postgresql.audit_setup import AUDIT_TABLE, PREFIX, WRITER, setup_statements
from noormme.engines.server.postgresql.audit_values import decode, key_cast, read_key, read_row
from noormme.engines.server.postgresql.bulk import relation_text
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import quote_identifier

if TYPE_CHECKING:
    from noormme.engines.server.postgresql.dialect import PostgreSQLDialect

__all__ = ["PostgreSQLAudit"]

_EXACT_NAME = "CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END"
_TRIGGERS = f"""
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_EXACT_NAME} = $1::text AND NOT t.tgisinternal
"""
_AFTER_ROW = "t.tgtype & 1 = 1 AND t.tgtype & 66 = 0"
"""The bits of ``tgtype`` of triggers that run for each row, and neither before nor instead of the change."""

_CALL = re.compile(r"EXECUTE (?:FUNCTION|PROCEDURE) .*", re.DOTALL)
_MOMENT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"+00:00\"')"


class PostgreSQLAudit:
    """The statements of the audit trail; an ``engines.audit.AuditSQL``, which explains them.

    Args:
        namespace: The schema that has the trail.
        dialect: Knows the time zone of the settings.

    Attributes:
        setup: The statements that make the table and the functions.
    """

    table = AUDIT_TABLE
    own = frozenset({AUDIT_TABLE})
    prefix = PREFIX
    stamp: Sequence[str] = ()
    timespec: Timespec = "microseconds"
    first = "because their names come first; give them names behind '" + PREFIX + "'"
    exists = f"SELECT 1 WHERE to_regclass('{AUDIT_TABLE}') IS NOT NULL"
    kept = f"SELECT 1 {_TRIGGERS} AND starts_with(t.tgname, '{PREFIX}') LIMIT 1"
    # They run in the order of their names, byte by byte.
    later = (
        f"SELECT t.tgname::text {_TRIGGERS} AND {_AFTER_ROW} "
        f"""AND t.tgname::text COLLATE "C" < '{PREFIX}' ORDER BY 1"""
    )

    def __init__(self, namespace: str, dialect: PostgreSQLDialect) -> None:
        self.setup: Sequence[str] = setup_statements(namespace)
        self._namespace = namespace
        self._dialect = dialect

    @property
    def stamped(self) -> bool:
        """Always: a connection says who writes before each statement."""
        return True

    def note_stamped(self, *, kept: bool) -> None:
        """Nothing to note."""

    def refusal(self, table: Table) -> str | None:
        """Why no trail of a table can be kept, or None where it can."""
        if table.name in self.own:
            return "it belongs to the trail itself"
        if table.kind != "table":
            return f"it is a {table.kind}, which has no triggers"
        if not table.primary_key:
            return "nothing tells its rows apart"
        return None if table.readable else "it cannot be read"

    def triggers(self, table: Table) -> Mapping[str, str]:
        """The statements that make the triggers of a table, by the names of the triggers."""
        names = ", ".join(_text(name) for name in (table.name, *table.primary_key))
        function = f"{quote_identifier(self._namespace)}.{WRITER}({names})"
        target = relation_text(table)
        return {
            f"{PREFIX}row": f"CREATE TRIGGER {quote_identifier(f'{PREFIX}row')} "
            f"AFTER INSERT OR UPDATE OR DELETE ON {target} FOR EACH ROW EXECUTE FUNCTION {function}",
            f"{PREFIX}truncate": f"CREATE TRIGGER {quote_identifier(f'{PREFIX}truncate')} "
            f"BEFORE TRUNCATE ON {target} FOR EACH STATEMENT EXECUTE FUNCTION {function}",
        }

    def outdated(self, found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
        """Whether triggers are given another table or key; PostgreSQL writes the rest in a way of its own."""
        return any(_arguments(found[name]) != _arguments(wanted[name]) for name in wanted)

    def drop(self, trigger: str, table: Table) -> str:
        """The statement that removes a trigger of a table."""
        return f"DROP TRIGGER {quote_identifier(trigger)} ON {relation_text(table)}"

    def marker(self) -> str:
        """The statement that notes an action upon a table."""
        return (
            f"INSERT INTO {AUDIT_TABLE} (at, action, table_name, after) "
            "VALUES (clock_timestamp(), $1, $2, to_json($3::text))"
        )

    def mark(self, number: int) -> str:
        """How a statement names a parameter."""
        return f"${number}"

    def column(self, name: str) -> str:
        """A column of the trail; what is JSON as text, so that nothing of a number is lost."""
        if name == "detail":
            return "after #>> '{}'"
        if name == "at":
            return _MOMENT.format("at")
        return f"{name}::text" if name in ("row_key", "previous_key", "before", "after") else name

    def key(self, table: Table) -> str:
        """An expression for a key whose values are the first parameters."""
        columns = _key_columns(table)
        values = ", ".join(
            f"{key_cast(column, f'${at}')} AS {quote_identifier(column.name)}"
            for at, column in enumerate(columns, 1)
        )
        return f"(SELECT noormme_audit_key(k.*, {_names(table)}) FROM (SELECT {values}) AS k)"

    def rows(self, table: Table, *, one: bool) -> str:
        """A query for the key and the columns of the rows of a table."""
        conditions = [
            f"r.{quote_identifier(column.name)} = {key_cast(column, f'${at}')}"
            for at, column in enumerate(_key_columns(table), 1)
        ]
        where = f" WHERE {' AND '.join(conditions)}" if one else ""
        found = f"noormme_audit_key(r.*, {_names(table)}), to_json(r.*)::text"
        return f"SELECT {found} FROM {relation_text(table)} AS r{where}"

    def read_key(self, written: Any) -> tuple[object, ...] | None:
        """The values of a key, as text."""
        return read_key(written)

    def read_row(self, written: Any) -> dict[str, object] | None:
        """The values of a row, as JSON."""
        return read_row(written)

    def decode(self, table: Table, column: Column | None, value: object) -> object:
        """A stored value as queries give it."""
        if column is None:
            return decode("json", "", value, None)
        found = decode(column.kind, column.declared_type, value, self._dialect.timezone)
        return self._dialect.decode(column.kind, found, table.name, column.name)


def _key_columns(table: Table) -> list[Column]:
    found = {column.name: column for column in table.columns}
    return [found[name] for name in table.primary_key]


def _names(table: Table) -> str:
    return f"ARRAY[{', '.join(map(_text, table.primary_key))}]"


def _text(text: str) -> str:
    """The text as a literal, as PostgreSQL writes the arguments of triggers."""
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def _arguments(statement: str) -> str:
    found = _CALL.search(statement)
    return "" if found is None else found[0].partition(f"{WRITER}(")[2]
