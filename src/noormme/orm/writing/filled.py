"""What only the database knows of a row that was written, where the statement cannot give it back.

Invariant: it is read by the key of the row, right after the row was written: in the transaction of the write
where one is open. A key that only the database knows cannot be found like that, and is refused before
anything is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from noormme.errors import NotSupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noormme.orm.mapper import Mapper

__all__ = ["filled_in", "filled_in_many", "rows_of", "unknown_key"]

_KEYS_AT_ONCE = 1_000
"""How many keys are asked for together: some servers are sent a list written out, and no statement may be too
long for them."""


def filled_in(mapper: Mapper, fields: Sequence[str], key: Sequence[object]) -> tuple[object, ...]:
    """What fields of a row hold that was just written. Touches the database.

    Args:
        mapper: The table.
        fields: The fields.
        key: The key of the row.

    Returns:
        Their values; UNSET for each where the row is gone again.
    """
    query: Any = mapper.model.objects
    found: tuple[object, ...] | None = (
        query.filter(**dict(zip(mapper.key_fields, key, strict=True))).values_list(*fields).first()
    )
    return (msgspec.UNSET,) * len(fields) if found is None else found


def filled_in_many(
    mapper: Mapper, fields: Sequence[str], keys: Sequence[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    """What ``filled_in`` gives, for many rows in few queries; for those whose keys differ there, in one each.

    Args:
        mapper: The table.
        fields: The fields.
        keys: The keys of the rows.

    Returns:
        The values of each row; UNSET for each of one that is gone again.
    """
    width = len(mapper.key_fields)
    found = rows_of(mapper, keys, (*mapper.key_fields, *fields))
    known = {row[:width]: row[width:] for row in found}
    # The database may find keys equal that are not to Python: those of char(n) end in spaces there.
    return [known[key] if key in known else filled_in(mapper, fields, key) for key in keys]


def rows_of(
    mapper: Mapper, keys: Sequence[tuple[object, ...]], fields: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    """What fields of many rows hold, in no order. Touches the database.

    Args:
        mapper: The table.
        keys: The keys of the rows.
        fields: The fields.
    """
    query: Any = mapper.model.objects
    for at in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[at : at + _KEYS_AT_ONCE]
        found = query.filter(pk__in=some if len(mapper.key_fields) > 1 else [key for (key,) in some])
        yield from found.values_list(*fields)


def unknown_key(mapper: Mapper, fields: Sequence[str]) -> NotSupported:
    """The error for new rows whose key only the database would know.

    Args:
        mapper: The table.
        fields: The fields of the key that are not given.
    """
    names = " and ".join(fields)
    return NotSupported(
        f"the database would fill in {mapper.table.name}.{names}, and cannot tell which key it gave",
        hint=f"give it: create({fields[0]}=…), for example of uuid4()",
    )
