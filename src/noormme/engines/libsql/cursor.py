"""The rows of a statement of a libSQL server, which come as lines of one answer.

Invariant: one thread reads the answer at a time, and the connection is told where its stream goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from noormme.engines.base import Row
from noormme.engines.libsql.hrana import Entry, Request, read_row

if TYPE_CHECKING:
    from noormme.engines.libsql.remote import RemoteLink

__all__ = ["RemoteCursor"]

_entry = msgspec.json.Decoder(Entry).decode


class RemoteCursor:
    """The rows of a statement, read from the answer as they are asked for.

    Args:
        link: The connection.
        sql: The statement, for errors.
        step: The same as a step of a batch.
    """

    def __init__(self, link: RemoteLink, sql: str, step: Request) -> None:
        self._link = link
        self._sql = sql
        self._lines = link.open_cursor({"batch": {"steps": [step]}})
        self._read: list[Row] = []
        self._ended = False
        link.went_on(self._line().baton)

    def __iter__(self) -> Iterator[Row]:
        while True:
            with self._link.lock:
                row = self._next()
            if row is None:
                return
            yield row

    def read_rest(self) -> None:
        """Read what is left."""
        while not self._ended:
            row = self._from_server()
            if row is not None:
                self._read.append(row)
        # The last one is taken first.
        self._read.reverse()

    def drop(self) -> None:
        """Let go of rows that nobody wants any more."""
        if not self._ended:
            # A connection on which an answer is left unread is closed; the stream goes on by its baton.
            self._lines.close()
            self._ended = True

    def _next(self) -> Row | None:
        if self._read:
            return self._read.pop()
        return None if self._ended else self._from_server()

    def _from_server(self) -> Row | None:
        while not self._ended:
            entry = self._line()
            if entry.type == "row":
                return read_row(entry.row)
            if entry.error is not None:
                self._ended = True
                self._link.fail(entry.error, self._sql)
        return None

    def _line(self) -> Entry:
        try:
            line = next(self._lines, None)
        except BaseException as error:
            self._ended = True
            self._link.interrupted(error)
        self._ended = line is None
        return Entry() if line is None else _entry(line)
