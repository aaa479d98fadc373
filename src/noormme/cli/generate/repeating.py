"""The command that writes a generated file again, for the header of the file.

Invariant: no password is in it, and no folder of this machine: a file goes by its path from the working
directory, and one outside of that by its name alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from noormme.codegen.header import command_line
from noormme.settings import masked, origins, target_of

__all__ = ["repeating"]


def repeating(database: str | None, output: Path | None, language: str, *, depth: int = 1) -> str:
    """Say how a file is generated again. Reads the settings, and touches no database.

    Args:
        database: The path or the URL that was given; None for the database of the configuration.
        output: The file; None for standard output.
        language: The kind of output, by its name at ``--lang``.
        depth: How many relations deep the lookups of a Python module are typed.

    Returns:
        ``"noormme generate app.db -o models.py --lang python"``, without the database where the settings
        name the same one.
    """
    parts = [] if database is None or _is_configured(database) else [_named(database)]
    if output is not None:
        parts += ["-o", _from_here(output)]
    parts += ["--lang", language]
    if depth != 1 and language == "python":
        parts += ["--depth", str(depth)]
    return command_line(parts)


def _is_configured(database: str) -> bool:
    configured = next(each.value for each in origins() if each.name == "database")
    return configured is not None and _meant(str(configured)) == _meant(database)


def _meant(database: str) -> tuple[str, str]:
    target = target_of(database)
    path = str(Path(target.path).resolve()) if target.dialect == "sqlite" else target.path
    return target.dialect, path


def _named(database: str) -> str:
    target = target_of(database)
    if target.dialect == "sqlite":
        return _from_here(Path(target.path))
    address, _, options = masked(database).partition("?")
    kept = "&".join(each for each in options.split("&") if not each.endswith("=***"))
    plain = re.sub(r"//:?@", "//", address.replace(":***@", "@", 1))
    return f"{plain}?{kept}" if kept else plain


def _from_here(path: Path) -> str:
    if not path.is_absolute():
        return path.as_posix()
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.name
