"""``noormme generate`` at work: once, as a check, or again and again.

Invariant: without a file, standard output gets the generated text and nothing else; with one, what was done.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import msgspec
import typer

from noormme import Database, connect
from noormme.cli.generate import files
from noormme.cli.generate.watching import watched
from noormme.cli.guard import FAILED
from noormme.cli.output import plural, printable
from noormme.codegen.differences import Difference, differences
from noormme.codegen.header import language_in, source_in, source_name
from noormme.codegen.outputs import OUTPUTS, Language, language_of, render
from noormme.errors import UsageError
from noormme.schema.model import Schema

__all__ = ["Task", "run"]


class Task(msgspec.Struct, frozen=True):
    """What to generate.

    Attributes:
        database: A path or a URL; None for that of the configuration.
        output: The file; None for standard output.
        lang: The output's name; None for what the file has already, or else its ending says.
        depth: How many relations deep the lookups of a Python module are typed.
        force: Whether a file that noormme did not generate may be overwritten.
    """

    database: str | None
    output: Path | None
    lang: str | None
    depth: int
    force: bool

    @property
    def language(self) -> Language:
        """Which output.

        Raises:
            UsageError: The file's ending says none.
        """
        if self.lang is not None:
            return cast("Language", self.lang)
        if self.output is None:
            return "python"
        there = language_in(files.read(self.output) or "")
        found = cast("Language", there) if there in OUTPUTS else language_of(self.output.name)
        if found is None:
            raise UsageError(
                f"the ending of '{self.output}' does not say what to generate",
                hint="say it with --lang, for example --lang typescript",
            )
        return found

    def text(self, schema: Schema, source: str) -> str:
        """The generated text.

        Args:
            schema: The schema.
            source: What it was read from, for the header.
        """
        return render(schema, self.language, source=source, depth=self.depth)


def run(task: Task, *, check: bool, watch: bool, json: bool) -> None:
    """Do what is asked, and say it.

    Args:
        task: What to generate.
        check: Compare with the file only.
        watch: Write again at every change of the schema, until interrupted.
        json: Say it as JSON.

    Raises:
        typer.Exit: With 1, where ``check`` found a difference.
        NoormmeError: It cannot be generated.
        OSError: The file cannot be written.
    """
    if task.output is None:
        with connect(task.database, readonly=True) as db:
            text = task.text(db.schema, _source(db))
        sys.stdout.write(text)
    elif watch:
        language = task.language
        waiting = False
        for db in watched(task.database):
            if _write(db, task, task.output):
                _say(f"{task.output}  written as {language}: {_counted(db.schema)}")
            elif not waiting:
                _say(f"{task.output}  is what the database gives: {_counted(db.schema)}")
            waiting = True
    elif check:
        with connect(task.database, readonly=True) as db:
            _check(db, task, task.output, json=json)
    else:
        with connect(task.database, readonly=True) as db:
            changed = _write(db, task, task.output)
            done = "written" if changed else "unchanged"
            if json:
                _print_json({"output": str(task.output), "language": task.language, "changed": changed})
            else:
                _say(f"{task.output}  {done} as {task.language}: {_counted(db.schema)}")


def _write(db: Database, task: Task, output: Path) -> bool:
    return files.write(output, task.text(db.schema, _source(db)), force=task.force)


def _check(db: Database, task: Task, output: Path, *, json: bool) -> None:
    old = files.read(output)
    source = None if old is None else source_in(old)
    # The file may have been made of the same schema elsewhere, under another name.
    new = task.text(db.schema, source or _source(db))
    same = old is not None and old.replace("\r\n", "\n") == new
    found = [] if same or source is None else differences(old or "", new, db.schema)
    if json:
        _print_json({"output": str(output), "language": task.language, "same": same, "differences": found})
    elif same:
        _say(f"{output}  is what the database gives: {_counted(db.schema)}")
    else:
        _say(f"{output}  {_how_it_differs(old, source, found)}")
        for each in found:
            _say(f"  {each.table}  {each.what}")
        typer.echo("hint:  the same command without --check writes it anew", err=True)
    if not same:
        raise typer.Exit(FAILED)


def _how_it_differs(old: str | None, source: str | None, found: list[Difference]) -> str:
    if old is None:
        return "does not exist"
    if source is None:
        return "was not generated by noormme"
    if not found:
        return "differs from what the database gives, in no definition of a table"
    return f"differs from the database in {plural(len(found), 'table')}:"


def _source(db: Database) -> str:
    return source_name(db.path, db.schema.dialect)


def _counted(schema: Schema) -> str:
    views = f", {plural(len(schema.views), 'view')}" if schema.views else ""
    return f"{plural(len(schema.tables), 'table')}{views}"


def _say(line: str) -> None:
    sys.stdout.write(f"{printable(line)}\n")
    sys.stdout.flush()


def _print_json(document: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
