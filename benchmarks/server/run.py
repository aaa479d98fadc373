"""A run of the operations on a server: contenders in turns, the best round of each.

Invariant: a contender whose rows differ from the reference's, read or written, has no times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from benchmarks.process import WorkerError, WorkerProcess
from benchmarks.server.data import OPERATIONS, Operation
from benchmarks.server.servers import PEERS, Server, server_of

__all__ = ["measure", "table"]

REFERENCE = next(iter(PEERS))

Results = dict[str, dict[str, float]]
"""The seconds of each contender, by operation."""


def measure(
    contenders: Sequence[str],
    operations: Sequence[str],
    *,
    url: str,
    users: int,
    bulk_rows: int,
    rounds: int,
    say: Callable[[str], None],
) -> Results:
    """Run operations, and give the best time of each contender.

    Args:
        contenders: Names of ``PEERS``; the reference always takes part.
        operations: Keys of ``OPERATIONS``.
        url: A database of the server; a new one is made beside it.
        users: How many users there are to read.
        bulk_rows: How many rows are written at once.
        rounds: How often each operation is timed; one that writes many rows a fifth of that.
        say: Takes lines that tell what is going on.
    """
    workers: dict[str, WorkerProcess] = {}
    results: Results = {}
    server = server_of(url)
    with server.module.new_database(url, users) as made:
        try:
            for name in (REFERENCE, *(name for name in contenders if name != REFERENCE)):
                missing = [package for package in server.needs(name) if find_spec(package) is None]
                if missing:
                    say(f"skipped {name}: {', '.join(missing)} is not installed")
                    continue
                worker = workers[name] = WorkerProcess(name, "benchmarks.server.worker")
                data = worker.request("prepare", url=made, users=users)["data"]
                if name == REFERENCE:
                    expected = data
                elif data != expected:
                    say(f"{name} gives other rows than {REFERENCE}")
                    workers.pop(name).close()
            for operation in OPERATIONS:
                if operation.key in operations:
                    results[operation.key] = _measured(
                        operation, workers, server, made, bulk_rows, rounds, say
                    )
                    say(f"{operation.key}: measured")
        finally:
            for worker in workers.values():
                worker.close()
    return results


def _measured(
    operation: Operation,
    workers: dict[str, WorkerProcess],
    server: Server,
    url: str,
    bulk_rows: int,
    rounds: int,
    say: Callable[[str], None],
) -> dict[str, float]:
    best: dict[str, float] = {}
    wrong: set[str] = set()
    count = bulk_rows if operation.key == "bulk" else operation.iterations
    # What takes a second is measured less often.
    for turn in range(rounds if operation.iterations > 1 else (rounds + 4) // 5):
        wanted = ""
        for name, worker in workers.items():
            if name in wrong:
                continue
            if operation.writes:
                server.module.emptied(url)
            try:
                seconds = worker.request(
                    "run",
                    operation=operation.key,
                    iterations=operation.iterations,
                    one_transaction=operation.one_transaction,
                    rows=count,
                    start=turn * count,
                )["seconds"]
            except WorkerError as error:
                say(f"{operation.key}: {name} failed: {error}")
                wrong.add(name)
                continue
            if operation.writes:
                found = server.module.signature(url)
                wanted = wanted or found
                if found != wanted:
                    say(f"{operation.key}: {name} writes other rows than {REFERENCE}")
                    wrong.add(name)
                    best.pop(name, None)
                    continue
            best[name] = min(seconds, best.get(name, seconds))
    return best


def table(results: Results, server: Server) -> str:
    """The times as a Markdown table: those of the reference, and of the others how many times that.

    Args:
        results: What ``measure`` found.
        server: Where.
    """
    names = [name for name in PEERS if any(name in found for found in results.values())]
    titles = [f"**{server.title(name)}**" if name == "noormme" else server.title(name) for name in names]
    lines = ["| | goal | " + " | ".join(titles) + " |", "|---|--:|" + "--:|" * len(names)]
    for operation in OPERATIONS:
        found = results.get(operation.key)
        if found:
            cells = [_cell(found, name) for name in names]
            lines.append(f"| {operation.title} | {operation.goal} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(found: dict[str, float], name: str) -> str:
    if name not in found:
        return "-"
    if name == REFERENCE:
        return f"{found[name] * 1e6:,.0f} µs" if found[name] < 0.05 else f"{found[name]:,.2f} s"
    return f"{found[name] / found[REFERENCE]:.2f} ×"
