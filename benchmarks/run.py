"""The command line of the benchmarks.

Invariant: what is printed, drawn and written comes from one results value, so the three never disagree.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.chart import svg
from benchmarks.concurrent.run import PEERS, measure, table
from benchmarks.concurrent.workloads import WORKLOADS
from benchmarks.contenders import CONTENDERS
from benchmarks.measure import FULL_ROUND_S, GROUPS, Run, databases
from benchmarks.operations import OPERATIONS
from benchmarks.process import ROOT
from benchmarks.report import markdown, print_tables
from benchmarks.results import Results, machine

__all__ = ["main"]

DOCS = ROOT / "docs"
PAGE = DOCS / "performance.md"
START, END = "<!-- benchmarks: start -->", "<!-- benchmarks: end -->"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        arguments: The arguments; those of the process when None.

    Raises:
        SystemExit: With 1 when a contender gave other data than sqlite3.
    """
    options = _parser().parse_args(arguments)
    width = None if sys.stdout.isatty() else 200
    console = Console(width=width, highlight=False)
    if options.command == "server":
        _server(options, console)
        return
    if options.command == "concurrent":
        _concurrent(options, console)
        return
    if options.command == "report":
        results = Results.load(options.results)
    else:
        quick = options.quick
        results = Run(
            options.contenders,
            options.operations,
            directory=options.directory,
            rounds=options.rounds or (3 if quick else 9),
            round_s=FULL_ROUND_S / 4 if quick else FULL_ROUND_S,
            say=lambda line: console.print(f"[dim]{line}[/dim]"),
        ).run()
    print_tables(results, console)
    if options.json:
        results.save(options.json)
    if options.markdown:
        options.markdown.write_text(markdown(results), encoding="utf-8")
    if options.chart:
        options.chart.write_text(svg(results), encoding="utf-8")
    if options.docs:
        _write_docs(results)
    if results.wrong:
        raise SystemExit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure noormme beside its peers on one SQLite file."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure, print the tables")
    operations = [operation.key for operation in OPERATIONS] + list(GROUPS)
    run.add_argument(
        "--contenders",
        type=_Names(list(CONTENDERS)),
        default=list(CONTENDERS),
        metavar="NAME,…",
        help=f"who takes part; sqlite3 always does ({', '.join(CONTENDERS)})",
    )
    run.add_argument(
        "--operations",
        type=_Names(operations),
        default=operations,
        metavar="NAME,…",
        help=f"what is measured ({', '.join(operations)})",
    )
    run.add_argument("--rounds", type=int, metavar="N", help="interleaved rounds (9; 3 with --quick)")
    run.add_argument("--quick", action="store_true", help="few and short rounds: a first impression")
    loops = commands.add_parser("concurrent", help="measure the tasks of an event loop, print the table")
    loops.add_argument("--contenders", type=_Names(list(PEERS)), default=list(PEERS), metavar="NAME,…")
    loops.add_argument("--workloads", type=_Names(list(WORKLOADS)), default=list(WORKLOADS), metavar="NAME,…")
    loops.add_argument("--rounds", type=int, default=3, metavar="N", help="interleaved rounds (3)")
    loops.add_argument("--users", type=int, default=10_000, help=argparse.SUPPRESS)
    server = commands.add_parser("server", help="measure on PostgreSQL or MariaDB, print the table")
    server.add_argument(
        "--url",
        default="postgresql://postgres@127.0.0.1:5432/postgres",
        help="a database of the server: postgresql://…, mariadb://…",
    )
    server.add_argument("--contenders", default="noormme,sqlalchemy,django", metavar="NAME,…")
    server.add_argument("--operations", default="get,list_1000,insert,insert_open,bulk", metavar="NAME,…")
    server.add_argument("--rounds", type=int, default=20, metavar="N", help="interleaved rounds (20)")
    report = commands.add_parser("report", help="print, draw or write the results of an earlier run again")
    report.add_argument("results", type=Path, help="a file that --json wrote")
    for command in (run, loops):
        command.add_argument(
            "--directory",
            type=Path,
            default=Path(tempfile.gettempdir()) / "noormme-benchmarks",
            help="where the databases are kept between runs",
        )
    for command in (run, report):
        command.add_argument("--json", type=Path, metavar="PATH", help="write the results as JSON")
        command.add_argument("--markdown", type=Path, metavar="PATH", help="write the tables as Markdown")
        command.add_argument("--chart", type=Path, metavar="PATH", help="draw the operations as SVG")
        command.add_argument("--docs", action="store_true", help="write all three into docs/")
    return parser


def _concurrent(options: argparse.Namespace, console: Console) -> None:
    database = databases(options.directory, {"blog"}, users=options.users, events=0)["blog"]
    results = measure(
        options.contenders,
        options.workloads,
        database=database,
        users=options.users,
        rounds=options.rounds,
        say=lambda line: console.print(f"[dim]{line}[/dim]"),
    )
    console.print(f"{machine()}, {options.rounds} rounds, the best of each\n\n{table(results)}")


def _server(options: argparse.Namespace, console: Console) -> None:
    # Here, because the other commands need no server's driver.
    from benchmarks.server.data import OPERATIONS as SERVER_OPERATIONS
    from benchmarks.server.run import measure as measure_server
    from benchmarks.server.run import table as server_table
    from benchmarks.server.servers import PEERS as SERVER_PEERS
    from benchmarks.server.servers import server_of

    try:
        server = server_of(options.url)
        contenders = _Names(list(SERVER_PEERS))(options.contenders)
        operations = _Names([operation.key for operation in SERVER_OPERATIONS])(options.operations)
    except (ValueError, argparse.ArgumentTypeError) as error:
        raise SystemExit(f"error: {error}") from None
    results = measure_server(
        contenders,
        operations,
        url=options.url,
        users=10_000,
        bulk_rows=100_000,
        rounds=options.rounds,
        say=lambda line: console.print(f"[dim]{line}[/dim]"),
    )
    shown = server_table(results, server)
    console.print(f"{machine()}, {options.rounds} rounds, the best of each\n\n{shown}")


class _Names:
    """A comma-separated list of known names."""

    def __init__(self, known: list[str]) -> None:
        self._known = known

    def __call__(self, text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        for name in names:
            if name not in self._known:
                raise argparse.ArgumentTypeError(f"no '{name}'; there are {', '.join(self._known)}")
        return names


def _write_docs(results: Results) -> None:
    results.save(DOCS / "benchmarks.json")
    (DOCS / "benchmarks.svg").write_text(svg(results), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    block = f"{START}\n\n{markdown(results)}\n{END}"
    PAGE.write_text(re.sub(f"{START}.*{END}", lambda _: block, page, flags=re.DOTALL), encoding="utf-8")
