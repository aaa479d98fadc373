"""Hooks in action: what they see, and that they and the write are one transaction."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from noormme import Database, Repository, UniqueViolation
from noormme.orm import mapper, registering
from tests import switching
from tests.orm.support import count_queries, ids
from tests.repositories.ask import Ask

Seen = list[tuple[Any, ...]]


def listen(db: Database, table: str) -> Seen:
    """Note every event of a table."""
    seen: Seen = []
    for event in ("before_create", "after_create", "before_delete", "after_delete"):
        db.on(event, table)(lambda item, event=event: seen.append((event, item.pk, item.name)))
    for event in ("before_update", "after_update"):
        db.on(event, table)(
            lambda item, changes, event=event: seen.append((event, item.pk, item.name, dict(changes)))
        )
    return seen


CREATE = ("before_create", "after_create")
UPDATE = ("before_update", "after_update")
DELETE = ("before_delete", "after_delete")


def events(seen: Seen) -> tuple[str, ...]:
    found = tuple(each[0] for each in seen)
    seen.clear()
    return found


def test_what_they_get(writable: Database) -> None:
    seen = listen(writable, "tags")
    go = writable.tags.create(name="go")
    assert seen == [("before_create", None, "go"), ("after_create", 4, "go")]
    seen.clear()
    go.name = "Go"
    go.save()
    assert seen == [(event, 4, "Go", {"name": "go"}) for event in UPDATE]
    seen.clear()
    go.save()
    assert seen == [], "nothing has changed"
    go.update(name="golang")
    assert seen == [(event, 4, "golang", {"name": "Go"}) for event in UPDATE]
    seen.clear()
    go.delete()
    assert seen == [(event, 4, "golang") for event in DELETE]
    assert not writable.repository("tags").exists(4)


def test_queries_with_a_time_limit_have_them_too(writable: Database) -> None:
    limited = writable.tags.timeout(60)
    seen = listen(writable, "tags")
    limited.create(name="go")
    writable.tags.timeout(60).create(name="zig")
    assert events(seen) == CREATE * 2


def test_queries_with_a_time_limit_that_were_begun_before(
    writable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    making, seen = switching.Awaited(), list[Any]()
    monkeypatch.setattr(writable._registry, "making", making)
    copied = mapper.copy

    def meanwhile(found: Any) -> Any:
        made = copied(found)
        making.beside(lambda: writable.on("before_create", "tags")(seen.append))
        return made

    monkeypatch.setattr(mapper, "copy", meanwhile)
    assert writable.tags.timeout(60).count() == 3
    making.join()
    go = writable.tags.timeout(60).create(name="go")
    assert seen == [go]


def test_every_way_to_write_an_object(writable: Database, asked: Ask) -> None:
    seen = listen(writable, "tags")
    tags = asked(writable.repository("tags"))
    tag_class = writable.model("tags")
    made = tags.create({"name": "a"})
    assert events(seen) == CREATE
    tags.save(tag_class(name="b"))
    assert events(seen) == CREATE
    tag_class(name="c").save()
    assert events(seen) == CREATE
    writable.posts.get(id=5).tags.create(name="d")
    assert events(seen) == CREATE
    writable.tags.get_or_create(name="e")
    assert events(seen) == CREATE
    writable.tags.get_or_create(name="e")
    assert events(seen) == ()
    writable.tags.update_or_create({"name": "f"}, name="e")
    assert events(seen) == UPDATE
    tags.update(made.pk, name="g")
    assert events(seen) == UPDATE
    tags.delete(made.pk)
    assert events(seen) == DELETE
    tags.delete(made.pk)
    assert events(seen) == ()
    tags.delete_many(ids(tags.find_many_by_name("b") + tags.find_many_by_name("c")))
    assert events(seen) == DELETE * 2
    tags.create_many([{"name": "x"}, {"name": "y"}])
    assert events(seen) == ("before_create", "before_create", "after_create", "after_create")
    tags.update_many(tags.find_many_by_name("x"), ["name"])
    assert events(seen) == UPDATE


def test_what_writes_no_objects_runs_none(writable: Database) -> None:
    seen = listen(writable, "tags")
    writable.tags.filter(name="sql").update(name="SQL")
    writable.tags.filter(name="nothing").delete()
    assert seen == []


def test_before_hooks_may_change_the_object(writable: Database) -> None:
    @writable.on("before_create", "tags")
    @writable.on("before_update", "tags")
    def lower(tag: Any, changes: Any = None) -> None:
        tag.name = tag.name.lower()

    made = writable.tags.create(name="GO")
    assert (made.name, writable.tags.get(id=made.pk).name) == ("go", "go")
    made.update(name="ZIG")
    assert writable.tags.get(id=made.pk).name == "zig"
    assert [tag.name for tag in writable.tags.bulk_create([{"name": "A"}, {"name": "B"}])] == ["a", "b"]
    assert writable.tags.filter(name__in=["a", "b"]).count() == 2


def test_more_fields_are_written_than_were_asked_for(writable: Database) -> None:
    @writable.on("before_update", "users")
    def count(user: Any, changes: Any) -> None:
        user.age = (user.age or 0) + len(changes)

    after: list[dict[str, Any]] = []
    writable.on("after_update", "users")(lambda user, changes: after.append(dict(changes)))
    writable.users.get(id=1).update(name="Anna")
    ann = writable.users.get(id=1)
    assert (ann.name, ann.age) == ("Anna", 32)
    assert after == [{"name": "Ann", "age": 31}]


@pytest.mark.parametrize("event", ["before_create", "after_create"])
def test_an_error_undoes_a_creation(writable: Database, event: Any, asked: Ask) -> None:
    @writable.on(event, "tags")
    def refuse(tag: Any) -> None:
        raise ValueError("no")

    tag = writable.model("tags")(name="go")
    with pytest.raises(ValueError, match="no"):
        tag.save()
    with pytest.raises(ValueError, match="no"):
        asked(writable.repository("tags")).create_many([{"name": "a"}, {"name": "b"}])
    assert writable.tags.count() == 3
    assert tag.pk is None, "the object has no row"


@pytest.mark.parametrize("event", ["before_update", "after_update"])
def test_an_error_undoes_an_update(writable: Database, event: Any, asked: Ask) -> None:
    refusing = [True]

    @writable.on(event, "tags")
    def refuse(tag: Any, changes: Any) -> None:
        if refusing:
            raise ValueError("no")

    tag = writable.tags.get(id=1)
    tag.name = "SQL"
    with pytest.raises(ValueError, match="no"):
        asked(writable.repository("tags")).update(tag)
    assert writable.tags.get(id=1).name == "sql"
    refusing.clear()
    tag.save()
    assert writable.tags.get(id=1).name == "SQL", "it was still to be saved"


@pytest.mark.parametrize("event", ["before_delete", "after_delete"])
def test_an_error_undoes_a_deletion(writable: Database, event: Any, asked: Ask) -> None:
    @writable.on(event, "tags")
    def refuse(tag: Any) -> None:
        raise ValueError("no")

    tag = writable.tags.get(id=3)
    with pytest.raises(ValueError, match="no"):
        tag.delete()
    with pytest.raises(ValueError, match="no"):
        asked(writable.repository("tags")).delete(3)
    assert writable.tags.filter(id=3).exists()
    tag.update(name="Rust")
    assert writable.tags.get(id=3).name == "Rust", "the object has its row"


def test_what_a_hook_writes_goes_with_the_rest(writable: Database) -> None:
    @writable.on("after_create", "tags")
    def note(tag: Any) -> None:
        writable.teams.create(slug=tag.name, title=str(tag.pk))

    writable.tags.create(name="go")
    assert writable.teams.get(slug="go").title == "4"
    with pytest.raises(UniqueViolation):
        writable.tags.create(name="core")
    assert not writable.tags.filter(name="core").exists()


def test_an_object_may_be_changed_again_after_it_was_created(writable: Database) -> None:
    class Tag(writable.model("tags")):  # type: ignore[misc]
        def after_create(self) -> None:
            self.update(name=f"{self.name}-{self.pk}")

    writable.register(Tag)
    assert writable.tags.create(name="go").name == "go-4"
    assert writable.tags.get(id=4).name == "go-4"
    writable.tags.bulk_create([{"name": "a"}, {"name": "b"}])
    assert [tag.name for tag in writable.tags.filter(id__gt=4)] == ["a-5", "b-6"]


def test_after_commit(writable: Database) -> None:
    sent: list[str] = []
    writable.on("after_create", "tags")(lambda tag: writable.on_commit(lambda: sent.append(tag.name)))
    writable.tags.create(name="go")
    assert sent == ["go"]
    with pytest.raises(ValueError, match="out"), writable.transaction():
        writable.tags.create(name="zig")
        raise ValueError("out")
    assert sent == ["go"]


def test_of_a_repository_and_of_a_model(writable: Database) -> None:
    class Tag(writable.model("tags")):  # type: ignore[misc]
        def before_create(self) -> None:
            self.name = self.name.strip()

        def after_update(self, changes: Any) -> None:
            log.append(("model", changes["name"], self.name))

    class Tags(Repository[Any]):
        table = "tags"

        def before_create(self, tag: Any) -> None:
            if self.exists(name=tag.name):
                raise ValueError("there is one")

        def before_delete(self, tag: Any) -> None:
            log.append(("repository", tag.name))

    log: list[tuple[str, ...]] = []
    writable.register(Tag)
    writable.register(Tags)
    tags = writable.repository("tags")
    assert tags.create(name=" go ").name == "go"
    with pytest.raises(ValueError, match="there is one"):
        writable.tags.create(name=" sql ")
    tags.update(4, name="Go")
    tags.delete(4)
    assert log == [("model", "go", "Go"), ("repository", "Go")]


def test_they_cost_nothing_where_there_are_none(writable: Database) -> None:
    listen(writable, "teams")
    with count_queries(writable) as counted:
        writable.tags.create(name="go")
    assert counted.number == 1
    with count_queries(writable) as counted:
        writable.users.get(id=1).update(age=5)
    assert counted.number == 2


def test_many_tasks(writable: Database) -> None:
    class Teams(Repository[Any]):
        table = "teams"

        def after_create(self, team: Any) -> None:
            writable.tags.create(name=team.title)
            if team.title.endswith("3"):
                raise ValueError("three")

    writable.register(Teams)
    teams = writable.repository(Teams)

    async def task(number: int) -> bool:
        try:
            await teams.acreate(slug=f"s{number}", title=f"t{number}")
        except ValueError:
            return False
        return True

    async def ask() -> list[bool]:
        return await asyncio.gather(*(task(number) for number in range(40)))

    assert asyncio.run(ask()).count(True) == 36
    assert teams.count(slug__startswith="s") == writable.tags.filter(name__startswith="t").count() == 36


def test_in_a_transaction_of_a_coroutine(writable: Database) -> None:
    sent: list[str] = []
    writable.on("after_create", "tags")(lambda tag: writable.on_commit(lambda: sent.append(tag.name)))
    tags = writable.repository("tags")

    async def ask() -> None:
        async with writable.transaction():
            go = await tags.acreate(name="go")
            await tags.aupdate(go, name="golang")
            assert sent == []
        with pytest.raises(ValueError, match="out"):
            async with writable.transaction():
                await tags.acreate(name="zig")
                raise ValueError("out")
        assert await tags.adelete_many([go, 99]) == 1

    asyncio.run(ask())
    assert sent == ["golang"]
    assert tags.count() == 3


def test_what_is_registered_survives_two_refreshes_at_once(
    writable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = writable
    seen = listen(db, "tags")
    discover, others = db._engine.discover, [db.refresh]

    def discover_slowly() -> Any:
        schema = discover()
        if others:
            others.pop()()
        return schema

    monkeypatch.setattr(db._engine, "discover", discover_slowly)
    db.refresh()
    assert others == []
    db.tags.create(name="new")
    assert events(seen) == CREATE


def test_what_is_registered_during_a_refresh_survives_it(
    writable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = writable
    check, refreshes = registering.check_hook, [db.refresh]

    def check_slowly(*arguments: Any) -> None:
        check(*arguments)
        if refreshes:
            refreshes.pop()()

    monkeypatch.setattr(registering, "check_hook", check_slowly)
    seen: list[str] = []
    db.on("before_create", "tags")(lambda item: seen.append(item.name))
    db.tags.create(name="new")
    assert seen == ["new"]
