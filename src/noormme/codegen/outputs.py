"""What can be generated from a schema, by the names that ``noormme generate --lang`` takes.

Invariant: every output is a pure function of the schema and of the name of its source; equal input gives
equal text, ending in a line break, with the line of ``codegen.header`` among the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import msgspec

from noormme.codegen.header import header, source_in, with_command
from noormme.codegen.python.options import PythonOptions
from noormme.schema.model import Schema

__all__ = ["OUTPUTS", "Language", "Output", "language_of", "render", "render_files"]

Language: TypeAlias = Literal[
    "python", "pydantic", "dataclasses", "typescript", "kysely", "json-schema", "dbml", "mermaid", "svg"
]


_Render: TypeAlias = Callable[[Schema, PythonOptions], str]

_NO_TYPES: Mapping[str, str] = {}
_MODULE_TABLES = 40
"""Up to so many tables a Python module has its types itself; of one that is longer pyright needs a stub."""


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


def render(
    schema: Schema,
    language: Language,
    *,
    source: str,
    depth: int = 1,
    types: Mapping[str, str] = _NO_TYPES,
    command: str = "",
) -> str:
    """Write a schema in one of the outputs. Touches no database.

    Args:
        schema: The schema.
        language: Which output.
        source: What the schema was read from, for the header (see ``codegen.header.source_name``).
        depth: How many relations deep the lookups of a Python module are typed; nothing to other outputs.
        types: Python types that a Python module names, by column or declared type; nothing to other outputs.
        command: What writes the file again, for the header (see ``codegen.header.command_line``); by default
            the command without its files.

    Returns:
        The text of the file.
    """
    options = PythonOptions(source=source, depth=depth, types=types)
    return _headed(language, source, OUTPUTS[language].load()(schema, options), command)


def render_files(
    schema: Schema,
    language: Language,
    *,
    suffix: str,
    source: str,
    depth: int = 1,
    types: Mapping[str, str] = _NO_TYPES,
    command: str = "",
) -> dict[str, str]:
    """Write a schema in one of the outputs, as the files that belong together. Touches no database.

    A Python module of many tables is two files: one that runs, and beside it the stub that has the types.

    Args:
        schema: The schema.
        language: Which output.
        suffix: The ending of the file that is asked for (``".py"``).
        source: As for ``render``.
        depth: As for ``render``.
        types: As for ``render``.
        command: As for ``render``.

    Returns:
        The text of each file, by its ending; the file that is asked for comes first.
    """
    small = suffix == ".py" and len([*schema]) <= _MODULE_TABLES
    if language != "python" or suffix not in (".py", ".pyi") or small:
        return {suffix: render(schema, language, source=source, depth=depth, types=types, command=command)}
    from noormme.codegen.python import render_runtime, render_stub

    options = PythonOptions(source=source, depth=depth, types=types)
    files = {".pyi": _headed(language, source, render_stub(schema, options), command)}
    if suffix == ".py":
        files = {".py": _headed(language, source, render_runtime(schema, options), command), **files}
    return files


def _headed(language: Language, source: str, text: str, command: str) -> str:
    if source_in(text) is None:
        text = f"{OUTPUTS[language].comment} {header(source, language)}\n{text}"
    return with_command(text, command) if command else text


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
    from noormme.codegen.python import render

    return render


def _pydantic() -> _Render:
    from noormme.codegen.pydantic_models import render

    return lambda schema, options: render(schema, source=options.source)


def _dataclasses() -> _Render:
    from noormme.codegen.dataclass_models import render

    return lambda schema, options: render(schema, source=options.source)


def _typescript() -> _Render:
    from noormme.codegen.typescript import render

    return lambda schema, options: render(schema, source=options.source)


def _kysely() -> _Render:
    from noormme.codegen.typescript import render_for_kysely

    return lambda schema, options: render_for_kysely(schema, source=options.source)


def _json_schema() -> _Render:
    from noormme.codegen.json_schema import render

    return lambda schema, options: render(schema, source=options.source)


def _dbml() -> _Render:
    from noormme.codegen.dbml import render

    return lambda schema, options: render(schema, source=options.source)


def _mermaid() -> _Render:
    from noormme.schema.diagram import mermaid

    return lambda schema, options: mermaid(schema)


def _svg() -> _Render:
    from noormme.schema.drawing.svg import draw

    # A comment of XML must not hold two hyphens.
    return lambda schema, options: f"<?noormme {header(options.source, 'svg')}?>\n{draw(schema).svg}"


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
