"""``db.audit``: keeping the audit trail.

Invariant: once a table has a trail, every change of its rows is in it, whoever makes it and however, because
the triggers that write it are part of the database; what is begun or ended is so for all tables of one call,
or for none.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from noormme.engines.audit import ACTOR
from noormme.errors import InvalidValue, NotSupported
from noormme.orm.aio.running import elsewhere, on_loop
from noormme.orm.aio.writing import write
from noormme.orm.audit.entries import Entry
from noormme.orm.audit.past import Past
from noormme.orm.audit.reading import Trail, beginning, in_utc, key_parts
from noormme.orm.model import Model
from noormme.orm.transaction import Transaction
from noormme.schema.model import SchemaWarning, Table, Trigger

if TYPE_CHECKING:
    from noormme.engines.base import Writer
    from noormme.orm.mapper import Mapper
    from noormme.orm.registry import Registry

__all__ = ["Audit"]


class Audit:
    """The audit trail of one database: who changed what and when, and what it was before.

    Args:
        registry: Gives the models as they are now.
        refresh: Discovers the schema again.
    """

    def __init__(self, registry: Callable[[], Registry], refresh: Callable[[], object]) -> None:
        self._current = registry
        self._refresh = refresh

    # -- keeping it ---------------------------------------------------------------------------------

    def enable(self, *tables: str) -> None:
        """Begin the trail of some tables, or of all; bring it up to date after a change of the schema.

        Makes the table ``noormme_audit`` where it is not there yet, and triggers on each of the tables.

        Args:
            tables: Exact names or manager names; none stands for every table that can have a trail.

        Raises:
            TableNotFound: There is no such table; nothing was begun.
            NotSupported: No trail of it can be kept; the message says why.
            ReadOnly: The database was opened to be read only.
        """
        engine = self._current().engine
        sql = engine.audit
        try:
            with Transaction(engine), engine.writing() as writer:
                for statement in sql.setup:
                    writer.run(statement)
                for statement in sql.stamp:
                    writer.run(statement)
                # Now that nobody else can change it.
                self._refresh()
                for table in self._chosen(tables):
                    begun = bool(self._triggers(table))
                    self._drop(writer, table)
                    for statement in sql.triggers(table).values():
                        writer.run(statement)
                    if not begun:
                        writer.run(sql.marker(), ("enable", table.name, None))
        finally:
            self._refresh()
        # A transaction around this one may still be rolled back.
        sql.note_stamped(kept=engine.session() is None)

    async def aenable(self, *tables: str) -> None:
        """As ``enable()``, awaited."""
        await self._alter(self.enable, tables)

    def disable(self, *tables: str) -> None:
        """End the trail of some tables, or of all; what was written stays.

        Args:
            tables: Exact names or manager names; none stands for every table that has a trail.

        Raises:
            TableNotFound: There is no such table; nothing was ended.
            ReadOnly: The database was opened to be read only.
        """
        engine = self._current().engine
        try:
            with Transaction(engine), engine.writing() as writer:
                self._refresh()
                chosen = [self._table(name) for name in tables] or list(self._current().schema.tables)
                for table in chosen:
                    if self._drop(writer, table):
                        writer.run(engine.audit.marker(), ("disable", table.name, None))
        finally:
            self._refresh()

    async def adisable(self, *tables: str) -> None:
        """As ``disable()``, awaited."""
        await self._alter(self.disable, tables)

    async def _alter(self, call: Callable[..., None], tables: tuple[str, ...]) -> None:
        try:
            await write(self._current().engine, call, tables, long=True)
        except BaseException:
            # What was discovered in its transaction is not there any more.
            await elsewhere(self._current().engine, self._refresh)
            raise

    @property
    def tables(self) -> list[str]:
        """The exact names of the tables that have a trail, sorted; as far as the schema is known here."""
        return [table.name for table in self._current().schema.tables if self._triggers(table)]

    def check(self) -> list[SchemaWarning]:
        """Say what the trail misses since the schema was changed. Touches the database.

        Returns:
            One warning for each trail that is incomplete, and what to do about it; empty when all is well.
        """
        self._refresh()
        registry = self._current()
        sql = registry.engine.audit
        known = registry.schema.table(sql.table)
        if known is None:
            return []
        rows = registry.engine.fetch(
            f"SELECT table_name, action, {sql.column('at')}, {sql.column('detail')} FROM {sql.table} "
            "WHERE row_key IS NULL ORDER BY id",
            (),
        )
        markers: dict[str, list[tuple[Any, ...]]] = {}
        for name, *marker in rows:
            markers.setdefault(name, []).append(tuple(marker))
        warnings: list[SchemaWarning] = []
        for name in sorted(markers):
            table = registry.schema.table(name)
            if beginning(markers[name]) is None:
                continue
            warnings += self._problems(name, table if table is not None and table.name == name else None)
        return warnings

    async def acheck(self) -> list[SchemaWarning]:
        """As ``check()``, awaited."""
        return await elsewhere(self._current().engine, self.check)

    def _problems(self, name: str, table: Table | None) -> Iterable[SchemaWarning]:
        again = f"db.audit.enable({name!r}) mends it"
        if table is None:
            yield SchemaWarning(
                "audit_table_gone", name, f"{name}: it has a trail, and is gone or has another name now"
            )
            return
        sql = self._current().engine.audit
        wanted = sql.triggers(table)
        found = {trigger.name: trigger.sql for trigger in self._triggers(table)}
        if found.keys() != wanted.keys():
            yield SchemaWarning(
                "audit_triggers_missing", name, f"{name}: triggers of its trail are missing; {again}"
            )
        elif sql.outdated(found, wanted):
            yield SchemaWarning(
                "audit_outdated", name, f"{name}: its columns or keys changed since its trail began; {again}"
            )
        later = [str(row[0]) for row in self._current().engine.fetch(sql.later, (name,))]
        if later:
            yield SchemaWarning(
                "audit_order",
                name,
                f"{name}: what its triggers {', '.join(later)} write comes before the change itself in the "
                f"trail, {sql.first.format(table=name)}",
            )

    def purge(self, older_than: datetime | timedelta) -> int:
        """Delete the entries from before a moment; the past before it can no longer be asked for.

        Args:
            older_than: The moment, a datetime with its offset, or how long ago it was.

        Returns:
            How many entries were deleted.

        Raises:
            InvalidValue: It is neither, or longer ago than a datetime can say.
            ReadOnly: The database was opened to be read only.
        """
        if isinstance(older_than, timedelta):
            try:
                older_than = datetime.now(UTC) - older_than
            except OverflowError as error:
                raise InvalidValue("purge() takes a moment from the year 1 on") from error
        engine = self._current().engine
        sql = engine.audit
        moment = in_utc(older_than, "purge()", sql)
        if self._current().schema.table(sql.table) is None:
            return 0
        with Transaction(engine), engine.writing() as writer:
            writer.run(f"DELETE FROM {sql.table} WHERE at < {sql.mark(1)} AND row_key IS NOT NULL", (moment,))
            deleted = writer.changed
            writer.run(sql.marker(), ("purge", "", moment))
        return deleted

    async def apurge(self, older_than: datetime | timedelta) -> int:
        """As ``purge()``, awaited."""
        return await write(self._current().engine, self.purge, (older_than,), open_end=True)

    # -- who ----------------------------------------------------------------------------------------

    @contextmanager
    def actor(self, name: str) -> Generator[None, None, None]:
        """Say who writes: what code of this context writes in the block is noted with that name.

        The name follows the context into tasks, and into threads that are given the context.

        Args:
            name: The name, or anything else that tells people or programs apart.

        Raises:
            InvalidValue: It is no text.

        Example:
            ``with db.audit.actor("ann"): db.users.filter(id=1).update(age=42)``
        """
        if not isinstance(name, str):
            raise InvalidValue(f"an actor is named by a str, not by a value of type {type(name).__name__}")
        self._stamp()
        token = ACTOR.set(name)
        try:
            yield
        finally:
            ACTOR.reset(token)

    def _stamp(self) -> None:
        """Have the entries of this process stamped, also where another one began the trail meanwhile."""
        registry = self._current()
        engine = registry.engine
        sql = engine.audit
        if sql.stamped or registry.settings.readonly or not engine.fetch(sql.exists, ()):
            return
        with engine.writing() as writer:
            for statement in sql.stamp:
                writer.run(statement)
        # A transaction may still be rolled back.
        sql.note_stamped(kept=engine.session() is None)

    # -- reading it ---------------------------------------------------------------------------------

    def history(self, item: Model | str, key: object = None) -> list[Entry]:
        """What became of a row, the oldest entry first. Touches the database.

        Args:
            item: An object, or the name of a table.
            key: With a table's name: the row's key, a tuple for a composite one. The row may be gone.

        Returns:
            The entries, followed through changes of the key; empty where the trail has none.

        Raises:
            TableNotFound: There is no such table.
            InvalidValue: The key has another number of columns.
        """
        mapper, parts = self._meant(item, key)
        engine = self._current().engine
        return Trail(mapper, engine.audit).history(parts) if engine.fetch(engine.audit.exists, ()) else []

    async def ahistory(self, item: Model | str, key: object = None) -> list[Entry]:
        """As ``history()``, awaited."""
        return await on_loop(self._current().engine, self.history, (item, key))

    def as_of(self, moment: datetime) -> Past:
        """The database as it was: ``db.audit.as_of(time).users.get(1)``.

        Args:
            moment: The moment, a datetime with its offset.

        Returns:
            The tables by name, each with ``get`` and ``all``; nothing is read yet.

        Raises:
            InvalidValue: The datetime says no offset.
        """
        registry = self._current()
        return Past(registry, in_utc(moment, "as_of()", registry.engine.audit))

    def _meant(self, item: Model | str, key: object) -> tuple[Mapper, tuple[object, ...]]:
        """The table and the key that a caller means."""
        if isinstance(item, Model):
            name, key = item.__noormme_table__.name, item.pk
        else:
            name = item
        mapper = self._current().mapper(name)
        parts = key_parts(key)
        if None in parts or msgspec.UNSET in parts:
            raise InvalidValue(
                f"a row of {mapper.table.name} is named by its key",
                hint="give an object that was saved, or a table's name and a key",
            )
        return mapper, parts

    # -- tables -------------------------------------------------------------------------------------

    def _table(self, name: str) -> Table:
        return self._current().mapper(name).table

    def _chosen(self, names: Iterable[str]) -> list[Table]:
        """The tables of these names, or all that can have a trail.

        Raises:
            TableNotFound: There is none of that name.
            NotSupported: One of them can have no trail.
        """
        registry = self._current()
        refusal = registry.engine.audit.refusal
        tables = [self._table(name) for name in names]
        for table in tables:
            reason = refusal(table)
            if reason is not None:
                raise NotSupported(f"no audit trail of '{table.name}' can be kept: {reason}")
        return tables or [table for table in registry.schema.tables if refusal(table) is None]

    def _triggers(self, table: Table) -> list[Trigger]:
        """The triggers that keep the trail of a table."""
        prefix = self._current().engine.audit.prefix
        return [trigger for trigger in table.triggers if trigger.name.startswith(prefix)]

    def _drop(self, writer: Writer, table: Table) -> bool:
        """Remove the triggers of a table; says whether there were any."""
        triggers = self._triggers(table)
        for trigger in triggers:
            writer.run(self._current().engine.audit.drop(trigger.name, table))
        return bool(triggers)
