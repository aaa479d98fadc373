"""Lookups and transforms of one's own: the examples of Django's page about them, and no plan compiled twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from noormme import (
    Database,
    F,
    Lookup,
    LookupNotFound,
    Max,
    Transform,
    connect,
    register_lookup,
    unregister_lookup,
)
from tests.language.entries import found
from tests.language.support import run
from tests.language.world import build


class NotEqual(Lookup):
    name = "ne"

    def sql(self, left: Any, right: Any) -> Any:
        return left != right


class AbsoluteValue(Transform):
    name = "abs"
    takes = (int, float)
    function = "abs"


class Within(Lookup):
    name = "within"
    operand = "pair"
    takes = (int, float)

    def sql(self, left: Any, right: Any) -> Any:
        low, high = right
        return (left > low) & (left < high)


@pytest.fixture
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    for definition in (NotEqual, AbsoluteValue, Within):
        register_lookup(definition)
    with connect(build(tmp_path_factory.mktemp("custom") / "custom.db"), readonly=True) as database:
        yield database
    for definition in (NotEqual, AbsoluteValue, Within):
        unregister_lookup(definition)


@pytest.mark.parametrize(
    ("ask", "where", "first", "second"),
    [
        (
            lambda db, v: found(db.people.filter(name__ne=v)),
            'WHERE "people"."name" != ?',
            ("Ann", [2, 3, 4]),
            ("Bob", [1, 3, 4]),
        ),
        (
            lambda db, v: found(db.posts.filter(author__name__ne=v)),
            'JOIN "people" ON "people"."id" = "posts"."author_id" WHERE "people"."name" != ?',
            ("Ann", [3, 4, 5]),
            ("Bob", [1, 2, 5]),
        ),
        (
            lambda db, v: found(db.people.filter(age__abs=v)),
            'WHERE abs("people"."age") = ?',
            (31, [1]),
            (45, [4]),
        ),
        (
            lambda db, v: found(db.people.filter(age__abs__lt=v)),
            'WHERE abs("people"."age") < ?',
            (31, [2]),
            (45, [1, 2]),
        ),
        (
            lambda db, v: found(db.people.annotate(x=F("age") - 40).filter(x__abs__lt=v)),
            'WHERE abs(("people"."age" - ?)) < ?',
            (9, [4]),
            (10, [1, 4]),
        ),
        (
            lambda db, v: found(db.people.filter(age__within=v)),
            'WHERE "people"."age" > ? AND "people"."age" < ?',
            ((17, 45), [1]),
            ((16, 32), [1, 2]),
        ),
    ],
)
def test_queries(db: Database, ask: Any, where: str, first: Any, second: Any) -> None:
    for value, answer in (first, second):
        sql, rows = run(db, ask, value)
        assert rows == answer
        assert (
            sql.partition(" FROM ")[2].partition(" ")[2].removesuffix(" ASC").rpartition(" ORDER BY ")[0]
            == where
        )
    assert len(db.plans) == 1


def test_transforms_in_expressions(db: Database) -> None:
    assert db.people.aggregate(x=Max("age__abs")) == {"x": 45}
    assert list(db.people.filter(id=1).values_list("age__abs", flat=True)) == [31]
    assert list(db.people.filter(age__gt=0).order_by("-age__abs").values_list("id", flat=True)) == [4, 1, 2]


def test_they_are_gone_when_taken_back(db: Database) -> None:
    assert list(found(db.people.filter(name__ne="Ann"))) == [2, 3, 4]
    unregister_lookup(NotEqual)
    with pytest.raises(LookupNotFound):
        db.people.filter(name__ne="Ann")
    register_lookup(NotEqual)
    assert list(found(db.people.filter(name__ne="Ann"))) == [2, 3, 4]
