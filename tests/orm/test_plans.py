"""Plans: a shape is compiled once, whatever its values, and remembers what it cost."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from noormme import Count, Database, F, Prefetch, Q
from noormme.orm import node
from noormme.orm.node import NodeTable
from noormme.query.shape import Order, Shape


def test_values_do_not_make_a_plan(db: Database) -> None:
    for number in range(50):
        list(
            db.users.filter(id__gt=number, name__in=[str(number)] * (number % 5 + 1)).order_by("-id")[
                number : number + 9
            ][1:]
        )
        db.users.filter(age=number).count()
        db.users.filter(age=number).exists()
        assert len(db.plans) == 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda db, value: list(db.users.filter(name=value)),
        lambda db, value: list(db.users.exclude(name__startswith=value)),
        lambda db, value: list(db.users.filter(Q(name=value) | ~Q(email=value))),
        lambda db, value: list(db.users.filter(name__range=(value, value))),
        lambda db, value: list(db.users.filter(name__iexact=value)),
        lambda db, value: db.users.filter(email=value).first(),
        lambda db, value: db.users.values("name").annotate(n=Count("id", filter=Q(name=value))).count(),
        lambda db, value: db.users.aggregate(n=Count("id", filter=Q(name=value))),
        lambda db, value: list(db.posts.filter(author__in=db.users.filter(name=value))),
        lambda db, value: list(db.posts.filter(tags__name=value).values_list("id")),
        lambda db, value: db.users.filter(name=value).explain(),
    ],
)
def test_one_plan_for_many_values(db: Database, ask: Callable[[Database, str], object]) -> None:
    for value in ("a", "b", "'; DROP TABLE users; --", "x" * 10_000, ""):
        ask(db, value)
    assert len(db.plans) == 1


@pytest.mark.parametrize("values", [(1, 2, 3), (1, True, 2.5, "7", Decimal(3)), ("a", "b", None, 3)])
def test_get_of_any_type_is_one_plan(db: Database, values: tuple[object, ...]) -> None:
    for value in values:
        for _ in range(3):
            if value is not None:
                db.users.filter(id=value if value not in ("a", "b") else 1).first()
                db.users.filter(id=1).get()
    assert len(db.plans) == 2


def test_types_of_values_do_not_matter_to_a_plan(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, u UUID, a);"
        "INSERT INTO t VALUES (1, '2024-01-01 10:00:00', '12345678-1234-5678-1234-567812345678', 1)"
    )
    for at in (datetime(2024, 1, 1), "2024-01-01", datetime(2024, 1, 1).date()):
        list(db.t.filter(at=at))
    for u in (uuid4(), str(uuid4())):
        list(db.t.filter(u=u))
    for a in (1, "x", b"y", 2.5, True):
        list(db.t.filter(a=a))
    assert {plan.sql.rpartition('"."')[2] for plan in db.plans} == {'at" = ?', 'u" = ?', 'a" = ?'}


def test_loading_relations_makes_one_plan_each(db: Database) -> None:
    for _ in range(5):
        posts = list(db.posts.prefetch_related("tags", Prefetch("comments", db.comments.filter(id__gt=0))))
        assert [post.author.name for post in posts]
        assert [list(post.post_tags) for post in posts]
    assert len(db.plans) == 5


def test_statistics(db: Database) -> None:
    for _ in range(5):
        list(db.users.all())
    for _ in range(3):
        db.users.get(id=1)
    list(db.tags.iterator())
    by_table = {(plan.reads, len(plan.binds)): plan.statistics for plan in db.plans}
    listed, got, streamed = by_table[("users",), 0], by_table[("users",), 1], by_table[("tags",), 0]
    assert (listed.calls, listed.rows) == (5, 20)
    assert (got.calls, got.rows) == (3, 3)
    assert (streamed.calls, streamed.rows) == (1, 3)
    for statistics in (listed, got):
        assert 0 < statistics.slowest_s <= statistics.total_s < 5
    assert db.plans == sorted(db.plans, key=lambda plan: -plan.statistics.total_s)


def test_callers_are_sampled(db: Database) -> None:
    for _ in range(20):
        list(db.users.all())
    (plan,) = db.plans
    ((place, times),) = plan.statistics.callers.items()
    assert place.startswith(__file__)
    assert times == 5
    for _ in range(4):
        db.users.get(id=2)
    got = next(plan for plan in db.plans if plan.binds)
    assert sum(got.statistics.callers.values()) in (2, 3)
    assert all(place.startswith(__file__) for place in got.statistics.callers)


def test_a_plan_says_what_it_reads(db: Database) -> None:
    list(db.posts.filter(tags__name="x", author__in=db.users.filter(teams="core")).select_related("editor"))
    (plan,) = db.plans
    assert plan.reads == ("memberships", "post_tags", "posts", "tags", "users")
    assert [group.table for group in plan.groups] == ["posts", "users"]
    assert plan.style == "model"


def test_node_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_NODES_KEPT", 30)
    monkeypatch.setattr(node, "_MOVES_KEPT", 5)
    table = NodeTable("t")
    for number in range(100):
        table.node(Shape("t", ordering=(Order(str(number)),)))
        table.move(
            table.root, ("step", number), lambda shape, number=number: Shape("t", fields=(str(number),))
        )
        assert len(table) <= 31
        assert len(table.root.moves) <= 5
    assert table.root in list(table)
    assert table.node(Shape("t")) is table.root


def test_a_node_that_is_held_does_not_keep_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_NODES_KEPT", 30)
    table = NodeTable("t")
    held = table.node(Shape("t", distinct=True))
    found = [
        weakref.ref(table.move(held, number, lambda shape, number=number: Shape("t", fields=(str(number),))))
        for number in range(200)
    ]
    assert sum(reference() is not None for reference in found) <= 30
    assert len(held.moves) <= 30


def test_a_full_table_costs_compilations_and_no_answers(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "_NODES_KEPT", 3)
    for number in range(20):
        query = db.users.annotate(**{f"n{number}": F("age")}).order_by(f"-n{number}")
        assert [user.id for user in query] == [4, 1, 2, 3]
        assert db.users.get(id=2).name == "Bob"
    assert len(db.plans) <= 4


def test_plans_are_listed_while_another_thread_compiles_one(writable: Database) -> None:
    writable.tags.filter(id=0).update(name="a")
    [kept] = [each for each in writable.model("tags").__noormme_mapper__.nodes if each.writes]
    [(key, written)] = kept.writes.items()

    class Compiling:
        @property
        def plan(self) -> object:
            # As another thread would in between.
            kept.writes["another"] = written
            return written.plan

    kept.writes[key] = Compiling()  # type: ignore[assignment]
    assert written.plan in writable.plans


def test_two_threads_that_meet_a_shape_first_have_one_node(monkeypatch: pytest.MonkeyPatch) -> None:
    table, shape = NodeTable("t"), Shape("t", ordering=(Order("id"),))
    theirs: list[node.Node] = []
    made = node.Node

    def meanwhile(shape: Shape) -> node.Node:
        monkeypatch.setattr(node, "Node", made)
        theirs.append(table.node(shape))
        return made(shape)

    monkeypatch.setattr(node, "Node", meanwhile)
    assert [table.node(shape)] == theirs == [table.node(shape)]
