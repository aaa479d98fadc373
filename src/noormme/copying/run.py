"""One run of a copy, from what is looked at first to the report.

Invariant: nothing is written before all of the plan is made, and what was planned is what is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from time import perf_counter
from uuid import uuid4

from noormme.copying.ends import End, open_target
from noormme.copying.finishing import Finisher
from noormme.copying.plan import CopyPlan, fingerprint, make_plan, selected
from noormme.copying.progress import DIFFERS, STATE_TABLE, Item, Kept, Plan, Record
from noormme.copying.reading import Reader
from noormme.copying.report import CopyReport, Difference, Progress, TableReport
from noormme.copying.rows import Copied, TableCopy
from noormme.copying.survey import ColumnSurvey, OnBadValue, SeenColumn, decided, survey
from noormme.copying.verify import compared
from noormme.errors import DatabaseError, UnsafeOperation, UsageError
from noormme.schema.model import Table

__all__ = ["Run", "Told"]

Told = Callable[[Progress], None]
"""Called as a copy goes on."""


class Run:
    """One copy; the arguments are those of ``copy``.

    Args:
        source: What is read.
        target: Where it is written.
        only: The tables that are wanted, by name; none for all.
        without: Tables that are not wanted.
        schema_only: Whether the tables stay empty.
        dry_run: Whether nothing is written.
        replace: Whether what is in the way is removed.
        verify: Whether both sides are read again and compared.
        batch_rows: How many rows are held and committed together.
        on_bad_value: What becomes of a value that is none of its column's type.
        told: Called as it goes on.

    Raises:
        TableNotFound: The source has no table of a name.
    """

    def __init__(
        self,
        source: End,
        target: str | os.PathLike[str],
        *,
        only: tuple[str, ...],
        without: tuple[str, ...],
        schema_only: bool,
        dry_run: bool,
        replace: bool,
        verify: bool,
        batch_rows: int,
        on_bad_value: OnBadValue,
        told: Told,
    ) -> None:
        self._started = perf_counter()
        self._source = source
        self._location = target
        self._schema_only = schema_only
        self._dry_run = dry_run
        self._replace = replace
        self._verify = verify
        self._batch_rows = batch_rows
        self._on_bad_value: OnBadValue = on_bad_value
        self._told = told
        self._tables, self._found = selected(source.schema, only, without)
        kinds = {table.name for table in source.schema.tables if table.kind == "table" and table.readable}
        self._all = kinds <= {table.name for table in self._tables} | {STATE_TABLE}

    def report(self) -> CopyReport:
        """Do it, and say what was done."""
        with closing(open_target(self._location, self._source, make=False)) as seen:
            mark = fingerprint(
                self._source.path,
                self._source.schema,
                self._tables,
                [seen.creator.dialect, self._schema_only, self._on_bad_value, self._all],
            )
            kept = self._kept(seen, mark)
            begun = kept.plan if kept is not None else self._looked_at(seen, mark)
            plan = self._planned(seen, begun)
            if kept is None:
                self._check_free(seen, plan)
            if self._dry_run:
                tables = tuple(
                    TableReport(table.source.name, table.target.name, begun.rows.get(table.source.name, 0))
                    for table in plan.tables
                )
                return self._report(seen, plan, tables, (), plan.differences, resumed=kept is not None)
        with closing(open_target(self._location, self._source, make=True)) as target:
            return self._copied(target, plan, begun, kept)

    # -- before anything is written -----------------------------------------------------------------

    def _kept(self, target: End, mark: str) -> Kept | None:
        kept = Record(target.engine, target.creator).kept(target.schema)
        # One that was stopped goes on with --replace too: the same command does.
        if kept is None or (self._replace and (kept.plan.fingerprint != mark or DIFFERS in kept.items)):
            return None
        if kept.plan.fingerprint == mark:
            return kept
        raise UnsafeOperation(
            f"{target.path} holds an unfinished copy of another source, or with other options",
            hint="call it with the arguments of that copy to go on, or with --replace to begin anew",
        )

    def _looked_at(self, target: End, mark: str) -> Plan:
        """How many rows there are, and what is in columns whose types do not say it."""
        readers = [
            Reader(
                self._source.engine,
                self._source.creator,
                table,
                [column for column in table.columns if not column.hidden],
            )
            for table in self._tables
        ]
        rows = {reader.table.name: reader.count() for reader in readers}
        seen: list[SeenColumn] = []
        native = self._source.creator.dialect == target.creator.dialect
        loose = self._source.creator.can.any_value_anywhere or self._on_bad_value == "text"
        if not native and (loose or target.creator.can.sized_keys):
            done, total = 0, sum(rows.values())
            columns: list[ColumnSurvey] = []
            for reader in readers:

                def told(count: int, name: str = reader.table.name) -> None:
                    nonlocal done
                    done += count
                    self._told(Progress("looking", name, done, total))

                columns += survey(reader, target.creator.can, self._batch_rows, told)[1]
            seen = decided(columns, target.creator.can, self._on_bad_value)
        return Plan(mark, seen, rows)

    def _planned(self, target: End, begun: Plan) -> CopyPlan:
        return make_plan(
            self._source.schema,
            self._tables,
            target.creator,
            begun.seen,
            views=self._all,
            found=self._found,
        )

    def _check_free(self, target: End, plan: CopyPlan) -> None:
        """Refuse to write where something is already, unless it may be removed."""
        taken = self._in_the_way(target, plan)
        if taken and not self._replace:
            names = ", ".join(table.name for table in taken[:5]) + (", …" if len(taken) > 5 else "")
            raise UnsafeOperation(
                f"{target.path} has tables or views of these names already: {names}",
                hint="copy into an empty database, or say --replace to remove them first",
            )

    def _in_the_way(self, target: End, plan: CopyPlan) -> list[Table]:
        names = {table.target.name for table in plan.tables}
        names |= {step.table for step in plan.steps if step.view is not None}
        return [table for table in target.schema if table.name in names]

    # -- writing ------------------------------------------------------------------------------------

    def _copied(self, target: End, plan: CopyPlan, begun: Plan, kept: Kept | None) -> CopyReport:
        record = Record(target.engine, target.creator)
        items: Mapping[str, Item] = {}
        if kept is None:
            # Looking at the source took its time, in which others may have written.
            self._check_free(target, plan)
            self._begin(target, plan, begun, record)
        else:
            items = self._gone_on_with(target, record)
        self._create(target, plan, record, items)
        target.refresh()
        copies = [Copied.of(table, self._source, target, self._on_bad_value) for table in plan.tables]
        if not self._schema_only:
            self._rows(target, plan, copies, begun, record, items)
        finisher = Finisher(plan, self._source, target, record, verify=self._verify)
        steps = {step.item: at for at, step in enumerate(plan.steps, 1)}
        finisher.run(
            items,
            lambda step: self._told(Progress("finishing", step.about, steps[step.item], len(steps))),
        )
        tables = self._compared(plan, copies, begun)
        target.refresh()
        noted = record.kept(target.schema)
        refused = finisher.differences(noted.items if noted is not None else {})
        differences = (*plan.differences, *refused, *self._broken_keys(target, plan))
        with target.defining() as writer:
            if all(table.matches is not False for table in tables):
                record.end(writer)
            elif DIFFERS not in items:
                record.note(writer, DIFFERS, Item(DIFFERS), new=True)
        views = tuple(
            step.table
            for step in plan.steps
            if step.view is not None and target.schema.table(step.table) is not None
        )
        return self._report(target, plan, tables, views, differences, resumed=kept is not None)

    def _begin(self, target: End, plan: CopyPlan, begun: Plan, record: Record) -> None:
        """Remove what is in the way, and note what the copy is begun with; nothing else is written before."""
        creator, taken = target.creator, self._in_the_way(target, plan)
        kept = record.kept(target.schema)
        if kept is not None and not self._replace:
            raise _begun_meanwhile(target)
        if taken and self._source.creator.dialect == creator.dialect:
            self._refuse_the_source(target, record)
        drops = [creator.drop(table) for table in taken if table.kind == "view"]
        drops += [
            sql
            for table in taken
            for key in table.foreign_keys
            if (sql := creator.drop_foreign_key(table, key)) is not None
        ]
        drops += [creator.drop(table) for table in taken if table.kind != "view"]
        made = record.statements(target.schema)
        try:
            with target.defining() as writer:
                for sql in (*made, *drops, *plan.namespaces):
                    writer.run(creator.runnable(sql))
                record.begin(writer, begun)
        except DatabaseError as error:
            target.refresh()
            if kept is None and record.kept(target.schema) is not None:
                raise _begun_meanwhile(target) from error
            raise

    def _gone_on_with(self, target: End, record: Record) -> Mapping[str, Item]:
        """How far the copy is that is gone on with, once no other run writes to it."""
        if target.schema.table(STATE_TABLE) is None:
            raise _begun_meanwhile(target)
        with target.defining() as writer:
            record.take(writer)
        kept = record.kept(target.schema)
        return kept.items if kept is not None else {}

    def _refuse_the_source(self, target: End, record: Record) -> None:
        """Refuse to remove the tables of the source, where the target is the same database by another URL.

        Raises:
            UsageError: What is written to the target is found in the source.
        """
        mark = uuid4().hex
        with target.defining() as writer:
            for sql in record.statements(target.schema):
                writer.run(target.creator.runnable(sql))
            record.mark(writer, mark)
        is_source = Record(self._source.engine, self._source.creator).holds(mark)
        with target.defining() as writer:
            record.drop(writer)
        target.refresh()
        if is_source:
            raise UsageError("the source and the target are the same database", hint="name another target")

    def _create(self, target: End, plan: CopyPlan, record: Record, items: Mapping[str, Item]) -> None:
        """Make the tables that are not there yet."""
        for table in plan.tables:
            if table.item not in items:
                with target.defining() as writer:
                    record.hold(writer)
                    # One that was made and not noted holds nothing yet.
                    for sql in (target.creator.drop(table.target), *table.create):
                        writer.run(target.creator.runnable(sql))
                    record.note(writer, table.item, Item("created"), new=True)

    def _rows(
        self,
        target: End,
        plan: CopyPlan,
        copies: list[Copied],
        begun: Plan,
        record: Record,
        items: Mapping[str, Item],
    ) -> None:
        done, total = 0, sum(begun.rows.values())
        for table, copied in zip(plan.tables, copies, strict=True):

            def told(count: int, name: str = table.target.name) -> None:
                nonlocal done
                done += count
                self._told(Progress("copying", name, done, total))

            item = items.get(table.item, Item("created"))
            if item.state == "copied":
                told(item.amount)
                continue
            TableCopy(table, copied, self._source, target, record).run(item, self._batch_rows, told)

    # -- afterwards ---------------------------------------------------------------------------------

    def _compared(self, plan: CopyPlan, copies: list[Copied], begun: Plan) -> tuple[TableReport, ...]:
        if self._schema_only or not self._verify:
            return tuple(
                TableReport(table.source.name, table.target.name, begun.rows.get(table.source.name, 0))
                for table in plan.tables
            )
        done, total = 0, sum(begun.rows.values())
        found: list[TableReport] = []
        for copied in copies:

            def told(count: int, name: str = copied.table.name) -> None:
                nonlocal done
                done += count
                self._told(Progress("verifying", name, done, total))

            found.append(compared(copied, self._batch_rows, told))
        return tuple(found)

    def _broken_keys(self, target: End, plan: CopyPlan) -> list[Difference]:
        """Foreign keys that rows break, where the target took them with their tables."""
        found: list[Difference] = []
        for table in plan.tables:
            asked = target.creator.broken_keys(table.target)
            if asked is None:
                continue
            try:
                count = int(target.engine.fetch(*asked)[0][0])
            except DatabaseError as error:
                found.append(
                    Difference(table.target.name, "its foreign keys cannot be checked", error.message)
                )
                continue
            if count:
                what = "1 row that refers to none" if count == 1 else f"{count:,} rows that refer to none"
                outcome = "it is there as it was" if count == 1 else "they are there as they were"
                found.append(Difference(table.target.name, what, outcome))
        return found

    def _report(
        self,
        target: End,
        plan: CopyPlan,
        tables: tuple[TableReport, ...],
        views: tuple[str, ...],
        differences: tuple[Difference, ...],
        *,
        resumed: bool,
    ) -> CopyReport:
        return CopyReport(
            self._source.path,
            target.path,
            self._dry_run,
            resumed,
            tables,
            views,
            differences,
            plan.statements,
            perf_counter() - self._started,
        )


def _begun_meanwhile(target: End) -> UnsafeOperation:
    return UnsafeOperation(
        f"another copy into {target.path} was begun meanwhile",
        hint="let it end; where it failed, the same command goes on from there",
    )
