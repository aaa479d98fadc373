"""What is known of an expression.

Invariant: what is not known is of no kind and can be NULL.
"""

from __future__ import annotations

import msgspec

from noormme.schema.model import Column, Kind, Table

__all__ = ["UNKNOWN", "Value"]


class Value(msgspec.Struct, frozen=True):
    """What is known of an expression.

    Attributes:
        kind: What its values are; None where that is not known.
        nullable: Whether it can be NULL.
        table: The table of the column whose values they are.
        column: The column whose values they are.
        open: Whether it takes the kind of what stands beside it, as NULL and parameters do.
    """

    kind: Kind | None = None
    nullable: bool = True
    table: Table | None = None
    column: Column | None = None
    open: bool = False


UNKNOWN = Value()
