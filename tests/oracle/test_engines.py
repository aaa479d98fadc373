"""Random queries give the same rows on every engine: on SQLite, where Django agrees with them, and on servers.

``NOORMME_ORACLE_ENGINES_COUNT`` says how many queries, ``NOORMME_ORACLE_SEED`` which ones.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from noormme import Database, Model
from tests.worlds import ENGINES, Worlds

from . import library
from .compare import difference, is_error
from .generator import generate
from .normalise import Outcome, outcome
from .query import Query
from .sides import NoormmeSide, django_side, namespace
from .world import World

pytest.importorskip("django", minversion="5.2", reason="Django names what the generator asks for")

COUNT = int(os.environ.get("NOORMME_ORACLE_ENGINES_COUNT", "600"))
SEED = int(os.environ.get("NOORMME_ORACLE_SEED", "1"))
REPORTED = 3

OTHERWISE: dict[str, tuple[str, ...]] = {
    "postgresql": (
        "Collate(",  # collations have other names
        "SHA1(",  # needs the extension pgcrypto
        "RawSQL(",  # SQL of SQLite's
        "Log(",  # an error where SQLite gives NULL: of zero
        "Ln(",
        "**",  # zero to a negative power
        "JSONObject(",  # 10.0 in a document is 10
        "Sqrt(",
        "meta__deep__y",  # NULL and numbers in documents sort by what they are in JSON
    ),
    "mysql": (
        "Collate(",  # collations have other names
        "RawSQL(",  # SQL of SQLite's
        "**",  # an error where SQLite gives NULL: zero to a negative power
        "JSONObject(",  # 10.0 in a document is 10
        "JSONArray(",
        "CumeDist(",  # has ten digits
        "PercentRank(",
        "GroupRange(",  # windows count no groups, and leave out no row of a frame
        "exclusion=",
        "'SS'",  # an "ß" is no "ss" without its case
    ),
}
"""What cannot be the same on an engine."""

SETTINGS: dict[str, dict[str, object]] = {
    # MariaDB's own type of identifiers refuses some that are none by the letter of the standard.
    "mysql": {"types": {"char(36)": "uuid"}},
}


class Asked(NamedTuple):
    """The file, and the queries with what SQLite gives."""

    path: Path
    outcomes: list[tuple[Query, Outcome]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    path = tmp_path_factory.mktemp("oracle") / "library.sqlite"
    library.make(path)
    with django_side(path) as django:
        world = World(path, django.description)
    queries = [generate(world, SEED, index) for index in range(COUNT)]
    sqlite = NoormmeSide(path)
    sqlite.submit([query.source() for query in queries])
    outcomes = list(zip(queries, sqlite.results(), strict=True))
    sqlite.close()
    return Asked(path, outcomes)


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "sqlite"])
def test_random_queries(asked: Asked, engine: str, worlds: Worlds) -> None:
    compared = 0
    different: list[str] = []
    with worlds.connected(engine, asked.path, readonly=True, **SETTINGS.get(engine, {})) as db:
        names = namespace(db)
        for query, expected in asked.outcomes:
            source = query.source()
            if is_error(expected) or any(word in source for word in OTHERWISE.get(engine, ())):
                continue
            compared += 1
            found = difference(query, expected, _run(db, names, source))
            if found is not None:
                different.append(f"{source}\n{found}")
    assert not different, f"{len(different)} of {compared} queries differ\n\n" + "\n\n".join(
        different[:REPORTED]
    )
    assert compared > 0.5 * COUNT


def _run(db: Database, names: dict[str, object], source: str) -> Outcome:
    def columns(row: Any) -> dict[str, object]:
        table = db.schema.table(row.__class__.objects.shape.table)
        assert table is not None
        return {**{column.name: getattr(row, column.field) for column in table.columns}, **vars(row)}

    try:
        return outcome(eval(source, dict(names)), columns, Model)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
