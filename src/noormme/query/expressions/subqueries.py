"""Other query sets as parts of an expression."""

from __future__ import annotations

from noormme.query.expressions.base import Build, ConditionalExpression, Expression, OutputField, output_kind
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = ["Exists", "Subquery"]


class Subquery(Expression):
    """The one value that another query set gives; ``OuterRef`` in it means the row around.

    Args:
        queryset: The query set, of one field: ``.values("title")[:1]``.
        output_field: The type of the value, where the field does not say it.
    """

    __slots__ = ("kind", "queryset")

    def __init__(self, queryset: object, output_field: OutputField | None = None) -> None:
        self.queryset = queryset
        self.kind: Kind | None = output_kind(output_field)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return build.subquery(self.queryset, self.kind)

    def __repr__(self) -> str:
        return "Subquery(…)"


class Exists(ConditionalExpression):
    """Whether another query set has any row; ``OuterRef`` in it means the row around.

    Args:
        queryset: The query set.

    Example:
        ``db.authors.filter(Exists(db.books.filter(author=OuterRef("pk"))))``
    """

    __slots__ = ("queryset",)

    def __init__(self, queryset: object) -> None:
        self.queryset = queryset

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return build.exists(self.queryset)

    def __repr__(self) -> str:
        return "Exists(…)"
