"""Puts the parts of the generated module together."""

from __future__ import annotations

from noormme.codegen.python.options import PythonOptions
from noormme.schema.model import Schema

__all__ = ["render"]

_DEFAULTS = PythonOptions()


def render(schema: Schema, options: PythonOptions = _DEFAULTS) -> str:
    """The text of a Python module for a schema; equal input gives equal text.

    Args:
        schema: The schema.
        options: How it is wanted.

    Returns:
        Source text that ends in a newline. Nothing is read or written.
    """
    names = "\n".join(f"# {table.model}" for table in schema)
    return f'"""Models of {options.source}."""\n{names}\n'
