"""What can be generated from a schema, by the names that ``noormme generate --lang`` takes.

Invariant: every output is a pure function of the schema and of the name of its source; equal input gives
equal text, ending in a line break, with the line of ``codegen.header`` among the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import msgspec

from noormme.codegen.header import header, source_in
from noormme.schema.model import Schema

__all__ = ["OUTPUTS", "Language", "Output", "language_of", "render"]

Language: TypeAlias = Literal[
    "python", "pydantic", "dataclasses", "typescript", "kysely", "json-schema", "dbml", "mermaid", "svg"
]


_Render: TypeAlias = Callable[[Schema, str, int], str]


class Output(msgspec.Struct, frozen=True):
    """One kind of output.

    Attributes:
        about: What it is, in a few words.
        suffixes: The endings of files that are taken for it where nobody says which kind is wanted.
        comment: What begins a comment of one line; empty where there are none.
        load: Imports what writes it, and gives that.
    """

    about: str
    suffixes: tuple[str, ...]
    comment: str
    load: Callable[[], _Render]


def render(schema: Schema, language: Language, *, source: str, depth: int = 1) -> str:
    """Write a schema in one of the outputs. Touches no database.

    Args:
        schema: The schema.
        language: Which output.
        source: What the schema was read from, for the header (see ``codegen.header.source_name``).
        depth: How many relations deep the lookups of a Python module are typed; nothing to other outputs.

    Returns:
        The text of the file.
    """
    output = OUTPUTS[language]
    text = output.load()(schema, source, depth)
    if source_in(text) is None:
        text = f"{output.comment} {header(source, language)}\n{text}"
    return text


def language_of(path: str) -> Language | None:
    """Say which output a file is for, by its ending.

    Args:
        path: The file's path; it need not exist.

    Returns:
        The output's name, or None where the ending is of none.
    """
    for language, output in OUTPUTS.items():
        if path.lower().endswith(output.suffixes):
            return language
    return None


def _python() -> _Render:
    from noormme.codegen.python import PythonOptions, render

    return lambda schema, source, depth: render(schema, PythonOptions(source=source, depth=depth))


def _pydantic() -> _Render:
    from noormme.codegen.pydantic_models import render

    return lambda schema, source, depth: render(schema, source=source)


def _dataclasses() -> _Render:
    from noormme.codegen.dataclass_models import render

    return lambda schema, source, depth: render(schema, source=source)


def _typescript() -> _Render:
    from noormme.codegen.typescript import render

    return lambda schema, source, depth: render(schema, source=source)


def _kysely() -> _Render:
    from noormme.codegen.typescript import render_for_kysely

    return lambda schema, source, depth: render_for_kysely(schema, source=source)


def _json_schema() -> _Render:
    from noormme.codegen.json_schema import render

    return lambda schema, source, depth: render(schema, source=source)


def _dbml() -> _Render:
    from noormme.codegen.dbml import render

    return lambda schema, source, depth: render(schema, source=source)


def _mermaid() -> _Render:
    from noormme.schema.diagram import mermaid

    return lambda schema, source, depth: mermaid(schema)


def _svg() -> _Render:
    from noormme.schema.drawing.svg import draw

    # A comment of XML must not hold two hyphens.
    return lambda schema, source, depth: f"<?noormme {header(source, 'svg')}?>\n{draw(schema).svg}"


OUTPUTS: Mapping[Language, Output] = {
    "python": Output("typed models for noormme", (".py", ".pyi"), "#", _python),
    "pydantic": Output("pydantic models of what is read, created and changed", (), "#", _pydantic),
    "dataclasses": Output("frozen dataclasses of rows", (), "#", _dataclasses),
    "typescript": Output("TypeScript types of rows in JSON", (".ts", ".mts"), "//", _typescript),
    "kysely": Output("TypeScript types of the tables for Kysely", (), "//", _kysely),
    "json-schema": Output("JSON Schema of rows", (".json",), "", _json_schema),
    "dbml": Output("DBML", (".dbml",), "//", _dbml),
    "mermaid": Output("a Mermaid diagram", (".mmd", ".mermaid"), "%%", _mermaid),
    "svg": Output("a picture", (".svg",), "", _svg),
}
