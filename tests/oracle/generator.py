"""Random queries, the same ones for the same seed.

Invariant: query number ``index`` of a seed depends on nothing else, so any failure can be had again
by its two numbers.
"""

from __future__ import annotations

from random import Random

from .language import Language
from .query import Query
from .row_queries import RowQueries
from .world import World

__all__ = ["generate"]

_LANGUAGE = 0.65
"""The share of queries with expressions; the others are about rows, fields and plain aggregates."""


def generate(world: World, seed: int, index: int) -> Query:
    """Query number ``index`` of a seed."""
    rng = Random(f"{seed}/{index}")
    maker = Language if rng.random() < _LANGUAGE else RowQueries
    return maker(world, rng).query()
