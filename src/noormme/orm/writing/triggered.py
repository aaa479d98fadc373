"""What a table itself makes of the rows that are written to it: its triggers, and its ON CONFLICT clauses.

Invariant: an object holds what its row holds, also where a trigger changed the row after it was written;
SQLite says nothing of that (RETURNING gives the row as it was before). A row that the table leaves out
without an error is an error here, for there is nothing that an object could stand for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from noormme.errors import IntegrityError
from noormme.orm.writing.filled import rows_of
from noormme.orm.writing.state import changes_of, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model
    from noormme.schema.model import Table, Trigger

__all__ = [
    "can_leave_out",
    "is_there",
    "left_as_it_was",
    "left_out",
    "reacts",
    "replaces",
    "rewritten_after",
    "rewritten_before",
    "row_now",
    "rows_now",
    "take_over",
]

_IGNORES = re.compile(r"\bON\s+CONFLICT\s+IGNORE\b|\bRAISE\s*\(\s*IGNORE\s*\)", re.IGNORECASE)
_REPLACES = re.compile(r"\bON\s+CONFLICT\s+REPLACE\b", re.IGNORECASE)
_CALLS = re.compile(r"\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_ASSIGNS = re.compile(
    r"\b(?:SET|INTO)\s+`?NEW`?\s*\.|\bSET\b[^;]*,\s*`?NEW`?\s*\.\s*(?:\w+|`[^`]+`)\s*:?=", re.IGNORECASE
)
_FILLS_IN = re.compile(r"\bNOT\s+NULL\s+ON\s+CONFLICT\s+REPLACE\b", re.IGNORECASE)


def rewritten_after(table: Table) -> frozenset[str]:
    """After which writes (INSERT, UPDATE) a row may hold something else than was given.

    A trigger of the table writes to the table itself, assigns to the new row (MySQL), or calls a function
    that is given the new row and may give another (PostgreSQL), or a column puts its default in the place of
    NULL.

    Args:
        table: The table.
    """
    if _FILLS_IN.search(table.sql or ""):
        return frozenset({"INSERT", "UPDATE"})
    names = {table.name, '"' + table.name.replace('"', '""') + '"', f"`{table.name}`", f"[{table.name}]"}
    named = "|".join(map(re.escape, sorted(names)))
    writes = re.compile(rf"\bUPDATE\s+(?:OR\s+\w+\s+)?(?:{named})(?!\w)", re.IGNORECASE)
    return frozenset(
        event
        for event in ("INSERT", "UPDATE")
        for trigger in table.triggers
        if event in trigger.event.upper()
        and (writes.search(trigger.sql.partition("BEGIN")[2] or trigger.sql) or _rewrites(trigger))
    )


def rewritten_before(table: Table, event: str) -> bool:
    """Whether a trigger may make another row of a new one before the database looks at its values.

    Args:
        table: The table.
        event: INSERT or UPDATE.
    """
    return any(event in trigger.event.upper() and _rewrites(trigger) for trigger in table.triggers)


def _rewrites(trigger: Trigger) -> bool:
    return trigger.timing == "BEFORE" and bool(_CALLS.search(trigger.sql) or _ASSIGNS.search(trigger.sql))


def can_leave_out(table: Table) -> bool:
    """Whether the table may leave a row out without an error.

    Args:
        table: The table.
    """
    return any(_IGNORES.search(sql or "") for sql in (table.sql, *(each.sql for each in table.triggers)))


def replaces(table: Table) -> bool:
    """Whether a row may take the place of others, which are then gone, without an error.

    Args:
        table: The table.
    """
    return _REPLACES.search(table.sql or "") is not None


def reacts(table: Table, event: str) -> bool:
    """Whether a trigger of the table may write as well.

    Args:
        table: The table.
        event: INSERT, UPDATE or DELETE.
    """
    return any(event in trigger.event.upper() for trigger in table.triggers)


def left_out(table: Table) -> IntegrityError:
    """The error for a row that the table left out.

    Args:
        table: The table.
    """
    return IntegrityError(
        f"{table.name} left the row out: its ON CONFLICT IGNORE or one of its triggers says so",
        table=table.name,
        hint="bulk_create(…, ignore_conflicts=True) takes the rows that are there already",
    )


def left_as_it_was(table: Table) -> IntegrityError:
    """The error for a row that the table did not change.

    Args:
        table: The table.
    """
    return IntegrityError(
        f"{table.name} left the row as it was: its ON CONFLICT IGNORE or one of its triggers says so",
        table=table.name,
        hint="give values that no other row has",
    )


def is_there(mapper: Mapper, key: Sequence[object]) -> bool:
    """Whether there is a row with this key.

    Args:
        mapper: The table.
        key: The values of the key.
    """
    query: Any = mapper.model.objects
    found: bool = query.filter(**dict(zip(mapper.key_fields, key, strict=True))).exists()
    return found


def row_now(mapper: Mapper, row: Sequence[object]) -> Sequence[object]:
    """A row that was just written, as it is now; as it was written where it is gone again.

    Args:
        mapper: The table.
        row: What all of its fields held. Touches the database, to read them again.
    """
    given = dict(zip(mapper.fields, row, strict=True))
    query: Any = mapper.model.objects
    found: Sequence[object] | None = (
        query.filter(**{field: given[field] for field in mapper.key_fields})
        .values_list(*mapper.fields)
        .first()
    )
    return row if found is None else found


def rows_now(mapper: Mapper, rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """What ``row_now`` gives, for many rows in few queries.

    Args:
        mapper: The table.
        rows: What all of their fields held. Touches the database, to read them again.
    """
    places = [mapper.fields.index(field) for field in mapper.key_fields]
    if not places:
        return list(rows)
    keys = [tuple(row[place] for place in places) for row in rows]
    found = rows_of(mapper, keys, mapper.fields)
    known = {tuple(row[place] for place in places): row for row in found}
    return [known.get(key, row) for key, row in zip(keys, rows, strict=True)]


def take_over(mapper: Mapper, item: Model) -> None:
    """Put on an object what a trigger made of its row; what was set and not saved stays.

    Args:
        mapper: The table.
        item: The object, which was just written.
    """
    held = mapper.held_by(item)
    row = row_now(mapper, [held.get(field) for field in mapper.fields])
    changed = changes_of(item)
    for field, value in zip(mapper.fields, row, strict=True):
        if field in held and field not in changed:
            put(item, field, value)
