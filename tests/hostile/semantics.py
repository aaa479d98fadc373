"""What each lookup means, in plain Python, over values as they are stored.

Invariant: this knows nothing of noormme and nothing of SQL; NULL is None, and no lookup but ``isnull`` holds
for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["COMPARISONS", "LOOKUPS", "TEXT_LOOKUPS", "rank"]


def rank(value: Any) -> tuple[int, Any]:
    """Where SQLite sorts a value: numbers, then text, then bytes."""
    if isinstance(value, bytes):
        return (2, value)
    if isinstance(value, str):
        # By UTF-8 bytes, which is the order of code points.
        return (1, value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        # SQLite has no such integer: the float next to it stands for it.
        try:
            return (0, float(value))
        except OverflowError:
            return (0, math.inf if value > 0 else -math.inf)
    return (0, value)


def _same(stored: Any, value: Any) -> bool:
    return rank(stored) == rank(value)


def _folded(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda stored, value: test(str(stored).casefold(), str(value).casefold())


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": _same,
    "gt": lambda stored, value: rank(stored) > rank(value),
    "gte": lambda stored, value: rank(stored) >= rank(value),
    "lt": lambda stored, value: rank(stored) < rank(value),
    "lte": lambda stored, value: rank(stored) <= rank(value),
    "in": lambda stored, values: any(_same(stored, value) for value in values),
    "range": lambda stored, ends: rank(ends[0]) <= rank(stored) <= rank(ends[1]),
}

TEXT_LOOKUPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "iexact": _folded(lambda stored, value: stored == value),
    "contains": lambda stored, value: str(value) in str(stored),
    "icontains": _folded(lambda stored, value: value in stored),
    "startswith": lambda stored, value: str(stored).startswith(str(value)),
    "istartswith": _folded(lambda stored, value: stored.startswith(value)),
    "endswith": lambda stored, value: str(stored).endswith(str(value)),
    "iendswith": _folded(lambda stored, value: stored.endswith(value)),
    "regex": lambda stored, value: re.search(value, str(stored)) is not None,
    "iregex": lambda stored, value: re.search(value, str(stored), re.IGNORECASE) is not None,
}

LOOKUPS: Mapping[str, Callable[[Any, Any], bool]] = {**COMPARISONS, **TEXT_LOOKUPS}
