"""The types that ``noormme init`` and ``noormme create`` write: those that ``noormme generate`` writes.

Invariant: a file that noormme did not generate stays as it is.
"""

from __future__ import annotations

from pathlib import Path

from noormme import Database
from noormme.cli.generate import files
from noormme.cli.generate.repeating import repeating
from noormme.codegen.header import source_name
from noormme.codegen.outputs import render_files
from noormme.errors import UnsafeOperation

__all__ = ["write_types"]


def write_types(db: Database, database: str | None, file: Path) -> bool | None:
    """Write the Python module of a database's types.

    Args:
        db: The database.
        database: The path or the URL that it was found by; None for that of the configuration.
        file: The module.

    Returns:
        Whether the file is another one now; None where somebody else wrote it, and it was left alone.

    Raises:
        UsageError: Its folder does not exist.
        OSError: It cannot be written.
    """
    source = source_name(db.path, db.schema.dialect)
    types = db.settings.python_types
    texts = render_files(
        db.schema,
        "python",
        suffix=file.suffix,
        source=source,
        types=types,
        command=repeating(database, file, "python"),
    )
    try:
        return files.write_all(
            {file.with_suffix(suffix): text for suffix, text in texts.items()}, force=False
        )
    except UnsafeOperation:
        return None
