"""Values of every type go there and come back, lists are one parameter, and texts compare as columns say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noormme import Database, F, InvalidValue, NotSupported, Q, Sum, connect
from tests.mysql.server import new_database, run_script

SCRIPT = """
CREATE TABLE things (
    id bigint unsigned PRIMARY KEY AUTO_INCREMENT,
    small tinyint, large bigint unsigned, real_number double, amount decimal(30,10), flag tinyint(1), bits bit(12), one bit,
    body longtext, code varchar(20) CHARACTER SET latin1, data varbinary(100), day date, clock time(6), at datetime(6),
    doc json, plain char(36), packed binary(16), mood enum('good', 'bad'), tags set('a', 'b')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE TABLE pairs (a int, b varchar(20), n int, PRIMARY KEY (a, b)) CHARACTER SET utf8mb4;
INSERT INTO pairs VALUES (1, 'x', 1), (1, 'y', 2), (2, 'x', 3)
"""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with new_database(server) as url:
        run_script(url, SCRIPT)
        kinds = {"char(36)": "uuid", "binary(16)": "uuid"}
        with connect(url, types=kinds) as database:
            yield database


VALUES = {
    "small": [-128, 0, 127],
    "large": [0, 2**63, 2**64 - 1],
    "real_number": [0.0, -1.5, 1e300, 5e-324, 0.1],
    "amount": [Decimal("0"), Decimal("-12345678901234567890.0123456789"), Decimal("1E+3")],
    "flag": [True, False],
    "bits": [0, 1, 4095],
    "one": [True, False],
    "body": ["", "it's", 'a "b" `c`', "50% \\ %s _", "line\nend\r\t", "\0 nul", "é 漢字 😀", "''; -- "],
    "code": ["", "Straße", "%"],
    "data": [b"", b"\x00\xff'\\%", bytes(range(100))],
    "day": [date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)],
    "clock": [time(0), time(23, 59, 59, 999999), time(7, 5)],
    "at": [
        datetime(1000, 1, 1),
        datetime(2024, 2, 29, 23, 5, 6, 7),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
    ],
    "doc": [{}, [], {"a": [1, 2.5, None, True, "é'\"\\"]}, "text", 5, False],
    "plain": [UUID("80fa3c48-1156-ef89-406c-42b11bb4ccab")],
    "packed": [UUID("80fa3c48-1156-ef89-406c-42b11bb4ccab"), UUID(int=0)],
    "mood": ["good", "bad"],
    "tags": ["", "a", "a,b"],
}


@pytest.mark.parametrize("name", VALUES)
def test_every_type(db: Database, name: str) -> None:
    """What is stored is what comes back, and what is found, alone and in a list."""
    with db.transaction() as transaction:
        for value in VALUES[name]:
            made = db.things.create(**{name: value})
            found = db.things.get(pk=made.id)
            assert getattr(found, name) == value
            assert type(getattr(found, name)) is type(value)
            assert made.id in db.things.filter(**{name: value}).values_list("id", flat=True)
        listed = db.things.filter(**{f"{name}__in": VALUES[name]})
        assert listed.count() == len(VALUES[name])
        assert db.things.filter(**{f"{name}__isnull": True}).count() == 0
        transaction.rollback()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=30),
    number=st.floats(allow_nan=False, allow_infinity=False),
    blob=st.binary(max_size=40),
)
def test_any_text_number_and_bytes(db: Database, text: str, number: float, blob: bytes) -> None:
    """Every literal that is written out is read again as what it was."""
    (row,) = db.execute("SELECT ?, ?, ?, ? IN (?, 'x')", [text, number, blob, text, text])
    assert (row[0], row[1], bytes(row[2]), row[3]) == (text, number, blob, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN")])
def test_numbers_that_there_are_not(db: Database, value: object) -> None:
    for name in ("real_number", "amount"):
        with pytest.raises(InvalidValue, match="no infinite number"):
            db.things.filter(**{name: value}).count()


def test_lists_are_one_parameter(db: Database) -> None:
    query = db.pairs.filter(n__in=[1, 3])
    assert query.sql().statement == db.pairs.filter(n__in=[2]).sql().statement
    assert query.sql().statement.count("%s") == 1
    assert sorted(query.values_list("n", flat=True)) == [1, 3]
    assert db.pairs.filter(n__in=list(range(5000))).count() == 3
    assert db.pairs.filter(n__in=[]).count() == 0
    assert db.pairs.exclude(n__in=[]).count() == 3
    assert db.pairs.filter(b__in=["x", "it's"]).count() == 2


def test_lists_of_composite_keys(db: Database) -> None:
    assert sorted(db.pairs.filter(pk__in=[(1, "x"), (2, "x"), (3, "x")]).values_list("n", flat=True)) == [
        1,
        3,
    ]
    assert db.pairs.exclude(pk__in=[(1, "x")]).count() == 2
    assert db.pairs.filter(pk__in=[]).count() == 0


def test_lists_that_turn_out_empty(db: Database) -> None:
    """The statement of a list that is not empty runs for one that is."""
    statement = db.pairs.exclude(n__in=[1]).sql().statement
    link = db._engine._pool.take()
    try:
        from noormme.engines.server.mysql.lists import Listed

        assert len(link.run(statement, (Listed([]),))) == 3
        assert len(link.run("SELECT 1 WHERE (1, 2) IN %s", (Listed([], 2),))) == 0
    finally:
        db._engine._pool.give(link)


def test_texts_compare_as_their_columns_say(db: Database) -> None:
    with db.transaction() as transaction:
        db.things.bulk_create([{"body": "Émile"}, {"body": "emile"}, {"body": "EMIL_"}])
        found = {
            lookup: db.things.filter(**{f"body__{lookup}": value}).count()
            for lookup, value in {
                "exact": "EMILE",
                "iexact": "EMILE",
                "contains": "mil",
                "icontains": "MIL",
                "startswith": "E",
                "istartswith": "e",
                "endswith": "ile",
                "iendswith": "IL_",
                "regex": "^em",
                "iregex": "^em",
                "in": ["emile"],
            }.items()
        }
        transaction.rollback()
    # Accents and case do not count in this collation, but where the lookup is one of signs.
    assert found == {
        "exact": 2,
        "iexact": 2,
        "contains": 2,
        "icontains": 3,
        "startswith": 1,
        "istartswith": 3,
        "endswith": 2,
        "iendswith": 1,
        "regex": 1,
        "iregex": 2,
        "in": 2,
    }


def test_documents(db: Database) -> None:
    with db.transaction() as transaction:
        db.things.bulk_create(
            [{"doc": {"a": [1, {"b": "x"}], "n": 2}}, {"doc": {"n": 10, "t": True}}, {"doc": None}]
        )
        things = db.things.order_by("id")
        assert things.filter(doc__a__1__b="x").count() == 1
        assert things.filter(doc__n__gt=2).count() == 1
        assert things.filter(doc={"n": 10.0, "t": True}).count() == 1
        assert things.filter(doc__t=True).count() == things.filter(doc__has_key="t").count() == 1
        assert things.filter(doc__n__0=2).count() == 0, "what is no array has no first element"
        assert things.filter(Q(doc__n__in=[2, "2"])).count() == 1
        assert list(db.things.order_by("-doc__n").values_list("doc__n", flat=True)) == [10, 2, None]
        assert list(
            db.things.order_by(F("doc__n").asc(nulls_last=True)).values_list("doc__n", flat=True)
        ) == [2, 10, None]
        assert list(things.filter(doc__isnull=False).values_list("doc__n", flat=True)) == [2, 10]
        transaction.rollback()


def test_sums_of_nothing_and_of_whole_numbers(db: Database) -> None:
    assert db.pairs.aggregate(x=Sum("n")) == {"x": 6}
    assert type(db.pairs.aggregate(x=Sum("n"))["x"]) is int
    assert db.pairs.filter(n=100).aggregate(x=Sum("n")) == {"x": None}


def test_what_there_is_not(db: Database, opened: Callable[..., Database]) -> None:
    with pytest.raises(NotSupported, match="audit trail"):
        db.audit.enable("pairs")
    with pytest.raises(NotSupported, match="no FULL JOIN"):
        db.table("pairs").full_join("things", "things.id", "pairs.n").all()
