"""A real SQL Server, where one is named: the same questions give the same rows as on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from noormme import Database, DatabaseLocked, NotSupported, TransactionError, UniqueViolation, connect
from noormme.engines.server.mssql.introspect import schema_of
from noormme.errors import DatabaseError
from tests.language.entries import Entry, plain
from tests.language.table_updates import UPDATES, Update
from tests.language.test_table import ENTRIES
from tests.language.test_updates import run
from tests.language.world import build
from tests.mssql.golden import AREAS, EXPECTED
from tests.mssql.offline import catalog_of
from tests.mssql.server import NO_SERVER, SERVER, copy_rows, new_database, run_script

pytestmark = pytest.mark.skipif(SERVER is None, reason=NO_SERVER)

HERE = Path(__file__).parent

OTHERWISE = {
    "method explain": "the plan is SQL Server's own",
    "method raw": "is SQL of SQLite's",
    "expression Func": "instr() is a function of SQLite's",
    "expression RawSQL": "length() is a function of SQLite's",
    "function Collate": "collations have other names",
}
"""What cannot be the same, and why."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    assert SERVER is not None
    with new_database(SERVER) as made:
        run_script(made, HERE / "world.sql")
        yield made


@pytest.fixture(scope="module")
def db(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = build(tmp_path_factory.mktemp("mssql") / "language.db")
    with connect(url) as database:
        with connect(path) as source:
            copy_rows(source, database, url)
        yield database


def numbered(table: list[Entry]) -> list[object]:
    return [pytest.param(each, id=f"{number}-{each.about}") for number, each in enumerate(table)]


@pytest.fixture(scope="module")
def refused() -> set[str]:
    """The lines of what is expected, errors among them."""
    return {line for area in AREAS for line in (EXPECTED / f"{area}.sql").read_text().splitlines()}


@pytest.mark.parametrize("entry", numbered([each for each in ENTRIES if each.about not in OTHERWISE]))
def test_rows(db: Database, refused: set[str], entry: Entry) -> None:
    for value, answer in (entry.first, entry.second):
        try:
            found = plain(entry.ask(db, value))
        except NotSupported as error:
            refusal = f"-- {error}"
        else:
            assert _rounded(found) == _rounded(answer)
            continue
        assert refusal in refused


def _rounded(answer: object) -> object:
    """An answer whose computed decimals have as many digits as SQLite is sure of."""
    if isinstance(answer, dict):
        return {key: _rounded(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [_rounded(value) for value in answer]
    return round(answer, 9) if isinstance(answer, Decimal | float) else answer


@pytest.mark.parametrize("update", [pytest.param(each, id=each.about) for each in UPDATES])
def test_updates(db: Database, update: Update) -> None:
    if update.about in OTHERWISE:
        pytest.skip(OTHERWISE[update.about])
    for value, rows in (update.first, update.second):
        assert run(db, update, value)[1] == rows


@pytest.mark.parametrize("name", ["world", "estate"])
def test_the_catalogue_is_as_it_was_written_down(name: str) -> None:
    assert SERVER is not None
    with new_database(SERVER) as made:
        run_script(made, HERE / f"{name}.sql")
        with connect(made) as database:
            found = database.schema
        assert list(found) == list(schema_of(catalog_of(name)))


def test_writes_in_tables_with_triggers_counted_keys_and_keys_of_two_columns() -> None:
    assert SERVER is not None
    with new_database(SERVER) as made:
        run_script(made, HERE / "estate.sql")
        with connect(made) as db:
            ann = db.customers.create(name="Ann", code="a", extra={"a": 1})
            db.customers.create(id=ann.id + 10, name="Bob", code="b")
            order = db["sales.orders"].create(customer_id=ann.id, total=Decimal("2.50"))
            assert db["sales.orders"].filter(id=order.id).update(paid=True) == 1
            assert db.customers.get(id=ann.id).status == "good"
            rows = [
                {"order_id": order.id, "line_no": n, "product": f"p{n}", "quantity": n} for n in range(2_000)
            ]
            db["sales.order_lines"].bulk_create(rows)
            assert db["sales.order_lines"].filter(pk__in=[(order.id, 1), (order.id, 5)]).count() == 2
            db.customers.upsert([{"name": "Anna", "code": "a"}, {"name": "Cleo", "code": "c"}], on=["code"])
            names = db.customers.order_by("code").values_list("name", flat=True)
            assert list(names) == ["Anna", "Bob", "Cleo"]
            assert len(list(db["sales.order_lines"].all().iterator())) == 2_000


def test_transactions(db: Database) -> None:
    with db.transaction():
        db.tags.create(id=50, name="x")
        with pytest.raises(UniqueViolation), db.transaction():
            db.tags.create(id=51, name="x")
        assert db.tags.filter(id__gte=50).count() == 1
        db.tags.filter(id=50).delete()
    assert not db.tags.filter(id__gte=50).exists()


def test_a_lock_that_is_held_and_a_statement_that_takes_too_long(url: str) -> None:
    with connect(url, busy_timeout_s=0.2) as one, connect(url, busy_timeout_s=0.2, timeout_s=0.5) as other:
        with one.transaction():
            one.people.filter(id=1).update(age=31)
            with pytest.raises(DatabaseLocked):
                other.people.filter(id=1).update(age=32)
        with pytest.raises((DatabaseError, TransactionError), match="too long|limit"):
            other.execute("WAITFOR DELAY '00:00:05'")
        assert other.people.filter(id=1).count() == 1
