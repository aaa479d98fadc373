"""Typed functions from SQL files: each statement is prepared on the live database, and never run.

Invariant: every statement of every file is looked at, whatever is wrong with the others, and nothing is
written.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from noormme.codegen.sql.files import find_files, read_source, statements_of, with_other_names
from noormme.codegen.sql.model import Problem, Query, Statement
from noormme.codegen.sql.module import MADE_BY, module_source
from noormme.database import open_registry
from noormme.errors import NotSupported
from noormme.settings import resolve_url

__all__ = ["Found", "Problem", "is_fresh", "is_made", "look"]


class Found(msgspec.Struct, frozen=True):
    """What was found in files of SQL.

    Attributes:
        files: The files, as they were named.
        statements: How many statements have a name.
        problems: What is wrong, by file and line.
        source: The source of the module; None where something is wrong.
    """

    files: tuple[str, ...]
    statements: int
    problems: tuple[Problem, ...]
    source: str | None


def look(target: str | os.PathLike[str], paths: Iterable[Path]) -> Found:
    """Look at every statement of files, on a live database. Touches the database; writes nothing.

    Args:
        target: The database, as for ``connect``.
        paths: Files, and folders whose ``*.sql`` files are meant.

    Returns:
        What was found.

    Raises:
        NotSupported: What reads SQL is not installed.
        ConnectionFailed: The database cannot be opened.
        UsageError: There is no such file or folder, or a folder has no file of SQL.
    """
    try:
        from noormme.codegen.sql.prepare import prepare
    except ImportError as error:
        raise NotSupported(
            "typed SQL needs a parser that is not installed", hint="pip install 'noormme[sql]'"
        ) from error
    files = find_files(paths)
    registry = open_registry(target, readonly=_prepares_writes_when_readonly(target))
    try:
        dialect = registry.schema.dialect
        statements, problems = _read(files, dialect)
        queries: list[Query] = []
        for statement in statements:
            prepared = prepare(statement, registry.schema, registry.engine)
            if isinstance(prepared, Query):
                queries.append(prepared)
            else:
                problems += prepared
    finally:
        registry.engine.close()
    return Found(
        tuple(path.as_posix() for path in files),
        len(statements),
        tuple(sorted(set(problems))),
        None if problems else module_source(queries, dialect),
    )


def _prepares_writes_when_readonly(target: str | os.PathLike[str]) -> bool:
    """Whether the database prepares what it would not run; MySQL refuses to, and runs nothing either way."""
    return resolve_url(target).dialect != "mysql"


def _read(files: Iterable[Path], dialect: str) -> tuple[list[Statement], list[Problem]]:
    statements: list[Statement] = []
    problems: list[Problem] = []
    for path in files:
        source = read_source(path)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        found, wrong = statements_of(source, dialect)
        statements += found
        problems += wrong
    problems += with_other_names(statements)
    return statements, problems


def is_made(module: Path) -> bool:
    """Whether a file is a module that was made here, and not one that somebody wrote; an empty file may be.

    Args:
        module: The file.

    Raises:
        OSError: The file cannot be read.
    """
    text = module.read_text(encoding="utf-8", errors="replace")
    return MADE_BY in text or not text.strip()


def is_fresh(module: Path, source: str) -> bool:
    """Whether a module is what would be made of the statements now, however it is formatted.

    Args:
        module: The file.
        source: The source that would be written.

    Raises:
        OSError: The file cannot be read.
    """
    text = module.read_text(encoding="utf-8")
    try:
        return text == source or ast.dump(ast.parse(text)) == ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return False
