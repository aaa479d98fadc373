"""``noormme copy`` at work: a bar while it goes on, the report at its end.

Invariant: standard output gets the report and nothing else. The bar is on a terminal only.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import msgspec
import typer

from noormme.cli.copy.show import shown
from noormme.cli.output import printable, terminal
from noormme.copying import copy
from noormme.copying.report import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DIFFERS", "run"]

DIFFERS = 3
"""The exit code where a table was found to be another at the target."""


def run(
    source: str,
    target: str,
    *,
    tables: Iterable[str],
    exclude: Iterable[str],
    schema_only: bool,
    dry_run: bool,
    replace: bool,
    verify: bool,
    batch_rows: int,
    on_bad_value: Literal["error", "null", "text"],
    json: bool,
) -> None:
    """Copy, and print the report; the arguments are those of ``noormme.copying.copy``.

    Raises:
        typer.Exit: A table is another at the target.
        NoormmeError: It could not be copied.
    """
    try:
        with _bar() as told:
            report = copy(
                source,
                target,
                tables=tables,
                exclude=exclude,
                schema_only=schema_only,
                dry_run=dry_run,
                replace=replace,
                verify=verify,
                batch_rows=batch_rows,
                on_bad_value=on_bad_value,
                progress=told,
            )
    except KeyboardInterrupt:
        typer.echo("what was copied is kept: the same command goes on from there", err=True)
        raise
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    else:
        terminal().show(shown(report))
    if report.mismatches:
        raise typer.Exit(DIFFERS)


@contextmanager
def _bar() -> Generator[Callable[[Progress], None], None, None]:
    """A function that shows how far the copy is, on a terminal."""
    console = terminal(sys.stderr)
    if not console.is_terminal:
        yield lambda progress: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("opening", total=None)

        def told(progress: Progress) -> None:
            bar.update(
                task,
                description=f"{progress.phase} {printable(progress.object)}",
                completed=progress.done,
                total=progress.total,
            )

        yield told
