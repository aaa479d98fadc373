"""``noormme init`` at work: find the database, read it, write what names it.

Invariant: nothing is written before the database could be read. A password is written to ``.env`` alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from rich.text import Text

from noormme import Database, connect
from noormme.cli.code import manager
from noormme.cli.init.files import add_ignored, add_setting, add_variable
from noormme.cli.init.finding import as_written, found_database
from noormme.cli.output import plural, printable, terminal
from noormme.errors import UsageError
from noormme.settings import masked, origins, target_of

__all__ = ["set_up"]


class Step(msgspec.Struct, frozen=True):
    """What became of one file.

    Attributes:
        file: The file.
        what: What was done, and why.
        changed: Whether it is another one now.
    """

    file: str
    what: str
    changed: bool


def set_up(database: str | None, folder: Path, *, as_json: bool) -> None:
    """Set noormme up in a folder, and say what was done.

    Args:
        database: A path or a URL; None to find it out.
        folder: The folder of the project.
        as_json: Say it as JSON.

    Raises:
        SettingsError: No database was found, or several.
        NoormmeError: The database cannot be read.
        OSError: A file cannot be written.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder '{folder}'", hint="make it first, or leave --directory out")
    # Settings are those of the folder.
    named = database if database is None else _from_here(database)
    os.chdir(folder)
    found, source = found_database(named, Path.cwd())
    with connect(found, readonly=True) as db:
        steps = _configured(found, source)
        if as_json:
            data = {"database": db.path, "tables": db.tables, "files": steps}
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
        else:
            _say(db, steps)


def _from_here(database: str) -> str:
    """A path that still means the same file after the working directory has changed."""
    target = target_of(database)
    return str(Path(target.path).absolute()) if target.dialect == "sqlite" and not target.memory else database


def _configured(database: str, source: str | None) -> list[Step]:
    """Write down which database it is, unless something says so already."""
    folder = Path.cwd()
    now = next(each for each in origins() if each.name == "database")
    if source is None and now.value is not None:
        source = now.source
        if str(now.value) != database and target_of(str(now.value)) != target_of(_from_here(database)):
            what = f"names another database: {masked(str(now.value))}; it stays as it is"
            return [Step(_near(source), what, changed=False)]
    if source is not None:
        return [Step(_near(source), "names the database already", changed=False)]
    if masked(database) != database:
        steps = [
            Step(add_variable(folder, "DATABASE_URL", database).name, "names the database", changed=True)
        ]
        ignored = add_ignored(folder, ".env")
        if ignored is not None:
            steps.append(Step(ignored.name, "keeps .env, which holds a password, out of it", changed=True))
        return steps
    file = add_setting(folder, as_written(database, folder))
    return [Step(file.name, "names the database", changed=True)]


def _near(source: str) -> str:
    return os.path.relpath(source) if source.startswith(os.sep) else source


def _say(db: Database, steps: list[Step]) -> None:
    console = terminal()
    counted = f"{db.schema.dialect} · {plural(len(db.schema.tables), 'table')}"
    console.show(Text.assemble((printable(db.path), "title"), (f"  {counted}", "note")), Text())
    for step in steps:
        done = "written" if step.changed else "kept"
        style = "good" if step.changed else "note"
        line = Text.assemble(
            (f"{done:<8}", style), (printable(step.file), "name"), f"  {printable(step.what)}"
        )
        console.show(line)
    if db.schema.warnings:
        count = plural(len(db.schema.warnings), "warning")
        console.show(Text(f"\n{count}: noormme inspect shows them.", style="warning"))
    if db.schema.tables:
        first = max(db.schema.tables, key=lambda table: len(db.schema.relations_of(table.name)))
        console.show(Text("\nGo on with\n", style="title"))
        console.show(Text(f"  noormme query '{printable(manager(first))}.all()[:5]'"))
        console.show(Text("  noormme shell"))
