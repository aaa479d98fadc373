"""The demo from beginning to end: a database, what is in it, a dozen queries, their speed.

Invariant: a database of the user's is only read. The sample is in a temporary folder that goes at the
end, unless it was asked to stay.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import apsw
import msgspec
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from noormme import Database, UnreadableValue, connect
from noormme.cli.counting import row_counts
from noormme.cli.demo.answers import Answer, answer
from noormme.cli.demo.derive import derived
from noormme.cli.demo.glance import Glance, glances
from noormme.cli.demo.operations import operations
from noormme.cli.demo.questions import SAMPLE
from noormme.cli.demo.rival import RivalFailed, rival
from noormme.cli.demo.show import answer_block, found_block, heading, next_steps, speed_block
from noormme.cli.demo.speed import ROUNDS, Timing, compare
from noormme.cli.output import Terminal, duration, plural, size, terminal
from noormme.sample import build
from noormme.schema.model import Schema
from noormme.schema.naming import NameOverrides
from noormme.settings import SettingsOptions

__all__ = ["Report", "tour"]

_PLAIN: SettingsOptions = {"loading": "peers", "timezone": None, "types": {}, "names": NameOverrides()}
"""Settings for the sample: those that the user has for a database of theirs do not fit it."""
_MANY_ROWS = 1_000_000
"""From so many rows on, a query can take long enough to say which one is running."""


class Report(msgspec.Struct):
    """Everything that the demo found out, as ``--json`` prints it.

    Attributes:
        path: The database file, or ``":memory:"``.
        discovery_s: Seconds to open and discover it.
        rows: Rows by exact table name, of the tables that can be read.
        schema: What was discovered.
        answers: The queries.
        timings: The comparison; empty when it was not wanted or not possible.
        notes: What was odd on the way.
    """

    path: str
    discovery_s: float
    rows: dict[str, int]
    schema: Schema
    answers: list[Answer] = []
    timings: list[Timing] = []
    notes: list[str] = []


def tour(database: str | None, keep: Path | None, *, speed: bool, as_json: bool) -> None:
    """Show noormme at work.

    Args:
        database: A path or a URL to read; None for the sample.
        keep: Where the sample is made and stays; None for a temporary folder.
        speed: Whether to compare the speed with ``sqlite3``.
        as_json: Print one JSON document at the end instead of everything on the way.

    Raises:
        ConnectionFailed: The database cannot be opened, or the sample cannot be written.
        UnsafeOperation: ``keep`` exists already.
    """
    console = terminal(quiet=as_json)
    with ExitStack() as stack, warnings.catch_warnings(record=True) as odd:
        # Shown once each at the end, not by Python in the middle of a table.
        warnings.simplefilter("always", UnreadableValue)
        target = database
        if target is None:
            path = keep or Path(stack.enter_context(TemporaryDirectory(prefix="noormme-"))) / "studio.db"
            _make(console, path)
            target = str(path)
        report = _visit(console, target, sample=database is None, speed=speed)
        unreadable = [each for each in odd if issubclass(each.category, UnreadableValue)]
        report.notes += dict.fromkeys(str(each.message) for each in unreadable)
    for note in report.notes:
        console.show(Text(note, style="warning"))
    console.show(next_steps(database, keep))
    if as_json:
        document = msgspec.json.encode(report, enc_hook=str)
        sys.stdout.write(msgspec.json.format(document, indent=2).decode() + "\n")


def _visit(console: Terminal, target: str, *, sample: bool, speed: bool) -> Report:
    start = perf_counter()
    options: SettingsOptions = {**_PLAIN, "readonly": True} if sample else {"readonly": True}
    with connect(target, **options) as db:
        discovery_s = perf_counter() - start
        with _working(console, "Counting rows", show=not sample):
            counts = row_counts(db, db.schema.tables)
            looks = glances(db, counts)
        report = Report(db.path, discovery_s, counts, db.schema)
        facts = [plural(len(db.tables), "table"), plural(sum(counts.values()), "row")]
        facts += [plural(len(db.schema.relations), "relation"), f"found in {duration(discovery_s)}"]
        console.show(heading("What is in it", " · ".join(facts)), found_block(db.schema, counts))
        questions = SAMPLE if sample else derived(db.schema, looks)
        console.show(heading("What it can be asked", "code, the SQL that ran, rows, time"))
        if not questions:
            console.show(Text("Nothing yet: no table has rows.", style="note"))
        long = sum(counts.values()) > _MANY_ROWS
        for number, question in enumerate(questions, 1):
            with _working(console, question.title, show=long):
                report.answers.append(answer(db, question))
            console.show(answer_block(number, report.answers[-1], console.width))
        if speed:
            _race(console, db, looks, report)
    return report


def _make(console: Terminal, path: Path) -> None:
    """Make the sample, with a progress bar on a terminal."""
    start = perf_counter()
    with _progress(console) as bar:
        task = bar.add_task("Making the sample", total=None)

        def progress(table: str, done: int, total: int) -> None:
            bar.update(task, description=table, completed=done, total=total)

        build(path, progress=progress)
    taken = duration(perf_counter() - start)
    facts = ["a video-production studio", size(path.stat().st_size), f"made in {taken}"]
    console.show(Text.assemble(("A sample database", "title"), (f"  {' · '.join(facts)}", "note")))


def _race(console: Terminal, db: Database, looks: list[Glance], report: Report) -> None:
    """Compare the speed with ``sqlite3`` in another process, with a progress bar on a terminal."""
    tasks = operations(db.schema, looks)
    if not tasks or db.path == ":memory:":
        return
    settings = db.settings
    console.show(heading("How fast it is", f"µs for one run: the fastest of {ROUNDS} rounds, and the median"))
    try:
        with (
            rival(Path(db.path), settings.cache_size_kib, settings.mmap_size_bytes) as other,
            _progress(console) as bar,
        ):
            task = bar.add_task("Taking turns with sqlite3", total=len(tasks) * ROUNDS)
            for timing in compare(db, other, tasks, done=lambda: bar.advance(task)):
                report.timings.append(timing)
            versions = (apsw.sqlite_lib_version(), other.version)
    except RivalFailed as error:
        report.notes.append(f"sqlite3 could not take part: {error}")
        return
    console.show(speed_block(report.timings, versions))


def _progress(console: Terminal) -> Progress:
    return Progress(
        BarColumn(bar_width=40),
        TaskProgressColumn(),
        TextColumn("{task.description}", style="note", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def _working(console: Terminal, what: str, *, show: bool) -> Generator[None, None, None]:
    """Say what takes so long, on a terminal; the line goes when it is done."""
    if show and console.is_terminal:
        with console.status(Text(what, style="note")):
            yield
    else:
        yield
