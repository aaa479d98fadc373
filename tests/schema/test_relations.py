"""Which relations foreign keys give, and what they are called when nothing stands in the way."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from noormme.schema.model import ForeignKey, Relation, Table
from noormme.schema.relations import derive
from tests.schema.build import attributes, fields, messages, relation, schema, table, unique_index

USERS = table("users", "id")
POSTS = table("posts", "id author_id?", "author_id > users")
TAGS = table("tags", "id")
POST_TAGS = table("post_tags", "post_id tag_id", "post_id > posts", "tag_id > tags", key="post_id tag_id")


def test_many_to_one_and_its_reverse() -> None:
    found = schema(USERS, POSTS)
    assert found.relations == (
        Relation("posts", "author", "many_to_one", "users", ("author_id",), ("id",), True, True, "posts"),
        Relation("users", "posts", "one_to_many", "posts", ("id",), ("author_id",), inverse="author"),
    )
    assert not found.relations[0].to_many
    assert found.relations[1].to_many
    assert found.warnings == ()


def test_a_key_that_must_have_a_value() -> None:
    found = schema(USERS, table("posts", "id author_id", "author_id > users"))
    assert not relation(found, "posts.author").nullable
    assert relation(found, "users.posts").nullable


def test_a_composite_key_is_nullable_when_one_column_is() -> None:
    orders = table("orders", "region num", key="region num")
    lines = table("lines", "id region num?", "region num > orders(region num)")
    assert relation(schema(orders, lines), "lines.order").nullable


@pytest.mark.parametrize(
    "profiles",
    [
        table("profiles", "id user_id!", "user_id > users"),
        table("profiles", "user_id", "user_id > users"),
        replace(table("profiles", "id user_id", "user_id > users"), indexes=(unique_index("user_id"),)),
    ],
    ids=["unique", "primary key", "unique index"],
)
def test_a_unique_foreign_key_is_one_to_one(profiles: Table) -> None:
    found = schema(USERS, profiles)
    assert relation(found, "profiles.user").kind == "one_to_one"
    assert relation(found, "profiles.user").forward
    assert relation(found, "users.profile").kind == "one_to_one"
    assert not relation(found, "users.profile").forward
    assert not relation(found, "users.profile").to_many
    assert relation(found, "users.profile").inverse == "user"


@pytest.mark.parametrize(
    "posts",
    [
        replace(POSTS, indexes=(unique_index("author_id", where="id > 5"),)),
        table("posts", "id author_id slug", "author_id > users", unique=["author_id slug"]),
        table("posts", "author_id n", "author_id > users", key="author_id n"),
    ],
    ids=["partial index", "wider key", "wider primary key"],
)
def test_other_unique_keys_do_not_make_it_one_to_one(posts: Table) -> None:
    assert relation(schema(USERS, posts), "users.posts").kind == "one_to_many"


def test_many_to_many_through_a_junction() -> None:
    found = schema(USERS, POSTS, TAGS, POST_TAGS)
    assert relation(found, "posts.tags") == Relation(
        "posts",
        "tags",
        "many_to_many",
        "tags",
        ("id",),
        ("id",),
        inverse="posts",
        through="post_tags",
        through_columns=("post_id",),
        through_target_columns=("tag_id",),
    )
    assert relation(found, "tags.posts").through_columns == ("tag_id",)
    assert attributes(found, "posts") == ["author", "post_tags", "tags"]
    assert attributes(found, "post_tags") == ["post", "tag"]
    assert found.warnings == ()


@pytest.mark.parametrize(
    "junction",
    [
        table(
            "post_tags", "id post_id tag_id", "post_id > posts", "tag_id > tags", unique=["tag_id post_id"]
        ),
        replace(
            table("post_tags", "id post_id tag_id", "post_id > posts", "tag_id > tags"),
            indexes=(unique_index("post_id", "tag_id"),),
        ),
        table(
            "post_tags", "post_id tag_id added_at", "post_id > posts", "tag_id > tags", key="post_id tag_id"
        ),
        table(
            "post_tags",
            "post_id tag_id added_by",
            *("post_id > posts", "tag_id > tags", "added_by > users"),
            key="post_id tag_id",
        ),
    ],
    ids=["unique", "unique index", "payload", "third foreign key"],
)
def test_junctions(junction: Table) -> None:
    found = schema(USERS, POSTS, TAGS, junction)
    assert relation(found, "posts.tags").kind == "many_to_many"
    assert [item.name for item in found.relations if item.kind == "many_to_many"] == ["tags", "posts"]


@pytest.mark.parametrize(
    "junction",
    [
        table("post_tags", "id post_id tag_id", "post_id > posts", "tag_id > tags"),
        table("post_tags", "post_id tag_id n", "post_id > posts", "tag_id > tags", key="post_id tag_id n"),
        table("post_tags", "post_id tag_id", "post_id > posts", key="post_id tag_id"),
        replace(
            table("post_tags", "id post_id tag_id", "post_id > posts", "tag_id > tags"),
            indexes=(unique_index("post_id", "tag_id", where="id > 5"),),
        ),
    ],
    ids=["no key", "wider key", "one foreign key", "partial index"],
)
def test_no_junctions(junction: Table) -> None:
    found = schema(USERS, POSTS, TAGS, junction)
    assert all(item.kind != "many_to_many" for item in found.relations)


def test_a_junction_of_composite_keys_that_share_a_column() -> None:
    posts = table("posts", "tenant id", key="tenant id")
    tags = table("tags", "tenant id", key="tenant id")
    junction = table(
        "post_tags",
        "tenant post_id tag_id",
        *("tenant post_id > posts(tenant id)", "tenant tag_id > tags(tenant id)"),
        key="tenant post_id tag_id",
    )
    found = schema(posts, tags, junction)
    assert relation(found, "posts.tags").columns == ("tenant", "id")
    assert relation(found, "posts.tags").through_columns == ("tenant", "post_id")
    assert relation(found, "posts.tags").through_target_columns == ("tenant", "tag_id")


def test_a_key_inside_another_makes_no_junction() -> None:
    tasks = table("tasks", "a b", "a > users", "a b > pairs(a b)", key="a b")
    found = schema(USERS, table("pairs", "a b", key="a b"), tasks)
    assert all(item.kind != "many_to_many" for item in found.relations)


def test_two_junctions_between_the_same_tables() -> None:
    second = replace(POST_TAGS, name="old_tags")
    found = schema(USERS, POSTS, TAGS, POST_TAGS, second)
    assert attributes(found, "posts") == [
        *("author", "old_tags", "post_tags", "tags_via_old_tags", "tags_via_post_tags"),
    ]
    assert relation(found, "posts.tags_via_old_tags").inverse == "posts_via_old_tags"
    assert found.warnings == ()


def test_a_junction_between_a_table_and_itself() -> None:
    follows = table(
        "follows",
        "follower_id followed_id",
        *("follower_id > users", "followed_id > users"),
        key="follower_id followed_id",
    )
    found = schema(USERS, follows)
    assert attributes(found, "users") == [
        *("follows_as_followed", "follows_as_follower"),
        *("users_via_follows_as_followed", "users_via_follows_as_follower"),
    ]
    followed = relation(found, "users.users_via_follows_as_follower")
    assert followed.through_columns == ("follower_id",)
    assert followed.through_target_columns == ("followed_id",)
    assert followed.inverse == "users_via_follows_as_followed"
    assert found.warnings == ()


def test_two_foreign_keys_from_one_child() -> None:
    found = schema(
        USERS, table("messages", "id sender_id recipient_id", "sender_id > users", "recipient_id > users")
    )
    assert attributes(found, "users") == ["messages_as_recipient", "messages_as_sender"]
    assert relation(found, "users.messages_as_sender").target_columns == ("sender_id",)
    assert found.warnings == ()


def test_two_unique_foreign_keys_from_one_child() -> None:
    found = schema(USERS, table("couples", "id a_id! b_id!", "a_id > users", "b_id > users"))
    assert attributes(found, "users") == ["couple_as_a", "couple_as_b"]


def test_a_parent_has_children() -> None:
    found = schema(table("categories", "id parent_id?", "parent_id > categories"))
    assert attributes(found, "categories") == ["children", "parent"]
    assert relation(found, "categories.children").inverse == "parent"
    assert relation(found, "categories.children").to_many


def test_a_parent_of_one_has_a_child() -> None:
    found = schema(table("versions", "id parent_id!", "parent_id > versions"))
    assert attributes(found, "versions") == ["child", "parent"]


def test_a_parent_in_another_table_has_rows_of_that_table() -> None:
    found = schema(table("folders", "id"), table("files", "id parent_id", "parent_id > folders"))
    assert attributes(found, "folders") == ["files"]


def test_other_references_of_a_table_to_itself_have_its_name() -> None:
    found = schema(table("employees", "id ReportsTo?", "ReportsTo > employees"))
    assert attributes(found, "employees") == ["employees", "reports_to"]
    assert relation(found, "employees.employees").inverse == "reports_to"


def test_several_references_of_a_table_to_itself() -> None:
    found = schema(table("nodes", "id parent_id next_id!", "parent_id > nodes", "next_id > nodes"))
    assert attributes(found, "nodes") == ["children", "next", "node_as_next", "parent"]


@pytest.mark.parametrize(
    ("column", "target", "name"),
    [
        ("author_id", "users", "author"),
        ("AuthorID", "users", "author"),
        ("author_uuid", "users", "author"),
        ("author_fk", "users", "author"),
        ("author_key", "users", "author"),
        ("author_email", "users(email)", "author"),
        ("manager_user_id", "users(user_id)", "manager_user"),
        ("user_id", "users(user_id)", "user"),
        ("class_id", "users", "class_"),
        ("history_id", "users", "history_"),
        ("_owner_id", "users", "_owner"),
        ("id", "users", "user"),
        ("key", "users", "user"),
        ("_id", "users", "user"),
    ],
)
def test_names_of_the_side_with_the_key(column: str, target: str, name: str) -> None:
    users = table("users", "id email user_id")
    found = schema(users, table("posts", f"n {column}", f"{column} > {target}"))
    assert attributes(found, "posts") == [name]
    assert fields(found, "posts")[column] == schema(table("t", column)).tables[0].columns[0].field


@pytest.mark.parametrize(
    ("column", "name", "field"),
    [
        ("manager", "manager", "manager_id"),
        ("ReportsTo", "reports_to", "reports_to_id"),
        ("class", "class_", "class_id"),
        ("save", "save_", "save_id"),
        ("user", "user", "user_id"),
        ("email", "email", "email_id"),
    ],
)
def test_a_key_without_an_ending_leaves_its_name_to_the_relation(column: str, name: str, field: str) -> None:
    found = schema(table("users", "id email!"), table("posts", f"n {column}", f"{column} > users(email)"))
    assert attributes(found, "posts") == [name]
    assert fields(found, "posts")[column] == field
    assert found.warnings == ()


def test_a_key_called_as_the_target_leaves_the_name_to_the_relation() -> None:
    found = schema(table("keys", "id"), table("doors", "n key", "key > keys"))
    assert attributes(found, "doors") == ["key"]
    assert fields(found, "doors")["key"] == "key_id"


def test_a_composite_key_takes_the_name_of_its_target() -> None:
    orders = table("orders", "region num", key="region num")
    lines = table("order_lines", "id region num", "region num > orders(region num)")
    found = schema(orders, lines)
    assert attributes(found, "order_lines") == ["order"]
    assert attributes(found, "orders") == ["order_lines"]
    assert relation(found, "orders.order_lines").columns == ("region", "num")
    assert fields(found, "order_lines")["num"] == "num"


def test_the_same_key_twice_is_one_relation() -> None:
    pairs = table("pairs", "a b", key="a b")
    child = table("children", "id a b", "a b > pairs(a b)", "b a > pairs(b a)", "a b > pairs(a b)")
    found = schema(pairs, child)
    assert attributes(found, "children") == ["pair"]
    assert relation(found, "children.pair").columns == ("a", "b")
    assert found.warnings == ()


def test_keys_that_lead_nowhere_give_nothing_and_change_nothing() -> None:
    view = replace(table("recent", "id"), kind="view")
    broken = table(
        "posts",
        "id gone lost recent author",
        *("gone > missing", "lost > users(no_such_column)", "recent > recent", "typo > users"),
    )
    unresolved = [ForeignKey(("author",), "users", ()), ForeignKey(("author",), "users", ("id", "id"))]
    broken = replace(broken, foreign_keys=(*broken.foreign_keys, *unresolved))
    found = schema(USERS, broken, views=[view])
    assert found.relations == ()
    assert fields(found, "posts") == {name: name for name in ("id", "gone", "lost", "recent", "author")}


def test_names_follow_the_manager_not_the_table() -> None:
    found = schema(
        table("Order Header", "id"), table("Order Details", "id header_id", "header_id > Order Header")
    )
    assert attributes(found, "Order Header") == ["order_details"]


def test_derive_needs_no_overrides() -> None:
    relations, warnings = derive(schema(USERS, POSTS).tables)
    assert [item.name for item in relations] == ["author", "posts"]
    assert warnings == ()


def test_warnings_are_none_for_plain_tables() -> None:
    assert messages(schema(USERS, POSTS, TAGS, POST_TAGS)) == []
