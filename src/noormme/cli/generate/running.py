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
from noormme.cli.generate.repeating import repeating
from noormme.cli.generate.watching import watched
from noormme.cli.guard import FAILED
from noormme.cli.output import plural, printable
from noormme.codegen.differences import Difference, differences
from noormme.codegen.header import command_in, language_in, source_in, source_name
from noormme.codegen.outputs import OUTPUTS, Language, language_of, render, render_files
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

    @property
    def command(self) -> str:
        """What does the same again, for the header."""
        return repeating(self.database, self.output, self.language, depth=self.depth)

    def text(self, db: Database) -> str:
        """The generated text, as one.

        Args:
            db: The database.
        """
        types = db.settings.python_types
        return render(
            db.schema,
            self.language,
            source=_source(db),
            depth=self.depth,
            types=types,
            command=self.command,
        )

    def files(
        self, db: Database, output: Path, source: str | None = None, command: str | None = None
    ) -> dict[Path, str]:
        """The generated files that belong together.

        Args:
            db: The database.
            output: The file that was asked for; it comes first.
            source: What the schema was read from, for the header, where that is not the database's own name.
            command: What the header tells to write it again, where that is not what is done now.
        """
        texts = render_files(
            db.schema,
            self.language,
            suffix=output.suffix,
            source=source or _source(db),
            depth=self.depth,
            types=db.settings.python_types,
            command=command or self.command,
        )
        return {output.with_suffix(suffix): text for suffix, text in texts.items()}


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
            text = task.text(db)
        # As in a file: UTF-8 whatever the terminal's language, or letters would be lost.
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
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
    return files.write_all(task.files(db, output), force=task.force)


def _check(db: Database, task: Task, output: Path, *, json: bool) -> None:
    old = files.read(output)
    source = None if old is None else source_in(old)
    # The file may have been made of the same schema elsewhere, under another name.
    wanted = task.files(db, output, source, None if old is None else command_in(old))
    unlike = [path for path, new in wanted.items() if not _is(new, files.read(path))]
    stale = files.stale_stub(output, wanted)
    same = not unlike and stale is None
    found: list[Difference] = []
    if unlike and source is not None:
        # Of two files the stub says more.
        told = list(wanted)[-1]
        found = differences(files.read(told) or "", wanted[told], db.schema)
    if json:
        _print_json({"output": str(output), "language": task.language, "same": same, "differences": found})
    elif same:
        _say(f"{output}  is what the database gives: {_counted(db.schema)}")
    else:
        for path in unlike[:1]:
            there = files.read(path)
            _say(f"{path}  {_how_it_differs(there, source_in(there or ''), found)}")
        for each in found:
            _say(f"  {each.table}  {each.what}")
        if stale is not None:
            _say(f"{stale}  belongs to an earlier module, and hides what {output} says")
        typer.echo("hint:  the same command without --check writes it anew", err=True)
    if not same:
        raise typer.Exit(FAILED)


def _is(new: str, old: str | None) -> bool:
    return old is not None and old.replace("\r\n", "\n") == new


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
