"""Lookups and transforms of one's own: their SQL and rows, what they take, and what registering changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from noormme import (
    KT,
    Count,
    Database,
    F,
    InvalidQuery,
    InvalidValue,
    Lookup,
    LookupNotFound,
    Max,
    Q,
    Transform,
    UsageError,
    Value,
    register_lookup,
    unregister_lookup,
)
from noormme.orm import node
from noormme.orm.node import NodeTable
from noormme.query.expressions import Comparison
from noormme.query.lookups import LOOKUPS, TRANSFORMS, custom_names
from tests.orm.support import bound, ids, sql, where


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Each test leaves the tables as they were."""
    before = {**LOOKUPS, **TRANSFORMS}
    yield
    for name, rule in {**LOOKUPS, **TRANSFORMS}.items():
        if before.get(name) is not rule:
            unregister_lookup(name)
    assert before == {**LOOKUPS, **TRANSFORMS}


class NotEqual(Lookup):
    name = "ne"

    def sql(self, left: Any, right: Any) -> Any:
        return left != right


class Len(Transform):
    name = "len"
    takes = ("text",)
    gives = "integer"
    function = "length"


def test_five_lines_each(db: Database) -> None:
    register_lookup(NotEqual)
    register_lookup(Len)
    query = db.users.filter(name__ne="Ann", name__len__gt=3)
    assert where(query) == '"users" WHERE "users"."name" != ? AND length("users"."name") > ?'
    assert bound(query) == ("Ann", 3)
    assert ids(query) == [row.id for row in db.users if row.name != "Ann" and len(row.name) > 3]
    assert ids(query)


def test_transforms_stand_wherever_a_name_does(db: Database) -> None:
    register_lookup(Len)
    users = list(db.users)
    assert list(db.users.order_by("id").values_list("name__len", flat=True)) == [
        len(user.name) for user in users
    ]
    by_length = [user.id for user in sorted(users, key=lambda user: (-len(user.name), user.id))]
    assert ids(db.users.order_by("-name__len", "id")) == by_length
    assert ids(db.users.annotate(n=F("name__len")).filter(n=3)) == [
        user.id for user in users if len(user.name) == 3
    ]
    assert db.users.aggregate(longest=Max("name__len")) == {"longest": max(len(user.name) for user in users)}
    grouped = db.users.values("name__len").annotate(n=Count("id")).order_by("name__len")
    assert [row["name__len"] for row in grouped] == sorted({len(user.name) for user in users})
    assert ids(db.posts.filter(author__name__len=3)) == [
        post.id for post in db.posts if len(post.author.name) == 3
    ]
    assert ids(db.users.annotate(found=F("name")).filter(found__len=3)) == ids(db.users.filter(name__len=3))


def test_negation_drops_nothing_that_is_null(db: Database) -> None:
    register_lookup(NotEqual)
    query = db.users.exclude(age__ne=31)
    assert where(query) == '"users" WHERE NOT ("users"."age" != ? AND "users"."age" IS NOT NULL)'
    assert ids(query) == [user.id for user in db.users if user.age is None or user.age == 31]


def test_over_a_to_many_relation_a_negation_is_a_subquery(db: Database) -> None:
    register_lookup(NotEqual)
    query = db.users.exclude(posts_as_author__rating__ne=5)
    assert "NOT (EXISTS (SELECT 1" in sql(query)
    expected = [
        user.id
        for user in db.users
        if not any(post.rating not in (None, 5) for post in user.posts_as_author.all())
    ]
    assert ids(query.order_by("id")) == expected


