"""Names of fields, managers and models by themselves."""

from __future__ import annotations

from keyword import iskeyword
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from noormme.schema.naming import (
    RESERVED_FIELD_NAMES,
    NameOverrides,
    allocate,
    field_name,
    free_name,
    is_usable,
    join_names,
    manager_name,
    model_name,
    singular_name,
)

ANY_NAME = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="aA1_ -sé9Ж", max_size=12),
    st.sampled_from(["class", "None", "save", "__dict__", "pk", "_", "ﬁ", "İd", "ǅ"]),
)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("id", "id"),
        ("created_at", "created_at"),
        ("AlbumId", "album_id"),
        ("albumId", "album_id"),
        ("USER_ID", "user_id"),
        ("HTTPServer", "http_server"),
        ("CustomerIDs", "customer_ids"),
        ("URLsByHost", "urls_by_host"),
        ("MP3File", "mp3_file"),
        ("Utf8String", "utf8_string"),
        ("H2o", "h2o"),
        ("MD5", "md5"),
        ("Address1Line", "address1_line"),
        ("address1line", "address1line"),
        ("Order ID", "order_id"),
        ("qty/box", "qty_box"),
        ("a.b", "a_b"),
        ("semi;colon", "semi_colon"),
        ('dou"ble', "dou_ble"),
        ("new\nline", "new_line"),
        ("'q'", "q"),
        (" name ", "name"),
        ("100%", "_100"),
        ("2nd", "_2nd"),
        ("1", "_1"),
        ("a__b", "a_b"),
        ("_id", "_id"),
        ("__x", "_x"),
        ("class_", "class_"),
        ("People__", "people_"),
        ("", "unnamed"),
        (" ", "unnamed"),
        ("_", "unnamed"),
        ("🔥", "unnamed"),
        ("🔥hot", "hot"),
        ("ünï", "ünï"),
        ("Größe", "größe"),
        ("ÜberGröße", "über_größe"),
        ("数量", "数量"),
        ("हिन्दी", "हिन्दी"),
        ("ﬁeld", "field"),
        ("\uff2eame", "name"),
        ("x²", "x2"),
        ("①", "_1"),
        ("J\u030c", "\u01f0"),
        ("٣", "_٣"),
        ("class", "class_"),
        ("None", "none"),
        ("from", "from_"),
        ("match", "match"),
        ("save", "save_"),
        ("Delete", "delete_"),
        ("pk", "pk_"),
        ("to dict", "to_dict_"),
        ("__dict__", "_dict_"),
        ("__init__", "_init_"),
        ("self", "self"),
        ("metadata", "metadata"),
    ],
)
def test_field_name(name: str, field: str) -> None:
    assert field_name(name) == field


@given(ANY_NAME)
@example("A")
@example("0")
@example("_\u0301")
def test_a_field_name_can_be_written_in_python_and_stays(name: str) -> None:
    field = field_name(name)
    assert field.isidentifier()
    assert not iskeyword(field)
    assert field not in RESERVED_FIELD_NAMES
    assert "__" not in field
    assert normalize("NFKC", field) == field
    assert field_name(field) == field
    assert is_usable(field, RESERVED_FIELD_NAMES)


@given(ANY_NAME)
def test_manager_and_model_can_be_written_in_python(name: str) -> None:
    for given_name in (manager_name(name), model_name(name)):
        assert given_name.isidentifier()
        assert not iskeyword(given_name)
        assert normalize("NFKC", given_name) == given_name
    assert manager_name(manager_name(name)) == manager_name(name)


def test_a_manager_may_be_called_what_models_have() -> None:
    assert manager_name("history") == "history"
    assert manager_name("Order Details") == "order_details"
    assert manager_name("class") == "class_"


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ("users", "User"),
        ("order_items", "OrderItem"),
        ("OrderItems", "OrderItem"),
        ("Order Details", "OrderDetail"),
        ("categories", "Category"),
        ("addresses", "Address"),
        ("status", "Status"),
        ("movies", "Movie"),
        ("series", "Series"),
        ("people", "Person"),
        ("news", "News"),
        ("user_data", "UserData"),
        ("_collections", "Collection"),
        ("People_", "Person"),
        ("123", "_123"),
        ("2nd_hand_shops", "_2ndHandShop"),
        ("None", "None_"),
        ("class", "Class"),
        ("", "Unnamed"),
        ("日本語テーブル", "日本語テーブル"),
        ("\u0390ota", "\u03aa\u0301ota"),
    ],
)
def test_model_name(table: str, model: str) -> None:
    assert model_name(table) == model


def test_only_the_last_word_is_put_into_the_singular() -> None:
    assert singular_name("sales_orders") == "sales_order"
    assert singular_name("orders") == "order"
    assert singular_name("class_") == "class"


def test_joined_names_hold_no_two_underscores() -> None:
    assert join_names("messages", "as", "sender") == "messages_as_sender"
    assert join_names("class_", "as", "_owner_") == "class_as_owner"


@pytest.mark.parametrize("name", ["", "a b", "2a", "class", "a__b", "ﬁ", "taken"])
def test_unusable_names(name: str) -> None:
    assert not is_usable(name, frozenset({"taken"}))


def test_usable_names() -> None:
    assert is_usable("taken")
    assert is_usable("Ann")
    assert is_usable("größe")


def test_the_lowest_rank_has_the_name_then_the_first_claimant() -> None:
    claims = [(2, "a", "x"), (1, "b", "x"), (2, "c", "y"), (2, "d", "y")]
    assert allocate(claims) == {"a": "x_2", "b": "x", "c": "y", "d": "y_2"}


def test_a_loser_takes_no_name_that_another_has() -> None:
    assert allocate([(1, "a", "x"), (1, "b", "x"), (1, "c", "x_2")]) == {"a": "x", "b": "x_3", "c": "x_2"}


def test_taken_names_and_the_separator() -> None:
    assert allocate([(1, "a", "X"), (1, "b", "X")], taken=["X"], separator="") == {"a": "X2", "b": "X3"}


@given(st.permutations([(1, "a", "x"), (1, "b", "x"), (0, "c", "x"), (1, "d", "x_2"), (2, "e", "x_2")]))
def test_the_order_of_claims_does_not_matter(claims: list[tuple[int, str, str]]) -> None:
    assert allocate(claims) == {"a": "x_3", "b": "x_4", "c": "x", "d": "x_2", "e": "x_2_2"}


def test_free_name() -> None:
    assert free_name("class_", {"class_2"}) == "class_3"


def test_overrides_are_empty_by_default() -> None:
    assert NameOverrides() == NameOverrides(tables={}, models={}, fields={}, relations={})
