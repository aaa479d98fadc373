"""Random queries give the same rows on SQLite, where Django agrees with them, and on MariaDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from noormme import Database, Model, connect
from tests.mysql.mirror import mirror
from tests.mysql.server import new_database
from tests.oracle import library
from tests.oracle.compare import difference, is_error
from tests.oracle.generator import generate
from tests.oracle.normalise import Outcome, outcome
from tests.oracle.sides import NoormmeSide, django_side, namespace
from tests.oracle.world import World

pytest.importorskip("django", minversion="5.2", reason="Django names what the generator asks for")

COUNT = int(os.environ.get("NOORMME_ORACLE_MYSQL_COUNT", "600"))
SEED = int(os.environ.get("NOORMME_ORACLE_SEED", "1"))

OTHERWISE = (
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
)
"""What cannot be the same on both."""


class Sides(NamedTuple):
    """SQLite through the harness, and MariaDB."""

    sqlite: NoormmeSide
    mysql: Database
    world: World


@pytest.fixture(scope="module")
def sides(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    path: Path = tmp_path_factory.mktemp("oracle") / "library.sqlite"
    library.make(path)
    with django_side(path) as django:
        world = World(path, django.description)
    sqlite = NoormmeSide(path)
    with new_database(server) as url:
        with connect(path) as source:
            mirror(source, url)
        # MariaDB's own type of identifiers refuses some that are none by the letter of the standard.
        with connect(url, readonly=True, types={"char(36)": "uuid"}) as database:
            yield Sides(sqlite, database, world)
    sqlite.close()


def test_random_queries(sides: Sides) -> None:
    queries = [generate(sides.world, SEED, index) for index in range(COUNT)]
    queries = [query for query in queries if not any(word in query.source() for word in OTHERWISE)]
    sides.sqlite.submit([query.source() for query in queries])
    names = namespace(sides.mysql)
    different: list[str] = []
    for query, expected in zip(queries, sides.sqlite.results(), strict=True):
        if is_error(expected):
            continue
        found = difference(query, expected, _run(sides.mysql, names, query.source()))
        if found is not None:
            different.append(f"{query.source()}\n{found}")
    assert not different, f"{len(different)} of {len(queries)} queries differ\n\n" + "\n\n".join(
        different[:3]
    )


def _run(db: Database, names: dict[str, object], source: str) -> Outcome:
    def columns(row: Any) -> dict[str, object]:
        table = db.schema.table(row.__class__.objects.shape.table)
        assert table is not None
        return {**{column.name: getattr(row, column.field) for column in table.columns}, **vars(row)}

    try:
        return outcome(eval(source, dict(names)), columns, Model)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
