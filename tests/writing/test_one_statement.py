"""A piece of SQL of the user's own stays a piece of one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from noormme import (
    Lookup,
    RawSQL,
    register_lookup,
    unregister_lookup,
)
from noormme.errors import InvalidQuery
from tests.writing.scratch import Scratch


class Ending(Lookup):
    name = "ending"

    def sql(self, left: Any, right: Any) -> Any:
        return sa.and_(left == right, sa.literal_column("1; DROP TABLE users"))


class Quoted(Lookup):
    name = "quoted"

    def sql(self, left: Any, right: Any) -> Any:
        return sa.and_(left == right, sa.literal_column("';' = ';' /* ; */"))


def test_a_lookup_cannot_begin_a_second_statement(scratch: Scratch) -> None:
    try:
        register_lookup(Ending)
        register_lookup(Quoted)
        users = scratch.db.users
        for ask in (
            lambda: users.filter(age__ending=1).count(),
            lambda: users.filter(age__ending=1).sql(),
            lambda: scratch.update(users.filter(age__ending=1), age=1),
            lambda: scratch.delete(users.filter(age__ending=1)),
        ):
            with pytest.raises(InvalidQuery, match="would begin a second statement"):
                ask()
        assert users.filter(age__quoted=17).count() == 1
    finally:
        unregister_lookup(Ending)
        unregister_lookup(Quoted)


@pytest.mark.parametrize("sql", ["1; DROP TABLE users", "1);--", "';' ; '", "/* */;", '";";'])
def test_raw_sql_cannot_begin_a_second_statement(scratch: Scratch, sql: str) -> None:
    with pytest.raises(InvalidQuery, match="would begin a second statement"):
        scratch.update(scratch.db.users.all(), age=RawSQL(sql))
    with pytest.raises(InvalidQuery, match="would begin a second statement"):
        scratch.db.users.annotate(x=RawSQL(sql)).count()


def test_a_semicolon_in_a_text_or_a_comment_is_none(scratch: Scratch) -> None:
    scratch.update(scratch.db.users.all(), email=RawSQL("email || ';' || 'it''s;' /* ; */"))
    assert scratch.rows("SELECT email FROM users WHERE id = 1") == [("ann@x;it's;",)]


def test_moments_keep_their_type(scratch: Scratch) -> None:
    scratch.update(scratch.db.users.all(), data={"at": datetime(2024, 1, 2)})
    assert scratch.rows("SELECT DISTINCT data FROM users") == [('{"at":"2024-01-02T00:00:00"}',)]
