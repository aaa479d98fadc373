"""A server that takes small statements only: what is many rows to noormme is several statements to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from noormme import Database, InvalidValue, connect
from tests.mysql.server import new_database, run_script

SCRIPT = """
CREATE TABLE notes (id varchar(60) PRIMARY KEY, text text, n int, twice int AS (n * 2));
CREATE TABLE rewritten (id varchar(60) PRIMARY KEY, text text);
CREATE TRIGGER rewrite BEFORE INSERT ON rewritten FOR EACH ROW SET NEW.text = UPPER(NEW.text)
"""


@pytest.fixture
def db(unusual: str) -> Iterator[Database]:
    with new_database(unusual) as url:
        run_script(url, SCRIPT)
        with connect(url) as database:
            yield database


def test_many_rows(db: Database) -> None:
    """Two megabytes for a server that takes 64 KiB at a time."""
    rows = [{"id": f"{number:050}", "text": "é" * 500, "n": number} for number in range(2_000)]
    made = db.notes.bulk_create([db.model("notes")(**row) for row in rows])
    assert db.notes.count() == 2_000
    assert [note.twice for note in made[:3]] == [0, 2, 4], "which the database has filled in"
    made = db.rewritten.bulk_create([{"id": row["id"], "text": "some"} for row in rows])
    assert {note.text for note in made} == {"SOME"}, "which a trigger has changed"


def test_one_value_that_is_too_large(db: Database) -> None:
    with pytest.raises(InvalidValue, match=r"larger than the server takes in a statement \(65536 bytes\)"):
        db.notes.create(id="a", text="x" * 70_000)
    with pytest.raises(InvalidValue, match="larger than the server takes"):
        db.notes.bulk_create([{"id": "a", "text": "b"}, {"id": "c", "text": "x" * 70_000}])
    assert db.notes.count() == 0
    db.notes.create(id="a", text="é" * 20_000)
    assert len(db.notes.get(id="a").text) == 20_000
