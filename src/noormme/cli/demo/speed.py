"""The speed comparison: noormme here, hand-written ``sqlite3`` in a process of its own.

Invariant: both sides do the same work on the same file, in turns, never at the same time; what they
read is compared, value by value, before anything is timed.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeAlias

import msgspec

from noormme import Count, Database
from noormme.cli.demo.agreement import Reader
from noormme.cli.demo.operations import Operation
from noormme.cli.demo.rival import Rival, RivalFailed

__all__ = ["ROUNDS", "Timing", "compare"]

ROUNDS = 7
"""How often each side runs each operation for the figures."""
_ROUND_S = 0.01
"""About how long one side of one round takes, in seconds: long enough to be measured well."""
_CHECKED_KEYS = 50

Run: TypeAlias = Callable[[Database, Sequence[object]], Any]


class Timing(msgspec.Struct, frozen=True):
    """What one operation took on each side, in seconds for one run of it.

    Attributes:
        title: What was done.
        code: The noormme side.
        sql: The other side.
        same: Whether both sides read the same values.
        noormme_min_s: noormme's fastest round.
        noormme_median_s: noormme's median round.
        sqlite3_min_s: The other side's fastest round.
        sqlite3_median_s: The other side's median round.
        failure: Why the other side has no figures, or None.
    """

    title: str
    code: str
    sql: str
    same: bool = False
    noormme_min_s: float = 0.0
    noormme_median_s: float = 0.0
    sqlite3_min_s: float = 0.0
    sqlite3_median_s: float = 0.0
    failure: str | None = None

    @property
    def ratio(self) -> float:
        """Noormme's fastest round by the other side's: below one is faster than ``sqlite3``."""
        return self.noormme_min_s / self.sqlite3_min_s


def compare(
    db: Database, other: Rival, operations: Sequence[Operation], done: Callable[[], None] = lambda: None
) -> Iterator[Timing]:
    """Time each operation on both sides. Touches the database; reads only.

    Args:
        db: This side.
        other: The other side, on the same file.
        operations: What to time.
        done: Called after each of the ``ROUNDS`` rounds of an operation.

    Yields:
        The figures of each operation, in order.
    """
    reader = Reader(other, db.settings.timezone)
    with _little_to_collect():
        for operation in operations:
            timing = Timing(operation.title, operation.code, operation.sql)
            try:
                yield _timed(timing, db, other, operation, reader, done)
            except RivalFailed as error:
                yield msgspec.structs.replace(timing, failure=str(error))


@contextmanager
def _little_to_collect() -> Generator[None, None, None]:
    """Keep what there is by now from the garbage collector, which is called before each measurement.

    To look at everything that this process has loaded takes it longer than what is measured.
    """
    if gc.get_freeze_count():
        # Somebody did already, and means it to stay so.
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _timed(
    timing: Timing,
    db: Database,
    other: Rival,
    operation: Operation,
    reader: Reader,
    done: Callable[[], None],
) -> Timing:
    run = _compiled(operation)
    same = _same(db, other, operation, reader, run)
    repeat = max(1, round(_ROUND_S / _seconds(run, db, operation.keys)))
    keys = operation.keys * repeat
    ours: list[float] = []
    theirs: list[float] = []
    sides: list[tuple[list[float], Callable[[], float]]] = [
        (ours, lambda: _seconds(run, db, keys)),
        (theirs, lambda: other.seconds(operation, repeat)),
    ]
    for _ in range(ROUNDS):
        for seconds, measure in sides:
            seconds.append(measure() / len(keys))
        # The other one begins the next round: whoever begins has the colder caches.
        sides.reverse()
        done()
    return msgspec.structs.replace(
        timing,
        same=same,
        noormme_min_s=min(ours),
        noormme_median_s=statistics.median(ours),
        sqlite3_min_s=min(theirs),
        sqlite3_median_s=statistics.median(theirs),
    )


def _compiled(operation: Operation) -> Run:
    """The operation's code in a loop over keys, as a user would write it: no call of ours in between."""
    loop = f"    for key in keys:\n        result = {operation.code}\n"
    names: dict[str, Any] = {"Count": Count}
    exec(compile(f"def run(db, keys):\n{loop}    return result\n", operation.title, "exec"), names)
    run: Run = names["run"]
    return run


def _seconds(run: Run, db: Database, keys: Sequence[object]) -> float:
    # As timeit does: the collector would count the other objects of this process.
    gc.collect()
    gc.disable()
    try:
        start = perf_counter()
        run(db, keys)
        return perf_counter() - start
    finally:
        gc.enable()


def _same(db: Database, other: Rival, operation: Operation, reader: Reader, run: Run) -> bool:
    """Whether both sides read the same for some of the keys."""
    keys, inputs = operation.keys[:_CHECKED_KEYS], operation.inputs[:_CHECKED_KEYS]
    ours = [operation.flat(run(db, [key])) for key in keys]
    theirs = other.rows(operation, inputs)
    return all(reader.agree(operation, mine, stored) for mine, stored in zip(ours, theirs, strict=True))
