"""The other process of the speed comparison, as this one sees it.

Invariant: the process ends when its context does, however that ends; what it cannot do is a
``RivalFailed`` with its reason, never a hang.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from noormme.cli.code import sql_name
from noormme.cli.demo.operations import Operation, Row

__all__ = ["Rival", "RivalFailed", "rival"]

_SCRIPT = Path(__file__).with_name("contender.py")


class RivalFailed(Exception):
    """The other process cannot do what it was asked; the message says why."""


class Rival:
    """The other process, ready to answer.

    Attributes:
        version: The version of its SQLite.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version = str(self._receive()["version"])

    def rows(self, operation: Operation, inputs: Sequence[Row]) -> list[list[Row]]:
        """The rows that it reads for each of the inputs, as JSON brings them: BLOBs are ``{"hex": …}``."""
        answer = self._ask(_request(operation.way, operation.sql, inputs, operation.options))
        return [[tuple(row) for row in rows] for rows in answer["rows"]]

    def seconds(self, operation: Operation, repeat: int) -> float:
        """How long it takes for all inputs, ``repeat`` times, in seconds."""
        request = _request(operation.way, operation.sql, operation.inputs, operation.options)
        return float(self._ask(request | {"want_rows": False, "repeat": repeat})["seconds"])

    def sample(self, table: str, column: str) -> list[object]:
        """Some values of a column as they are stored, NULLs left out."""
        names = [sql_name(name) for name in (column, table)]
        sql = f"SELECT {names[0]} FROM {names[1]} WHERE {names[0]} IS NOT NULL LIMIT 50"
        return [stored_value(value) for [value] in self._ask(_request("every", sql, [()]))["rows"][0]]

    def _ask(self, request: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; its last words are read below
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            said = self._process.stderr.read().strip().splitlines()
            raise RivalFailed(said[-1] if said else "it ended without a word")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RivalFailed(str(answer["error"]))
        return answer


@contextmanager
def rival(path: Path, cache_size_kib: int, mmap_size_bytes: int) -> Generator[Rival, None, None]:
    """Start the other process.

    Args:
        path: The database file.
        cache_size_kib: The page cache to use, in KiB: the same as on this side.
        mmap_size_bytes: The memory map to use, in bytes: the same as on this side.

    Raises:
        RivalFailed: It cannot open the file.
    """
    process = subprocess.Popen(
        # -I: nothing of the user's environment slows it down or is loaded into it.
        [sys.executable, "-I", str(_SCRIPT), str(path), str(cache_size_kib), str(mmap_size_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # Ctrl-C is for this process, which then ends that one.
        start_new_session=True,
    )
    try:
        yield Rival(process)
    except BaseException:
        # It may be in the middle of a long query that nobody wants any more.
        process.kill()
        raise
    finally:
        # The end of its input is the end of its work; it closes the file in peace.
        process.communicate()


def stored_value(value: object) -> object:
    """A value that came as JSON, as SQLite stores it."""
    match value:
        case {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case _:
            return value


def _request(
    way: str, sql: str, inputs: Sequence[Row], options: Mapping[str, object] = MappingProxyType({})
) -> dict[str, object]:
    return {"way": way, "sql": sql, "inputs": inputs, "options": dict(options), "want_rows": True}
