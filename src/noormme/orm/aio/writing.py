"""Runs what writes for coroutines: the same code as for everybody else, on one of two threads.

Invariant: nothing here waits on the thread of an event loop, and nothing that has written begins again. A
task that is cancelled finds all of a call written, or nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from time import perf_counter
from typing import TypeVar

from noormme.engines.base import Engine, Session
from noormme.engines.budget import LOOP_S, NEVER, THREAD, OverBudget, Unloaded, WouldWait
from noormme.orm.aio.running import elsewhere, ready, wholly
from noormme.orm.transaction import Transaction

__all__ = ["MANY", "write"]

T = TypeVar("T")
_NO_OPTIONS: Mapping[str, object] = {}

MANY = 30
"""From so many objects on, what is to be done for them in Python alone is too much for an event loop."""


async def write(
    engine: Engine,
    call: Callable[..., T],
    arguments: Sequence[object] = (),
    options: Mapping[str, object] = _NO_OPTIONS,
    *,
    long: bool = False,
    open_end: bool = False,
) -> T:
    """What a call gives that writes.

    Outside of a transaction it is tried on this thread: what has to wait, or takes long, is ended there
    before it has written anything, and begins again in a transaction that was waited for. In a transaction
    it cannot be ended without ending that; so what may take long goes to a worker at once.

    Args:
        engine: Where its statements run.
        call: What to call; it may be called twice, unless it has written.
        arguments: Its arguments.
        options: Its arguments by name.
        long: Whether it takes long for sure.
        open_end: Whether it takes as long as there are rows.
    """
    now = await ready(engine)
    session = engine.session()
    if session is not None:
        return await _within(session, engine, call, arguments, options, long=long or open_end)
    workers = engine.workers
    if not long and now > workers.wanted_until:
        budget = THREAD.budget
        budget.deadline = now + LOOP_S
        try:
            if open_end:
                # A statement that commits by itself could not be ended.
                with Transaction(engine):
                    result = call(*arguments, **options)
            else:
                result = call(*arguments, **options)
        except WouldWait:
            pass
        except Unloaded:
            # What loads for long is not loaded while others wait for their turn.
            await elsewhere(engine, import_module, ("sqlalchemy",))
            long = True
        except OverBudget:
            long = True
        else:
            workers.took(perf_counter() - now)
            return result
        finally:
            budget.deadline = NEVER
    else:
        long = True
    async with Transaction(engine):
        session = engine.session()
        assert session is not None, "just begun"
        return await _within(session, engine, call, arguments, options, long=long)


async def _within(
    session: Session,
    engine: Engine,
    call: Callable[..., T],
    arguments: Sequence[object],
    options: Mapping[str, object],
    *,
    long: bool,
) -> T:
    """The same inside a transaction; on this thread only if it is short and nobody has the connection."""
    if not long and session.take_now():
        try:
            return call(*arguments, **options)
        finally:
            session.give()
    return await wholly(engine, session.holding, (call, *arguments), options)
