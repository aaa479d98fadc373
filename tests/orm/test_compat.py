"""Methods that programs written for Django may call, and that mean nothing here."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import Database, NotSupported, UsageError
from tests.orm.support import ids, sql


def test_select_for_update_changes_nothing(db: Database) -> None:
    query = db.users.filter(id__lt=3).order_by("-id")
    for options in ({}, {"nowait": True}, {"skip_locked": True}, {"of": ("self", "profile"), "no_key": True}):
        locked = query.select_for_update(**options)
        assert locked is not query
        assert sql(locked) == sql(query)
        assert ids(locked.filter(id=2)) == [2]
    assert ids(db.users.select_for_update()[:1]) == [1]
    with pytest.raises(UsageError, match="nowait and skip_locked exclude each other"):
        query.select_for_update(nowait=True, skip_locked=True)


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda users: users.extra(select={"one": "1"}), "annotate(name=RawSQL(sql, params))"),
        (lambda users: users.filter(id=1).extra(where=["id = 1"]), "filter(RawSQL(sql, params))"),
        (lambda users: users.using("other"), "start from the other database"),
    ],
)
def test_what_is_left_out(db: Database, make: Any, hint: str) -> None:
    with pytest.raises(NotSupported) as raised:
        make(db.users)
    assert hint in str(raised.value)