def test_values_take_the_form_of_the_column(opened: Callable[..., Database]) -> None:
    register_lookup(NotEqual)
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, day DATE, price DECIMAL(10,2), ok BOOLEAN);"
        "INSERT INTO t VALUES (1, 1700000000, '2024-01-02', '1.50', 'yes'), "
        "(2, 1700000001, '2024-01-03', '2.00', 'no');"
    )
    assert ids(db.t.filter(at__ne=datetime(2023, 11, 14, 22, 13, 20))) == [2]
    assert db.t.filter(at__ne=datetime(2023, 11, 14, 22, 13, 20)).sql().parameters == (1700000000,)
    assert ids(db.t.filter(day__ne=date(2024, 1, 2))) == [2]
    assert ids(db.t.filter(price__ne=Decimal("1.5"))) == [2]
    assert ids(db.t.filter(ok__ne=True)) == [2]


def test_expressions_and_queries_on_the_right(db: Database) -> None:
    register_lookup(NotEqual)
    assert where(db.users.filter(id__ne=F("age"))).endswith('"users"."id" != "users"."age"')
    assert ids(db.users.filter(id__ne=F("id") + 0)) == []
    assert ids(db.users.filter(name__ne=Value("Ann"))) == ids(db.users.filter(name__ne="Ann"))
    youngest = db.users.order_by("age").filter(age__isnull=False).values("id")[:1]
    assert len(ids(db.users.filter(id__ne=youngest))) == db.users.count() - 1
    assert ids(db.users.filter(Q(id__ne=1) & ~Q(id__ne=2))) == [2]


@pytest.mark.sqlite("its functions and operators")
def test_operands(db: Database) -> None:
    class Listed(Lookup):
        name = "listed"
        operand = "list"

        def sql(self, left: Any, right: Any) -> Any:
            return left.in_(right)

    class Inside(Lookup):
        name = "inside"
        operand = "pair"
        takes = (int, float)

        def sql(self, left: Any, right: Any) -> Any:
            low, high = right
            return sa.and_(left > low, left < high)

    class Blank(Lookup):
        name = "blank"
        operand = "flag"
        takes = ("text",)

        def sql(self, left: Any, right: Any) -> Any:
            return left == "" if right else left != ""

    class Glob(Lookup):
        name = "glob"
        operand = "text"

        def sql(self, left: Any, right: Any) -> Any:
            return left.op("GLOB")(right)

    for definition in (Listed, Inside, Blank, Glob):
        register_lookup(definition)
    assert ids(db.users.filter(id__listed=[1, 3, 99])) == [1, 3]
    assert ids(db.users.filter(name__listed=[])) == []
    assert ids(db.users.filter(id__listed=db.posts.values("author"))) == ids(
        db.users.filter(id__in=db.posts.values("author"))
    )
    assert ids(db.users.filter(id__inside=(1, 4))) == [2, 3]
    assert ids(db.users.filter(name__blank=True)) == []
    assert len(ids(db.users.filter(name__blank=False))) == db.users.count()
    assert ids(db.users.filter(name__glob="A*")) == ids(db.users.filter(name__startswith="A"))
    with pytest.raises(InvalidValue, match="takes a list"):
        db.users.filter(id__listed=1)
    with pytest.raises(InvalidValue, match="takes two ends"):
        db.users.filter(id__inside=1)
    with pytest.raises(InvalidValue, match="takes True or False"):
        db.users.filter(name__blank=1)
    with pytest.raises(LookupNotFound, match="'inside' does not apply to users.name"):
        db.users.filter(name__inside=(1, 2))
    with pytest.raises(InvalidValue, match="cannot be compared with None by 'glob'"):
        db.users.filter(name__glob=None)


def test_constants_of_the_programmer_become_literals(db: Database) -> None:
    class Odd(Lookup):
        name = "odd"
        operand = "flag"

        def sql(self, left: Any, right: Any) -> Any:
            return sa.and_(
                (left % 2) == (1 if right else 0), left.in_([1, 2, 3]), sa.literal("it's :x ?") != "%s"
            )

    register_lookup(Odd)
    query = db.users.filter(id__odd=True, id__lte=3)
    assert ids(query) == [1, 3]
    assert bound(query) == (3,)
    assert "IN (1, 2, 3)" in sql(query)
    assert "'it''s :x ?' != '%s'" in sql(query)


