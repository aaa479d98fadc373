"""A finished schema: its order, and names that a person chose."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from noormme.schema.assemble import assemble
from noormme.schema.model import SchemaWarning
from noormme.schema.naming import NameOverrides
from tests.schema.build import attributes, fields, messages, relation, schema, table

USERS = table("users", "id email")
POSTS = table("posts", "id author_id title", "author_id > users")
MESSAGES = table("messages", "id sender recipient_id", "sender > users", "recipient_id > users")


def test_everything_is_sorted() -> None:
    views = [replace(table(name, "id", key=""), kind="view") for name in ("z_view", "a_view")]
    found = assemble(
        "sqlite",
        [USERS, POSTS],
        views,
        hidden_tables=["t_idx", "t_data"],
        warnings=[
            SchemaWarning("b", "z", "z"),
            SchemaWarning("b", "a", "b"),
            SchemaWarning("a", "a", "a", "c"),
        ],
    )
    assert found.dialect == "sqlite"
    assert [item.name for item in found.tables] == ["posts", "users"]
    assert [item.name for item in found.views] == ["a_view", "z_view"]
    assert [(item.source, item.name) for item in found.relations] == [("posts", "author"), ("users", "posts")]
    assert found.hidden_tables == ("t_data", "t_idx")
    assert messages(found) == ["b", "a", "z"]


def test_columns_keep_the_order_of_the_database() -> None:
    assert list(fields(schema(table("t", "z a M")), "t")) == ["z", "a", "M"]


def test_nothing_gives_an_empty_schema() -> None:
    found = assemble("sqlite", [], [])
    assert (found.tables, found.views, found.relations, found.warnings) == ((), (), (), ())


def test_what_needs_no_other_name_is_not_copied() -> None:
    assert schema(USERS).tables[0].columns is USERS.columns


class TestChosenNames:
    def test_of_tables_models_fields_and_relations(self) -> None:
        names = NameOverrides(
            tables={"users": "people"},
            models={"users": "Human"},
            fields={"users": {"email": "address"}},
            relations={"posts": {"author": "writer"}, "users": {"posts": "articles"}},
        )
        found = schema(USERS, POSTS, names=names)
        assert messages(found) == []
        users = found.table("people")
        assert users is not None
        assert (users.name, users.model) == ("users", "Human")
        assert fields(found, "users") == {"id": "id", "email": "address"}
        assert relation(found, "posts.writer").inverse == "articles"
        assert relation(found, "users.articles").inverse == "writer"
        assert attributes(found, "posts") == ["writer"]

    def test_names_are_derived_as_if_none_was_chosen_for_relations(self) -> None:
        names = NameOverrides(relations={"messages": {"sender": "from_user"}})
        found = schema(USERS, MESSAGES, names=names)
        assert attributes(found, "users") == ["messages_as_recipient", "messages_as_sender"]
        assert relation(found, "users.messages_as_sender").inverse == "from_user"
        assert [item.name for item in found.relations] == [
            "from_user",
            "recipient",
            *attributes(found, "users"),
        ]

    def test_a_chosen_field_is_not_renamed_for_its_relation(self) -> None:
        names = NameOverrides(fields={"messages": {"sender": "sent_by"}})
        found = schema(USERS, MESSAGES, names=names)
        assert fields(found, "messages")["sender"] == "sent_by"
        assert attributes(found, "messages") == ["recipient", "sender"]

    def test_a_chosen_field_is_stronger_than_a_relation(self) -> None:
        names = NameOverrides(fields={"posts": {"title": "author"}})
        assert attributes(schema(USERS, POSTS, names=names), "posts") == ["author_by_id"]

    def test_the_chosen_name_is_stronger_than_the_exact_one(self) -> None:
        names = NameOverrides(
            tables={"posts": "users"}, models={"posts": "User"}, fields={"users": {"id": "email"}}
        )
        found = schema(USERS, POSTS, names=names)
        assert {item.name: (item.manager, item.model) for item in found} == {
            "posts": ("users", "User"),
            "users": ("users_2", "User2"),
        }
        assert fields(found, "users") == {"id": "email", "email": "email_2"}
        assert {warning.code for warning in found.warnings} == {"name_collision"}

    def test_the_chosen_model_is_stronger_than_the_exact_one(self) -> None:
        found = schema(
            table("user", "id"), table("zebras", "id"), names=NameOverrides(models={"zebras": "User"})
        )
        assert {item.name: item.model for item in found} == {"user": "User2", "zebras": "User"}

    def test_relations_can_change_places(self) -> None:
        names = NameOverrides(relations={"messages": {"sender": "recipient", "recipient": "sender"}})
        found = schema(USERS, MESSAGES, names=names)
        assert relation(found, "messages.sender").columns == ("recipient_id",)
        assert relation(found, "messages.recipient").columns == ("sender",)
        assert messages(found) == []

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (
                NameOverrides(tables={"user": "x"}),
                "user: no use for the table name 'x': there is no such table",
            ),
            (
                NameOverrides(models={"user": "X"}),
                "user: no use for the model name 'X': there is no such table",
            ),
            (
                NameOverrides(fields={"user": {"id": "x"}}),
                "user: no use for the field names: there is no such table",
            ),
            (
                NameOverrides(fields={"users": {"mail": "x"}}),
                "users: no use for the field name 'x' for 'mail': there is no such column",
            ),
            (
                NameOverrides(relations={"user": {"posts": "x"}}),
                "user: no use for the name 'x' for the relation 'posts': there is no such relation",
            ),
            (
                NameOverrides(relations={"users": {"post": "x"}}),
                "users: no use for the name 'x' for the relation 'post': there is no such relation",
            ),
            (
                NameOverrides(tables={"users": "a b"}),
                "users: no use for the table name 'a b': it is no identifier, or one that is reserved",
            ),
            (
                NameOverrides(models={"users": "class"}),
                "users: no use for the model name 'class': it is no identifier, or one that is reserved",
            ),
            (
                NameOverrides(fields={"users": {"email": "save"}}),
                "users: no use for the field name 'save' for 'email': "
                "it is no identifier, or one that is reserved",
            ),
            (
                NameOverrides(relations={"users": {"posts": "pk"}}),
                "users: no use for the name 'pk' for the relation 'posts': "
                "it is no identifier, or one that is reserved",
            ),
            (
                NameOverrides(relations={"users": {"posts": "email"}}),
                "users: no use for the name 'email' for the relation 'posts': it is taken",
            ),
        ],
    )
    def test_a_name_that_cannot_be_used_changes_nothing(self, names: NameOverrides, message: str) -> None:
        found = schema(USERS, POSTS, names=names)
        assert messages(found) == [message]
        assert found.warnings[0].code == "name_override"
        assert (found.tables, found.relations) == (
            schema(USERS, POSTS).tables,
            schema(USERS, POSTS).relations,
        )

    def test_a_refused_name_can_be_in_the_way_of_another(self) -> None:
        chosen = {"sender": "recipient", "recipient": "id"}
        found = schema(USERS, MESSAGES, names=NameOverrides(relations={"messages": chosen}))
        assert attributes(found, "messages") == ["recipient", "sender"]
        assert messages(found) == [
            "messages: no use for the name 'id' for the relation 'recipient': it is taken",
            "messages: no use for the name 'recipient' for the relation 'sender': it is taken",
        ]

    def test_two_relations_cannot_have_one_name(self) -> None:
        names = NameOverrides(relations={"messages": {"sender": "x", "recipient": "x"}})
        found = schema(USERS, MESSAGES, names=names)
        assert attributes(found, "messages") == ["sender", "x"]
        assert relation(found, "messages.x").columns == ("recipient_id",)

    def test_two_tables_cannot_have_one_name(self) -> None:
        names = NameOverrides(tables={"posts": "x", "users": "x"})
        found = schema(USERS, POSTS, names=names)
        assert [item.manager for item in found] == ["x", "x_2"]
        assert messages(found) == ["users: its manager is 'x_2', because 'x' is another's"]

    def test_fields_of_views(self) -> None:
        view = replace(table("v", "n", key=""), kind="view")
        found = schema(views=[view], names=NameOverrides(fields={"v": {"n": "count"}}))
        assert fields(found, "v") == {"n": "count"}
