"""Random query sets give the same rows here and in Django, on the same file.

``NOORMME_ORACLE_COUNT`` says how many queries (2,400 by default; 20,000 is a soak of some minutes)
and ``NOORMME_ORACLE_SEED`` which ones. The wanted differences are listed in ``deviations``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from . import library
from .compare import difference, is_error, is_filled, shrink
from .generator import generate
from .normalise import Outcome
from .python_text import as_django
from .query import Query
from .sides import DjangoSide, NoormmeSide, Side, django_side
from .world import World

pytest.importorskip("django", minversion="5.2", reason="Django is the oracle of these tests")

COUNT = int(os.environ.get("NOORMME_ORACLE_COUNT", "2400"))
SEED = int(os.environ.get("NOORMME_ORACLE_SEED", "1"))
PARTS = 12
REPORTED = 3
"""How many differences of one part are shrunk and shown."""


class Sides(NamedTuple):
    """Both sides over one file, and what is in it."""

    django: DjangoSide
    noormme: NoormmeSide
    world: World


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    path: Path = tmp_path_factory.mktemp("oracle") / "library.sqlite"
    library.make(path)
    with django_side(path) as django:
        world = World(path, django.description)
        noormme = NoormmeSide(path)
        yield Sides(django, noormme, world)
        noormme.close()


def test_both_sides_have_the_same_names(sides: Sides) -> None:
    expected = {
        table: {
            "columns": sorted(about["columns"]),
            "fields": {name: field["column"] for name, field in about["fields"].items()},
            "relations": {
                name: (relation["target"], relation["many"]) for name, relation in about["relations"].items()
            },
        }
        for table, about in sides.django.description.items()
    }
    names = sides.noormme.names()
    for table, about in names.items():
        # Django has no name for these that a query could use, or none but that of the relation.
        for field in set(about["fields"]) - set(expected[table]["fields"]):
            assert field == "country_code"
            del about["fields"][field]
    assert names == expected


@pytest.mark.unmeasured
@pytest.mark.parametrize("part", range(PARTS))
def test_random_queries(sides: Sides, part: int) -> None:
    queries = [generate(sides.world, SEED, index) for index in range(part, COUNT, PARTS)]
    expected, got = run_both(sides.django, sides.noormme, queries)
    different = [
        query
        for query, left, right in zip(queries, expected, got, strict=True)
        if not is_error(left) and difference(query, left, right) is not None
    ]
    if different:
        reports = [report(sides, query) for query in different[:REPORTED]]
        pytest.fail(
            f"{len(different)} of {len(queries)} queries differ\n\n" + "\n\n".join(reports), pytrace=False
        )
    assert sum(map(is_filled, expected)) > 0.6 * len(queries), "too many empty results show little"
    assert sum(map(is_error, expected)) < 0.1 * len(queries), "too many queries that Django refuses"


def run_both(left: Side, right: Side, queries: list[Query]) -> tuple[list[Outcome], list[Outcome]]:
    """The outcomes of both sides, which work at the same time where they are two processes."""
    sources = [query.source() for query in queries]
    left.submit(sources)
    right.submit(sources)
    return left.results(), right.results()


def report(sides: Sides, query: Query) -> str:
    """The smallest query that still differs, what differs, and what each side ran."""

    def differs(candidate: Query) -> bool:
        (expected,), (got,) = run_both(sides.django, sides.noormme, [candidate])
        return not is_error(expected) and difference(candidate, expected, got) is not None

    small = shrink(query, differs)
    (expected,), (got,) = run_both(sides.django, sides.noormme, [small])
    source = small.source()
    models = {table: about["model"] for table, about in sides.django.description.items()}
    return "\n".join(
        [
            source,
            as_django(source, models),
            str(difference(small, expected, got)),
            f"Django:  {sides.django.explain(source)}",
            f"noormme: {sides.noormme.explain(source)}",
            f"(from {query.source()})",
        ]
    )
