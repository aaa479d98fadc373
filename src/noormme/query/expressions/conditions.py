"""``Q`` and what combines as it does.

Invariant: a condition never changes after it was made; combining two gives a third.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from noormme.errors import UsageError

__all__ = ["Conditional", "Connector", "Q"]

Connector = Literal["AND", "OR", "XOR"]


class Conditional:
    """Something that is true or false: it combines with ``&``, ``|``, ``^`` and ``~``."""

    __slots__ = ()

    def __and__(self, other: Conditional) -> Q:
        return _combined(self, other, "AND")

    def __or__(self, other: Conditional) -> Q:
        return _combined(self, other, "OR")

    def __xor__(self, other: Conditional) -> Q:
        return _combined(self, other, "XOR")

    def __invert__(self) -> Q:
        return ~_as_q(self)


class Q(Conditional):
    """A condition that combines with ``&``, ``|``, ``^`` and ``~``.

    Args:
        *children: Other conditions: ``Q`` objects, ``Exists(…)``, comparisons (``F("a") > F("b")``).
        **lookups: Lookups as ``filter`` takes them.

    An empty ``Q()`` holds for every row, negated or not, and disappears when combined.

    Example:
        >>> str(Q(age__lt=18) | ~Q(status="active"))
        "Q(Q(age__lt=18) | ~Q(status='active'))"
    """

    __slots__ = ("children", "connector", "negated")

    children: tuple[Conditional | tuple[str, object], ...]
    connector: Connector
    negated: bool

    def __init__(
        self,
        /,
        *children: Conditional,
        _connector: Connector = "AND",
        _negated: bool = False,
        **lookups: object,
    ) -> None:
        for child in children:
            if not isinstance(child, Conditional):
                raise UsageError(
                    f"Q takes conditions and keyword lookups, not {type(child).__name__}",
                    hint="write Q(field=value)",
                )
        self.children = (*children, *lookups.items())
        self.connector = _connector
        self.negated = _negated

    @classmethod
    def every(cls, children: Iterable[Conditional], lookups: Mapping[str, object]) -> Q:
        """The condition that all of these hold.

        Args:
            children: Other conditions.
            lookups: Lookups by name.
        """
        made = cls(*children)
        made.children = (*made.children, *lookups.items())
        return made

    def __invert__(self) -> Q:
        inverted = Q(_connector=self.connector, _negated=not self.negated)
        inverted.children = self.children
        return inverted

    def __bool__(self) -> bool:
        return bool(self.children)

    def __iter__(self) -> Iterator[Conditional | tuple[str, object]]:
        return iter(self.children)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Q)
            and self.connector == other.connector
            and self.negated == other.negated
            and self.children == other.children
        )

    __hash__ = None  # type: ignore[assignment]  # it may hold unhashable values

    def __repr__(self) -> str:
        sign = {"AND": " & ", "OR": " | ", "XOR": " ^ "}[self.connector]
        parts = [
            f"{child[0]}={child[1]!r}" if isinstance(child, tuple) else repr(child) for child in self.children
        ]
        glue = ", " if self.connector == "AND" else sign
        if self.negated and len(self.children) == 1 and isinstance(self.children[0], Q):
            return f"~{parts[0]}"
        return f"{'~' if self.negated else ''}Q({glue.join(parts)})"


def _as_q(condition: Conditional) -> Q:
    return condition if isinstance(condition, Q) else Q(condition)


def _combined(one: Conditional, other: Conditional, connector: Connector) -> Q:
    if not isinstance(other, Conditional):
        return NotImplemented
    left, right = _as_q(one), _as_q(other)
    if not left.children:
        return right
    if not right.children:
        return left
    combined = Q(_connector=connector)
    combined.children = (*_parts(left, connector), *_parts(right, connector))
    return combined


def _parts(condition: Q, connector: Connector) -> tuple[Conditional | tuple[str, object], ...]:
    """What it adds to a combination: one of the same kind is joined, so that long chains do not nest."""
    same = condition.connector == connector and not condition.negated
    return condition.children if same else (condition,)
