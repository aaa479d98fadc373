"""The reference is what the code gives, and leaves nothing out."""

from __future__ import annotations

import inspect

import pytest

from noormme.orm.queryset import QuerySet
from noormme.orm.raw import RawQuerySet
from noormme.orm.repository import Repository
from noormme.orm.table_query import TableQuery
from noormme.query import expressions, functions
from noormme.query.lookups import LOOKUPS, TRANSFORMS
from tests.docs import reference


@pytest.fixture(scope="module")
def page() -> str:
    return reference.PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date(page: str) -> None:
    assert page == reference.page(), "run: python -m tests.docs.reference"


@pytest.mark.parametrize("name", sorted({*expressions.__all__, *functions.__all__}))
def test_every_class_is_there(page: str, name: str) -> None:
    assert f"\n| `{name}(" in page or f"\n| `{name}`" in page


@pytest.mark.parametrize("name", sorted({*LOOKUPS, *TRANSFORMS}))
def test_every_lookup_says_what_it_means(page: str, name: str) -> None:
    rule = LOOKUPS.get(name) or TRANSFORMS[name]
    assert rule.meaning
    assert f"\n| `{name}` |" in page


@pytest.mark.parametrize(
    ("owner", "inner"),
    [
        (QuerySet, {"as_subquery", "recipe", "restore"}),
        (RawQuerySet, set[str]()),
        (Repository, set[str]()),
        (TableQuery, {"as_part", "output_names"}),
    ],
)
def test_every_method_is_there(page: str, owner: type, inner: set[str]) -> None:
    methods = {name for name, _ in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_")}
    assert {name for name in methods if f"\n| `{name}(" not in page} == inner
    assert inner <= reference.INNER


def test_no_row_is_empty_or_mentions_an_address(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(rows) > 200
    assert [row for row in rows if "|  |" in row or " object at 0x" in row] == []
