"""Values never stand in a message: messages end up in logs."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, NoormmeError, Q, UnreadableValue, connect
from noormme.query.lookups import LOOKUPS, TRANSFORMS
from tests.orm.world import build, change

SECRET = "s3cr3t"


@pytest.fixture
def db(tmp_path: Path) -> Any:
    path = build(tmp_path / "x.db")
    change(
        path,
        "CREATE TABLE kinds (id INTEGER PRIMARY KEY, word TEXT, number INTEGER, size REAL, price DECIMAL(8, 2), yes BOOLEAN,"
        " day DATE, clock TIME, moment DATETIME, key UUID, meta JSON, data BLOB, anything);"
        "INSERT INTO kinds VALUES (1, 'a', 1, 1.5, '1.50', 1, '2024-01-02', '10:00:00', '2024-01-02 10:00:00',"
        " '12345678-1234-5678-1234-567812345678', '{}', x'00', 'x');"
        "CREATE VIRTUAL TABLE doc USING fts5(title); INSERT INTO doc VALUES ('hello world')",
    )
    with connect(path) as opened:
        yield opened


class Strange:
    """A value of a type that nothing knows."""

    def __repr__(self) -> str:
        return SECRET

    __str__ = __repr__


WRONG: list[Any] = [
    SECRET,
    f"{SECRET}\ud800",
    f"({SECRET}",
    f"(?P={SECRET})",
    f"(?P<{SECRET}>a)(?P<{SECRET}>b)",
    SECRET.encode(),
    Strange(),
    [SECRET],
    [Strange()],
    [SECRET, 1, b"x"],
    {SECRET: SECRET},
    (SECRET,),
    (SECRET, SECRET),
    (SECRET, None),
    object,
    Decimal("NaN"),
    float("nan"),
    datetime.max,
    None,
]


def complaints(ask: Callable[[], Any]) -> list[str]:
    """What is said while ``ask`` runs, if it fails as it may; all of it, the cause apart."""
    try:
        ask()
    except NoormmeError as error:
        return [
            str(error),
            repr(error),
            error.message,
            error.hint or "",
            error.code,
            str(pickle.loads(pickle.dumps(error))),
        ]
    return []


@pytest.mark.parametrize(
    "field",
    ["word", "number", "size", "price", "yes", "day", "clock", "moment", "key", "meta", "data", "anything"],
)
def test_at_every_lookup(db: Database, field: str) -> None:
    said: list[str] = []
    for lookup in LOOKUPS:
        for value in WRONG:
            name = f"{field}__{lookup}"
            for ask in (
                lambda name=name, value=value: list(db.kinds.filter(**{name: value})),
                lambda name=name, value=value: db.kinds.filter(~Q(**{name: value})).count(),
            ):
                said += complaints(ask)
    assert said
    assert not [each for each in said if SECRET in each]


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_at_every_transform(db: Database, transform: str) -> None:
    said: list[str] = []
    for field in ("day", "moment", "clock"):
        for value in WRONG:
            said += complaints(
                lambda field=field, value=value: list(db.kinds.filter(**{f"{field}__{transform}": value}))
            )
    assert not [each for each in said if SECRET in each]


def test_elsewhere(db: Database) -> None:
    for value in WRONG:
        for ask in (
            lambda value=value: db.users.get(email=value),
            lambda value=value: db.users.get(id=value),
            lambda value=value: db.users.in_bulk([value]),
            lambda value=value: db.orders.get(pk=value),
            lambda value=value: list(db.orders.filter(pk__in=[value])),
            lambda value=value: list(db.posts.filter(author=value)),
            lambda value=value: list(db.posts.filter(tags__in=[value])),
            lambda value=value: list(db.users.filter(email=value).iterator()),
            lambda value=value: db.users.filter(email=value).explain(),
            lambda value=value: db.users.filter(email=value).earliest("id"),
            lambda value=value: db.users.filter(email=value)[5],
        ):
            try:
                said = complaints(ask)
            except IndexError as error:
                said = [str(error)]
            assert not [each for each in said if SECRET in each]


@pytest.mark.parametrize(
    "search",
    [
        f'"{SECRET}',
        f"{SECRET}:x",
        f"{SECRET} AND (",
        f"NEAR({SECRET}",
        f"* {SECRET}",
        f"{SECRET} {SECRET}:",
        f"^{SECRET}:",
    ],
)
def test_a_search_that_cannot_be_read(db: Database, search: str) -> None:
    assert db.doc.filter(doc="hello").count() == 1
    for ask in (lambda: list(db.doc.filter(doc=search)), lambda: list(db.doc.filter(doc=search).iterator())):
        said = complaints(ask)
        assert said
        assert not [each for each in said if SECRET in each]


def test_a_warning_names_the_column_only(db: Database) -> None:
    change(db.path, f"UPDATE kinds SET moment = '{SECRET}', price = '{SECRET}'")
    with pytest.warns(UnreadableValue) as caught:
        (row,) = db.kinds.all()
    assert (row.moment, row.price) == (SECRET, SECRET)
    assert sorted(str(each.message).partition(" ")[0] for each in caught) == ["kinds.moment", "kinds.price"]
    assert not [each for each in caught if SECRET in str(each.message)]
