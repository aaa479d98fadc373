"""Writes that run code of the user's: it runs once, and the event loop goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, connect
from noormme.engines.budget import ANY_TIME, NEVER, THREAD, OverBudget
from noormme.orm.hooks import EVENTS

COUNTING = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"
)


@pytest.fixture
def slow(own: Path) -> Iterator[Database]:
    """A database in which a write of a tag takes longer than an event loop waits."""
    with connect(own) as database:
        database.execute("CREATE TABLE slow (n)")
        for event in ("INSERT", "UPDATE", "DELETE"):
            database.execute(
                f"CREATE TRIGGER slow_{event} AFTER {event} ON tags BEGIN INSERT INTO slow {COUNTING}; END"
            )
        database.refresh()
        yield database


def heard(db: Database) -> list[tuple[str, bool]]:
    """Which events came, and whether the thread of the test heard of them."""
    seen: list[tuple[str, bool]] = []
    here = threading.get_ident()
    for event in EVENTS:
        db.on(event, "tags")(lambda *_, event=event: seen.append((event, threading.get_ident() == here)))
    return seen


def twice(event: str) -> list[tuple[str, bool]]:
    return [(f"before_{event}", False), (f"after_{event}", False)]


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "in a transaction"])
async def test_hooks_run_once(slow: Database, inside: bool) -> None:
    db = slow

    async def write() -> None:
        seen = heard(db)
        tag = await db.tags.acreate(name="one")
        await tag.aupdate(name="two")
        tag.name = "three"
        await tag.asave()
        await tag.adelete()
        assert seen == twice("create") + twice("update") + twice("update") + twice("delete")
        seen.clear()
        tag, _ = await db.tags.aget_or_create(name="four")
        await db.tags.abulk_create([{"name": "five"}])
        tags = db.repository("tags")
        await tags.aupdate(tag, name="six")
        await tags.adelete(tag)
        assert seen == twice("create") * 2 + twice("update") + twice("delete")

    if not inside:
        await write()
        return
    async with db.transaction():
        await write()


def test_hooks_do_not_begin_where_they_could_begin_again(slow: Database) -> None:
    seen = heard(slow)
    THREAD.budget.deadline = ANY_TIME
    try:
        with pytest.raises(OverBudget):
            slow.tags.create(name="one")
    finally:
        THREAD.budget.deadline = NEVER
    assert seen == []
    assert not slow.tags.filter(name="one").exists()


async def test_methods_of_ones_own_run_once(slow: Database) -> None:
    db = slow
    called: list[str] = []

    class Tag(db.model("tags")):  # type: ignore[misc]
        def save(self, **options: Any) -> Any:
            called.append("save")
            with db.transaction():
                return super().save(**options)

        def delete(self) -> int:
            called.append("delete")
            with db.transaction():
                return int(super().delete())

    db.register(Tag, table="tags")
    tag = await db.tags.acreate(name="one")
    await tag.adelete()
    assert called == ["save", "delete"]
