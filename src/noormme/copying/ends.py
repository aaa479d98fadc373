"""The two ends of a copy: the database that is read, and the one that is written.

Invariant: the source is opened so that nothing can be written to it. A SQLite file that is not there is made
when the first thing is written to it, and not before.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from noormme.database import open_registry
from noormme.engines.base import Engine, Writer
from noormme.engines.creating import Creator
from noormme.errors import ConnectionFailed, UsageError
from noormme.orm.transaction import Transaction
from noormme.schema.model import Schema
from noormme.settings import MEMORY, Settings, resolve_url

__all__ = ["End", "open_source", "open_target"]

Location = str | os.PathLike[str]


class End:
    """One end of a copy.

    Args:
        engine: The database.
        schema: Its schema.

    Attributes:
        engine: The same.
        schema: The same, as it was last discovered.
        creator: What writes SQL for it.
    """

    def __init__(self, engine: Engine, schema: Schema) -> None:
        self.engine = engine
        self.schema = schema
        self.creator: Creator = engine.creator

    @property
    def path(self) -> str:
        """What it is called, without a password."""
        return self.engine.path

    @contextmanager
    def defining(self) -> Generator[Writer, None, None]:
        """What to run definitions with, and the note of them: all or none where the engine can undo them.

        Where it cannot, each statement is committed by itself.
        """
        with ExitStack() as stack:
            if self.creator.can.transactional:
                stack.enter_context(Transaction(self.engine))
            yield stack.enter_context(self.engine.writing())

    def refresh(self) -> None:
        """Discover the schema again. Touches the database."""
        self.schema = self.engine.discover()

    def close(self) -> None:
        """Close its connections."""
        self.engine.close()


def open_source(source: Location) -> End:
    """Open the database that is read.

    Args:
        source: A path or a URL.

    Raises:
        ConnectionFailed: It cannot be opened.
    """
    registry = open_registry(source, readonly=True, timeout_s=None, replicas=())
    return End(registry.engine, registry.schema)


def open_target(target: Location, source: End, *, make: bool) -> End:
    """Open the database that is written.

    Args:
        target: A path or a URL.
        source: The source, which must be another one.
        make: Whether a SQLite file that is not there is made; without it an empty database stands for it.

    Raises:
        ConnectionFailed: It cannot be opened, or made.
        UsageError: It is the source.
    """
    found = resolve_url(target, Settings.load())
    is_file = found.dialect == "sqlite" and not found.memory
    if is_file and not os.path.lexists(found.path):
        if not make:
            registry = open_registry(MEMORY, foreign_keys=False)
            return _Missing(registry.engine, registry.schema, os.fspath(found.path))
        try:
            Path(found.path).touch(exist_ok=False)
        except OSError as error:
            raise ConnectionFailed(
                f"cannot create '{found.path}': {error.strerror}", hint="check the folder and its permissions"
            ) from error
    elif is_file and os.path.realpath(found.path) == os.path.realpath(source.path):
        raise UsageError("the source and the target are the same file", hint="name another target")
    # Rows come before those that they refer to where keys go in circles: checked at the end.
    registry = open_registry(target, readonly=False, foreign_keys=False, timeout_s=None, replicas=())
    end = End(registry.engine, registry.schema)
    if end.path == source.path and not found.memory:
        end.close()
        raise UsageError("the source and the target are the same database", hint="name another target")
    return end


class _Missing(End):
    """A file that is not there yet."""

    def __init__(self, engine: Engine, schema: Schema, path: str) -> None:
        super().__init__(engine, schema)
        self._path = path

    @property
    def path(self) -> str:
        """Where it will be."""
        return self._path