@pytest.mark.parametrize("given", [True, None, "a = b", object()])
def test_what_is_no_expression(db: Database, given: object) -> None:
    class Wrong(Lookup):
        name = "wrong"

        def sql(self, left: Any, right: Any) -> Any:
            return given

    register_lookup(Wrong)
    with pytest.raises(UsageError, match="the sql of 'wrong' gave no SQLAlchemy expression"):
        list(db.users.filter(id__wrong=1))


def test_constants_that_sql_cannot_write(db: Database) -> None:
    class Odd(Lookup):
        name = "odd"

        def sql(self, left: Any, right: Any) -> Any:
            return left == sa.literal("a\0b")

    register_lookup(Odd)
    with pytest.raises(UsageError, match="a constant of type str that cannot be written"):
        list(db.users.filter(id__odd=1))


def test_a_composite_key_has_no_value_to_compare(db: Database) -> None:
    register_lookup(NotEqual)
    composite = next(name for name in db.tables if len(db.schema.table(name).primary_key) > 1)
    key = db[composite].first()
    with pytest.raises((InvalidQuery, InvalidValue)):
        list(db[composite].filter(pk__ne=key.pk))


# -- registering --------------------------------------------------------------------------------------


def test_as_a_decorator(db: Database) -> None:
    @register_lookup
    class Same(Lookup):
        name = "same"

        def sql(self, left: Any, right: Any) -> Any:
            return left == right

    assert ids(db.users.filter(id__same=1)) == [1]
    assert Same.name == "same"


@pytest.mark.sqlite("its functions and operators")
def test_a_plan_made_before_is_made_anew(db: Database) -> None:
    class First(Transform):
        name = "initial"
        takes = ("text",)

        def sql(self, left: Any) -> Any:
            return sa.func.substr(left, 1, 1)

    class Last(Transform):
        name = "initial"
        takes = ("text",)

        def sql(self, left: Any) -> Any:
            return sa.func.substr(left, -1, 1)

    register_lookup(First)
    kept = db.users.filter(id=1).values_list("name__initial", flat=True)
    name = db.users.get(id=1).name
    assert list(kept) == [name[0]]
    assert db.users.filter(name__initial=name[0]).exists()
    with pytest.raises(UsageError, match="the name 'initial' is registered already"):
        register_lookup(Last)
    register_lookup(Last, replace=True)
    assert list(kept.all()) == [name[-1]]
    assert list(db.users.filter(id=1).values_list("name__initial", flat=True)) == [name[-1]]
    assert db.users.filter(id=1, name__initial=name[-1]).exists()
    unregister_lookup(Last)
    with pytest.raises(LookupNotFound, match="'initial'"):
        db.users.filter(name__initial="x")
    with pytest.raises(LookupNotFound, match="no lookup or transform 'initial' on users.name"):
        list(kept.all())


def test_a_condition_about_an_expression_outlives_its_lookup_as_an_error(db: Database) -> None:
    register_lookup(NotEqual)
    kept = db.users.filter(Comparison(F("id") + 1, "ne", 2))
    assert 1 not in ids(kept)
    unregister_lookup("ne")
    with pytest.raises(LookupNotFound, match="no lookup 'ne' any more"):
        list(kept.all())


def test_a_known_step_is_not_taken_over(db: Database) -> None:
    """``filter(name__ne=…)`` is an error, then a lookup, then an error again."""
    with pytest.raises(LookupNotFound):
        db.users.filter(name__ne="Ann")
    register_lookup(NotEqual)
    assert ids(db.users.filter(name__ne="Ann"))
    assert ids(db.users.filter(name__ne="Bob"))
    unregister_lookup("ne")
    with pytest.raises(LookupNotFound):
        db.users.filter(name__ne="Ann")


