"""Random sequences of writes leave the same contents here and in Django, each over a copy of one database.

``NOORMME_ORACLE_COUNT`` says how many steps and ``NOORMME_ORACLE_SEED`` which ones. The wanted differences are listed
in ``deviations``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import library
from .nodes import Leaf
from .query import Call, Query, Where
from .sides import django_side
from .world import World
from .write_sides import Difference, WritingSides, opened
from .writes import Code, Step, sequence

pytest.importorskip("django", minversion="5.2", reason="Django is the oracle of these tests")

COUNT = int(os.environ.get("NOORMME_ORACLE_COUNT", "400"))
SEED = int(os.environ.get("NOORMME_ORACLE_SEED", "1"))
LENGTH = 20
REPORTED = 3
"""How many differences are shrunk and shown."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two copies of one database."""
    folder = tmp_path_factory.mktemp("writes")
    library.make(folder / "mine.sqlite", actions=library.ACTIONS)
    shutil.copyfile(folder / "mine.sqlite", folder / "django.sqlite")
    return folder / "mine.sqlite", folder / "django.sqlite"


@pytest.fixture(scope="module")
def world_and_sides(files: tuple[Path, Path]) -> Iterator[tuple[World, WritingSides]]:
    mine, other = files
    with django_side(other, "writes") as django, opened(django, mine) as sides:
        yield World(mine, django.description), sides


@pytest.mark.unmeasured
def test_random_writes(world_and_sides: tuple[World, WritingSides]) -> None:
    world, sides = world_and_sides
    required = {
        table.name: frozenset(column.name for column in table.columns if not column.nullable)
        for table in sides.db.schema.tables
    }
    taken = refused = written = 0
    different: list[Difference] = []
    for index in range(COUNT // LENGTH):
        report = sides.run(sequence(world, SEED, index, LENGTH, required))
        taken += report.taken
        refused += report.refused
        written += report.written
        different += report.differences
    if different:
        shown = [_shown(sides, each) for each in different[:REPORTED]]
        pytest.fail(f"{len(different)} of {COUNT} steps differ\n\n" + "\n\n".join(shown), pytrace=False)
    assert refused < 0.15 * COUNT, "too many steps that Django refuses"
    assert written > 0.5 * COUNT, "too many steps that write nothing show little"


def _shown(sides: WritingSides, difference: Difference) -> str:
    """The smallest step that still differs, after the steps before it where it needs them."""
    before, step, what = difference

    def differs(candidate: Step) -> str | None:
        found = sides.run([*before, candidate]).differences
        return found[-1].what if found and found[-1].step is candidate else None

    original = step
    if sides.run([step]).differences:
        before = ()
    attempts = 200
    smaller: bool = True
    while smaller and attempts > 0:
        smaller = False
        for candidate in step.smaller():
            attempts -= 1
            found = differs(candidate)
            if found is not None:
                step, what, smaller = candidate, found, True
                break
            if attempts <= 0:
                break
    return "\n".join(
        [*(each.source() for each in before), f"> {step.source()}", what, f"(from {original.source()})"]
    )


def test_a_difference_would_be_noticed(world_and_sides: tuple[World, WritingSides]) -> None:
    """Each side writes the length of its own name for the thing that has the tables."""
    _, sides = world_and_sides
    own = Code("len(type(db).__name__)")
    one = Query("posts", (Where("filter", (Leaf("pk", 1),)), Call("update", (), (("views", own),))))
    given = Query("posts", (Where("filter", (Leaf("pk__lt", own),)), Call("delete")))
    same = Query("posts", (Where("filter", (Leaf("pk", 1),)), Call("update", (), (("views", 7),))))
    report = sides.run([Step(one, "keyed"), Step(same, "keyed"), Step(given, "deleted", "posts")])
    assert [difference.step.query for difference in report.differences] == [one, given]
    assert "posts (author_id | " in report.differences[0].what
    assert report.differences[1].what.startswith("expected 14, got 7\n")
    assert (report.taken, report.refused, report.written) == (1, 0, 1)
