"""Hand-written ``sqlite3``: the other side of the speed comparison.

Invariant: run as a script, in a process of its own, never imported: it loads the standard library
only, and SQLite's standard library module and APSW never open the same file in one process. It reads
one JSON request a line from standard input and writes one JSON answer a line to standard output.
"""

import gc
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
Inputs = Sequence[Sequence[Any]]


def one(connection: sqlite3.Connection, sql: str, inputs: Inputs) -> list[Row]:
    """One row for each input; the last one is returned."""
    execute = connection.execute
    row: Row | None = None
    for values in inputs:
        row = execute(sql, values).fetchone()
    return [] if row is None else [row]


def every(connection: sqlite3.Connection, sql: str, inputs: Inputs) -> list[Row]:
    """All rows for each input; those of the last one are returned."""
    execute = connection.execute
    rows: list[Row] = []
    for values in inputs:
        rows = execute(sql, values).fetchall()
    return rows


def children(
    connection: sqlite3.Connection, sql: str, inputs: Inputs, *, of_parent: str, key: int, link: int
) -> list[Row]:
    """All parents for each input, with the list of its children as one more value of each.

    ``of_parent`` is the children's statement up to ``IN``; ``key`` is the position of the key in a
    parent's row, ``link`` that of the reference in a child's.
    """
    execute = connection.execute
    rows: list[Row] = []
    for values in inputs:
        parents = execute(sql, values).fetchall()
        keys = [parent[key] for parent in parents]
        found: dict[Any, list[Row]] = {}
        for child in execute(f"{of_parent} ({','.join('?' * len(keys))})", keys):
            found.setdefault(child[link], []).append(child)
        rows = [(*parent, found.get(parent[key], [])) for parent in parents]
    return rows


WAYS: dict[str, Callable[..., list[Row]]] = {"one": one, "every": every, "children": children}


def plain(value: object) -> object:
    """A value that JSON cannot hold, as one that it can."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(type(value).__name__)


def answer(connection: sqlite3.Connection, request: dict[str, Any]) -> dict[str, Any]:
    """Do what was asked; tell the seconds that it took, and the rows of each input where wanted."""
    way, sql, inputs, options = WAYS[request["way"]], request["sql"], request["inputs"], request["options"]
    try:
        if request["want_rows"]:
            return {"rows": [way(connection, sql, [values], **options) for values in inputs]}
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        way(connection, sql, inputs * request["repeat"], **options)
        seconds = time.perf_counter() - start
        gc.enable()
    except sqlite3.Error as error:
        return {"error": str(error)}
    return {"seconds": seconds}


def serve(path: str, cache_size_kib: int, mmap_size_bytes: int) -> None:
    """Answer requests until the input ends."""
    # Read-only, and with the same page cache and memory map as the other side.
    connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute(f"PRAGMA cache_size = -{cache_size_kib}")
        connection.execute(f"PRAGMA mmap_size = {mmap_size_bytes}")
        print(json.dumps({"version": sqlite3.sqlite_version}), flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(connection, json.loads(line)), default=plain), flush=True)
    finally:
        connection.close()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
