"""Connections: how many there are, what becomes of those that end, time limits, threads and tasks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from noormme import ConnectionLost, Database
from tests.servers.kinds import Kind


@pytest.fixture
def db(kind: Kind, opened: Callable[..., Database]) -> Database:
    return opened(f"CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items {kind.numbers}")


def test_a_commit_that_was_never_sent_is_known_to_be_none(kind: Kind, db: Database, url: str) -> None:
    with pytest.raises(ConnectionLost, match="nothing was written"), db.transaction():
        assert db.items.filter(pk=1).update(n=-1) == 1
        kind.end_all(url)
        with suppress(ConnectionLost):
            db.items.count()
    assert db.items.get(pk=1).n == 1
    with pytest.raises(ConnectionLost), db.transaction():
        db.items.filter(pk=1).update(n=-1)
        kind.end_all(url)
        with pytest.raises(ConnectionLost):
            db.items.filter(pk=2).update(n=-2)
    assert db.items.filter(n__lt=0).count() == 0
