"""Relations that are joined with a condition of their own.

Invariant: as of the other expressions: a name and a condition, and no database.
"""

from __future__ import annotations

from noormme.errors import UsageError
from noormme.query.expressions.conditions import Conditional, Q

__all__ = ["FilteredRelation"]


class FilteredRelation:
    """A relation under a name of its own, of which only some rows are joined: the condition stands in ON.

    Args:
        relation_name: The relation, or a path of relations of which the last one is filtered.
        condition: What its rows must fulfil, with names as ``filter`` takes them: fields of the relation by
            its path, and fields of the row itself. Nothing that lies beyond.

    Raises:
        UsageError: The relation is no name, or the condition is none.

    Example:
        ``db.users.annotate(drafts=FilteredRelation("posts", condition=Q(posts__published=False)))``, and then
        ``Count("drafts")``, ``filter(drafts__title="…")``, ``values("drafts__title")``.
    """

    __slots__ = ("condition", "relation_name")

    def __init__(self, relation_name: str, *, condition: Conditional | None = None) -> None:
        if not isinstance(relation_name, str) or not relation_name:
            raise UsageError(
                "FilteredRelation takes the name of a relation", hint="write FilteredRelation('posts', …)"
            )
        if condition is not None and not isinstance(condition, Conditional):
            raise UsageError(
                f"the condition of FilteredRelation is a Q, not {type(condition).__name__}",
                hint="write condition=Q(posts__published=True)",
            )
        self.relation_name = relation_name
        self.condition: Conditional = Q() if condition is None else condition

    def __repr__(self) -> str:
        return f"FilteredRelation({self.relation_name!r}, condition={self.condition!r})"
