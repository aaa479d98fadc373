"""Names that several want: who has it, what the others get, and that nothing depends on order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from noormme.schema.assemble import assemble
from noormme.schema.model import Column, ForeignKey, Schema, Table, Unique
from noormme.schema.naming import field_name
from noormme.schema.relations import derive
from tests.schema.build import attributes, fields, messages, relation, schema, table

USERS = table("users", "id")


def managers(found: Schema) -> dict[str, str]:
    return {item.name: item.manager for item in found}


def models(found: Schema) -> dict[str, str]:
    return {item.name: item.model for item in found}


def columns(*names: str) -> Table:
    return Table("t", columns=tuple(Column(name, field_name(name)) for name in names), primary_key=names[:1])


class TestFields:
    def test_the_column_that_is_spelled_so_has_the_name(self) -> None:
        found = schema(columns("A B", "a_b", "a.b"))
        assert fields(found, "t") == {"a_b": "a_b", "A B": "a_b_2", "a.b": "a_b_3"}
        assert messages(found) == [
            "t: the field of 'A B' is 'a_b_2', because 'a_b' is another's",
            "t: the field of 'a.b' is 'a_b_3', because 'a_b' is another's",
        ]
        assert [(warning.code, warning.table, warning.column) for warning in found.warnings] == [
            ("name_collision", "t", "A B"),
            ("name_collision", "t", "a.b"),
        ]

    def test_a_number_that_is_taken_is_passed_over(self) -> None:
        assert fields(schema(columns("a b", "a_b", "a_b_2")), "t")["a b"] == "a_b_3"

    def test_names_of_nothing(self) -> None:
        assert fields(schema(columns("", " ", "🔥")), "t") == {
            "": "unnamed",
            " ": "unnamed_2",
            "🔥": "unnamed_3",
        }

    def test_a_reserved_name_and_its_own_suffix(self) -> None:
        assert fields(schema(columns("save", "save_")), "t") == {"save_": "save_", "save": "save_2"}

    def test_the_row_id_has_its_name(self) -> None:
        found = schema(replace(columns("RowID!", "a"), primary_key=(), rowid="row_id"))
        assert fields(found, "t")["RowID!"] == "row_id_2"

    def test_a_raw_key_gives_way(self) -> None:
        posts = table("posts", "id author author_id", "author > users")
        found = schema(USERS, posts)
        assert fields(found, "posts") == {"id": "id", "author": "author_id_2", "author_id": "author_id"}
        assert attributes(found, "posts") == ["author"]
        assert messages(found) == [
            "posts: the field of 'author' is 'author_id_2', because 'author_id' is another's"
        ]

    def test_two_keys_want_the_relation_and_the_raw_name(self) -> None:
        posts = table("posts", "id author author_id", "author > users", "author_id > users")
        found = schema(USERS, posts)
        assert fields(found, "posts") == {"id": "id", "author": "author_id_2", "author_id": "author_id"}
        assert relation(found, "posts.author").columns == ("author_id",)
        assert relation(found, "posts.author_by_author").columns == ("author",)

    def test_columns_of_views_too(self) -> None:
        view = replace(columns("n rows", "n_rows"), name="v", kind="view", primary_key=())
        assert fields(schema(views=[view]), "v") == {"n_rows": "n_rows", "n rows": "n_rows_2"}


class TestRelations:
    def test_a_field_is_stronger_than_a_relation(self) -> None:
        found = schema(USERS, table("posts", "id author author_id", "author_id > users"))
        assert fields(found, "posts")["author"] == "author"
        assert attributes(found, "posts") == ["author_by_id"]
        assert relation(found, "users.posts").inverse == "author_by_id"
        assert messages(found) == [
            "posts: the relation by posts (author_id) is called 'author_by_id', "
            "because 'author' is a field or another relation"
        ]
        assert found.warnings[0].column == "author_id"

    def test_endings_have_a_rank(self) -> None:
        keys = ["author_key", "author_fk", "author_uuid", "author_id"]
        found = schema(USERS, table("posts", " ".join(["id", *keys]), *[f"{key} > users" for key in keys]))
        assert attributes(found, "posts") == ["author", "author_by_fk", "author_by_key", "author_by_uuid"]
        assert relation(found, "posts.author").columns == ("author_id",)

    def test_an_ending_is_stronger_than_a_composite_key(self) -> None:
        parent = table("parents", "id code a b")
        child = table(
            "kids",
            "id parent_id parent_code a b",
            "a b > parents(a b)",
            "parent_code > parents(code)",
            "parent_id > parents",
        )
        found = schema(parent, child)
        assert attributes(found, "kids") == ["parent", "parent_by_a_b", "parent_by_code"]
        assert relation(found, "kids.parent").columns == ("parent_id",)
        assert attributes(found, "parents") == [
            "kids_as_parent",
            "kids_as_parent_by_a_b",
            "kids_as_parent_by_code",
        ]
        assert {warning.column for warning in found.warnings} == {None, "parent_code"}

    def test_two_targets_of_one_column(self) -> None:
        found = schema(USERS, table("admins", "id"), table("posts", "id by", "by > users", "by > admins"))
        assert attributes(found, "posts") == ["by", "by_by_by"]
        assert relation(found, "posts.by").target == "admins"
        assert fields(found, "posts")["by"] == "by_id"

    def test_a_long_name_that_is_taken_gets_a_number(self) -> None:
        found = schema(USERS, table("posts", "id author author_by_id author_id", "author_id > users"))
        assert attributes(found, "posts") == ["author_by_id_2"]

    def test_the_side_with_the_key_is_stronger(self) -> None:
        found = schema(
            table("husband", "id wife_id", "wife_id > wife"),
            table("wife", "id husband_id", "husband_id > husband"),
        )
        assert attributes(found, "husband") == ["wife", "wife_as_husband"]
        assert attributes(found, "wife") == ["husband", "husband_as_wife"]
        assert relation(found, "wife.husband_as_wife").inverse == "wife"
        assert relation(found, "wife.husband_as_wife").kind == "one_to_many"

    def test_a_field_of_the_parent(self) -> None:
        found = schema(table("users", "id posts"), table("posts", "id author_id", "author_id > users"))
        assert attributes(found, "users") == ["posts_as_author"]
        assert found.warnings[0].table == "users"
        assert found.warnings[0].column is None

    def test_a_table_called_children(self) -> None:
        found = schema(
            table("boxes", "id parent_id", "parent_id > boxes"),
            table("children", "id box_id", "box_id > boxes"),
        )
        assert relation(found, "boxes.children").target == "children"
        assert relation(found, "boxes.boxes_as_parent").inverse == "parent"

    def test_a_table_is_stronger_than_the_singular_of_another(self) -> None:
        found = schema(
            USERS,
            table("person", "id user_id", "user_id > users"),
            table("people", "id user_id!", "user_id > users"),
        )
        assert relation(found, "users.person").target == "person"
        assert relation(found, "users.person_as_user").target == "people"

    def test_a_reverse_name_that_models_have(self) -> None:
        found = schema(USERS, table("objects", "id user_id", "user_id > users"))
        assert attributes(found, "users") == ["objects_"]
        assert found.warnings == ()

    def test_a_series_of_series(self) -> None:
        found = schema(table("series", "id series_id?", "series_id > series"))
        assert attributes(found, "series") == ["series", "series_as_series"]
        assert relation(found, "series.series").forward

    def test_many_to_many_is_the_weakest(self) -> None:
        projects = table("projects", "id owner_id", "owner_id > users")
        members = table(
            "members",
            "project_id user_id",
            "project_id > projects",
            "user_id > users",
            key="project_id user_id",
        )
        found = schema(USERS, projects, members)
        assert relation(found, "users.projects").kind == "one_to_many"
        assert relation(found, "users.projects_via_members").kind == "many_to_many"
        assert relation(found, "projects.users").inverse == "projects_via_members"
        assert messages(found) == [
            "users: the relation by members (user_id) is called 'projects_via_members', "
            "because 'projects' is a field or another relation"
        ]

    def test_many_to_many_falls_back_twice(self) -> None:
        tags = table("tags", "id")
        posts = table("posts", "id tags tags_via_uses")
        uses = table("uses", "post_id tag_id", "post_id > posts", "tag_id > tags", key="post_id tag_id")
        assert "tags_via_uses_as_post" in attributes(schema(tags, posts, uses), "posts")

    def test_one_junction_links_the_same_tables_twice(self) -> None:
        uses = table(
            "uses",
            "post_id tag_id other_id",
            *("post_id > posts", "tag_id > tags", "other_id > tags"),
            key="post_id tag_id",
            unique=["post_id other_id"],
        )
        found = schema(table("posts", "id"), table("tags", "id"), uses)
        assert attributes(found, "posts") == ["tags_via_uses_as_post", "tags_via_uses_as_post_2", "uses"]
        assert attributes(found, "tags") == [
            *("posts_via_uses_as_other", "posts_via_uses_as_tag", "uses_as_other", "uses_as_tag"),
        ]
        pairs = {(item.name, item.inverse) for item in found.relations_of("posts").values() if item.through}
        assert pairs == {
            ("tags_via_uses_as_post", "posts_via_uses_as_other"),
            ("tags_via_uses_as_post_2", "posts_via_uses_as_tag"),
        }

    def test_the_order_of_junctions_does_not_matter(self) -> None:
        def junction(name: str, target: str) -> Table:
            return table(
                name, "post_id far_id", "post_id > posts", f"far_id > {target}", key="post_id far_id"
            )

        tables = schema(
            *(table("posts", "id"), table("tags", "id"), table("tags_via_uses", "id")),
            *(junction("links", "tags_via_uses"), junction("uses", "tags"), junction("olds", "tags")),
        ).tables
        relations, warnings = derive(tables)
        assert derive(tables[::-1]) == (relations, warnings)
        assert [item.name for item in relations if item.source == "posts" and item.through] == [
            *("tags_via_olds", "tags_via_uses", "tags_via_uses_as_post"),
        ]
        assert len(warnings) == 1


class TestTables:
    def test_managers(self) -> None:
        found = schema(
            *[replace(columns("id"), name=name) for name in ("Order Items", "order_items", "OrderItems")]
        )
        assert managers(found) == {
            "order_items": "order_items",
            "Order Items": "order_items_2",
            "OrderItems": "order_items_3",
        }
        assert "OrderItems: its manager is 'order_items_3', because 'order_items' is another's" in messages(
            found
        )

    def test_models(self) -> None:
        found = schema(*[replace(columns("id"), name=name) for name in ("people", "person", "People_")])
        assert models(found) == {"person": "Person", "People_": "Person2", "people": "Person3"}
        assert managers(found) == {"person": "person", "People_": "people_", "people": "people"}
        assert {warning.code for warning in found.warnings} == {"name_collision"}

    def test_a_table_is_stronger_than_a_view(self) -> None:
        view = replace(columns("id"), name="invoice", kind="view", primary_key=())
        found = schema(replace(columns("id"), name="Invoices"), views=[view])
        assert models(found) == {"Invoices": "Invoice", "invoice": "Invoice2"}
        view = replace(view, name="a_b")
        found = schema(replace(columns("id"), name="A B"), views=[view])
        assert managers(found) == {"A B": "a_b", "a_b": "a_b_2"}

    @pytest.mark.parametrize("name", ["close", "Schema", "tables", "execute", "transaction"])
    def test_what_every_database_has(self, name: str) -> None:
        found = schema(replace(columns("id"), name=name))
        assert managers(found) == {name: name.lower()}
        assert [warning.code for warning in found.warnings] == ["reserved_name"]
        assert messages(found) == [
            f'{name}: reach it with db["{name.lower()}"], '
            f"because a Database keeps db.{name.lower()} for itself"
        ]


TABLE_NAMES = ["posts", "post", "Post", "tags", "Tag", "children", "users", "user", "a b", "a_b", "history"]
COLUMN_NAMES = [
    *("id", "parent_id", "parent", "parent_uuid", "user_id", "user", "users", "User ID", "tag_id", "tags"),
    *("posts", "manager", "manager_id", "Manager ID", "a b", "a_b", "a_b_2", "save", "save_", "children"),
]


@st.composite
def databases(draw: st.DrawFn) -> list[Table]:
    """Tables whose names collide as often as can be."""
    names = draw(st.lists(st.sampled_from(TABLE_NAMES), min_size=1, max_size=6, unique=True))
    tables: list[Table] = []
    for name in names:
        owned = draw(st.lists(st.sampled_from(COLUMN_NAMES), min_size=2, max_size=8, unique=True))
        some = st.lists(st.sampled_from(owned), min_size=1, max_size=2, unique=True).map(tuple)
        keys = draw(st.lists(st.tuples(some, st.sampled_from([*names, "missing"])), max_size=5))
        tables.append(
            Table(
                name,
                columns=tuple(Column(column, field_name(column)) for column in owned),
                primary_key=draw(some),
                uniques=tuple(Unique(key) for key in draw(st.lists(some, max_size=2))),
                foreign_keys=tuple(ForeignKey(key, target, key) for key, target in keys),
            )
        )
    return tables


def same_columns(tables: list[Table]) -> list[Table]:
    """Give every table the columns that keys point at, so that most keys lead somewhere."""
    pointed_at = {
        name: [
            column
            for item in tables
            for key in item.foreign_keys
            if key.target == name
            for column in key.columns
        ]
        for name in [item.name for item in tables]
    }
    return [
        replace(
            item,
            columns=item.columns
            + tuple(
                Column(name, field_name(name))
                for name in dict.fromkeys(pointed_at[item.name])
                if name not in [column.name for column in item.columns]
            ),
        )
        for item in tables
    ]


def names_of(found: Schema) -> object:
    return (
        [
            (item.name, item.manager, item.model, sorted(fields(found, item.name).items()))
            for item in found.tables
        ],
        found.relations,
        found.warnings,
    )


@given(databases().map(same_columns), st.randoms(use_true_random=False))
def test_order_does_not_matter(tables: list[Table], random: st.Random) -> None:
    shuffled = [
        replace(
            item,
            columns=tuple(random.sample(item.columns, len(item.columns))),
            foreign_keys=tuple(random.sample(item.foreign_keys, len(item.foreign_keys))),
            uniques=tuple(random.sample(item.uniques, len(item.uniques))),
        )
        for item in random.sample(tables, len(tables))
    ]
    found = assemble("sqlite", tables, [])
    assert names_of(assemble("sqlite", shuffled, [])) == names_of(found)
    assert derive(random.sample(found.tables, len(found.tables)))[0] == found.relations


@given(databases().map(same_columns))
def test_no_two_names_are_the_same(tables: list[Table]) -> None:
    found = assemble("sqlite", tables, [])
    assert len({item.manager for item in found}) == len(tables)
    assert len({item.model for item in found}) == len(tables)
    for item in found.tables:
        names = [
            *fields(found, item.name).values(),
            *[r.name for r in found.relations if r.source == item.name],
        ]
        assert len(set(names)) == len(names)
        assert all(field_name(name) == name for name in names)


@given(databases().map(same_columns))
def test_every_relation_is_the_inverse_of_its_inverse(tables: list[Table]) -> None:
    found = assemble("sqlite", tables, [])
    for item in found.relations:
        back = found.relations_of(item.target)[item.inverse]
        assert (back.target, back.inverse) == (item.source, item.name)
        assert (back.columns, back.target_columns) == (item.target_columns, item.columns)
        assert back.through == item.through
