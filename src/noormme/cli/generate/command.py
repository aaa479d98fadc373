"""``noormme generate``: its arguments, and which of its ways to work they ask for.

Invariant: the database is only read, and a file that noormme did not generate is left as it is.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from noormme.cli.guard import Debug, guarded

__all__ = ["generate"]


class Lang(StrEnum):
    """What can be generated."""

    PYTHON = "python"
    PYDANTIC = "pydantic"
    DATACLASSES = "dataclasses"
    TYPESCRIPT = "typescript"
    KYSELY = "kysely"
    JSON_SCHEMA = "json-schema"
    DBML = "dbml"
    MERMAID = "mermaid"
    SVG = "svg"


def generate(
    database: Annotated[
        str | None,
        typer.Argument(
            metavar="DB", help="The database: a path or a URL; by default that of the configuration."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this file; without it, to standard output."
        ),
    ] = None,
    lang: Annotated[
        Lang | None,
        typer.Option(
            "--lang",
            help="What to generate; by default what FILE has, or its ending says, else python.",
            show_default=False,
        ),
    ] = None,
    pydantic: Annotated[bool, typer.Option("--pydantic", help="The same as --lang pydantic.")] = False,
    dataclasses: Annotated[
        bool, typer.Option("--dataclasses", help="The same as --lang dataclasses.")
    ] = False,
    json_schema: Annotated[
        bool, typer.Option("--json-schema", help="The same as --lang json-schema.")
    ] = False,
    dbml: Annotated[bool, typer.Option("--dbml", help="The same as --lang dbml.")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="The same as --lang mermaid.")] = False,
    depth: Annotated[
        int,
        typer.Option(
            "--depth", min=0, max=5, metavar="N", help="python: how deep lookups are typed, in relations."
        ),
    ] = 1,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; end with 1 where FILE and the database differ."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and write anew when the schema changes; Ctrl-C ends it.")
    ] = False,
    plans: Annotated[
        Path | None,
        typer.Option(
            "--plans",
            metavar="FILE",
            help="Write the plans of the queries that your programs have run to this file, to ship it.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite FILE even if noormme did not generate it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Say what was done as JSON, for programs.")] = False,
    debug: Debug = False,
) -> None:
    """Write types, models or a diagram from a database.

    Reads the schema only; nothing is written to the database.

    \b
    Examples:
      noormme generate app.db -o models.py
      noormme generate app.db -o models.py --check
      noormme generate app.db -o schemas.py --pydantic
      noormme generate app.db -o web/src/db.ts --watch
      noormme generate postgresql://localhost/app --lang dbml
      noormme generate app.db --plans app.plans
    """
    flags = {
        Lang.PYDANTIC: pydantic,
        Lang.DATACLASSES: dataclasses,
        Lang.JSON_SCHEMA: json_schema,
        Lang.DBML: dbml,
        Lang.MERMAID: mermaid,
    }
    asked = {each for each, given in flags.items() if given}
    if lang is not None:
        asked.add(lang)
    if len(asked) > 1:
        raise typer.BadParameter(
            f"{' and '.join(sorted(asked))} exclude each other: one file holds one of them"
        )
    if plans is not None:
        if output is not None or asked or check or watch or force:
            raise typer.BadParameter("--plans stands alone: a file of plans holds nothing else")
        with guarded(debug=debug):
            from noormme.cli.generate.plans import ship

            ship(database, plans, json=json)
        return
    if output is None and (check or watch or force or json):
        option = "--check" if check else "--watch" if watch else "--force" if force else "--json"
        raise typer.BadParameter(f"{option} needs --output: there is no file to speak of")
    if watch and (check or json):
        raise typer.BadParameter(f"--watch and {'--check' if check else '--json'} exclude each other")
    with guarded(debug=debug):
        from noormme.cli.generate.running import Task, run

        language = asked.pop().value if asked else None
        run(Task(database, output, language, depth, force), check=check, watch=watch, json=json)
