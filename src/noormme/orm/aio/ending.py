"""The parts of a transaction in a coroutine: its savepoints and its end.

Invariant: the thread of an event loop never waits for a worker that uses the connection of the transaction,
nor for the disk where that is known to take long; what ends a transaction is never ended itself.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from noormme.engines.base import Engine, Session
from noormme.engines.waits import block
from noormme.orm.aio.running import wholly
from noormme.orm.aio.waiting import drive

__all__ = ["alone", "commit", "savepoint"]

T = TypeVar("T")


async def alone(engine: Engine, session: Session, call: Callable[[], T]) -> T:
    """What a call gives while no other thread uses the connection of a transaction.

    Args:
        engine: Where the transaction is open.
        session: The transaction.
        call: What to call; it is short.
    """
    if session.take_now():
        try:
            return call()
        finally:
            session.give()
    return await wholly(engine, session.holding, (call,), stoppable=False)


async def savepoint(engine: Engine, session: Session) -> str:
    """Mark a point to go back to.

    Args:
        engine: Where the transaction is open.
        session: The transaction.

    Returns:
        Its name.
    """
    return await alone(engine, session, session.savepoint)


async def commit(engine: Engine, session: Session, *, durable: bool) -> None:
    """Make a transaction permanent.

    Args:
        engine: Where the transaction is open.
        session: The transaction.
        durable: Whether it waits for the disk.

    Raises:
        DatabaseError: The database refused; everything is rolled back.
    """
    started = perf_counter()
    if durable or started < engine.workers.wanted_until:
        await wholly(engine, block, (session.committing(),), stoppable=False)
        return
    await drive(session.committing())
    engine.workers.took(perf_counter() - started)
