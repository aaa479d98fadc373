"""Waiting on an event loop, which goes on with other tasks meanwhile.

Invariant: nothing here blocks the thread. What is cancelled gives back what it held.
"""

from __future__ import annotations

import asyncio
from threading import get_ident
from typing import TypeVar

from noormme.engines.budget import ANY_TIME, NEVER, THREAD
from noormme.engines.waits import Wait, Waiting

__all__ = ["drive"]

T = TypeVar("T")


async def drive(steps: Waiting[T]) -> T:
    """Run a generator of waits on the running event loop.

    Args:
        steps: The generator.

    Returns:
        What it returns.
    """
    budget = THREAD.budget
    raised: BaseException | None = None
    while True:
        try:
            # What it does on the way does not wait on this thread either.
            budget.deadline = ANY_TIME
            wait = next(steps) if raised is None else steps.throw(raised)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            budget.deadline = NEVER
        raised = None
        try:
            await _over(wait)
        except BaseException as error:
            # A cancellation: the generator gives back what it holds.
            raised = error


async def _over(wait: Wait) -> None:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    thread = get_ident()

    def woken() -> None:
        if not future.done():
            future.set_result(None)

    def wake() -> None:
        if get_ident() == thread:
            woken()
        else:
            loop.call_soon_threadsafe(woken)

    timeout_s = wait.subscribe(wake)
    timer = None if timeout_s is None else loop.call_later(timeout_s, woken)
    try:
        await future
    finally:
        if timer is not None:
            timer.cancel()
