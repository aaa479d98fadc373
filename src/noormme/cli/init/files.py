"""The lines that ``noormme init`` adds to files of the user's.

Invariant: lines are added and none is changed; every file is replaced as a whole.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec

from noormme.cli.whole_file import whole_file
from noormme.errors import UsageError

__all__ = ["add_ignored", "add_setting", "add_variable"]

_MODE = 0o644
_SECRET_MODE = 0o600


def add_setting(folder: Path, database: str) -> Path:
    """Name the database in the configuration file of a folder, which names none yet.

    Args:
        folder: The folder.
        database: The database, as the file says it.

    Returns:
        The file: ``noormme.toml`` where it is there, else ``pyproject.toml`` where that is there.
    """
    line = f"database = {msgspec.json.encode(database).decode()}"
    own, project = folder / "noormme.toml", folder / "pyproject.toml"
    if own.exists() or not project.exists():
        old = _text(own)
        # In front: what follows the name of a table belongs to that table.
        _replace(own, _checked(own, line + _end_of_line(old) + old))
        return own
    old = _text(project)
    end = _end_of_line(old)
    table = re.search(r"^\s*\[\s*tool\.noormme\s*\][^\n]*\n?", old, re.MULTILINE)
    if table:
        head = old[: table.end()]
        new = f"{head}{'' if head.endswith(chr(10)) else end}{line}{end}{old[table.end() :]}"
    else:
        new = f"{old.rstrip()}{end}{end}[tool.noormme]{end}{line}{end}".lstrip()
    _replace(project, _checked(project, new))
    return project


def add_variable(folder: Path, name: str, value: str) -> Path:
    """Add a variable to ``.env``, which only its owner can read where it is new.

    Args:
        folder: The folder.
        name: The variable.
        value: Its value.

    Returns:
        The file.
    """
    file = folder / ".env"
    old = _text(file)
    end = _end_of_line(old)
    if old and not old.endswith("\n"):
        old += end
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    _replace(file, f"{old}{name}='{quoted}'{end}", _SECRET_MODE)
    return file


def add_ignored(folder: Path, name: str) -> Path | None:
    """Keep a file out of version control, where the folder is under it and nothing says so yet.

    Args:
        folder: The folder.
        name: The file's name.

    Returns:
        ``.gitignore`` where it was changed, else None.
    """
    file = folder / ".gitignore"
    if not (folder / ".git").exists() and not file.exists():
        return None
    old = _text(file)
    if any(line.strip().lstrip("/") == name for line in old.splitlines()):
        return None
    end = _end_of_line(old)
    _replace(file, f"{old}{'' if not old or old.endswith(chr(10)) else end}{name}{end}")
    return file


def _checked(file: Path, text: str) -> str:
    """The text that a file is to have, where it is TOML; a broken file is not made to look set up."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"'{file.name}' is not TOML, and is left as it is: {error}", hint="correct it first"
        ) from None
    return text


def _end_of_line(text: str) -> str:
    """What the lines of a file end with, so that those which are added do too."""
    return "\r\n" if "\r\n" in text else "\n"


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise UsageError(
            f"'{file.name}' is not UTF-8, and is left as it is", hint="save it as UTF-8"
        ) from None


def _replace(file: Path, text: str, mode: int = _MODE) -> None:
    with whole_file(file, mode=mode) as new:
        new.write(text.encode("utf-8"))
