"""Sort keys.

Invariant: a sort key says everything about one level of an order: by what, which way, and where NULLs go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from noormme.errors import UsageError

if TYPE_CHECKING:
    from noormme.query.expressions.base import Expression

__all__ = ["OrderBy"]


class OrderBy:
    """A sort key for ``order_by``; ``F("due").desc(nulls_last=True)`` makes one.

    Args:
        expression: A field by name, or any expression.
        descending: Largest first.
        nulls_first: NULLs before everything else.
        nulls_last: NULLs after everything else.

    Raises:
        UsageError: Both ends are set for NULLs.
    """

    __slots__ = ("descending", "expression", "nulls")

    def __init__(
        self,
        expression: Expression | str,
        *,
        descending: bool = False,
        nulls_first: bool = False,
        nulls_last: bool = False,
    ) -> None:
        if nulls_first and nulls_last:
            raise UsageError("nulls_first and nulls_last exclude each other", hint="set one of them")
        self.expression = expression
        self.descending = descending
        self.nulls: Literal["first", "last"] | None = (
            "first" if nulls_first else "last" if nulls_last else None
        )

    def __repr__(self) -> str:
        return f"OrderBy({self.expression!r}, descending={self.descending}, nulls={self.nulls!r})"
