"""Writing through relations: create, add, remove, set and clear, with a junction table and without."""

from __future__ import annotations

import pytest

from noormme import (
    Database,
    ForeignKeyViolation,
    InvalidValue,
    NotSupported,
    UniqueViolation,
    UsageError,
)
from tests.writing.world import Writing, verbs

TIES = "SELECT post_id, tag_id, weight FROM posts_tags ORDER BY post_id, tag_id"


# -- by way of a junction table ---------------------------------------------------------------------


def test_add_takes_objects_and_keys_and_leaves_what_is_tied(world: Writing) -> None:
    post, red, green = (
        world.db.posts.get(pk=1),
        world.db.tags.get(name="red"),
        world.db.tags.get(name="green"),
    )
    with world.db.capture() as ran:
        post.tags.add(green, red, 2, 2)
    assert [verb for verb in verbs(ran) if verb != "SELECT"] == ["INSERT posts_tags"]
    assert world.rows(TIES) == [(1, 1, 1), (1, 2, 1), (1, 3, 1)]
    post.tags.add()
    assert [tag.name for tag in post.tags.order_by("id")] == ["red", "blue", "green"]
    # The other way round.
    red.posts.add(world.db.posts.get(pk=2))
    assert [each.id for each in red.posts.order_by("id")] == [1, 2]


def test_add_saves_new_objects_and_gives_the_junction_its_values(world: Writing) -> None:
    post, new = world.db.posts.get(pk=2), world.db.model("tags")(name="new")
    post.tags.add(new, 1, through_defaults={"weight": lambda: 5})
    assert new.id == 4
    assert world.rows(TIES)[2:] == [(2, 1, 5), (2, 4, 5)]
    made = post.tags.create(name="made", through_defaults={"weight": 9})
    assert world.rows(TIES)[-1] == (2, made.id, 9)


def test_add_is_all_or_nothing(world: Writing) -> None:
    post, new = world.db.posts.get(pk=2), world.db.model("tags")(name="new")
    with pytest.raises(ForeignKeyViolation):
        post.tags.add(new, 99)
    assert new.pk is None
    with pytest.raises(UniqueViolation):
        post.tags.create(name="red")
    with pytest.raises(InvalidValue):
        post.tags.add(world.db.users.get(pk=1))
    with pytest.raises(InvalidValue):
        post.tags.add(None)
    with pytest.raises(InvalidValue, match="save"):
        world.db.model("posts")(title="t").tags.add(1)
    assert world.rows(TIES) == [(1, 1, 1), (1, 2, 1)]
    assert world.rows("SELECT count(*) FROM tags") == [(3,)]


def test_remove_and_clear(world: Writing) -> None:
    post = world.db.posts.get(pk=1)
    assert len(post.tags.all()) == 2
    post.tags.remove(world.db.tags.get(pk=1), 3)
    assert world.rows(TIES) == [(1, 2, 1)]
    assert [tag.id for tag in post.tags.all()] == [2]
    post.tags.clear()
    post.tags.clear()
    assert world.rows(TIES) == []
    assert world.rows("SELECT count(*) FROM tags") == [(3,)]


def test_set_leaves_what_stays_alone(world: Writing) -> None:
    world.db.posts_tags.filter(pk=(1, 2)).update(weight=7)
    post = world.db.posts.get(pk=1)
    with world.db.capture() as ran:
        post.tags.set([2, world.db.tags.get(pk=3)], through_defaults={"weight": 3})
    assert sorted({verb for verb in verbs(ran) if verb != "SELECT"}) == [
        "DELETE posts_tags",
        "INSERT posts_tags",
    ]
    assert world.rows(TIES) == [(1, 2, 7), (1, 3, 3)]
    post.tags.set([2, 1], clear=True)
    assert world.rows(TIES) == [(1, 1, 1), (1, 2, 1)]
    with pytest.raises(ForeignKeyViolation):
        post.tags.set([3, 99])
    assert world.rows(TIES) == [(1, 1, 1), (1, 2, 1)]
    post.tags.set([])
    assert world.rows(TIES) == []


def test_what_was_prefetched_is_read_again(db: Database) -> None:
    posts = list(db.posts.prefetch_related("tags").order_by("id"))
    assert [tag.id for tag in posts[0].tags.all()] == [1, 2]
    posts[0].tags.remove(1)
    assert [tag.id for tag in posts[0].tags.all()] == [2]
    tag = db.tags.prefetch_related("posts").get(pk=3)
    assert list(tag.posts.all()) == []
    posts[1].tags.add(tag)
    assert [post.id for post in tag.posts.all()] == [2]


