"""``noormme query`` at work: open, run, write.

Invariant: standard output or the file gets the rows and nothing else; a file is there whole or not at all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import IO, Literal, TypeAlias

from noormme import Database
from noormme.cli.output import Terminal, plural, printable, terminal
from noormme.cli.query.evaluating import evaluate, first_word, is_sql, names
from noormme.cli.query.results import Rows, as_result, unique
from noormme.cli.query.wording import needs_write, reworded, reworded_sql
from noormme.cli.query.writers import WRITERS, table
from noormme.cli.whole_file import check_place, whole_file
from noormme.database import open_registry
from noormme.engines.budget import time_limit
from noormme.errors import UsageError
from noormme.orm.runner import Runner

__all__ = ["Form", "run"]

Form: TypeAlias = Literal["table", "json", "jsonl", "csv", "parquet"]

_TABLE_ROWS = 1_000
_CHUNK_ROWS = 2_000
_PIPE_CHARACTERS = 100_000
_TICK_ROWS = 1_000
_ENDINGS: dict[str, Form] = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "table",
}


def run(
    database: str | None,
    text: str,
    *,
    form: Form | None,
    output: Path | None,
    limit: int | None,
    is_sql: bool | None,
    write: bool,
    timeout_s: float | None,
) -> None:
    """Run a query and write its rows.

    Args:
        database: A path or a URL; None for the one that is configured.
        text: The query; ``"-"`` for standard input.
        form: The form of the rows; None to go by the file.
        output: The file to write; None for standard output.
        limit: How many rows at most, 0 for all; None for what suits the form.
        is_sql: Whether the query is SQL; None to find out.
        write: Whether the query may change the database.
        timeout_s: How long a statement may run, in seconds.

    Raises:
        NoormmeError: The query is wrong, or the database refused it.
    """
    form = form or _form_of(output)
    if output is not None:
        # Before the query runs: what a write gives back would be lost.
        check_place(output)
    if text == "-":
        text = sys.stdin.read()
    if database is None and _is_file(text):
        raise UsageError(
            f"'{text}' is a file, and there is no query", hint="the query follows the database, in quotes"
        )
    if not text.strip():
        raise UsageError("the query is empty", hint="write a Python expression or SQL")
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is no text for a terminal", hint="write it to a file: -o rows.parquet")
    registry = open_registry(database, readonly=not write)
    with reworded(write=write), Database((registry.engine, registry)) as db, time_limit(timeout_s):
        result = _result(db, Runner(registry), text, sql=is_sql, write=write)
        if isinstance(result, str):
            with _target(output) as stream:
                stream.write(f"{result}\n".encode("utf-8", "backslashreplace"))
            return
        if limit is None:
            limit = _TABLE_ROWS if form == "table" else 0
        _write(result, form, output, limit)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        # A query that is longer than a name of a file may be.
        return False


def _form_of(output: Path | None) -> Form:
    if output is None:
        return "table"
    form = _ENDINGS.get(output.suffix.lower())
    if form is None:
        raise UsageError(
            f"the form of '{output.name}' cannot be told from its name",
            hint="say it with --format, or end the name in .csv, .json, .jsonl or .parquet",
        )
    return form


def _result(db: Database, runner: Runner, text: str, *, sql: bool | None, write: bool) -> Rows | str:
    if is_sql(text) if sql is None else sql:
        with reworded_sql():
            return _of_sql(db, runner, text, write=write)
    return as_result(db, evaluate(text, names(db)))


def _of_sql(db: Database, runner: Runner, text: str, *, write: bool) -> Rows:
    if not runner.writes(text):
        columns = unique(runner.names(text))
        return Rows(columns, chain.from_iterable(runner.stream(text, None, _CHUNK_ROWS)))
    if not write:
        raise needs_write()
    columns = runner.names(text)
    if columns or first_word(text) not in ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "WITH"):
        return Rows(unique(columns), iter(db.execute(text)))
    return Rows(("changed",), iter([(db.execute_many(text, [()]),)]))


def _write(result: Rows, form: Form, output: Path | None, limit: int) -> None:
    rows = islice(result.rows, limit) if limit else result.rows
    if form == "table":
        kept = list(islice(result.rows, limit + 1)) if limit else list(result.rows)
        more = bool(limit) and len(kept) > limit
        shown = result._replace(rows=iter(kept[:limit] if limit else kept))
        if output is None:
            table(shown, _wide(terminal()), more)
        else:
            text = StringIO()
            table(shown, _wide(terminal(text)), more)
            with _target(output) as stream:
                stream.write(text.getvalue().encode("utf-8", "replace"))
        if more:
            errors = terminal(sys.stderr)
            errors.print("There are more rows: --limit 0 shows all of them.", style="note", soft_wrap=True)
        return
    writer = WRITERS[form]
    with _target(output) as stream, _progress(rows, output) as counted:
        count = writer(result._replace(rows=counted), stream)
    if output is not None:
        said = f"{plural(count, 'row')} written to {printable(str(output))}"
        terminal(sys.stderr).print(said, style="note", soft_wrap=True)


def _wide(console: Terminal) -> Terminal:
    """The same console; a pipe and a file have room for everything, unless ``COLUMNS`` says otherwise."""
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPE_CHARACTERS
    return console


@contextmanager
def _target(output: Path | None) -> Generator[IO[bytes], None, None]:
    """Standard output, or a file that takes its name when it is whole."""
    if output is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with whole_file(output) as file:
        yield file


@contextmanager
def _progress(
    rows: Iterator[Sequence[object]], output: Path | None
) -> Generator[Iterator[Sequence[object]], None, None]:
    """The same rows; while they are written to a file, a terminal shows how many there were so far."""
    console = terminal(sys.stderr)
    if output is None or not console.is_terminal:
        yield rows
        return
    with console.status("running") as status:

        def counted() -> Iterator[Sequence[object]]:
            for number, row in enumerate(rows):
                if number % _TICK_ROWS == 0:
                    status.update(plural(number, "row"))
                yield row

        yield counted()
