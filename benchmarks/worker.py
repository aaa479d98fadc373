"""One contender in its own process, which takes requests and gives answers as lines of JSON.

Invariant: standard output carries answers and nothing else; whatever a library prints goes to standard
error. A request that fails answers with the error, and the process goes on.

Requests: ``prepare`` opens the databases, ``run`` times iterations of an operation, ``check`` gives the
digest of its data, ``peak`` and ``row_bytes`` measure memory.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS
from benchmarks.operations import OPERATIONS, Operation, arguments, depth
from benchmarks.plain import digest, plain

__all__ = ["main"]

Answer = dict[str, object]


class Worker:
    """Answers requests about one contender.

    Args:
        name: Which contender.
    """

    def __init__(self, name: str) -> None:
        self._entry = CONTENDERS[name]
        self._operations = {operation.key: operation for operation in OPERATIONS}
        self._loop: asyncio.AbstractEventLoop | None = None

    def prepare(self, request: dict[str, Any]) -> Answer:
        """Import the contender and open its databases; answers with its version."""
        PRAGMAS.update(request.get("pragmas", {}))
        self._users: int = request["users"]
        databases = {name: Path(path) for name, path in request["databases"].items()}
        module = importlib.import_module(f"benchmarks.contenders.{self._entry.name}_contender")
        self._contender: Contender = module.CONTENDER()
        if self._contender.asynchronous:
            self._loop = asyncio.new_event_loop()
        self._finished(self._contender.open(databases["blog"]))
        self._given: dict[str, object] = {}
        if "wide" in databases:
            self._given["wide"] = databases["wide"]
        if "deep" in databases and hasattr(self._contender, "keyset"):
            place = self._contender.open_deep(databases["deep"], depth(request["events"]))
            self._given["deep"] = self._finished(place)
        missing = {
            operation.key: self._contender.unsupported.get(operation.key, "not available")
            for operation in OPERATIONS
            if not hasattr(self._contender, operation.key)
        }
        return {"version": self._version(), "unsupported": missing}

    def run(self, request: dict[str, Any]) -> Answer:
        """Time ``iterations`` of an operation; answers with the seconds they took."""
        operation, method = self._method(request)
        values = list(islice(cycle(self._arguments(operation)), request["iterations"]))
        if operation.iterations is not None:
            values = [self._contender.given(operation.key, value) for value in values]
        gc.collect()
        return {"seconds": self._time(operation, method, values)}

    def check(self, request: dict[str, Any]) -> Answer:
        """Answer with the digest of what an operation gives for its first arguments."""
        operation, method = self._method(request)
        values = self._arguments(operation)[:3]
        if operation.iterations is not None:
            values = [self._contender.given(operation.key, value) for value in values]
        results = self._results(operation, method, values)
        return {"digest": digest([plain(self._contender, operation, result) for result in results])}

    def peak(self, request: dict[str, Any]) -> Answer:
        """Answer with the most memory, in bytes, that Python held at once during an operation."""
        operation, method = self._method(request)
        values = self._arguments(operation)
        self._time(operation, method, values)
        gc.collect()
        tracemalloc.start()
        try:
            self._time(operation, method, values)
            return {"bytes": tracemalloc.get_traced_memory()[1]}
        finally:
            tracemalloc.stop()

    def row_bytes(self, request: dict[str, Any]) -> Answer:
        """Answer with the memory, in bytes, that one row of an operation's result holds."""
        operation, method = self._method(request)
        values = self._arguments(operation)
        self._results(operation, method, values)
        gc.collect()
        tracemalloc.start()
        try:
            [rows] = self._results(operation, method, values)
            gc.collect()
            return {"bytes": tracemalloc.get_traced_memory()[0] / len(rows)}
        finally:
            tracemalloc.stop()

    def _method(self, request: dict[str, Any]) -> tuple[Operation, Callable[[Any], Any]]:
        operation = self._operations[request["operation"]]
        return operation, getattr(self._contender, operation.key)

    def _arguments(self, operation: Operation) -> list[object]:
        if operation.database in ("blog", "written"):
            return arguments(operation, self._users)
        return [self._given[operation.database]]

    def _finished(self, result: Any) -> Any:
        """What a method of the contender gives, awaited where it is a coroutine function."""
        return result if self._loop is None else self._loop.run_until_complete(result)

    def _time(self, operation: Operation, method: Callable[[Any], Any], values: list[Any]) -> float:
        if self._loop is None:
            with self._around(operation):
                return _timed(method, values, streaming=operation.peak)
        around = self._around(operation)
        return self._loop.run_until_complete(_timed_async(around, method, values, streaming=operation.peak))

    def _results(self, operation: Operation, method: Callable[[Any], Any], values: list[Any]) -> list[Any]:
        if self._loop is None:
            with self._around(operation):
                return [list(method(value)) if operation.peak else method(value) for value in values]
        around = self._around(operation)
        return self._loop.run_until_complete(_results_async(around, method, values, streaming=operation.peak))

    def _around(self, operation: Operation) -> Any:
        """What an operation runs inside: a context manager, of the contender's own colour."""
        if operation.transaction:
            return self._contender.transaction()
        return nullcontext() if operation.iterations is not None else self._contender.scope()

    def _version(self) -> str:
        if self._entry.distribution is None:
            import sqlite3

            return f"SQLite {sqlite3.sqlite_version}"
        try:
            return version(self._entry.distribution)
        except PackageNotFoundError:
            return "from source"


def _timed(method: Callable[[Any], Any], values: list[object], *, streaming: bool) -> float:
    if streaming:
        start = perf_counter()
        for value in values:
            for _ in method(value):
                pass
        return perf_counter() - start
    start = perf_counter()
    for value in values:
        method(value)
    return perf_counter() - start


async def _timed_async(
    scope: AbstractAsyncContextManager[Any],
    method: Callable[[Any], Any],
    values: list[object],
    *,
    streaming: bool,
) -> float:
    async with scope:
        if streaming:
            start = perf_counter()
            for value in values:
                async for _ in method(value):
                    pass
            return perf_counter() - start
        start = perf_counter()
        for value in values:
            await method(value)
        return perf_counter() - start


async def _results_async(
    scope: AbstractAsyncContextManager[Any],
    method: Callable[[Any], Any],
    values: list[Any],
    *,
    streaming: bool,
) -> list[Any]:
    async with scope:
        if streaming:
            return [[row async for row in method(value)] for value in values]
        return [await method(value) for value in values]


def main() -> None:
    """Serve the contender named on the command line until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1])
    requests: dict[str, Callable[[dict[str, Any]], Answer]] = {
        "prepare": worker.prepare,
        "run": worker.run,
        "check": worker.check,
        "peak": worker.peak,
        "row_bytes": worker.row_bytes,
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = requests[request["do"]](request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
