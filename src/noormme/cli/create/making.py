"""``noormme create`` at work: the files of a template, the database of their schema, and its types.

Invariant: the folder is there whole or not at all.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir
from importlib.resources import files
from importlib.resources.abc import Traversable
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from shlex import quote
from tempfile import mkdtemp

import apsw
import msgspec
from rich.text import Text

from noormme import connect
from noormme.cli.init.types import write_types
from noormme.cli.output import printable, terminal
from noormme.errors import UsageError

__all__ = ["distribution_name", "make", "move_up", "package_name"]

_SUFFIX = ".template"
_TAKEN = frozenset(
    {
        *("apsw", "fastapi", "flask", "httpx", "httpx2", "litestar", "msgspec", "mypy", "noormme", "pytest"),
        *("sqlalchemy", "tests", "uvicorn"),
    }
)
"""Names of packages that the project itself imports or needs."""
_NAME = re.compile(r"[a-z](?:[a-z0-9 ._-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
"""A project's name: what packaging tools take, and blanks, which they get as ``-``."""


def make(path: Path, template: str, *, as_json: bool) -> None:
    """Make a project, and say what to do with it.

    Args:
        path: Its folder, which must not exist yet or be empty.
        template: The template.
        as_json: Say it as JSON.

    Raises:
        UsageError: The name cannot be one of a Python package, or the folder has something in it.
        NoormmeError: A setting of the environment is wrong.
        OSError: The folder cannot be written.
    """
    folder = path.absolute()
    package = package_name(folder.name)
    there = os.path.lexists(folder)
    if there and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"'{path}' exists already, and it is no empty folder",
            hint="choose another name, or remove it first",
        )
    if not there:
        folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        # A folder that is there stays: the caller may be in it, and somebody gave it its permissions.
        made = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder if there else folder.parent))
    except OSError as error:
        # The user named the folder, and not the one beside it that was to be there for a moment.
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        made.chmod(0o755)
        values = {
            "name": folder.name,
            "package": package,
            "distribution": distribution_name(folder.name),
        }
        for file, text in _rendered(template, values):
            (made / file).parent.mkdir(parents=True, exist_ok=True)
            (made / file).write_text(text, encoding="utf-8")
        _make_database(made / package / "schema.sql", made / f"{package}.db")
        # Settings are those of the project, not of the folder that it is made in.
        with chdir(made), connect(f"{package}.db", readonly=True) as db:
            write_types(db, None, Path(package, "models.py"))
        if there:
            move_up(made)
        else:
            made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    names = sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())
    if as_json:
        data = {"path": str(folder), "template": template, "package": package, "files": names}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
        return
    console = terminal()
    console.show(Text.assemble((printable(folder.name), "title"), (f"  {template} · {path}", "note")), Text())
    for name in names:
        console.show(Text(f"  {printable(name)}", style="name"))
    console.show(Text("\nGo on with\n", style="title"))
    go = [] if folder.resolve() == Path.cwd() else [f"cd {quote(str(path))}"]
    for line in (*go, "pip install -e '.[test]'", "pytest"):
        console.show(Text(f"  {printable(line)}"))


def move_up(made: Path) -> None:
    """Move what is in a folder to where that folder is, all of it or nothing.

    Args:
        made: The folder, which is removed.

    Raises:
        OSError: Something of that name is there already, or it cannot be moved.
    """
    targets = {entry: made.parent / entry.name for entry in sorted(made.iterdir())}
    for target in targets.values():
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    moved: list[Path] = []
    try:
        for entry, target in targets.items():
            entry.rename(target)
            moved.append(target)
        made.rmdir()
    except BaseException:
        for target in moved:
            target.rename(made / target.name)
        raise


def package_name(name: str) -> str:
    """The name of the package for a project: ``my-shelves`` gives ``my_shelves``.

    Args:
        name: The project's name.

    Raises:
        UsageError: None can be made of it, or Python or the project needs that name.
    """
    found = re.sub(r"[ .-]+", "_", name.lower())
    if not _NAME.fullmatch(name) or iskeyword(found):
        raise UsageError(
            "a project's name begins with a letter, ends with a letter or a digit, and has letters, digits, "
            "blanks, '.', - and _",
            hint="for example: noormme create my-shelves",
        )
    if found in _TAKEN or found in sys.stdlib_module_names:
        raise UsageError(
            f"'{found}' is the name of a package that Python or the project needs", hint="choose another name"
        )
    return found


def distribution_name(name: str) -> str:
    """The name that pip knows a project by, as like its own as can be: ``My shelves`` gives ``My-shelves``.

    Args:
        name: The project's name, one that ``package_name`` takes.
    """
    return re.sub(r" +", "-", name)


def _rendered(template: str, values: Mapping[str, str]) -> Iterator[tuple[PurePosixPath, str]]:
    """The files of a template with the values in them, and their paths in the project."""
    templates = files("noormme.cli.create") / "templates"
    for root in ("common", template):
        for path, file in _files_of(templates / root, PurePosixPath()):
            text = file.read_text(encoding="utf-8")
            for name, value in values.items():
                text = text.replace(f"{{{{ {name} }}}}", value)
            named = PurePosixPath(*(values["package"] if part == "package" else part for part in path.parts))
            yield named, text.replace("\r\n", "\n")


def _files_of(folder: Traversable, below: PurePosixPath) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files_of(entry, below / entry.name)
        elif entry.name.endswith(_SUFFIX):
            name = entry.name.removesuffix(_SUFFIX)
            yield below / (".gitignore" if name == "gitignore" else name), entry


def _make_database(schema: Path, path: Path) -> None:
    connection = apsw.Connection(str(path))
    try:
        connection.execute(schema.read_text(encoding="utf-8"))
    finally:
        connection.close()
