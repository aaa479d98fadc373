"""Any row of writes, in and out of transactions, against a dict: the rows, the objects and the errors agree.

``NOORMME_STRESS_STEPS`` says how many steps are made in all (3,000; 100,000 takes some minutes). What is wrong is shown
as the shortest program that shows it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from noormme import (
    CheckViolation,
    Database,
    DoesNotExist,
    F,
    ForeignKeyViolation,
    InvalidValue,
    NoormmeError,
    NotNullViolation,
    UniqueViolation,
    UsageError,
    connect,
)
from noormme.orm.writing.state import changes_of, is_new
from tests.stress.expected import FIELDS, SCRIPT, WRITABLE, Block, Gone, Held, Refused, Row, World

STEPS = int(os.environ.get("NOORMME_STRESS_STEPS", "3000"))
STEPS_PER_RUN = 50
STEPS_THAT_COUNT = 30
"""So many steps of a run call noormme: the others have no object to do something with."""

KINDS = {
    "unique": UniqueViolation,
    "foreign key": ForeignKeyViolation,
    "not null": NotNullViolation,
    "check": CheckViolation,
}

emails = st.sampled_from([f"{letter}@x" for letter in "abcdefgh"])
ages = st.one_of(st.none(), st.integers(0, 5), st.just(-1))
keys = st.integers(1, 6)
tag_sets = st.sets(st.integers(1, 4), max_size=3)
given = st.fixed_dictionaries(
    {"email": emails}, optional={"age": ages, "team_id": keys, "visits": st.integers(0, 3)}
)
many = st.lists(given, max_size=4)
at = st.integers(0, 30)


NEW_ROW = {
    "id": None,
    "age": None,
    "visits": 0,
    "made": msgspec.UNSET,
    "team_id": None,
    "initial": msgspec.UNSET,
}
"""What a new object holds where nothing is given."""


class Writes(RuleBasedStateMachine):
    """One step is one call of noormme."""

    db: ClassVar[Database]
    reader: ClassVar[apsw.Connection]
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.held: list[Held] = []
        self.blocks: list[Block] = []
        self.called: list[int] = []
        self.expected_calls: list[int] = []
        self.number = 0
        for table in ("people_tags", "people", "teams", "tags", "pairs"):
            self.db[table].delete(all_rows=True)

    @initialize()
    def tags(self) -> None:
        self.db.tags.bulk_create([{"name": f"t{number}"} for number in range(1, 4)])
        self.world.tags = {number: f"t{number}" for number in range(1, 4)}

    # -- how a step is judged -----------------------------------------------------------------------

    def attempt(
        self,
        name: str,
        expect: Callable[[World], Any],
        run: Callable[[], Any],
        touched: list[Held] | None = None,
        also: tuple[type[Exception], ...] = (),
    ) -> tuple[Any, Any] | None:
        """Make a step on both sides: they give the same error, or what each of them gives."""
        Writes.steps[name] += 1
        world = self.world.copy()
        wanted: tuple[type[Exception], ...] = ()
        expected = None
        try:
            expected = expect(world)
        except Refused as refused:
            wanted = tuple(KINDS[kind] for kind in refused.kinds) + also
        except Gone:
            wanted = (DoesNotExist, *also)
        if not wanted and self.blocks:
            for held in touched or []:
                self.blocks[-1].remember(held)
        error = None
        try:
            found = run()
        except NoormmeError as raised:
            error = raised
        if error is not None:
            assert isinstance(error, wanted), f"{name}: {type(error).__name__}: {error}, wanted {wanted}"
            return None
        assert not wanted, f"{name}: no error, wanted {wanted}"
        self.world = world
        return expected, found

    def pick(self, number: int) -> Held | None:
        return self.held[number % len(self.held)] if self.held else None

    def hold(self, item: Any, row: Row) -> None:
        held = Held(item, new=False, known=dict(row), values=dict(row))
        self.held.append(held)

    def hold_made(self, item: Any, row: Row, before: Row) -> None:
        """Hold an object that a call has made, and that is new again if its block is rolled back."""
        held = Held(item, new=True, known={}, values={**NEW_ROW, **before})
        if self.blocks:
            self.blocks[-1].remember(held)
        held.is_row(row)
        self.held.append(held)

    # -- objects ------------------------------------------------------------------------------------

    @rule(values=given)
    def create(self, values: Row) -> None:
        made = self.attempt(
            "create", lambda world: world.insert(values), lambda: self.db.people.create(**values)
        )
        if made is not None:
            self.hold_made(made[1], made[0], {**NEW_ROW, **values})

    @rule(values=given)
    def make(self, values: Row) -> None:
        Writes.steps["make"] += 1
        item = self.db.model("people")(**values)
        self.held.append(Held(item, new=True, known={}, values={**NEW_ROW, **values}))

    @rule(email=emails)
    def load(self, email: str) -> None:
        Writes.steps["load"] += 1
        item, row = self.db.people.filter(email=email).first(), self.world.by_email(email)
        assert (item is None) == (row is None)
        if row is not None:
            self.hold(item, row)

    @rule(number=at, change=st.one_of(
        st.tuples(st.just("email"), emails), st.tuples(st.just("age"), ages),
        st.tuples(st.just("visits"), st.integers(0, 3)), st.tuples(st.just("team_id"), st.one_of(st.none(), keys)),
    ))  # fmt: skip
    def assign(self, number: int, change: tuple[str, Any]) -> None:
        held = self.pick(number)
        if held is not None:
            Writes.steps["assign"] += 1
            setattr(held.item, *change)
            held.values[change[0]] = change[1]

    def _saved(self, held: Held, world: World, fields: tuple[str, ...]) -> Row | None:
        """The row after a save of these fields; None where there was nothing to write."""
        if held.new:
            return world.insert(
                {name: held.values[name] for name in WRITABLE if held.values[name] is not msgspec.UNSET}
            )
        differing = {name: held.values[name] for name in fields}
        return world.change(held.known["id"], differing) if differing else None

    def _after_save(self, held: Held, row: Row | None, fields: tuple[str, ...]) -> None:
        if row is None:
            return
        if held.new:
            held.is_row(row)
            return
        for name in (*fields, "initial"):
            held.known[name] = held.values[name] = row[name]

    @rule(number=at)
    def save(self, number: int) -> None:
        held = self.pick(number)
        if held is None:
            return
        fields = () if held.new else tuple(held.differing())
        # Values are checked before the database looks whether the row is there.
        also = (CheckViolation, NotNullViolation)
        made = self.attempt(
            "save", lambda world: self._saved(held, world, fields), held.item.save, [held], also
        )
        if made is not None:
            self._after_save(held, made[0], fields)

    @rule(number=at, fields=st.sets(st.sampled_from(["age", "visits", "email"]), min_size=1))
    def save_fields(self, number: int, fields: set[str]) -> None:
        held = self.pick(number)
        if held is None or held.new:
            return
        names = tuple(fields)
        made = self.attempt(
            "save_fields", lambda world: self._saved(held, world, names),
            lambda: held.item.save(update_fields=names), [held], (CheckViolation, NotNullViolation),
        )  # fmt: skip
        if made is not None:
            self._after_save(held, made[0], names)

    @rule(number=at)
    def force_insert(self, number: int) -> None:
        held = self.pick(number)
        if held is None:
            return

        def expect(world: World) -> Row:
            return world.insert(
                {name: held.values[name] for name in WRITABLE if held.values[name] is not msgspec.UNSET}
            )

        made = self.attempt("force_insert", expect, lambda: held.item.save(force_insert=True), [held])
        if made is not None:
            held.is_row(made[0])

    @rule(number=at, age=ages, visits=st.integers(0, 3))
    def update(self, number: int, age: int | None, visits: int) -> None:
        held = self.pick(number)
        if held is None:
            return
        held.values |= {"age": age, "visits": visits}
        fields = () if held.new else tuple(name for name in held.differing() if name in ("age", "visits"))
        made = self.attempt(
            "update", lambda world: self._saved(held, world, fields),
            lambda: held.item.update(age=age, visits=visits), [held], (CheckViolation,),
        )  # fmt: skip
        if made is not None:
            self._after_save(held, made[0], fields)

    @rule(number=at)
    def delete(self, number: int) -> None:
        held = self.pick(number)
        if held is None:
            return
        if held.new:
            with pytest.raises(UsageError):
                held.item.delete()
            return
        made = self.attempt(
            "delete", lambda world: world.delete({held.known["id"]}), held.item.delete, [held]
        )
        assert made is not None
        assert made[0] == made[1]
        held.new, held.known = True, {}

    @rule(number=at)
    def refresh(self, number: int) -> None:
        held = self.pick(number)
        if held is None:
            return
        key = held.values["id"] if held.new else held.known["id"]

        def expect(world: World) -> Row:
            if key not in world.people:
                raise Gone
            return world.people[key]

        made = self.attempt("refresh", expect, held.item.refresh, [held])
        if made is not None:
            held.is_row(made[0])

    # -- many at once -------------------------------------------------------------------------------

    @rule(rows=many)
    def bulk_create(self, rows: list[Row]) -> None:
        def expect(world: World) -> list[Row]:
            return all_or_every_kind([lambda row=row: world.insert(row) for row in rows])

        made = self.attempt("bulk_create", expect, lambda: self.db.people.bulk_create(rows))
        if made is not None:
            for values, row, item in zip(rows, *made, strict=True):
                self.hold_made(item, row, {**NEW_ROW, **values})

    @rule(numbers=st.sets(at, max_size=3))
    def bulk_create_objects(self, numbers: set[int]) -> None:
        chosen = {id(held): held for held in map(self.pick, sorted(numbers)) if held is not None and held.new}
        # Those that have their numbers are written first.
        helds = sorted(chosen.values(), key=lambda held: held.values["id"] is None)

        def expect(world: World) -> list[Row]:
            return all_or_every_kind(
                [lambda held=held: self._saved(held, world, ()) for held in helds]  # type: ignore[misc]
            )

        made = self.attempt(
            "bulk_create_objects",
            expect,
            lambda: self.db.people.bulk_create([held.item for held in helds]),
            helds,
        )
        if made is not None:
            for held, row in zip(helds, made[0], strict=True):
                held.is_row(row)

    @rule(rows=many)
    def ignore_conflicts(self, rows: list[Row]) -> None:
        def expect(world: World) -> list[Row]:
            def one(row: Row) -> Row:
                try:
                    return world.insert(row)
                except Refused as refused:
                    there = world.by_email(row["email"])
                    # A row that is left out is not checked against other tables.
                    if refused.kinds <= {"unique", "foreign key"} and there is not None:
                        return there
                    raise

            return all_or_every_kind([lambda row=row: one(row) for row in rows], unless={"unique"})

        made = self.attempt(
            "ignore_conflicts", expect, lambda: self.db.people.bulk_create(rows, ignore_conflicts=True)
        )
        if made is not None:
            for values, row, item in zip(rows, *made, strict=True):
                self.hold_made(item, row, {**NEW_ROW, **values})

    @rule(rows=many)
    def upsert(self, rows: list[Row]) -> None:
        were_there: list[bool] = []

        def expect(world: World) -> list[Row]:
            def one(row: Row) -> Row:
                there = world.by_email(row["email"])
                were_there.append(there is not None)
                if there is None:
                    return world.insert(row)
                return world.change(there["id"], row)

            return all_or_every_kind([lambda row=row: one(row) for row in rows])

        made = self.attempt("upsert", expect, lambda: self.db.people.upsert(rows, on=["email"]))
        if made is not None:
            done = made[1]
            assert len(done.inserted) == were_there.count(False)
            assert len(done.updated) == were_there.count(True)
            for values, row, item in zip(rows, made[0], done, strict=True):
                self.hold_made(item, row, {**NEW_ROW, **values})

    @rule(numbers=st.sets(at, max_size=4), fields=st.sampled_from([("age",), ("age", "visits"), ("email",)]))
    def bulk_update(self, numbers: set[int], fields: tuple[str, ...]) -> None:
        chosen = {
            id(held): held for held in map(self.pick, sorted(numbers)) if held is not None and not held.new
        }
        helds = list(chosen.values())
        rows: list[Row | None] = []

        def expect(world: World) -> int:
            refused: set[str] = set()
            for held in helds:
                try:
                    rows.append(world.change(held.known["id"], {name: held.values[name] for name in fields}))
                except Gone:
                    rows.append(None)
                    if "age" in fields and (held.values["age"] or 0) < 0:
                        # Values are checked before the database looks whether the row is there.
                        refused.add("check")
                except Refused as error:
                    refused |= error.kinds
            if refused:
                raise Refused(refused)
            return len({held.known["id"] for held, row in zip(helds, rows, strict=True) if row is not None})

        made = self.attempt(
            "bulk_update", expect, lambda: self.db.people.bulk_update([held.item for held in helds], fields),
            helds, (CheckViolation, NotNullViolation),
        )  # fmt: skip
        if made is not None:
            assert made[0] == made[1]
            for held, row in zip(helds, rows, strict=True):
                for name in fields:
                    held.known[name] = held.values[name]
                if row is not None:
                    held.known["initial"] = held.values["initial"] = row["initial"]

    # -- getting or making --------------------------------------------------------------------------

    @rule(email=emails, age=ages)
    def get_or_create(self, email: str, age: int | None) -> None:
        there = self.world.by_email(email)
        made = self.attempt(
            "get_or_create", lambda world: there or world.insert({"email": email, "age": age}),
            lambda: self.db.people.get_or_create(email=email, defaults={"age": age}),
        )  # fmt: skip
        self._got(made, there)

    @rule(email=emails, age=ages)
    def update_or_create(self, email: str, age: int | None) -> None:
        there = self.world.by_email(email)

        def expect(world: World) -> Row:
            return (
                world.insert({"email": email, "age": age})
                if there is None
                else world.change(there["id"], {"age": age})
            )

        made = self.attempt(
            "update_or_create",
            expect,
            lambda: self.db.people.update_or_create(email=email, defaults={"age": age}),
        )
        if made is not None and there is not None:
            item, created = made[1]
            assert not created
            held = Held(item, new=False, known=dict(there), values=dict(there))
            if self.blocks:
                self.blocks[-1].remember(held)
            held.is_row(made[0])
            self.held.append(held)
        else:
            self._got(made, there)

    def _got(self, made: tuple[Any, Any] | None, there: Row | None) -> None:
        if made is None:
            return
        row, (item, created) = made
        assert created == (there is None)
        if created:
            self.hold_made(item, row, {**NEW_ROW, "email": row["email"], "age": row["age"]})
        else:
            self.hold(item, row)

    # -- query sets ---------------------------------------------------------------------------------

    @rule(age=st.integers(0, 5))
    def update_query(self, age: int) -> None:
        def expect(world: World) -> int:
            found = [row for row in world.people.values() if row["age"] is not None and row["age"] >= age]
            for row in found:
                row["visits"] += 1
            return len(found)

        made = self.attempt(
            "update_query", expect, lambda: self.db.people.filter(age__gte=age).update(visits=F("visits") + 1)
        )
        assert made is not None
        assert made[0] == made[1]

    @rule(old=emails, new=emails, team=st.one_of(st.none(), keys))
    def update_one(self, old: str, new: str, team: int | None) -> None:
        def expect(world: World) -> int:
            there = world.by_email(old)
            if there is None:
                return 0
            world.change(there["id"], {"email": new, "team_id": team})
            return 1

        made = self.attempt(
            "update_one", expect, lambda: self.db.people.filter(email=old).update(email=new, team=team)
        )
        assert made is None or made[0] == made[1]

    @rule(age=st.integers(0, 3))
    def delete_query(self, age: int) -> None:
        def expect(world: World) -> int:
            return world.delete({key for key, row in world.people.items() if row["age"] == age})

        made = self.attempt("delete_query", expect, lambda: self.db.people.filter(age=age).delete())
        assert made is not None
        assert made[0] == made[1]

    # -- other tables -------------------------------------------------------------------------------

    @rule(name=st.sampled_from("xyz"))
    def create_team(self, name: str) -> None:
        def expect(world: World) -> int:
            if name in world.teams.values():
                raise Refused({"unique"})
            world.teams[key := world.next_id(world.teams)] = name
            return key

        made = self.attempt("create_team", expect, lambda: self.db.teams.create(name=name).id)
        assert made is None or made[0] == made[1]

    @rule(key=keys)
    def delete_team(self, key: int) -> None:
        made = self.attempt(
            "delete_team", lambda world: world.delete_team(key), lambda: self.db.teams.filter(id=key).delete()
        )
        assert made is not None
        assert made[0] == made[1]

    @rule(number=at, tags=tag_sets, how=st.sampled_from(["add", "remove", "set", "set anew", "clear"]))
    def tie(self, number: int, tags: set[int], how: str) -> None:
        held = self.pick(number)
        if held is None:
            return
        if held.new:
            with pytest.raises(InvalidValue):
                held.item.tags.add(*tags)
            return
        person = held.values["id"]

        def expect(world: World) -> None:
            if how != "add":
                kept = tags if how == "set" else set[int]()
                world.ties = {
                    tie for tie in world.ties
                    if tie[0] != person or (tie[1] not in tags if how == "remove" else tie[1] in kept)
                }  # fmt: skip
            if how not in ("remove", "clear"):
                world.tie(person, tags)

        def run() -> None:
            manager = held.item.tags
            match how:
                case "add":
                    manager.add(*tags)
                case "remove":
                    manager.remove(*tags)
                case "clear":
                    manager.clear()
                case _:
                    manager.set(list(tags), clear=how == "set anew")

        made = self.attempt(how, expect, run)
        # What was tied is seen through the object; what it had loaded stays where nothing was.
        ties = sorted(self.world.ties)
        tags_now = held.item.tags.order_by("id") if made is None else held.item.tags.all()
        assert sorted(tag.id for tag in tags_now) == [tag for owner, tag in ties if owner == person]

    @rule(a=st.integers(1, 2), b=st.sampled_from("xy"), n=st.integers(0, 3))
    def create_pair(self, a: int, b: str, n: int) -> None:
        made = self.attempt(
            "create_pair",
            lambda world: world.put_pair((a, b), n),
            lambda: self.db.pairs.create(a=a, b=b, n=n),
        )
        assert made is None or made[1].pk == (a, b)

    @rule(a=st.integers(1, 2), b=st.sampled_from("xy"), c=st.sampled_from("xyz"), n=st.integers(0, 3))
    def rename_pair(self, a: int, b: str, c: str, n: int) -> None:
        pair = self.db.pairs.filter(pk=(a, b)).first()
        assert (pair is None) == ((a, b) not in self.world.pairs)
        if pair is not None:
            self.attempt(
                "rename_pair",
                lambda world: world.put_pair((a, c), n, instead_of=(a, b)),
                lambda: pair.update(b=c, n=n),
            )

    @rule(a=st.integers(1, 2), b=st.sampled_from("xy"), n=st.integers(0, 3))
    def upsert_pair(self, a: int, b: str, n: int) -> None:
        there = (a, b) in self.world.pairs

        def expect(world: World) -> None:
            world.pairs[a, b] = n

        made = self.attempt("upsert_pair", expect, lambda: self.db.pairs.upsert([{"a": a, "b": b, "n": n}]))
        assert made is not None
        assert len(made[1].updated) == there

    # -- transactions -------------------------------------------------------------------------------

    @precondition(lambda self: len(self.blocks) < 3)
    @rule()
    def begin(self) -> None:
        Writes.steps["begin"] += 1
        transaction = self.db.transaction()
        transaction.__enter__()
        self.blocks.append(Block(transaction, self.world.copy()))

    @rule()
    def on_commit(self) -> None:
        Writes.steps["on_commit"] += 1
        self.number += 1
        number = self.number
        (self.blocks[-1].calls if self.blocks else self.expected_calls).append(number)
        self.db.on_commit(lambda: self.called.append(number))

    @precondition(lambda self: self.blocks)
    @rule()
    def commit(self) -> None:
        Writes.steps["commit"] += 1
        block = self.blocks.pop()
        block.transaction.__exit__(None, None, None)
        if self.blocks:
            block.hand_over(self.blocks[-1])
        else:
            self.expected_calls += block.calls

    @precondition(lambda self: self.blocks)
    @rule(asked=st.booleans())
    def roll_back(self, asked: bool) -> None:
        Writes.steps["roll_back"] += 1
        block = self.blocks.pop()
        if asked:
            block.transaction.rollback()
            block.transaction.__exit__(None, None, None)
        else:
            error = RuntimeError("the block fails")
            block.transaction.__exit__(RuntimeError, error, None)
        self.world = block.before
        unsaved = {id(held): {} if held.new else held.differing() for held in self.held}
        for undo in reversed(block.undo):
            undo()
        for held, before in block.written.values():
            self._compare_rolled_back(held, before, unsaved.get(id(held), {}))

    def _compare_rolled_back(self, held: Held, before: list[Row], unsaved: Row) -> None:
        """Save must write what differs from the row; what the program set and did not save stays."""
        item = held.item
        found = {name: getattr(item, name) for name in FIELDS}
        assert is_new(item) == held.new
        if held.new:
            assert found["id"] == before[0]["id"], "the number of a row that was rolled back may be another's"
        else:
            changes = changes_of(item)
            for name in WRITABLE:
                if found[name] != held.known[name]:
                    assert name in changes, f"save() would not write {name}"
                assert changes.get(name, held.known[name]) == held.known[name]
            assert found["initial"] == held.known["initial"]
        for name in WRITABLE:
            assert found[name] in (held.values[name], *(values[name] for values in before)), name
            assert name not in unsaved or found[name] == unsaved[name], f"{name} was set and is lost"
        held.values = found

    def teardown(self) -> None:
        # Nothing is judged here: what was wrong is being reported.
        for block in reversed(self.blocks):
            block.transaction.rollback()
            block.transaction.__exit__(None, None, None)

    # -- what must hold after every step ------------------------------------------------------------

    @invariant()
    def rows_agree(self) -> None:
        world = self.world
        # From outside, where no transaction is open: on another connection.
        run = self.db.execute if self.blocks else self.reader.execute
        people = [tuple(row) for row in run(f"SELECT {', '.join(FIELDS)} FROM people ORDER BY id")]
        assert people == [tuple(world.people[key][name] for name in FIELDS) for key in sorted(world.people)]
        assert {tuple(row) for row in run("SELECT id, name FROM teams")} == set(world.teams.items())
        assert {tuple(row) for row in run("SELECT person_id, tag_id FROM people_tags")} == world.ties
        assert {(row[0], row[1]): row[2] for row in run("SELECT a, b, n FROM pairs")} == world.pairs

    @invariant()
    def objects_agree(self) -> None:
        for held in self.held:
            assert is_new(held.item) == held.new
            assert {name: getattr(held.item, name) for name in FIELDS} == held.values
            if not held.new:
                assert held.differing().keys() <= changes_of(held.item).keys()

    @invariant()
    def calls_agree(self) -> None:
        assert self.called == self.expected_calls


def all_or_every_kind(calls: list[Callable[[], Any]], unless: set[str] | None = None) -> list[Any]:
    """What all calls give; if one is refused, every kind for which one may be, as they are checked first."""
    results: list[Any] = []
    kinds: set[str] = set()
    for call in calls:
        try:
            results.append(call())
        except Refused as refused:
            kinds |= refused.kinds
    if kinds - (unless or set()):
        raise Refused(kinds)
    return results


@pytest.fixture
def writes(tmp_path: Path) -> Iterator[type[Writes]]:
    path = tmp_path / "machine.db"
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT)
    with connect(path) as db:
        Writes.db, Writes.reader = db, connection
        Writes.steps.clear()
        yield Writes
    connection.close()


@pytest.mark.unmeasured
def test_rows_objects_and_errors_are_those_of_a_dict(writes: type[Writes]) -> None:
    runs = max(1, STEPS // STEPS_THAT_COUNT)
    run_state_machine_as_test(
        writes,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS_PER_RUN,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    made = sum(writes.steps.values())
    print(f"{made} steps: {dict(writes.steps)}")
    assert made > STEPS // 2
    assert len(writes.steps) >= 25, "some rule is never run"
