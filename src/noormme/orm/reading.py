"""Rows in chunks, so that any number of them needs little memory.

Invariant: two chunks are never in memory at once, unless their objects are in use.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Generic, TypeVar

from noormme.errors import UsageError

if TYPE_CHECKING:
    from noormme.engines.base import Engine

__all__ = ["Reading", "chunk_rows"]

T = TypeVar("T")


def chunk_rows(given: int | None, usual: int) -> int:
    """How many rows a chunk has at most.

    Args:
        given: What the caller said.
        usual: What it is where nothing was said.

    Raises:
        UsageError: It is not positive.
    """
    size = usual if given is None else given
    if type(size) is not int or size < 1:
        raise UsageError(
            "chunk_size must be a whole number from 1 on", hint="leave it out for the usual size"
        )
    return size


def _nothing(*rows: object) -> None:
    """What follows a chunk that needs no more."""


class Reading(Generic[T]):
    """A query about to be read in chunks.

    Args:
        engine: Where it runs.
        chunks: Gives its rows in lists of at most so many.
        complete: Called with each chunk before anybody sees it.
        settle: Called after each chunk.

    Attributes:
        engine: The same.
        complete: The same.
        chunks: The same.
    """

    __slots__ = ("_settle", "chunks", "complete", "engine")

    def __init__(
        self,
        engine: Engine,
        chunks: Callable[[int], Generator[list[T], None, None]],
        complete: Callable[[list[T]], None] | None = None,
        settle: Callable[[], None] | None = None,
    ) -> None:
        self.engine = engine
        self.chunks = chunks
        self.complete = complete or _nothing
        self._settle = settle or _nothing

    def rows(self, size: int) -> Generator[T, None, None]:
        """The rows one after the other, read by the calling thread.

        Args:
            size: How many rows a chunk has at most.
        """
        return self._flat(self.completed(size))

    @staticmethod
    def _flat(chunks: Generator[list[T], None, None]) -> Generator[T, None, None]:
        while (chunk := next(chunks, None)) is not None:
            yield from chunk
            del chunk

    def completed(self, size: int) -> Generator[list[T], None, None]:
        """The rows in chunks, as a user sees them. Threads may take turns in asking for them.

        Args:
            size: How many rows a chunk has at most.
        """
        chunks = self.chunks(size)
        while (chunk := next(chunks, None)) is not None:
            self.complete(chunk)
            yield chunk
            del chunk
            self._settle()
