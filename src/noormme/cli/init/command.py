"""``noormme init``: its arguments.

Invariant: nothing is asked that can be found out, and nothing that somebody wrote is overwritten.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from noormme.cli.arguments import DatabaseOrConfigured, JsonOutput
from noormme.cli.guard import Debug, guarded

__all__ = ["init"]


def init(
    database: DatabaseOrConfigured = None,
    directory: Annotated[
        Path, typer.Option("--directory", "-d", metavar="FOLDER", help="The folder of the project.")
    ] = Path(),
    types: Annotated[Path, typer.Option("--types", metavar="FILE", help="Where the types go.")] = Path(
        "models.py"
    ),
    no_types: Annotated[bool, typer.Option("--no-types", help="Write no types.")] = False,
    json: JsonOutput = False,
    debug: Debug = False,
) -> None:
    """Set noormme up for a database that exists.

    Writes which database it is: into pyproject.toml where there is one, else into noormme.toml. A URL with
    a password goes to .env instead. Writes its types into models.py, as noormme generate does. Without DB
    it takes the database that is configured, or the only SQLite file of the folder. What is there already
    stays, so it can be run again.

    \b
    Examples:
      noormme init app.db
      noormme init postgresql://ann@localhost/app
      noormme init
    """
    with guarded(debug=debug):
        from noormme.cli.init.setting_up import set_up

        set_up(database, directory, None if no_types else types, as_json=json)
