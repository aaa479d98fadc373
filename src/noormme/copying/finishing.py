"""What is made when the rows are there: indexes, constraints, views.

Invariant: each step is noted when it is done, or when the target has refused it, which ends nothing: it is a
difference then. A step that a crash kept from being noted is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from noormme.copying.ends import End
from noormme.copying.plan import CopyPlan, Step
from noormme.copying.progress import Item, Record
from noormme.copying.report import Difference
from noormme.copying.verify import content_hash
from noormme.errors import DatabaseError, NoormmeError
from noormme.schema.model import Table

__all__ = ["Finisher"]

_DONE = Item("done")


class Finisher:
    """Makes what comes after the rows.

    Args:
        plan: What is made.
        source: The source.
        target: The target.
        record: Where it is noted.
        verify: Whether a view is read on both sides, and removed where it gives other rows.
    """

    def __init__(self, plan: CopyPlan, source: End, target: End, record: Record, *, verify: bool) -> None:
        self._plan = plan
        self._source = source
        self._target = target
        self._record = record
        self._verify = verify
        self._native = source.creator.dialect == target.creator.dialect

    def run(self, items: Mapping[str, Item], told: Callable[[Step], None]) -> None:
        """Make what is not there yet.

        Args:
            items: How far the steps are.
            told: Called before each step.
        """
        left = [step for step in self._plan.steps if step.item not in items]
        views = [step for step in left if step.view is not None]
        for step in left:
            if step.view is None:
                told(step)
                self._do(step, last=True)
        # A view can lean on one that comes later.
        while views:
            waiting: list[Step] = []
            for step in views:
                told(step)
                if not self._do(step, last=False):
                    waiting.append(step)
            if len(waiting) == len(views):
                for step in waiting:
                    self._do(step, last=True)
                return
            views = waiting

    def differences(self, items: Mapping[str, Item]) -> list[Difference]:
        """What the target refused, and what it took for rows to come only.

        Args:
            items: What was noted of the steps.
        """
        found: list[Difference] = []
        for step in self._plan.steps:
            item = items.get(step.item, _DONE)
            if item.state == "refused":
                outcome = f"left out: {item.detail}"
                found.append(Difference(step.refused, "the target does not take it as it is", outcome))
            elif item.state == "later":
                outcome = "it holds for what is written from now on"
                found.append(Difference(step.refused, "rows that are there break it", outcome))
        return found

    def _do(self, step: Step, *, last: bool) -> bool:
        """Do a step, and note it.

        Args:
            step: The step.
            last: Whether it is not tried again when it is refused.

        Returns:
            Whether it need not be tried again.
        """
        if self._is_there(step):
            self._note(step, _DONE)
            return True
        try:
            self._run(step, step.sql, _DONE)
        except DatabaseError as error:
            if not last:
                return False
            if step.otherwise is None or not self._run_otherwise(step, step.otherwise):
                self._note(step, Item("refused", 0, error.message))
            return True
        if step.view is not None and not self._gives_the_same(step):
            drop = self._target.creator.drop(Table(step.table, kind="view"))
            with self._target.defining() as writer:
                writer.run(self._target.creator.runnable(drop))
                self._record.note(writer, step.item, Item("refused", 0, "it gives other rows there"))
        return True

    def _run_otherwise(self, step: Step, sql: str) -> bool:
        try:
            self._run(step, sql, Item("later"))
        except DatabaseError:
            return False
        return True

    def _run(self, step: Step, sql: str, item: Item) -> None:
        with self._target.defining() as writer:
            writer.run(self._target.creator.runnable(sql))
            self._record.note(writer, step.item, item, new=True)

    def _note(self, step: Step, item: Item) -> None:
        with self._target.defining() as writer:
            self._record.note(writer, step.item, item, new=True)

    def _is_there(self, step: Step) -> bool:
        """Whether an earlier run has made it and was stopped before that was noted."""
        if self._target.creator.can.transactional:
            return False
        table = self._target.schema.table(step.table)
        return table is not None and step.makes_what_is_in(table)

    def _gives_the_same(self, step: Step) -> bool:
        """Whether a view gives the rows that it gives at the source."""
        if self._native:
            return True
        view = self._source.schema.table(step.view or "")
        self._target.refresh()
        made = self._target.schema.table(step.table)
        if view is None or made is None or not made.readable or not self._verify:
            return False
        try:
            mine = content_hash(self._source.engine, self._source.creator, view)
            theirs = content_hash(self._target.engine, self._target.creator, made)
        except NoormmeError:
            return False
        return mine.rows == theirs.rows and mine.digest == theirs.digest
