"""Arguments and options that several commands have.

Invariant: the same thing has the same name, and the same help, in every command.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, TypeAlias

import typer

__all__ = ["DatabaseOrConfigured", "JsonOutput", "database_paths"]

_ENDINGS = (".db", ".db3", ".s3db", ".sl3", ".sqlite", ".sqlite3")


def database_paths(incomplete: str) -> Iterator[str]:
    """Complete the path of a database: folders, and files that are called as databases are.

    Args:
        incomplete: What was typed so far.
    """
    folder, _, start = incomplete.rpartition("/")
    try:
        entries = sorted(os.scandir(f"{folder}/" if folder or incomplete.startswith("/") else "."), key=_name)
    except OSError:
        return
    for entry in entries:
        hidden = entry.name.startswith(".") and not start.startswith(".")
        if entry.name.startswith(start) and not hidden:
            path = f"{incomplete[: len(incomplete) - len(start)]}{entry.name}"
            if entry.is_dir():
                yield f"{path}/"
            elif entry.name.endswith(_ENDINGS):
                yield path


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


DatabaseOrConfigured: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="DB",
        show_default=False,
        autocompletion=database_paths,
        help="The database: a path or a URL; without it the one that is configured.",
    ),
]

JsonOutput: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
