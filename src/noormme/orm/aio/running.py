"""Runs what reads for coroutines: the same code as for everybody else, on one of two threads.

Invariant: a coroutine never holds its event loop for much longer than ``LOOP_S``. What it asks for runs on
the loop's thread, where it costs what it costs without one; what turns out to take longer there is ended, and
runs again, from the beginning, in a worker. That is only for work which may be begun twice: reading.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from types import coroutine
from typing import TypeVar

from noormme.engines.base import Engine
from noormme.engines.budget import LOOP_S, NEVER, STEPS_ON_LOOP, THREAD, OverBudget
from noormme.engines.workers import Job
from noormme.orm.reading import Reading

__all__ = ["each", "elsewhere", "listed", "off_loop", "on_loop", "ready", "soon", "wholly"]

T = TypeVar("T")
_NO_OPTIONS: Mapping[str, object] = {}


async def on_loop(
    engine: Engine,
    call: Callable[..., T],
    arguments: Sequence[object] = (),
    options: Mapping[str, object] = _NO_OPTIONS,
) -> T:
    """What a call gives, made on this thread if it is short, else in a worker.

    Args:
        engine: Where its statements run.
        call: What to call; it reads, and may be called twice.
        arguments: Its arguments.
        options: Its arguments by name.
    """
    budget = THREAD.budget
    now = perf_counter()
    if budget.watched is not engine.mark or now > budget.rests_at:
        now = await ready(engine)
    budget.deadline = now + LOOP_S
    try:
        return call(*arguments, **options)
    except OverBudget:
        pass
    finally:
        budget.deadline = NEVER
    return await off_loop(engine, call, arguments, options)


async def off_loop(
    engine: Engine,
    call: Callable[..., T],
    arguments: Sequence[object] = (),
    options: Mapping[str, object] = _NO_OPTIONS,
) -> T:
    """What a call gives that took too long on the loop's thread.

    Args:
        engine: Where its statements run.
        call: What to call.
        arguments: Its arguments.
        options: Its arguments by name.
    """
    session = engine.session()
    if session is None:
        return await elsewhere(engine, call, arguments, options)
    # What ends the transaction must not meet it on the connection of the transaction.
    return await wholly(engine, session.holding, (call, *arguments), options)


async def ready(engine: Engine) -> float:
    """Prepare this thread for a call, let other tasks run if it is time for that, and say what time it is.

    Args:
        engine: Where the statements of the call run.
    """
    budget = THREAD.budget
    if budget.watched is not engine.mark:
        _watch(engine)
    now = perf_counter()
    if now > budget.rests_at:
        # One short call after another would keep all other tasks waiting.
        await _rest()
        now = perf_counter()
        budget.rests_at = now + LOOP_S
    return now


def _watch(engine: Engine) -> None:
    """Let the connections of this thread look at its deadline."""
    budget = THREAD.budget
    budget.steps = STEPS_ON_LOOP
    engine.watch()
    budget.watched = engine.mark


@coroutine
def _rest() -> Generator[None, None, None]:
    """Let the other tasks of the loop have their turn."""
    yield


async def elsewhere(
    engine: Engine,
    call: Callable[..., T],
    arguments: Sequence[object] = (),
    options: Mapping[str, object] = _NO_OPTIONS,
) -> T:
    """What a call gives, made in a worker.

    A task that is cancelled meanwhile does not wait for it: its statement ends at its next look at the
    budget, and whatever it would have given is nobody's.

    Args:
        engine: Where its statements run.
        call: What to call.
        arguments: Its arguments.
        options: Its arguments by name.
    """
    from asyncio import wrap_future  # here, because programs without coroutines need none of it

    job = Job(call, arguments, options)
    try:
        return await wrap_future(engine.workers.submit(job))
    finally:
        # Without effect on work that is done.
        job.stopped = True


async def wholly(
    engine: Engine,
    call: Callable[..., T],
    arguments: Sequence[object] = (),
    options: Mapping[str, object] = _NO_OPTIONS,
    *,
    stoppable: bool = True,
    holds: bool = True,
) -> T:
    """What a part of the open transaction gives, made in a worker that nobody leaves behind.

    A task that is cancelled meanwhile ends the statement, and goes on when the worker has let go of it. So it
    knows that nothing more is written.

    Args:
        engine: Where its statements run.
        call: What to call.
        arguments: Its arguments.
        options: Its arguments by name.
        stoppable: Whether a task that is cancelled ends it; else it waits for its end.
        holds: Whether it has a connection already, for which others may be waiting.
    """
    from asyncio import CancelledError, shield, wait, wrap_future

    job = Job(call, arguments, options)
    running = engine.workers.submit(job, in_transaction=holds)
    awaited = wrap_future(running)
    try:
        return await shield(awaited)
    except CancelledError:
        if stoppable:
            job.stopped = True
            running.cancel()
        while not awaited.done():
            with suppress(CancelledError):
                await wait({awaited})
        if not awaited.cancelled():
            # It may have failed because it was ended, which is nobody's business.
            awaited.exception()
        raise


async def listed(engine: Engine, call: Callable[[], Sequence[T]]) -> list[T]:
    """The rows that a call gives, in a list of their own.

    Args:
        engine: Where its statements run.
        call: What gives them.
    """
    return list(await on_loop(engine, call))


async def soon(engine: Engine, call: Callable[[], Sequence[T]]) -> AsyncGenerator[T, None]:
    """The rows that a call gives, one after the other.

    Args:
        engine: Where its statements run.
        call: What gives them.
    """
    for row in await on_loop(engine, call):
        yield row


async def each(reading: Reading[T], size: int) -> AsyncGenerator[T, None]:
    """Rows one after the other, read in chunks.

    Few rows are read on the loop's thread at once. More of them are read by workers, chunk by chunk, on a
    connection that belongs to the loop, so that a loop over them holds no thread while its body waits.

    Args:
        reading: What to read.
        size: How many rows a chunk has at most.
    """
    few = await _few(reading, size)
    if few is not None:
        for row in few:
            yield row
        return
    engine, chunks = reading.engine, reading.completed(size)
    begun = over = False
    try:
        while (chunk := await _chunk(engine, chunks, begun=begun)) is not None:
            begun = True
            for row in chunk:
                yield row
            del chunk
        over = True
    finally:
        if engine.waits and not over:
            # Its connection is not kept for as long as somebody keeps the error that ended the loop.
            await _alone(engine, chunks.close, begun=True)


async def _chunk(engine: Engine, chunks: Generator[list[T], None, None], *, begun: bool) -> list[T] | None:
    """The next chunk, read by a worker; None where there is none."""

    def read() -> list[T] | None:
        return next(chunks, None)

    if engine.session() is None and not engine.waits:
        return await elsewhere(engine, read)
    return await _alone(engine, read, begun=begun)


async def _alone(engine: Engine, call: Callable[[], T], *, begun: bool) -> T:
    """What a call about a stream gives, made in a worker that nobody leaves behind.

    Args:
        engine: Where the stream runs.
        call: What to call.
        begun: Whether the stream has a connection by now, for which all other workers may be waiting.
    """
    session = engine.session()
    if session is None:
        return await wholly(engine, call, holds=begun)
    return await wholly(engine, session.holding, (call,))


async def _few(reading: Reading[T], size: int) -> list[T] | None:
    """All rows, where one chunk holds them and the loop's thread can read them; else None."""
    budget = THREAD.budget
    budget.deadline = await ready(reading.engine) + LOOP_S
    try:
        chunks = reading.chunks(size + 1)
        rows = next(chunks, None)
        chunks.close()
        if rows is None:
            return []
        if len(rows) > size:
            return None
        reading.complete(rows)
    except OverBudget:
        return None
    else:
        return rows
    finally:
        budget.deadline = NEVER
