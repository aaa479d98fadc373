"""How far a copy is, kept at the target, so that the next run goes on where this one stopped.

Invariant: what is kept is written in the transaction of what it tells of: after a crash at any moment the
rows that it counts are the rows that are there. Only the run that came last writes to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex

import msgspec

from noormme.copying.survey import SeenColumn
from noormme.engines.base import Engine, Writer
from noormme.engines.creating import Creator
from noormme.errors import ConnectionFailed, DatabaseError, UnsafeOperation
from noormme.schema.model import Schema

__all__ = ["DIFFERS", "STATE_TABLE", "Item", "Kept", "Plan", "Record"]

STATE_TABLE = "_noormme_copy"
"""The table at the target that says how far a copy is; it is gone at the end."""

DIFFERS = "differs"
"""The item that is there when all was written, and a table was found to be another than at the source."""

_COLUMNS = (
    "item VARCHAR(60) NOT NULL PRIMARY KEY, state VARCHAR(20) NOT NULL, amount BIGINT NOT NULL, detail "
)
_RUN = "run"
"""The item whose state names the run that writes."""


class Plan(msgspec.Struct):
    """What a copy was begun with.

    Attributes:
        fingerprint: Stands for the source, its schema and the options; another one is another copy.
        seen: What was seen in the source.
        rows: How many rows each table has, by its name at the source.
    """

    fingerprint: str
    seen: list[SeenColumn]
    rows: dict[str, int]


class Item(msgspec.Struct, frozen=True):
    """What is kept of one table or step.

    Attributes:
        state: How far it is: a table is ``"created"``, has ``"rows"`` or is ``"copied"``; a step is
            ``"done"``, ``"refused"``, or holds for ``"later"`` rows only.
        amount: How many of its rows were written.
        detail: The key of the last one, or why a step was refused.
    """

    state: str
    amount: int = 0
    detail: str = ""


class Kept(msgspec.Struct, frozen=True):
    """Everything that an earlier run has kept.

    Attributes:
        plan: What it was begun with.
        items: How far it came, by table or step.
    """

    plan: Plan
    items: Mapping[str, Item]


class Record:
    """The table at the target.

    Args:
        engine: The target.
        creator: What writes SQL for it.
    """

    def __init__(self, engine: Engine, creator: Creator) -> None:
        self._engine = engine
        self._creator = creator
        self._table = creator.quoted(STATE_TABLE)
        self._run = token_hex(8)

    def kept(self, schema: Schema) -> Kept | None:
        """What an earlier run has kept; None where there was none. Touches the database.

        Args:
            schema: The schema of the target.

        Raises:
            UnsafeOperation: The table is there and is not one of noormme's, or of another version.
        """
        if schema.table(STATE_TABLE) is None:
            return None
        rows = self._engine.fetch(f"SELECT item, state, amount, detail FROM {self._table}", ())
        items = {
            str(item): Item(str(state), int(amount), str(text or "")) for item, state, amount, text in rows
        }
        items.pop(_RUN, None)
        plan = items.pop("plan", None)
        if plan is None:
            return None
        try:
            return Kept(msgspec.json.decode(plan.detail, type=Plan), items)
        except msgspec.MsgspecError:
            raise UnsafeOperation(
                f"the target holds a copy that another version of noormme has begun ({STATE_TABLE})",
                hint="--replace begins anew, and removes what was copied",
            ) from None

    def holds(self, name: str) -> bool:
        """Whether something is noted under a name. Touches the database.

        Args:
            name: The name, which is no text of a user's.
        """
        try:
            rows = self._engine.fetch(f"SELECT 1 FROM {self._table} WHERE item = '{name}'", ())
        except ConnectionFailed:
            raise
        except DatabaseError:
            # There is no such table.
            return False
        return bool(rows)

    def statements(self, schema: Schema) -> list[str]:
        """What makes the table, anew where it was there; one that another run has made since is refused.

        Args:
            schema: The schema of the target.
        """
        drop = [] if schema.table(STATE_TABLE) is None else [f"DROP TABLE {self._table}"]
        return [*drop, f"CREATE TABLE {self._table} ({_COLUMNS}{self._creator.large_text})"]

    def begin(self, writer: Writer, plan: Plan) -> None:
        """Note what the copy is begun with.

        Args:
            writer: Runs it, in the transaction that made the table.
            plan: What it is begun with.
        """
        self._insert(writer, "plan", Item("plan", 0, msgspec.json.encode(plan).decode()))
        self._insert(writer, _RUN, Item(self._run))

    def mark(self, writer: Writer, name: str) -> None:
        """Note a name, in a table that was just made and belongs to no run yet.

        Args:
            writer: Runs it, in the transaction that made the table.
            name: The name.
        """
        self._insert(writer, name, Item("mark"))

    def take(self, writer: Writer) -> None:
        """Be the run that writes; one that still does is refused from then on.

        Waits for what that one has not committed yet.

        Args:
            writer: Runs it.
        """
        mark = self._creator.mark
        writer.run(
            f"UPDATE {self._table} SET state = {mark(1)} WHERE item = {mark(2)}",
            (self._run, _RUN),
        )

    def note(self, writer: Writer, name: str, item: Item, *, new: bool = False) -> None:
        """Note how far a table or a step is.

        Args:
            writer: Runs it, in the transaction of what it tells of.
            name: The table or step.
            item: How far it is.
            new: Whether nothing was noted of it yet.

        Raises:
            UnsafeOperation: Another run writes by now.
        """
        self.hold(writer)
        if new:
            self._insert(writer, name, item)
            return
        mark = self._creator.mark
        writer.run(
            f"UPDATE {self._table} SET state = {mark(1)}, amount = {mark(2)}, detail = {mark(3)} "
            f"WHERE item = {mark(4)}",
            (item.state, item.amount, item.detail, name),
        )

    def end(self, writer: Writer) -> None:
        """Remove the table.

        Raises:
            UnsafeOperation: Another run writes by now.
        """
        self.hold(writer)
        self.drop(writer)

    def drop(self, writer: Writer) -> None:
        """Remove the table, whichever run made it."""
        writer.run(f"DROP TABLE {self._table}")

    def hold(self, writer: Writer) -> None:
        """Keep other runs from writing until the end of the transaction.

        Args:
            writer: Runs it, before anything else of the transaction.

        Raises:
            UnsafeOperation: Another run writes by now.
        """
        mark = self._creator.mark(1)
        # Written to, the row is nobody else's before the end of this transaction.
        writer.run(f"UPDATE {self._table} SET amount = amount + 1 WHERE item = {mark}", (_RUN,))
        if writer.run(f"SELECT state FROM {self._table} WHERE item = {mark}", (_RUN,)) != [(self._run,)]:
            raise UnsafeOperation(
                "another copy into this target was begun meanwhile, and goes on instead of this one",
                hint="let it end; where it failed, the same command goes on from there",
            )

    def _insert(self, writer: Writer, name: str, item: Item) -> None:
        marks = ", ".join(self._creator.mark(number) for number in range(1, 5))
        writer.run(
            f"INSERT INTO {self._table} (item, state, amount, detail) VALUES ({marks})",
            (name, item.state, item.amount, item.detail),
        )
