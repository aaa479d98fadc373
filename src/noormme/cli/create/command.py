"""``noormme create``: its arguments.

Invariant: nothing that exists is overwritten.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from noormme.cli.arguments import JsonOutput
from noormme.cli.guard import Debug, guarded

__all__ = ["create"]


class Template(StrEnum):
    """The projects that can be made."""

    BASIC = "basic"
    FASTAPI = "fastapi"
    LITESTAR = "litestar"
    FLASK = "flask"


def create(
    path: Annotated[
        Path, typer.Argument(metavar="NAME", help="The project's name, or the path of its new folder.")
    ],
    template: Annotated[
        Template, typer.Option("--template", "-t", help="What it is made of.")
    ] = Template.BASIC,
    json: JsonOutput = False,
    debug: Debug = False,
) -> None:
    """Make a small project that runs.

    It has a SQLite database with a few rows, the types of its tables, the code that reads and writes it,
    and tests that pass. fastapi, litestar and flask serve it over HTTP: a list, one row, and adding one.

    \b
    Examples:
      noormme create shelves
      noormme create shelves --template fastapi
    """
    with guarded(debug=debug):
        from noormme.cli.create.making import make

        make(path, template.value, as_json=json)
