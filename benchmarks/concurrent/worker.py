"""One contender in its own process; it takes requests and gives answers as lines of JSON.

Invariant: as in ``benchmarks.worker``, standard output carries answers and nothing else.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.concurrent.base import Asynchronous
from benchmarks.concurrent.workloads import WORKLOADS

__all__ = ["main"]


class Worker:
    """Answers requests about one contender.

    Args:
        name: Which contender.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._runner = asyncio.Runner()

    def prepare(self, request: dict[str, Any]) -> dict[str, object]:
        """Import the contender and connect; answers with some users as it gives them."""
        module = importlib.import_module(f"benchmarks.concurrent.{self._name}_async")
        self._contender: Asynchronous = module.CONTENDER()
        self._users: int = request["users"]

        async def users() -> list[list[object]]:
            await self._contender.open(Path(request["database"]))
            return [self._contender.user(await self._contender.get(key)) for key in (1, self._users)]

        return {"data": self._runner.run(users())}

    def run(self, request: dict[str, Any]) -> dict[str, object]:
        """Run a workload; answers with its figures."""
        workload = WORKLOADS[request["workload"]]

        async def measured() -> dict[str, float]:
            return await workload(self._contender, self._users)

        return {"figures": self._runner.run(measured())}

    def close(self) -> None:
        """Close the contender and the loop."""
        self._runner.run(self._contender.close())
        self._runner.close()


def main() -> None:
    """Serve the contender named on the command line until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"prepare": worker.prepare, "run": worker.run}[request["do"]](request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    worker.close()


if __name__ == "__main__":
    main()
