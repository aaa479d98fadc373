"""A plan made ready to run: bound to an engine, with its decoder.

Invariant: the fast path runs the SQL and one generated function, nothing else. Anything unusual (a value
in an odd form, a number beyond 64 bits, text that is not UTF-8) fails there and is done again on the
tolerant path, which reads everything.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain, islice
from time import perf_counter
from typing import Any

from msgspec import Struct

from noormme.callsite import user_place
from noormme.engines.base import Cursor, Engine, Results, Role, Row
from noormme.engines.budget import LOOP_S, THREAD, OverBudget, time_limit
from noormme.errors import NoormmeError, QueryFailed
from noormme.query.decode import make_loader, make_single
from noormme.query.plan import AS_IT_COMES, Decode, Inline, Output, Plan

__all__ = ["ColumnsChanged", "Statement"]


class ColumnsChanged(QueryFailed):
    """A statement gives other columns than when it was made ready, because somebody has changed its tables.

    Attributes:
        names: What its columns are called now.
        rows: The rows that it gave back, where it may have written and so does not run again.
    """

    def __init__(self, names: tuple[str, ...], rows: list[Row] | None = None) -> None:
        super().__init__("the tables of the statement were changed while it ran", hint="run it again")
        self.names = names
        self.rows = rows

    def loaded_by(self, again: Statement, *, same: bool) -> list[Any] | None:
        """What the rows become that it gave back, once its columns were looked at again.

        Args:
            again: The statement, made ready for its columns as they are now.
            same: Whether that look shows what the one before showed: this database calls them otherwise
                before a statement runs than when it does.

        Returns:
            The results; None where it gave no rows back, and is to run again.

        Raises:
            ColumnsChanged: They have changed once more.
        """
        if same:
            again.names = self.names
        if self.rows is None:
            return None
        if again.names != self.names:
            raise self
        return again.loaded(self.rows)


_BATCH_ROWS = 64
"""How many rows are read before they are decoded. Reading and decoding in turns for each row costs a tenth
more, because the two drive each other out of the processor's cache."""


def _batched(first: list[Row], rows: Iterator[Row]) -> Iterator[Row]:
    """All rows, of which some were read already, read in batches."""
    return chain(first, chain.from_iterable(iter(lambda: list(islice(rows, _BATCH_ROWS)), [])))


_NO_SORT_KEY = object()
"""What stands for a sort key that no cursor takes."""


def _needed(decoders: Sequence[Decode | Inline | None]) -> list[Decode | Inline | None]:
    """The decoders without those that change nothing, so that rows may be taken whole."""
    return [None if decode is AS_IT_COMES else decode for decode in decoders]


def _as_sort_key(key: object) -> object:
    return _NO_SORT_KEY if isinstance(key, bytes) else key


def _give_up(cursor: Cursor | None, free: list[Cursor] | None) -> None:
    """End what a cursor runs, unless it was put back before the error.

    Whoever keeps the error keeps the cursor, and its connection would go on reading what there was then.
    """
    if cursor is not None and not any(cursor is other for other in free or ()):
        cursor.close()