def test_in_a_transaction_that_is_rolled_back(world: Writing) -> None:
    post = world.db.posts.get(pk=1)
    with world.db.transaction() as block:
        new = world.db.model("tags")(name="new")
        post.tags.set([new])
        assert [tag.name for tag in post.tags.all()] == ["new"]
        block.rollback()
    assert [tag.id for tag in post.tags.order_by("id")] == [1, 2]
    assert world.rows(TIES) == [(1, 1, 1), (1, 2, 1)]
    post.tags.add(new)
    assert world.rows(TIES) == [(1, 1, 1), (1, 2, 1), (1, new.id, 1)]


# -- rows that refer to the object ------------------------------------------------------------------


def test_create_gives_the_row_to_its_object(world: Writing) -> None:
    ann = world.db.users.get(pk=1)
    post = ann.posts_as_author.create(title="mine")
    assert (post.author_id, post.id) == (1, 4)
    made = ann.posts_as_author.bulk_create([{"title": "a"}, world.db.model("posts")(title="b")])
    assert [each.author_id for each in made] == [1, 1]
    found, new = ann.posts_as_author.get_or_create(title="c")
    assert (found.author_id, new) == (1, True)
    assert ann.posts_as_author.count() == 6
    with pytest.raises(UsageError, match="junction"):
        ann.posts_as_author.create(title="d", through_defaults={"x": 1})
    with pytest.raises(InvalidValue, match="save"):
        world.db.model("users")(email="n@x").posts_as_author.create(title="d")


def test_add_remove_set_and_clear(world: Writing) -> None:
    editor = "SELECT id, editor_id FROM posts ORDER BY id"
    ann, post = world.db.users.get(pk=1), world.db.posts.get(pk=1)
    new = world.db.model("posts")(title="n", author_id=2)
    ann.posts_as_editor.add(post, 3, new)
    assert world.rows(editor) == [(1, 1), (2, None), (3, 1), (4, 1)]
    assert post.editor_id == 1
    ann.posts_as_editor.remove(post, 2)
    assert world.rows(editor) == [(1, None), (2, None), (3, 1), (4, 1)]
    ann.posts_as_editor.set([post, 3])
    assert world.rows(editor) == [(1, 1), (2, None), (3, 1), (4, None)]
    ann.posts_as_editor.clear()
    assert world.rows(editor) == [(1, None), (2, None), (3, None), (4, None)]
    with pytest.raises(InvalidValue, match="no row"):
        ann.posts_as_editor.add(2, 99)
    assert world.rows(editor)[1] == (2, None)


def test_rows_that_must_belong_to_somebody(world: Writing) -> None:
    ann, bob = world.db.users.order_by("id")
    bob.posts_as_author.add(1)
    assert world.rows("SELECT author_id FROM posts WHERE id = 1") == [(2,)]
    for attempt in (
        lambda: bob.posts_as_author.remove(1),
        bob.posts_as_author.clear,
        lambda: ann.posts_as_author.set([]),
    ):
        with pytest.raises(NotSupported, match="must belong"):
            attempt()
    assert world.rows("SELECT author_id FROM posts ORDER BY id") == [(2,), (1,), (2,)]


def test_update_and_delete_reach_no_others(world: Writing) -> None:
    ann = world.db.users.get(pk=1)
    assert ann.posts_as_author.filter(title="one").update(title="eins") == 1
    assert ann.posts_as_author.filter(title="three").delete() == 0
    assert ann.posts_as_author.update(title="x") == 2
    assert ann.posts_as_author.delete() == 2
    assert world.rows("SELECT title FROM posts") == [("three",)]


def test_a_composite_key(world: Writing) -> None:
    pair = world.db.pairs.get(pk=(1, "x"))
    note = pair.notes.create(text="t")
    assert (note.a, note.b) == (1, "x")
    other = world.db.pairs.get(pk=(1, "y"))
    other.notes.add(note)
    assert world.rows("SELECT a, b FROM notes") == [(1, "y")]
    other.notes.clear()
    assert world.rows("SELECT a, b FROM notes") == [(None, None)]


def test_a_self_reference(world: Writing) -> None:
    ann, bob = world.db.users.order_by("id")
    reports = next(name for name in ("users", "reports", "managed") if hasattr(ann, name))
    getattr(ann, reports).add(bob)
    assert world.rows("SELECT manager_id FROM users") == [(None,), (1,)]
    assert bob.manager == ann
    getattr(ann, reports).clear()
    assert world.rows("SELECT manager_id FROM users") == [(None,), (None,)]
