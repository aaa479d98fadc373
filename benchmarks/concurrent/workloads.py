"""What tasks on one event loop do, and what is measured of it.

Invariant: every contender has the same tasks, which ask for the same keys in the same order; a task yields to
the loop after each question, as one does that has something else to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from time import perf_counter

from benchmarks.concurrent.base import Asynchronous

__all__ = ["WORKLOADS", "Workload"]

TASKS = 100
GETS = 50
BESIDE_S = 1.0
COUNTING = "with recursive n(i) as (values (1) union all select i + 1 from n where i < {})"
LONG = f"{COUNTING.format(20_000_000)} select count(*) from n"
"""Some two seconds."""

Figures = dict[str, float]
Workload = Callable[[Asynchronous, int], Awaitable[Figures]]

_names = count()


async def awaited(contender: Asynchronous, users: int) -> Figures:
    """One get after the other."""
    keys = [1 + number * 7919 % users for number in range(1_000)]
    started = perf_counter()
    for key in keys:
        await contender.get(key)
    return {"get_us": (perf_counter() - started) / len(keys) * 1e6}


async def gathered(contender: Asynchronous, users: int) -> Figures:
    """100 tasks, each with 50 gets."""

    async def ask(task: int) -> None:
        for number in range(GETS):
            await contender.get(1 + (task * GETS + number) * 7919 % users)
            await asyncio.sleep(0)

    started = perf_counter()
    await asyncio.gather(*map(ask, range(TASKS)))
    return {"gets": TASKS * GETS / (perf_counter() - started)}


async def mixed(contender: Asynchronous, users: int) -> Figures:
    """The same, with an insert in place of every tenth get."""

    async def ask(task: int) -> None:
        for number in range(GETS):
            if number % 10:
                await contender.get(1 + (task * GETS + number) * 7919 % users)
            else:
                await contender.insert(f"new {next(_names)}")
            await asyncio.sleep(0)

    started = perf_counter()
    await asyncio.gather(*map(ask, range(TASKS)))
    return {"mixed": TASKS * GETS / (perf_counter() - started)}


async def beside_scans(contender: Asynchronous, users: int) -> Figures:
    """100 tasks with gets, beside one that counts posts again and again."""
    await contender.scan()
    done = asyncio.Event()

    async def scan() -> None:
        while not done.is_set():
            await contender.scan()

    async with _lag() as late:
        scanning = asyncio.create_task(scan())
        gets = await _gets_for(contender, users, BESIDE_S)
        done.set()
    await scanning
    return {"gets_beside": gets / BESIDE_S, "lag_beside_ms": max(late) * 1e3}


async def beside_a_long_one(contender: Asynchronous, users: int) -> Figures:
    """100 tasks with gets, beside one statement of two seconds."""
    async with _lag() as late:
        running = asyncio.create_task(contender.run(LONG))
        gets = await _gets_for(contender, users, BESIDE_S)
    await running
    return {"gets_long": gets / BESIDE_S, "lag_long_ms": max(late) * 1e3}


async def _gets_for(contender: Asynchronous, users: int, seconds: float) -> int:
    """How many gets 100 tasks have answered after some seconds."""
    gets = 0
    until = perf_counter() + seconds

    async def ask(task: int) -> None:
        nonlocal gets
        key = task
        while perf_counter() < until:
            key += 7919
            await contender.get(1 + key % users)
            gets += perf_counter() < until
            await asyncio.sleep(0)

    await asyncio.gather(*map(ask, range(TASKS)))
    return gets


@asynccontextmanager
async def _lag() -> AsyncIterator[list[float]]:
    """How late a timer of one millisecond was, each time, in seconds."""
    late = [0.0]

    async def watch() -> None:
        while True:
            started = perf_counter()
            await asyncio.sleep(0.001)
            late.append(perf_counter() - started - 0.001)

    watching = asyncio.create_task(watch())
    try:
        yield late
    finally:
        watching.cancel()


WORKLOADS: dict[str, Workload] = {
    "awaited": awaited,
    "gathered": gathered,
    "mixed": mixed,
    "beside_scans": beside_scans,
    "beside_a_long_one": beside_a_long_one,
}
