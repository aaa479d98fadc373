"""A circuit breaker: what keeps failing is not tried again until a pause is over.

Invariant: only failures of the database's surroundings count (a lock that is never free, a full disk, a file
that cannot be opened, a time limit); an error of the statement or of its values says nothing about the next
one. Whoever is refused is told at once, and nothing was tried.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NoReturn, TypeVar

from noormme.errors import (
    ConnectionFailed,
    DatabaseLocked,
    DiskFull,
    NotSupported,
    PoolTimeout,
    QueryTimeout,
    Unavailable,
)

__all__ = ["Circuit"]

T = TypeVar("T")

_COUNTED = (ConnectionFailed, DatabaseLocked, DiskFull, PoolTimeout, QueryTimeout)


class Circuit:
    """Counts failures in a row; after too many it is open, and lets nothing through but one trial a pause.

    Args:
        failures: How many failures in a row open it.
        pause_s: How long it stays open, in seconds.

    Raises:
        NotSupported: The library that it is made with is not installed.
    """

    def __init__(self, failures: int, pause_s: float) -> None:
        # An optional dependency, which most programs do without.
        try:
            from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage
        except ImportError as error:
            raise NotSupported(
                "breaker_failures needs the package pybreaker", hint="pip install 'noormme[breaker]'"
            ) from error
        self._failures = failures
        self._pause = timedelta(seconds=pause_s)
        self._refused = CircuitBreakerError
        self._storage = CircuitMemoryStorage(STATE_CLOSED)
        self._new_breaker = partial(
            CircuitBreaker,
            fail_max=failures,
            reset_timeout=pause_s,
            state_storage=self._storage,
            throw_new_error_on_trip=False,
        )
        self._breaker = self._new_breaker()

    def after_fork(self) -> None:
        """Let a child process count on from here, where another thread of the parent was counting."""
        self._breaker = self._new_breaker()

    def check(self) -> None:
        """Raise if it is open and the pause is not over.

        Raises:
            Unavailable: It is.
        """
        opened = self._storage.opened_at
        if self._breaker.current_state == "open" and opened and datetime.now(UTC) < opened + self._pause:
            raise Unavailable(
                f"writing failed {self._failures} times in a row, and is not tried again for "
                f"{self._pause.total_seconds():g} s",
                hint="reading goes on; the errors before this one say why",
            )

    def failed(self, error: BaseException) -> None:
        """Count a failure, if it is one that counts.

        Args:
            error: What was raised.
        """

        def fail() -> NoReturn:
            raise error

        if isinstance(error, _COUNTED):
            with suppress(type(error), self._refused):
                self._breaker.call(fail)

    def succeeded(self) -> None:
        """Note that the database does its work."""
        with suppress(self._refused):
            self._breaker.call(bool)

    @contextmanager
    def around(self, context: AbstractContextManager[T], *, whole: bool) -> Generator[T, None, None]:
        """Another context whose failure counts.

        Args:
            context: The context.
            whole: Whether its end is that of the write, so that its success counts as well.

        Raises:
            Unavailable: The circuit is open.
        """
        if whole:
            self.check()
        try:
            with context as entered:
                yield entered
        except BaseException as error:
            self.failed(error)
            raise
        if whole:
            self.succeeded()
