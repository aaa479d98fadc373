"""``noormme doctor`` at work: what is looked at, in order, and how it is shown.

Invariant: an examination goes on after a problem wherever there is more to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from noormme import Database, NoormmeError
from noormme.cli.doctor.contents import contents
from noormme.cli.doctor.file import file
from noormme.cli.doctor.finding import Finding, ok, problem, warning
from noormme.cli.doctor.machine import drivers, machine, settings
from noormme.cli.doctor.server import server
from noormme.cli.guard import FAILED
from noormme.cli.output import duration, plural, printable, terminal
from noormme.database import open_registry
from noormme.errors import SettingsError
from noormme.settings import Target, origins, target_of

__all__ = ["examine"]

_STYLES = {"ok": "good", "warning": "warning", "problem": "bad"}


def examine(database: str | None, *, full: bool, check_s: float, as_json: bool) -> None:
    """Look at everything, and print what was found.

    Args:
        database: A path or a URL; None for the one that is configured.
        full: Check the whole file.
        check_s: How long the checks may take otherwise, in seconds.
        as_json: Print it as JSON.

    Raises:
        typer.Exit: There is a problem.
    """
    found: list[Finding] = []
    console = terminal()
    with terminal(sys.stderr).status("looking"):
        for finding in _findings(database, full=full, check_s=check_s):
            found.append(finding)
    problems = sum(each.level == "problem" for each in found)
    warnings = sum(each.level == "warning" for each in found)
    if as_json:
        data = {"problems": problems, "warnings": warnings, "findings": found}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
    else:
        grid = Table.grid(padding=(0, 2))
        grid.add_column()
        grid.add_column(style="note")
        grid.add_column(overflow="fold")
        for each in found:
            said = Text(printable(each.message))
            if each.advice:
                said.append(f"\n→ {printable(each.advice)}", style="name")
            grid.add_row(Text(each.level, style=_STYLES[each.level]), each.about, said)
        console.show(grid, Text(), _verdict(problems, warnings))
    if problems:
        raise typer.Exit(FAILED)


def _verdict(problems: int, warnings: int) -> Text:
    if not problems and not warnings:
        return Text("Nothing is wrong.", style="good")
    parts = [plural(problems, "problem")] if problems else []
    parts += [plural(warnings, "warning")] if warnings else []
    return Text(f"{' and '.join(parts)}.", style="bad" if problems else "warning")


def _findings(database: str | None, *, full: bool, check_s: float) -> Iterator[Finding]:
    yield from machine()
    configured = list(settings())
    yield from configured
    if any(each.level == "problem" for each in configured):
        return
    if database is None:
        named = next(each for each in origins() if each.name == "database")
        if named.value is None:
            yield ok("database", "none was named, so none was looked at")
            return
        database = str(named.value)
    try:
        target = target_of(database)
    except NoormmeError as error:
        yield problem("database", error.message, error.hint)
        return
    yield from _database(database, target, full=full, check_s=check_s)


def _database(database: str, target: Target, *, full: bool, check_s: float) -> Iterator[Finding]:
    found = list(drivers(target.dialect))
    if target.dialect == "sqlite" and not target.memory:
        found += file(Path(target.path).absolute())
    yield from found
    if any(each.level == "problem" and each.about in ("driver", "file") for each in found):
        return
    started = perf_counter()
    try:
        registry = open_registry(database, readonly=True)
    except NoormmeError as error:
        if isinstance(error, SettingsError) or not any(each.level == "problem" for each in found):
            yield problem("database", error.message, error.hint)
        return
    opened_s = perf_counter() - started
    with Database((registry.engine, registry)) as db:
        counted = plural(len(db.schema.tables), "table")
        yield ok("database", f"opened, {counted} discovered in {duration(opened_s)}")
        try:
            if target.dialect == "sqlite":
                yield from contents(db, registry.engine, full=full, limit_s=check_s)
            else:
                yield from server(db, registry.engine)
        except NoormmeError as error:
            yield problem("database", error.message, error.hint)
        if count := len(db.schema.warnings):
            yield warning(
                "schema",
                f"{plural(count, 'thing')} could not be taken as it stands",
                "noormme inspect says which, and why",
            )
        else:
            yield ok("schema", "nothing odd about it")