@pytest.mark.sqlite("its functions and operators")
def test_replacing_a_built_in_one(db: Database) -> None:
    class Loose(Lookup):
        name = "startswith"
        operand = "text"

        def sql(self, left: Any, right: Any) -> Any:
            return left.op("GLOB")(right.op("||")(sa.literal("*")))

    before = ids(db.users.filter(name__startswith="A"))
    assert before
    with pytest.raises(UsageError, match="the name 'startswith' is of noormme's own"):
        register_lookup(Loose)
    register_lookup(replace=True)(Loose)
    assert "GLOB" in sql(db.users.filter(name__startswith="A"))
    assert ids(db.users.filter(name__startswith="A")) == before
    unregister_lookup(Loose)
    assert "GLOB" not in sql(db.users.filter(name__startswith="A"))


def test_the_same_class_again_is_no_error() -> None:
    """A cell of a notebook that is run again makes the class anew."""
    for _ in range(2):

        @register_lookup
        class Again(Lookup):
            name = "again"

            def sql(self, left: Any, right: Any) -> Any:
                return left == right


class _Named(Lookup):
    def sql(self, left: Any, right: Any) -> Any:
        return left == right


@pytest.mark.parametrize("name", ["", "a__b", "a b", "1a", "_a", "a_", "a-b", "a'", "a.b", None, 1])
def test_names_that_cannot_stand_in_a_name(name: Any) -> None:
    with pytest.raises(UsageError, match="must be a word that can stand in the name of a field"):
        register_lookup(type("Odd", (_Named,), {"name": name}))


def test_definitions_that_mean_nothing() -> None:
    class NoSQL(Lookup):
        name = "nosql"

    class NoFunction(Transform):
        name = "nofunction"

    class Injected(Transform):
        name = "injected"
        function = "length(x); --"

    class Text(Transform):
        name = "texttakes"
        takes = "text"
        function = "length"

    class Kind(Transform):
        name = "kind"
        gives = "nothing"
        function = "length"

    class Operand(_Named):
        name = "operand"
        operand: ClassVar[Any] = "values"

    for definition, message in (
        (NoSQL, r"needs a method sql\(self, left, right\)"),
        (NoFunction, "needs the name of an SQL function"),
        (Injected, "needs the name of an SQL function"),
        (Text, "takes is a tuple of kinds"),
        (Kind, "takes a Python type"),
        (Operand, "operand is not known"),
        (type("IsNull", (_Named,), {"name": "isnull"}), "'isnull' cannot be replaced"),
        (type("Same", (_Named,), {"name": "exact"}), "'exact' cannot be replaced: joins and relations"),
        (type("Member", (_Named,), {"name": "in"}), "'in' cannot be replaced"),
        (type("Takes", (_Named,), {"name": "odd", "takes": 5}), "takes is a tuple of kinds"),
        (type("NoTakes", (_Named,), {"name": "odd", "takes": None}), "takes is a tuple of kinds"),
        (type("Method", (Lookup,), {"name": "odd", "sql": 5}), "Method.sql is no method"),
        (type("Number", (Transform,), {"name": "odd", "function": 5}), "needs the name of an SQL function"),
    ):
        with pytest.raises(UsageError, match=message):
            register_lookup(definition, replace=True)
    for nothing in (int, "ne", object()):
        with pytest.raises(UsageError, match="takes a subclass of Lookup or Transform"):
            register_lookup(nothing)  # type: ignore[type-var]


def test_a_lookup_that_leaves_its_sql_to_the_base_class(db: Database) -> None:
    class Unfinished(Lookup):
        name = "unfinished"

        def sql(self, left: Any, right: Any) -> Any:
            return super().sql(left, right)

    register_lookup(Unfinished)
    try:
        with pytest.raises(UsageError, match=r"Unfinished needs a method sql\(self, left, right\)"):
            list(db.users.filter(name__unfinished="Ann"))
    finally:
        unregister_lookup(Unfinished)


