"""A comparison with a year is one with the column itself, so that an index can answer it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import apsw
import pytest

from noormme import Database, connect

MOMENTS = ["1999-12-31 23:59:59.999999", "2000-01-01 00:00:00", "2000-06-15 12:00:00", "2001-01-01 00:00:00"]
LOOKUPS = {
    "": lambda year, other: year == other,
    "__gt": lambda year, other: year > other,
    "__gte": lambda year, other: year >= other,
    "__lt": lambda year, other: year < other,
    "__lte": lambda year, other: year <= other,
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("years") / "years.db"
    connection = apsw.Connection(str(path))
    connection.execute(
        "BEGIN; CREATE TABLE events (id INTEGER PRIMARY KEY, at DATETIME, sent DATETIME);"
        "CREATE INDEX events_at ON events (at)"
    ).fetchall()
    for moment in [*MOMENTS, None]:
        milliseconds = moment and int(
            (datetime.fromisoformat(moment) - datetime(1970, 1, 1)).total_seconds() * 1000
        )
        connection.execute("INSERT INTO events (at, sent) VALUES (?, ?)", (moment, milliseconds))
    connection.execute("COMMIT")
    connection.close()
    with connect(path) as opened:
        yield opened


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("other", [-1, 0, 1999, 2000, 2000.5, 2001, 9999, 10_000, 10**40, "2000"])
@pytest.mark.parametrize("field", ["at", "sent"])
def test_years_compare_as_in_python(db: Database, field: str, lookup: str, other: Any) -> None:
    number = float(other) if isinstance(other, str) else other
    years = [int(moment[:4]) for moment in MOMENTS]
    expected = [year for year in years if LOOKUPS[lookup](year, number)]
    query = db.events.filter(**{f"{field}__year{lookup}": other}).order_by("id")
    assert [getattr(row, field).year for row in query] == expected
    rest = db.events.exclude(**{f"{field}__year{lookup}": other})
    assert rest.count() == len(MOMENTS) + 1 - len(expected)


def test_an_index_answers(db: Database) -> None:
    query = db.events.filter(at__year=2000)
    assert query.sql().statement.endswith('WHERE "events"."at" >= ? AND "events"."at" < ?')
    assert query.sql().parameters == ("2000-", "2001-")
    assert "USING INDEX events_at" in query.explain()


def test_a_form_that_does_not_sort_by_text_is_taken_apart(db: Database) -> None:
    assert "strftime" in db.events.filter(sent__year=2000).sql().statement
