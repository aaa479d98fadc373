"""How the sample's values are drawn.

Invariant: pure and deterministic. The same counts give the same rows on every machine and on every
day: each table draws from a generator of its own, seeded by the table's name, and time ends at
``TODAY`` rather than at the clock's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

__all__ = ["OPENED", "TODAY", "between", "skewed", "stamp"]

_Item = TypeVar("_Item")

OPENED = datetime(2021, 1, 4, 9)
"""When the studio opened: nothing is older."""

TODAY = datetime(2025, 12, 31, 18)
"""The sample's present: nothing that has happened is younger."""


def stamp(moment: datetime) -> str:
    """A moment as SQLite's CURRENT_TIMESTAMP writes it."""
    return moment.isoformat(" ", "seconds")


def between(rng: Random, start: datetime, end: datetime, *, recent: bool | None = None) -> datetime:
    """A moment from ``start`` to ``end``, whole seconds after ``start``.

    Args:
        rng: Where chance comes from.
        start: The earliest answer.
        end: The latest answer.
        recent: Leans towards the end (True) or towards the start (False); None leans nowhere.
    """
    share = rng.random()
    if recent is True:
        share = share**0.25
    elif recent is False:
        share = 1 - (1 - share) ** 0.25
    return start + timedelta(seconds=int((end - start).total_seconds() * share))


def skewed(rng: Random, items: Sequence[_Item]) -> _Item:
    """One of ``items``, the first ones more often."""
    return items[int(len(items) * rng.random() ** 1.7)]
