"""``noormme sql`` at work: problems one to a line, as compilers and editors have them.

Invariant: standard output gets the problems and nothing else, so that it can be piped; what was done goes to
standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import typer

from noormme.cli.guard import FAILED
from noormme.cli.output import plural, printable
from noormme.cli.whole_file import whole_file
from noormme.codegen.sql import Found, Problem, is_fresh, is_made, look
from noormme.errors import UsageError

__all__ = ["check", "generate"]


def generate(target: str, paths: Iterable[Path], out: Path, *, json: bool) -> None:
    """Write the module.

    Args:
        target: The database.
        paths: Files and folders.
        out: The module.
        json: Print the problems as JSON.

    Raises:
        typer.Exit: Something is wrong; nothing was written.
        NoormmeError: The database or the files cannot be read, or somebody wrote the module.
        OSError: The module cannot be written.
    """
    found = look(target, paths)
    _report(found, found.problems, json=json)
    assert found.source is not None, "nothing is wrong"
    if out.is_file() and not is_made(out):
        raise UsageError(
            f"'{out.as_posix()}' is there already, and was not made by this command",
            hint="give another file with --out",
        )
    written = out.is_file() and out.read_bytes() == found.source.encode()
    if not written:
        with whole_file(out) as file:
            file.write(found.source.encode())
    what = "is up to date" if written else "written"
    _say(f"{out.as_posix()} {what}: {plural(found.statements, 'statement')}")


def check(target: str, paths: Iterable[Path], module: Path | None, *, json: bool) -> None:
    """Check the statements, and whether a module is what would be made of them.

    Args:
        target: The database.
        paths: Files and folders.
        module: The module, or None.
        json: Print the problems as JSON.

    Raises:
        typer.Exit: Something is wrong.
        NoormmeError: The database or the files cannot be read.
    """
    found = look(target, paths)
    problems = found.problems
    if module is not None and found.source is not None:
        problems = tuple(_stale(module, found.source))
    _report(found, problems, json=json)
    _say(f"{plural(found.statements, 'statement')} in {plural(len(found.files), 'file')}: all fit")


def _stale(module: Path, source: str) -> Iterable[Problem]:
    again = "run 'noormme sql generate'"
    if not module.exists():
        yield Problem(module.as_posix(), 1, 1, "there is no such module", again)
    elif not is_fresh(module, source):
        message = "the module is not what the statements give now"
        yield Problem(module.as_posix(), 1, 1, message, f"{again} again")


def _report(found: Found, problems: Sequence[Problem], *, json: bool) -> None:
    """Print the problems; end the command where there are some."""
    if json:
        report = {"files": found.files, "statements": found.statements, "problems": problems}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    else:
        sys.stdout.writelines(f"{printable(str(problem))}\n" for problem in problems)
    if problems:
        _say(f"{plural(len(problems), 'problem')} in {plural(found.statements, 'statement')}")
        raise typer.Exit(FAILED)


def _say(text: str) -> None:
    # What was printed comes first, also where both go to one place.
    sys.stdout.flush()
    typer.echo(printable(text), err=True)
