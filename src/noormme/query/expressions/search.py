"""What a full-text search gives for each row: how well it fits, and where the words are.

Invariant: these say nothing of the search itself; they belong to that of the query that they are put into.
"""

from __future__ import annotations

from collections.abc import Mapping

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression
from noormme.query.nodes import Expression as Node
from noormme.query.nodes import Param, Ref, SearchCall

__all__ = ["Highlight", "SearchRank", "Snippet"]

_MOST_WORDS = 64
"""The longest part of a text that FTS5 cuts out."""


class SearchRank(Expression):
    """How well a row fits the search, by BM25: the larger, the better.

    Args:
        weights: How much the words of a field count, by the name of the field; 1 where nothing is said.

    Raises:
        UsageError: A weight is no number.

    Example:
        ``db.docs.search("quick fox").annotate(rank=SearchRank({"title": 10})).order_by("-rank")``.
    """

    __slots__ = ("weights",)

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        if weights is not None and not isinstance(weights, Mapping):
            raise UsageError("SearchRank takes weights by field", hint='write SearchRank({"title": 10})')
        for name, weight in (weights or {}).items():
            if type(weight) not in (int, float):
                raise UsageError(f"the weight of '{name}' is a number, not {type(weight).__name__}")
        self.weights = dict(weights or {})

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        columns = tuple(_name(build, name) for name in self.weights)
        values = (Param(build.slot(float(weight))) for weight in self.weights.values())
        return SearchCall("rank", columns, tuple(values))

    def __repr__(self) -> str:
        return f"SearchRank({self.weights!r})" if self.weights else "SearchRank()"


class Highlight(Expression):
    """The text of a field with marks around the words that were found.

    The text itself is given as it is stored: in HTML, escape it (see the documentation of search).

    Args:
        field: The field.
        start: What stands before each word or phrase.
        end: What stands after it.

    Raises:
        UsageError: An argument is no text.
    """

    __slots__ = ("end", "field", "start")

    def __init__(self, field: str, *, start: str = "<b>", end: str = "</b>") -> None:
        _texts("Highlight", field=field, start=start, end=end)
        self.field = field
        self.start = start
        self.end = end

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        marks = (Param(build.slot(mark)) for mark in (self.start, self.end))
        return SearchCall("highlight", (_name(build, self.field),), tuple(marks))

    def __repr__(self) -> str:
        return f"Highlight({self.field!r})"


class Snippet(Expression):
    """The part of a text in which most of the words are, with marks around them.

    The text itself is given as it is stored: in HTML, escape it (see the documentation of search).

    Args:
        field: The field; None for the one that fits best.
        start: What stands before each word or phrase.
        end: What stands after it.
        ellipsis: What stands where text was left out.
        words: How many words it has at most, from 1 to 64.

    Raises:
        UsageError: An argument is of the wrong type, or there are too many words.
    """

    __slots__ = ("ellipsis", "end", "field", "start", "words")

    def __init__(
        self,
        field: str | None = None,
        *,
        start: str = "<b>",
        end: str = "</b>",
        ellipsis: str = "…",
        words: int = 16,
    ) -> None:
        _texts("Snippet", field=field or "", start=start, end=end, ellipsis=ellipsis)
        if type(words) is not int or not 1 <= words <= _MOST_WORDS:
            raise UsageError(f"a snippet has from 1 to {_MOST_WORDS} words")
        self.field = field
        self.start = start
        self.end = end
        self.ellipsis = ellipsis
        self.words = words

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        columns = () if self.field is None else (_name(build, self.field),)
        values = (self.start, self.end, self.ellipsis, self.words)
        return SearchCall("snippet", columns, tuple(Param(build.slot(value)) for value in values))

    def __repr__(self) -> str:
        return f"Snippet({'' if self.field is None else repr(self.field)})"


def _name(build: Build, name: str) -> str:
    """The name of a field, checked."""
    node = build.field(name)
    return node.name if isinstance(node, Ref) else name


def _texts(label: str, **arguments: object) -> None:
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise UsageError(f"the {name} of {label} is a text, not {type(value).__name__}")
