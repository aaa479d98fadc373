"""Model classes of one's own: rows are of them everywhere, and they go on through a refresh."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from noormme import Count, Database, Manager, Model, UsageError, connect
from tests import switching
from tests.orm.support import count_queries
from tests.orm.world import change


def labelled(db: Database) -> type[Model]:
    """A model of users, registered."""

    class User(db.model("users")):  # type: ignore[misc]
        def label(self) -> str:
            return f"<{self.name}>"

        @property
        def initial(self) -> str:
            return str(self.name[0])

    return db.register(User)


def every_way(db: Database) -> list[Any]:
    """Users as all kinds of queries give them."""
    posts = db.posts
    return [
        db.users.first(),
        db.users.get(id=1),
        db.users.get(email="ann@example.com"),
        *db.users.filter(id__lte=2),
        *db.users.iterator(),
        *db.users.raw("SELECT * FROM users WHERE id = 1"),
        *db.users.annotate(n=Count("comments")),
        db.users.only("name").get(id=1),
        posts.get(id=1).author,
        posts.select_related("author").get(id=1).author,
        *(post.author for post in posts.prefetch_related("author")),
        db.comments.select_related("post__author").get(id=1).post.author,
        *db.teams.get(slug="core").users,
        *db.teams.prefetch_related("users").get(slug="core").users.all(),
        db.profiles.first().user,
        db.repository("users").find_by_id(1),
        db.users.paginate()[0],
        db.users.in_bulk([1])[1],
    ]


def test_rows_are_of_it_everywhere(db: Database) -> None:
    user = labelled(db)
    assert db.model("users") is user
    for row in every_way(db):
        assert isinstance(row, user)
        assert row.label() == f"<{row.name}>"
        assert row.initial == row.name[0]
    assert not isinstance(db.tags.first(), user)
    assert user.objects.get(id=1) == db.users.get(id=1)


def test_also_where_plans_were_compiled_before(db: Database) -> None:
    before = every_way(db)
    query = db.users.filter(id=1)
    list(query)
    user = labelled(db)
    assert not any(isinstance(row, user) for row in before)
    assert all(isinstance(row, user) for row in every_way(db))
    assert all(isinstance(row, user) for row in query.all())
    assert before[0] == db.users.first(), "objects of both classes stand for one row"
    assert hash(before[0]) == hash(db.users.first())


def test_also_where_plans_are_compiled_meanwhile(world: Path) -> None:
    for _ in range(5):
        with connect(world, readonly=True) as db:
            with switching.meanwhile(partial(every_way, db), 3):
                time.sleep(0.02)
                user = labelled(db)
                time.sleep(0.01)
            assert all(isinstance(row, user) for row in every_way(db))


def test_while_others_ask_for_managers(db: Database) -> None:
    class Users(Manager[Any]):
        table = "users"

    names = [table.manager for table in db.schema]
    with switching.meanwhile(lambda: [getattr(db, name) for name in names], 3):
        for _ in range(1000):
            db.register(Users, replace=True)
    assert type(db.users) is Users


def test_values_and_the_key_are_what_they_were(db: Database) -> None:
    expected = [row.to_dict() for row in db.users]
    user = labelled(db)
    assert [row.to_dict() for row in db.users] == expected
    assert repr(db.users.only("name").get(id=1)) == "User(id=1, name='Ann')"
    assert user.__struct_fields__ == ("id", "email", "name", "age", "is_active", "joined")
    with pytest.raises(user.DoesNotExist):
        db.users.get(id=99)


def test_it_may_have_another_name(db: Database) -> None:
    class Person(db.model("users")):  # type: ignore[misc]
        pass

    db.register(Person)
    assert repr(db.users.only("name").get(id=1)) == "Person(id=1, name='Ann')"


def test_fields_left_out_load_at_first_touch(db: Database) -> None:
    user = labelled(db)
    rows = list(db.users.only("id"))
    with count_queries(db) as counted:
        assert [row.label() for row in rows] == ["<Ann>", "<Bob>", "<Cleo>", "<Dan>"]
    assert counted.number == 1
    for row in rows:
        assert (row.email, row.age, row.is_active, row.joined) == tuple(
            getattr(db.users.get(id=row.id), field) for field in ("email", "age", "is_active", "joined")
        )
    assert {type(row) for row in rows} == {user}


def test_objects_loaded_before_become_complete_too(db: Database) -> None:
    row = db.tags.only("id").first()

    class Tag(db.model("tags")):  # type: ignore[misc]
        pass

    db.register(Tag)
    assert row.name == "sql"
    assert row == db.tags.first()


def test_copies_and_pickles(db: Database) -> None:
    user = labelled(db)
    row = db.users.get(id=1)
    assert type(copy.copy(row)) is user
    assert pickle.loads(pickle.dumps(row)).label() == "<Ann>"


def test_the_same_class_after_a_refresh(own: Path) -> None:
    with connect(own) as db:
        user = labelled(db)
        old = db.users.get(id=1)
        change(own, "CREATE TABLE more (id INTEGER PRIMARY KEY)")
        db.refresh()
        assert user.__noormme_mapper__ is db.model("posts").__noormme_mapper__.link("author").target
        assert "more" in db.tables
        assert db.model("users") is user
        assert all(type(row) is user for row in db.users)
        assert all(isinstance(row, user) for row in every_way(db))
        assert old.label() == "<Ann>"
        assert old == db.users.get(id=1)
        assert old.comments.count() == 2
        assert user.objects.count() == 4


def test_its_methods_after_a_refresh_that_found_other_columns(own: Path) -> None:
    with connect(own) as db:
        base = db.model("users")

        class Mixin:
            def shout(self) -> str:
                return "mixin"

        class Middle(Mixin, base):  # type: ignore[misc,valid-type]
            email: str
            age: int | None = 7
            joined: object = None

            def to_dict(self, *, relations: bool = False) -> dict[str, Any]:
                return {**super().to_dict(relations=relations), "middle": True}

        class User(Middle):
            kinds: ClassVar[list[str]] = ["a"]

            def to_dict(self, *, relations: bool = False) -> dict[str, Any]:
                """Says more."""
                return {**super().to_dict(relations=relations), "label": self.label}

            @property
            def label(self) -> str:
                return f"{super().shout()} {self.name}"

            @classmethod
            def kind(cls) -> str:
                return f"{cls.__name__} {super().__name__}" if False else cls.kinds[0]

            @staticmethod
            def plain(number: int, *, add: int = 1) -> int:
                return number + add

        db.register(User)
        assert db.users.get(id=1).to_dict()["label"] == "mixin Ann"
        old = db.users.get(id=1)
        change(
            own, "ALTER TABLE users ADD COLUMN city TEXT DEFAULT 'Bonn'; ALTER TABLE users DROP COLUMN joined"
        )
        db.refresh()
        ann = db.users.get(id=1)
        assert ann.to_dict() == {
            "id": 1,
            "email": "ann@example.com",
            "name": "Ann",
            "age": 31,
            "is_active": True,
            "city": "Bonn",
            "middle": True,
            "label": "mixin Ann",
        }
        assert (ann.kind(), ann.plain(1), ann.plain(1, add=2)) == ("a", 2, 3)
        assert type(ann)(name="x").age == User(name="x").age == 7
        assert type(ann).__qualname__ == User.__qualname__
        assert type(ann).to_dict.__doc__ == "Says more."
        assert isinstance(ann, Mixin)
        assert [type(each) for each in db.teams.get(slug="core").users] == [type(ann), type(ann)]
        assert old.to_dict()["label"] == "mixin Ann"
        assert "joined" in old.to_dict()
        db.refresh()
        assert type(db.users.get(id=1)) is type(ann)


def test_a_column_that_a_method_hides_now(own: Path) -> None:
    with connect(own) as db:
        labelled(db)
        change(own, "ALTER TABLE users ADD COLUMN label TEXT")
        for use in (db.refresh, lambda: db.users):
            with pytest.raises(UsageError, match="the model User hides 'label', a field of users"):
                use()
        assert db.posts.count() == 5


def test_what_is_left_of_the_old_schema_does_not_take_the_class_back(own: Path) -> None:
    with connect(own) as db:
        post = db.posts.get(id=1)
        user = labelled(db)
        db.refresh()
        assert type(db.users.get(id=1)) is user
        assert post.author.name == "Ann"
        assert user.__noormme_mapper__ is db.users.get(id=1).__noormme_mapper__
        tags = db.tags.get(id=1)

        class Post(db.model("posts")):  # type: ignore[misc]
            pass

        db.register(Post)
        db.refresh()
        assert [each.pk for each in tags.posts] == [1, 2, 4]
        assert Post.__noormme_mapper__ is db.posts.first().__noormme_mapper__


def test_a_class_written_before_a_refresh(own: Path) -> None:
    with connect(own) as db:

        class User(db.model("users")):  # type: ignore[misc]
            def label(self) -> str:
                return f"<{self.name}>"

        db.refresh()
        db.register(User)
        assert db.users.get(id=1).label() == "<Ann>"
        assert db.model("users") is User


def test_a_table_that_comes_back(own: Path) -> None:
    with connect(own) as db:

        class Log(db.model("log")):  # type: ignore[misc]
            def shout(self) -> str:
                return str(self.message).upper()

        db.register(Log)
        change(own, "ALTER TABLE log RENAME TO journal")
        db.refresh()
        assert not hasattr(db.journal.first(), "shout")
        change(own, "ALTER TABLE journal RENAME TO log")
        db.refresh()
        assert db.log.get(message="up").shout() == "UP"


def test_fields_may_be_written_again_for_their_types(db: Database) -> None:
    class User(db.model("users")):  # type: ignore[misc]
        email: str
        age: int | None
        TITLES: ClassVar[tuple[str, ...]] = ("Dr",)

    db.register(User)
    assert [row.email for row in db.users][:2] == ["ann@example.com", "bob@example.com"]
    assert db.users.first().TITLES == ("Dr",)


def test_what_does_not_fit(db: Database, own: Path) -> None:
    base: Any = db.model("users")

    class Added(base):  # type: ignore[misc]
        nickname: str = ""

    class Hides(base):  # type: ignore[misc]
        @property
        def email(self) -> str:
            return "x"

    class HidesRelation(base):  # type: ignore[misc]
        def comments(self) -> None:
            raise AssertionError

    class Frozen(base, frozen=True):  # type: ignore[misc]
        pass

    class Loose(Model):
        pass

    for given, message in (
        (Added, "the model Added has a field 'nickname' that users has not; write ClassVar"),
        (Hides, "the model Hides hides 'email', a field of users"),
        (HidesRelation, "the model HidesRelation hides 'comments', a relation of users"),
        (Frozen, "the model Frozen is frozen"),
        (Loose, "the model Loose derives from that of no table; write class Loose"),
        (base, "User is the model of 'users' already"),
        (Model, "Model is no class that a table can use"),
    ):
        with pytest.raises(UsageError, match=message):
            db.register(given)
    with connect(own) as other:

        class Foreign(other.model("users")):  # type: ignore[misc]
            pass

        with pytest.raises(UsageError, match="the model Foreign derives from that of another database"):
            db.register(Foreign)
    assert db.model("users") is base, "nothing was registered"


def test_a_table_that_says_something_else(db: Database) -> None:
    class User(db.model("users")):  # type: ignore[misc]
        pass

    with pytest.raises(UsageError, match="the model User is one of users, not of posts"):
        db.register(User, table="posts")
    assert db.register(User, table="users") is User


def test_one_class_at_a_time(db: Database) -> None:
    user = labelled(db)
    with pytest.raises(
        UsageError, match=r"User is registered for 'users' already; say register\(…, replace=True\)"
    ):
        db.register(user)

    class Admin(user):  # type: ignore[misc,valid-type]
        def shout(self) -> str:
            return self.label().upper()

    with pytest.raises(UsageError, match="'users' has User registered already"):
        db.register(Admin)
    assert type(db.users.first()) is user
    db.register(Admin, replace=True)
    assert db.posts.get(id=1).author.shout() == "<ANN>"
    db.refresh()
    assert db.users.first().shout() == "<ANN>"


def test_annotations_do_not_take_the_names_of_its_methods(db: Database) -> None:
    labelled(db)
    with pytest.raises(UsageError, match="'label' is an attribute of every object"):
        db.users.annotate(label=Count("comments"))


def test_a_view(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t VALUES (1, 'a'); CREATE VIEW v AS SELECT n FROM t"
    )

    class Seen(db.model("v")):  # type: ignore[misc]
        def shout(self) -> str:
            return str(self.n).upper()

    db.register(Seen)
    assert [row.shout() for row in db.v] == ["A"]


def test_the_manager_in_its_body(db: Database) -> None:
    class UserManager(Manager[Any]):
        def adults(self) -> Any:
            return self.filter(age__gte=18)

    class TeamManager(Manager[Any]):
        def full(self) -> Any:
            return self.filter(memberships__isnull=False).distinct()

    class Team(db.model("teams")):  # type: ignore[misc]
        objects = TeamManager

    class User(db.model("users")):  # type: ignore[misc]
        objects = UserManager()

    assert repr(User.objects) == "<UserManager of no table>"
    with pytest.raises(UsageError, match="this manager belongs to no table; register the model"):
        User.objects.adults()
    db.register(User)
    db.register(Team)
    assert [team.pk for team in Team.objects.full()] == ["core", "docs"]
    assert [user.pk for user in db.users.adults()] == [1, 4]
    assert [user.pk for user in User.objects.adults()] == [1, 4]
    db.refresh()
    assert [user.pk for user in db.users.adults()] == [1, 4]
