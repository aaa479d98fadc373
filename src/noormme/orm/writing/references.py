"""Which reference a row was refused for, where the database does not say.

Invariant: nothing is asked of the database before it has refused a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noormme.errors import ForeignKeyViolation, NoormmeError

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper

__all__ = ["explained"]


def explained(
    mapper: Mapper, error: ForeignKeyViolation, values: Mapping[str, object]
) -> ForeignKeyViolation:
    """The error that names the reference whose row does not exist.

    Args:
        mapper: The table whose row was refused.
        error: What the database said.
        values: The values of the row by field. Touches the database, to look for the rows they refer to.

    Returns:
        An error with ``table`` and ``columns``; the same one where every reference leads to a row.
    """
    for relation in mapper.relations.values():
        if not relation.forward:
            continue
        own = [mapper.field_of(column) for column in relation.columns]
        key = [values.get(field) for field in own]
        if None in key:
            continue
        target = mapper.link(relation.name).target
        names = [target.field_of(column) for column in relation.target_columns]
        query: Any = target.model.objects
        try:
            missing = not query.filter(**dict(zip(names, key, strict=True))).exists()
        except NoormmeError:
            continue
        if missing:
            held = ", ".join(own)
            return ForeignKeyViolation(
                f"{mapper.table.name}.{held} refers to a row of {target.table.name} that is not there",
                table=mapper.table.name,
                columns=relation.columns,
                hint=f"create the {target.table.name} row first, or give the key of one that exists",
            )
    return error
