"""One contender in its own process; it takes requests and gives answers as lines of JSON.

Invariant: as in ``benchmarks.worker``, standard output carries answers and nothing else.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC
from time import perf_counter
from typing import Any

from benchmarks.server.contenders import made
from benchmarks.server.data import FIELDS, GROUPS, rows

__all__ = ["main"]


class Worker:
    """Answers requests about one contender.

    Args:
        name: Which contender.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def prepare(self, request: dict[str, Any]) -> dict[str, object]:
        """Import the contender and connect; answers with some users as it gives them."""
        self._contender = made(self._name, request["url"])
        self._users: int = request["users"]
        found = [self._contender.get(key) for key in (1, self._users)]
        found += self._contender.list_1000(3)
        return {"data": [_comparable(self._contender.plain(row)) for row in found]}

    def run(self, request: dict[str, Any]) -> dict[str, object]:
        """Time an operation; answers with the seconds that each call of it took."""
        operation, count = request["operation"], request["iterations"]
        call = getattr(self._contender, operation)
        values: list[Any]
        if operation == "get":
            values = [at * 7919 % self._users + 1 for at in range(count)]
        elif operation == "list_1000":
            values = [at % GROUPS for at in range(count)]
        else:
            given = self._contender.given(rows(request["rows"], request["start"]))
            values = [given] if operation == "bulk" else given
        with self._contender.transaction() if request["one_transaction"] else nullcontext():
            gc.collect()
            started = perf_counter()
            for value in values:
                call(value)
            seconds = perf_counter() - started
        return {"seconds": seconds / len(values)}


def _comparable(row: Sequence[Any]) -> list[str]:
    """A row as text; a moment in UTC, and a truth as one, whatever a library makes of a column of such."""
    values = dict(zip(("id", *FIELDS), row, strict=True))
    values["is_active"] = bool(values["is_active"])
    moment = values["created_at"]
    values["created_at"] = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return [str(value) for value in values.values()]


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
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
