"""Three databases on SQLite and on a server: the same names, the same rows, and the same answers to the same queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, connect
from tests.queries import test_chinook, test_northwind, test_sakila
from tests.queries.page import Case
from tests.servers.kinds import Kind

PAGES: dict[str, list[Case]] = {
    "chinook": test_chinook.CASES,
    "northwind": test_northwind.CASES,
    "sakila": test_sakila.CASES,
}


@pytest.fixture(scope="module", params=PAGES)
def both(
    request: pytest.FixtureRequest, kind: Kind, server: str, copied: Callable[[str], Path]
) -> Iterator[tuple[str, Database, Database]]:
    with connect(copied(request.param), readonly=True) as source, kind.new_database(server) as url:
        kind.mirror(source, url)
        with connect(url, readonly=True) as database:
            kind.sort_as_sqlite(database)
            yield request.param, source, database


def test_answers(both: tuple[str, Database, Database]) -> None:
    name, source, database = both
    different = [
        case.name
        for case in PAGES[name]
        if _plain(case.query(source), case.sql) != _plain(case.query(database), case.sql)
    ]
    assert different == []


def _plain(answer: Any, sql: str) -> object:
    found = _listed(answer)
    ordered = "ORDER BY" in sql.rpartition(")")[2]
    return found if ordered or not isinstance(found, list) else Counter(map(repr, found))


def _listed(value: Any) -> object:
    if isinstance(value, Decimal | float):
        return round(float(value), 6)
    if isinstance(value, dict):
        return {key: _listed(each) for key, each in value.items()}
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return value
    return [_listed(each) for each in value]


def test_every_row_and_every_relation(both: tuple[str, Database, Database]) -> None:
    _, source, database = both
    for table in source.schema.tables:
        rows, others = (Counter(map(_shown, db[table.name].all().values_list())) for db in (source, database))
        assert others == rows
    relations = [
        {(each.source, each.name, each.kind, each.target) for each in db.schema.relations}
        for db in (source, database)
    ]
    assert relations[0] == relations[1]


def _shown(row: tuple[Any, ...]) -> str:
    """A row without the zeros behind a decimal, of which a column of MySQL's has as many as it says."""
    return repr([format(each.normalize(), "f") if isinstance(each, Decimal) else each for each in row])


def test_objects_with_what_belongs_to_them(both: tuple[str, Database, Database]) -> None:
    """Every relation, joined or prefetched, leads to the same rows."""
    _, source, database = both
    for relation in source.schema.relations:
        if relation.to_many:
            rows = [
                [
                    sorted(repr(each.pk) for each in getattr(item, relation.name).all())
                    for item in db[relation.source].order_by("pk").prefetch_related(relation.name)[:40]
                ]
                for db in (source, database)
            ]
        else:
            rows = [
                [
                    repr(None if other is None else other.pk)
                    for item in db[relation.source].order_by("pk").select_related(relation.name)[:40]
                    for other in [getattr(item, relation.name, None)]
                ]
                for db in (source, database)
            ]
        assert rows[0] == rows[1]