@pytest.mark.parametrize("name", ["nothing", "exact", "year", ""])
def test_only_what_was_registered_is_taken_back(name: str) -> None:
    with pytest.raises(UsageError, match="is no lookup or transform that was registered"):
        unregister_lookup(name)


# -- JSON ---------------------------------------------------------------------------------------------


def test_in_documents(opened: Callable[..., Database]) -> None:
    class Items(Transform):
        name = "items"
        takes = ("json",)
        gives = int
        function = "json_array_length"

    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, meta JSON);"
        """INSERT INTO t VALUES (1, '{"tags": ["a", "b"], "n": 5, "len": 7}'), (2, '{"tags": [], "n": "x"}');"""
    )
    assert ids(db.t.filter(meta__n__ne=5)) == []  # a key, as long as it is no lookup
    for definition in (NotEqual, Len, Items):
        register_lookup(definition)
    assert ids(db.t.filter(meta__n__ne=5)) == [2]
    assert ids(db.t.filter(meta__tags__items=2)) == [1]
    assert ids(db.t.filter(meta__tags__items__lt=2)) == [2]
    assert list(db.t.order_by("id").values_list("meta__tags__items", flat=True)) == [2, 0]
    # A transform of texts is none of documents: the key is meant.
    assert ids(db.t.filter(meta__len=7)) == [1]
    assert ids(db.t.annotate(n=KT("meta__n")).filter(n__len=1)) == [1, 2]


def test_a_query_set_that_outlived_its_table_of_plans_is_compiled_anew(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Equal(Lookup):
        name = "ne"

        def sql(self, left: Any, right: Any) -> Any:
            return left == right

    register_lookup(NotEqual)
    kept = db.users.filter(id__ne=1).order_by("id")
    assert ids(kept) == [2, 3, 4]
    monkeypatch.setattr(node, "_NODES_KEPT", 3)
    for number in range(6):
        list(db.users.alias(**{f"n{number}": F("id")}))
    register_lookup(Equal, replace=True)
    assert ids(kept.all()) == [1]


def test_a_lookup_that_is_registered_while_a_query_compiles(db: Database) -> None:
    class Equal(Lookup):
        name = "ne"

        def sql(self, left: Any, right: Any) -> Any:
            return left == right

    class Late(Lookup):
        name = "ne"

        def sql(self, left: Any, right: Any) -> Any:
            # As another thread would in between.
            register_lookup(Equal, replace=True)
            return left != right

    register_lookup(Late)
    query = db.users.filter(id__ne=1).order_by("id")
    assert ids(query) == [2, 3, 4]
    assert ids(query.all()) == [1]


def test_a_lookup_that_is_registered_while_their_names_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Registering:
        name = "registering"

        @property
        def sql(self) -> None:
            # As another thread would in between.
            register_lookup(NotEqual, replace=True)

    with monkeypatch.context() as patched:
        patched.setitem(LOOKUPS, "registering", Registering())  # type: ignore[arg-type]
        assert "registering" not in custom_names()
    assert custom_names() == ["ne"]


@pytest.mark.parametrize("step", ["filter", "annotate", "order_by"])
def test_a_lookup_that_is_registered_while_a_step_is_looked_at(
    opened: Callable[..., Database], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    db = opened(
        """CREATE TABLE t (id INTEGER PRIMARY KEY, j JSON); INSERT INTO t VALUES (1, '{"len": "x"}')"""
    )
    remember = NodeTable.remember

    def meanwhile(*given: Any) -> None:
        # As another thread would in between.
        register_lookup(NotEqual, replace=True)
        remember(*given)

    def ask() -> None:
        if step == "filter":
            db.t.filter(j__ne="x")
        elif step == "annotate":
            db.t.annotate(n=F("j__ne"))
        else:
            db.t.order_by("j__ne")

    root = db.model("t").__noormme_mapper__.nodes.root
    with monkeypatch.context() as patched:
        patched.setattr(NodeTable, "remember", meanwhile)
        ask()
    assert not root.moves
    ask()
    assert len(root.moves) == 1
