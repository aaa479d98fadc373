"""Whether two outcomes of one query are the same, and the smallest query for which they are not.

Invariant: an outcome is compared as strictly as the query allows: in order where the order is
total, in groups of ties where the sort keys are part of the rows, as multisets otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import groupby

from .budget import STOPPED
from .normalise import Outcome
from .query import Query

__all__ = ["difference", "is_error", "is_filled", "shrink"]

_ANSWERS = ("DoesNotExist", "IndexError", "MultipleObjectsReturned")
"""Errors that answer a query; any other error says that the query was not understood."""


def difference(query: Query, expected: Outcome, got: Outcome) -> str | None:
    """What differs, for a reader; None where nothing does, or where one side was stopped."""
    if got == STOPPED:
        return None
    if "error" in expected or "error" in got:
        names = [str(each.get("error", "no error")).partition(":")[0] for each in (expected, got)]
        return None if names[0] == names[1] else f"expected {_short(expected)}\ngot      {_short(got)}"
    if "rows" not in expected or "rows" not in got:
        return (
            None
            if _plain(expected) == _plain(got)
            else f"expected {_short(expected)}\ngot      {_short(got)}"
        )
    left, right = _rows(expected), _rows(got)
    kind, width = query.comparison()
    if kind == "exact":
        return None if left == right else _rows_difference(left, right, ordered=True)
    if kind == "groups" and _groups(left, width) != _groups(right, width):
        return _rows_difference(left, right, ordered=Counter(left) == Counter(right))
    return None if Counter(left) == Counter(right) else _rows_difference(left, right, ordered=False)


def is_error(outcome: Outcome) -> bool:
    """Whether the query was not understood, so that there is nothing to compare with."""
    return "error" in outcome and str(outcome["error"]).partition(":")[0] not in _ANSWERS


def is_filled(outcome: Outcome) -> bool:
    """Whether there is something in the answer: a row, a number above 0, ``True``."""
    if "rows" in outcome:
        return any(any(not cell.endswith("NULL") for cell in row) for row in _rows(outcome))
    return outcome.get("value") not in (None, "NULL", "int 0", "bool False")


def shrink(query: Query, differs: Callable[[Query], bool], *, attempts: int = 400) -> Query:
    """Drop parts of the query for as long as both sides still differ.

    Args:
        query: A query for which ``differs`` holds.
        differs: Runs a query on both sides.
        attempts: How many queries to run at most.
    """
    found = True
    while found and attempts > 0:
        found = False
        for smaller in query.smaller():
            attempts -= 1
            if smaller.is_defined() and differs(smaller):
                query, found = smaller, True
                break
            if attempts <= 0:
                break
    return query


def _plain(outcome: Outcome) -> object:
    return outcome.get("value", outcome.get("rows"))


def _rows(outcome: Outcome) -> list[tuple[str, ...]]:
    rows = outcome["rows"]
    assert isinstance(rows, list)
    return [tuple(row) for row in rows]


def _groups(
    rows: list[tuple[str, ...]], width: int
) -> list[tuple[tuple[str, ...], Counter[tuple[str, ...]]]]:
    return [(key, Counter(group)) for key, group in groupby(rows, key=lambda row: row[:width])]


def _short(outcome: Outcome) -> str:
    if "error" in outcome:
        return str(outcome["error"])
    if "rows" in outcome:
        rows = _rows(outcome)
        return f"{len(rows)} rows, the first {rows[:1]}"
    return str(outcome["value"])


def _rows_difference(expected: list[tuple[str, ...]], got: list[tuple[str, ...]], *, ordered: bool) -> str:
    head = f"expected {len(expected)} rows, got {len(got)}"
    if ordered and Counter(expected) == Counter(got):
        place = next(
            index for index, pair in enumerate(zip(expected, got, strict=True)) if pair[0] != pair[1]
        )
        return (
            f"{head}, the same ones in another order; first at {place}:\n"
            f"  expected {expected[place]}\n  got      {got[place]}"
        )
    missing = list((Counter(expected) - Counter(got)).elements())
    extra = list((Counter(got) - Counter(expected)).elements())
    lines = [head, *(f"  missing {row}" for row in missing[:5]), *(f"  extra   {row}" for row in extra[:5])]
    return "\n".join(lines)
