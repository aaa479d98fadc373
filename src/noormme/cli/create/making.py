"""``noormme create`` at work: the files of a template, and the database of their schema.

Invariant: the folder is there whole or not at all.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from re import sub
from tempfile import mkdtemp

import apsw
import msgspec
from rich.text import Text

from noormme.cli.output import printable, terminal
from noormme.errors import UsageError

__all__ = ["make", "package_name"]

_SUFFIX = ".template"
_TAKEN = frozenset({"flask", "fastapi", "litestar", "noormme", "tests", "uvicorn"})
"""Names of packages that the project itself imports."""


def make(path: Path, template: str, *, as_json: bool) -> None:
    """Make a project, and say what to do with it.

    Args:
        path: Its folder, which must not exist yet or be empty.
        template: The template.
        as_json: Say it as JSON.

    Raises:
        UsageError: The name cannot be one of a Python package, or the folder has something in it.
        OSError: The folder cannot be written.
    """
    folder = path.absolute()
    package = package_name(folder.name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"'{path}' exists already, and it is not empty", hint="choose another name, or remove it first"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        # The user named the folder, and not the one beside it that was to be there for a moment.
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        made.chmod(0o755)
        values = {"name": folder.name, "package": package}
        for file, text in _rendered(template, values):
            (made / file).parent.mkdir(parents=True, exist_ok=True)
            (made / file).write_text(text, encoding="utf-8")
        _make_database(made / package / "schema.sql", made / f"{package}.db")
        if folder.exists():
            folder.rmdir()
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
    for line in (f"cd {path}", "pip install -e '.[test]'", "pytest"):
        console.show(Text(f"  {printable(line)}"))


def package_name(name: str) -> str:
    """The name of the package for a project: ``my-shelves`` gives ``my_shelves``.

    Args:
        name: The project's name.

    Raises:
        UsageError: None can be made of it, or Python or the project needs that name.
    """
    found = sub(r"\W+", "_", name.lower()).strip("_")
    if not found.isidentifier() or not found.isascii() or iskeyword(found):
        raise UsageError(
            "a project's name begins with a letter, and has letters, digits, - and _",
            hint="for example: noormme create my-shelves",
        )
    if found in _TAKEN or found in sys.stdlib_module_names:
        raise UsageError(
            f"'{found}' is the name of a package that Python or the project needs", hint="choose another name"
        )
    return found


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