class Statement:
    """One plan on one engine.

    Args:
        plan: The plan.
        engine: Where it runs.
        models: The class of each group of the plan.
        make_list: What objects are collected in.
        attach: Sets a relation on an object.
        limit_s: How long it may run, in seconds; None leaves it to the settings.
        role: Which kind of server it is to run on; None leaves it to the rules.
        names: What its columns are called, where its text does not say so (``SELECT *``): rows whose columns
            are called otherwise are not read as these. None looks at no names.
        related: Called with the results and the objects of each joined group, which become peers.

    Attributes:
        plan: The plan.
        names: The same names.
        fetch: Runs it with a tuple of values and gives the list of results.
        provisional: Whether it must not be kept, because a column that it compares holds no value yet to show
            in which form it stores them.
    """

    __slots__ = (
        "_decoders",
        "_engine",
        "_limit_s",
        "_load",
        "_models",
        "_options",
        "_role",
        "_tolerant",
        "fetch",
        "names",
        "plan",
        "provisional",
    )

    fetch: Callable[[tuple[object, ...]], list[Any]]

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        models: Sequence[type[Struct]] = (),
        *,
        provisional: bool = False,
        limit_s: float | None = None,
        role: Role | None = None,
        names: tuple[str, ...] | None = None,
        **options: Any,
    ) -> None:
        self.plan = plan
        self.names = names
        self._engine = engine
        self._models = models
        self.provisional = provisional
        self._limit_s = limit_s
        self._role: Role | None = role
        self._options = options
        self._tolerant: Callable[[Iterable[Any]], list[Any]] | None = None
        self._decoders = self._fast_decoders()
        self._build()

    def _build(self) -> None:
        plan, engine = self.plan, self._engine
        load = make_loader(plan, _needed(self._decoders), self._models, **self._options)
        sql, statistics, recover = plan.sql, plan.statistics, self._recover
        # Values that stand in the order of the parameters and need no encoding are bound as they are.
        direct = plan.slots == len(plan.binds) and all(
            bind.encode is None and bind.slot == index for index, bind in enumerate(plan.binds)
        )
        parameters = plan.bind
        note = self._note
        undecoded = load is list
        run = None if self.names is None else self._run_named

        def fetch(values: tuple[object, ...]) -> list[Any]:
            cursor = free = None
            started = perf_counter()
            try:
                # Taken while in use, so that code that Python runs in between (a finalizer, a signal handler)
                # finds another cursor.
                local = engine.local
                free = local.free
                cursor = free.pop() if free else local.new()
                given = values if direct else parameters(values)
                rows = iter(cursor.execute(sql, given) if run is None else run(cursor, given))
                if undecoded:
                    results = list(rows)
                else:
                    batch = list(islice(rows, _BATCH_ROWS))
                    results = load(batch if len(batch) < _BATCH_ROWS else _batched(batch, rows))
                free.append(cursor)
            except BaseException as error:
                _give_up(cursor, free)
                del cursor
                if isinstance(error, OverBudget):
                    self.fetch = self._elsewhere(in_time)
                if not isinstance(error, Exception):
                    raise
                results = recover(error, values)
            elapsed = perf_counter() - started
            statistics.calls = calls = statistics.calls + 1
            statistics.rows += len(results)
            statistics.total_s += elapsed
            if elapsed > statistics.slowest_s:
                statistics.slowest_s = elapsed
            if not calls & (calls - 1):
                note()
            return results

        in_time = self._limited(fetch)
        self.fetch = in_time
        self._load = load

    def _run_named(self, cursor: Cursor, parameters: tuple[object, ...]) -> Results:
        """The rows of a run, unless their columns are called otherwise than they were."""
        names, rows = self._engine.run_named(cursor, self.plan.sql, parameters)
        if names is not None and names != self.names:
            # Rows that nobody reads would hold others up who change tables.
            rows.close()
            raise ColumnsChanged(names)
        return rows

    def _limited(self, call: Callable[[tuple[object, ...]], Any]) -> Callable[[tuple[object, ...]], Any]:
        """The same call, with the time limit of the statement and where it is to run, if it says that."""
        if self._limit_s is None and self._role is None:
            return call

        def in_time(values: tuple[object, ...]) -> Any:
            with time_limit(self._limit_s), self._engine.reading_from(self._role):
                return call(values)

        return in_time

    def _elsewhere(
        self, fetch: Callable[[tuple[object, ...]], list[Any]]
    ) -> Callable[[tuple[object, ...]], list[Any]]:
        """What runs a statement that took too long on a loop's thread: elsewhere, until it is short."""

        def wary(values: tuple[object, ...]) -> list[Any]:
            if THREAD.budget.limited:
                raise OverBudget
            started = perf_counter()
            results = fetch(values)
            if perf_counter() - started < LOOP_S / 2 and self.fetch is wary:
                self.fetch = fetch
            return results

        return wary

    def point(
        self, types: tuple[type, ...], several: Callable[[list[Any] | None], Any], *, short: bool
    ) -> Callable[[tuple[object, ...]], Any]:
        """The fastest way to run it for one object, for values of known types.

        Args:
            types: The types of the values it will be called with.
            several: Called with None where there is no row, or with the list of several objects.
            short: Whether it does nothing but find the row: it computes nothing that the user wrote.

        Returns:
            A function of the values that gives the object, or what ``several`` gives.
        """
        plan, engine, fetch = self.plan, self._engine, self.fetch
        single = make_single(plan, _needed(self._decoders), self._models)
        if single is None or not short or len(plan.outputs) < 2:
            # The driver gives a row of one column as the bare value, which cannot be told from several rows.

            def from_list(values: tuple[object, ...]) -> Any:
                results = fetch(values)
                return results[0] if len(results) == 1 else several(results or None)

            return from_list
        make: Callable[..., Any] = single
        sql, statistics, recover, load = plan.sql, plan.statistics, self._recover, self._load
        direct, parameters = plan.accepts(types), plan.bind
        note = self._note

        def one(values: tuple[object, ...]) -> Any:
            cursor = free = None
            started = perf_counter()
            try:
                local = engine.local
                free = local.single
                if not free:
                    free = local.free
                cursor = free.pop() if free else local.new()
                row = cursor.execute(sql, values if direct else parameters(values)).get
                free.append(cursor)
                found = make(*row) if row.__class__ is tuple else several(row and load(row))
            except BaseException as error:
                _give_up(cursor, free)
                del cursor
                if isinstance(error, NoormmeError) or not isinstance(error, Exception):
                    raise
                results = recover(error, values)
                found = results[0] if len(results) == 1 else several(results or None)
            elapsed = perf_counter() - started
            statistics.calls = calls = statistics.calls + 1
            statistics.rows += 1
            statistics.total_s += elapsed
            if elapsed > statistics.slowest_s:
                statistics.slowest_s = elapsed
            if not calls & (calls - 1):
                note()
            return found

        return self._limited(one)

    def page(self, values: tuple[object, ...], size: int) -> tuple[list[Any], list[Row]]:
        """Run it for a page and a row more.

        Args:
            values: The values of its slots.
            size: How many results the page has at most.

        Returns:
            The results of the page, and all rows as the database gave them, for their sort keys.
        """
        plan, engine = self.plan, self._engine
        cursor = free = None
        started = perf_counter()
        try:
            local = engine.local
            free = local.free
            cursor = free.pop() if free else local.new()
            if self._limit_s is None and self._role is None:
                rows = list(cursor.execute(plan.sql, plan.bind(values)))
            else:
                with time_limit(self._limit_s), engine.reading_from(self._role):
                    rows = list(cursor.execute(plan.sql, plan.bind(values)))
            free.append(cursor)
            results = self._load(rows[:size])
        except BaseException as error:
            _give_up(cursor, free)
            del cursor
            if not isinstance(error, Exception):
                raise
            rows = self._fetch_again(error, values)
            results = self._tolerant_loader()(rows[:size])
            if isinstance(error, UnicodeDecodeError):
                # What is no text came as bytes, and bytes would be compared with it as bytes.
                rows = [tuple(map(_as_sort_key, row)) for row in rows]
            self._relearn()
        elapsed = perf_counter() - started
        statistics = plan.statistics
        statistics.calls = calls = statistics.calls + 1
        statistics.rows += len(rows)
        statistics.total_s += elapsed
        statistics.slowest_s = max(elapsed, statistics.slowest_s)
        if not calls & (calls - 1):
            self._note()
        return results, rows

    def scalar(self, values: tuple[object, ...]) -> Any:
        """Run it for the one value that it gives."""
        (row,) = self.fetch(values)
        return row[0]

    def stream(self, values: tuple[object, ...], chunk_rows: int) -> Generator[list[Any], None, None]:
        """Run it and give its results in lists, reading as they are asked for.

        Args:
            values: The values of its slots.
            chunk_rows: How many results a list has at most.

        Raises:
            DatabaseError: The database refused.
        """
        plan, engine = self.plan, self._engine
        load = make_loader(plan, _needed(self._decoders), self._models, **self._options)
        statistics = plan.statistics
        statistics.calls += 1
        parameters = plan.parameters(values)
        rows = engine.stream(plan.sql, parameters)
        given = 0
        while True:
            with time_limit(self._limit_s), engine.reading_from(self._role):
                try:
                    chunk = list(islice(rows, chunk_rows))
                except UnicodeDecodeError:
                    rows = islice(engine.stream(plan.sql, parameters, self._column_count()), given, None)
                    chunk = list(islice(rows, chunk_rows))
            if not chunk:
                return
            given += len(chunk)
            statistics.rows += len(chunk)
            try:
                results = load(chunk)
            except Exception:
                results = self._tolerant_loader()(chunk)
            del chunk
            yield results
            del results

    def write(self, values: tuple[object, ...]) -> list[Any]:
        """Run it where statements that write run, and give the rows that it gives back.

        Args:
            values: The values of its slots.

        Raises:
            DatabaseError: The database refused; nothing of it was written.
            ColumnsChanged: It was written, and gave back other columns than were known.
        """
        plan = self.plan
        parameters = plan.bind(values)
        names: tuple[str, ...] | None = None
        started = perf_counter()
        with self._engine.writing() as writer:
            if self.names is None:
                rows = writer.run(plan.sql, parameters)
            else:
                names, rows = writer.run_named(plan.sql, parameters)
        plan.statistics.add(perf_counter() - started, len(rows))
        if rows and names is not None and names != self.names:
            raise ColumnsChanged(names, rows)
        return self.loaded(rows)

    def write_each(self, every: Sequence[tuple[object, ...]]) -> list[list[Any]]:
        """Run it once for each of several rows of values, and give the rows that each run gives back.

        Args:
            every: The values of its slots, for each run.

        Raises:
            DatabaseError: The database refused one of them; those before it may have been written.
        """
        plan = self.plan
        bound = [plan.bind(values) for values in every]
        started = perf_counter()
        with self._engine.writing() as writer:
            done = writer.run_each(plan.sql, bound)
        plan.statistics.add(perf_counter() - started, sum(len(rows) for rows, _, _ in done))
        return [self.loaded(rows) for rows, _, _ in done]

    def loaded(self, rows: list[Row]) -> list[Any]:
        """What rows become that it gave before.

        Args:
            rows: The rows as the database gave them.
        """
        if rows and not self.plan.outputs:
            # A procedure of MySQL's: the server does not tell beforehand what it gives.
            width = len(rows[0])
            untold = Plan(self.plan.sql, (), tuple(Output("", "any") for _ in range(width)), style="row")
            return make_loader(untold, [None] * width, ())(rows)
        try:
            return self._load(rows)
        except Exception:
            return self._tolerant_loader()(rows)

    def write_many(self, rows: Sequence[tuple[object, ...]]) -> int:
        """Run it once for each of several rows of values, where statements that write run.

        Args:
            rows: The values of its slots, for each run.

        Returns:
            How many rows were changed.

        Raises:
            DatabaseError: The database refused one of them; those before it were written.
        """
        plan = self.plan
        bound = [plan.bind(values) for values in rows]
        started = perf_counter()
        with self._engine.writing() as writer:
            changed = sum(count for _, count, _ in writer.run_each(plan.sql, bound))
        plan.statistics.add(perf_counter() - started, changed)
        return changed

    def explain(self, values: tuple[object, ...]) -> str:
        """The database's own plan for it."""
        return self._engine.explain(self.plan.sql, self.plan.parameters(values))

    def _recover(self, error: Exception, values: tuple[object, ...]) -> list[Any]:
        """Run it again the tolerant way; raises what was really wrong if that fails too."""
        results = self._tolerant_loader()(self._fetch_again(error, values))
        self._relearn()
        return results

    def _fetch_again(self, error: Exception, values: tuple[object, ...]) -> list[Row]:
        known = self._engine.error(error, self.plan.sql)
        if known is not None:
            raise known from (error.__cause__ if known is error else error)
        return self._engine.fetch(self.plan.sql, self.plan.parameters(values), self._column_count())

    def _relearn(self) -> None:
        """Take other decoders where columns that held nothing have values by now."""
        decoders = self._fast_decoders()
        if decoders != self._decoders:
            self._decoders = decoders
            self._build()

    def _fast_decoders(self) -> list[Decode | Inline | None]:
        decoder = self._engine.dialect.decoder
        return [decoder(output.kind, output.table, output.column) for output in self.plan.outputs]

    def _column_count(self) -> int:
        return len(self.plan.outputs) + self.plan.trailing

    def _tolerant_loader(self) -> Callable[[Iterable[Any]], list[Any]]:
        if self._tolerant is None:
            decoders = [
                None if fast is None else self._tolerant_decoder(output)
                for output, fast in zip(self.plan.outputs, self._decoders, strict=True)
            ]
            self._tolerant = make_loader(self.plan, decoders, self._models, **self._options)
        return self._tolerant

    def _tolerant_decoder(self, output: Output) -> Callable[[object], object]:
        decode = self._engine.dialect.decode
        return lambda value: decode(output.kind, value, output.table, output.column or output.name)

    def _note(self) -> None:
        """Remember where in the user's code this call came from."""
        work = THREAD.budget.work
        place = user_place() if work is None else work.place
        if place is not None:
            callers = self.plan.statistics.callers
            callers[place] = callers.get(place, 0) + 1
