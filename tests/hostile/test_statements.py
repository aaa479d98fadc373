"""Statements that SQLite refuses, and texts that no function can read: named errors without values."""

from __future__ import annotations

from pathlib import Path

import pytest

from noormme import Database, NoormmeError, QueryFailed, RawSQL, connect
from noormme.functions import Lower
from tests.orm.world import build, change

SECRET = "s3cr3t"


@pytest.fixture
def db(tmp_path: Path) -> Database:
    path = build(tmp_path / "x.db")
    change(path, "INSERT INTO tags VALUES (9, CAST(x'ff61' AS TEXT))")
    return connect(path)


@pytest.mark.parametrize(
    "sql",
    [
        f"select id from users where name = '{SECRET}",
        f"select id from users where name = '{SECRET}' '{SECRET}'",
        f"select id from users where name = ''' {SECRET}",
        "select id from users where name = 31415s3cr3t",
        "select id from users where age = 1 31415",
    ],
)
def test_a_literal_of_the_sql_is_not_in_the_message(db: Database, sql: str) -> None:
    for run in (db.execute, lambda text: list(db.users.raw(text))):
        with pytest.raises(QueryFailed) as caught:
            run(sql)
        assert SECRET not in str(caught.value)
        assert "31415" not in str(caught.value)


def test_what_is_no_value_stays_in_the_message(db: Database) -> None:
    with pytest.raises(QueryFailed, match=r'near "users": syntax error$'):
        db.execute("""select "it's", 'x' frm users""")
    with pytest.raises(QueryFailed, match="no such column: it's.x"):
        list(db.users.annotate(x=RawSQL("""'x' || "it's".x""")))


def test_a_mistake_in_sql_is_not_said_to_be_a_search(db: Database) -> None:
    with pytest.raises(QueryFailed, match='near "AS": syntax error$'):
        list(db.users.annotate(x=RawSQL("lower(")))
    with pytest.raises(QueryFailed, match="misuse of aggregate") as caught:
        list(db.users.filter(RawSQL("count(name) > 1")))
    assert caught.value.hint is None


def test_a_function_over_text_that_is_not_utf8_is_a_named_error(db: Database) -> None:
    names = db.tags.order_by("id").values_list("name", flat=True)
    assert list(names)[-1] == b"\xffa"
    lower = db.tags.order_by("id").values_list(Lower("name"), flat=True)
    for read in (list, lambda query: list(query.iterator()), lambda query: list(query[:10])):
        with pytest.raises(NoormmeError, match="not valid in the encoding") as caught:
            read(lower)
        assert caught.value.hint
