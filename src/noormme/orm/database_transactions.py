"""The transactions of a database, as its methods.

Invariant: nothing is done here; ``orm.transaction`` does it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from noormme.deferred import deferred

if TYPE_CHECKING:
    from noormme.engines.base import Mode
    from noormme.orm import transaction as transactions
    from noormme.orm.registry import Registry
    from noormme.orm.transaction import Transaction
else:
    transactions = deferred("noormme.orm.transaction")

__all__ = ["DatabaseTransactions"]

R = TypeVar("R")


class DatabaseTransactions:
    """The part of a ``Database`` that begins transactions."""

    _registry: Registry

    def transaction(self, mode: Mode = "immediate", *, durable: bool = False) -> Transaction:
        """A transaction: all of a block is written, or nothing of it.

        A block inside another one is a savepoint.

        Args:
            mode: ``"immediate"`` has the right to write from the beginning, so nothing in the block can fail
                because somebody else wrote; ``"deferred"`` asks for it at the first write; ``"exclusive"``
                keeps readers out as well where the file is not in WAL mode.
            durable: Whether its end waits until the disk has everything, so that it survives a power cut.

        Returns:
            A context manager for ``with`` and ``async with``, and a decorator for functions of both kinds.

        Raises:
            UsageError: There is no such mode.

        Example:
            ``with db.transaction(): ann.update(age=42); db.posts.create(author=ann, title="…")``
        """
        return transactions.Transaction(self._registry.engine, mode, durable=durable)

    def on_commit(self, call: Callable[[], object]) -> None:
        """Call something once the open transaction is committed, or at once where none is open.

        Args:
            call: What to call, without arguments. It is not called if its block is rolled back.
        """
        transactions.on_commit(self._registry.engine, call)

    def run_in_transaction(
        self,
        function: Callable[[], R],
        *,
        retries: int = 3,
        backoff_s: float = 0.05,
        mode: Mode = "immediate",
        durable: bool = False,
    ) -> R:
        """Run a function in a transaction, and the whole of it again after a failure that passes.

        Args:
            function: What to run, without arguments; it may be called several times.
            retries: How often to try again.
            backoff_s: The longest pause before the second try, in seconds; it doubles with each try.
            mode: As ``transaction`` takes it.
            durable: As ``transaction`` takes it.

        Returns:
            What the function returns.

        Raises:
            DatabaseLocked: Every try failed.
            ConnectionLost: The same, because the server was away.
            OutcomeUnknown: The connection was lost while it committed, which is not tried again.
        """
        return transactions.run_in_transaction(
            self._registry.engine, function, retries=retries, backoff_s=backoff_s, mode=mode, durable=durable
        )

    async def arun_in_transaction(
        self,
        function: Callable[[], Awaitable[R]],
        *,
        retries: int = 3,
        backoff_s: float = 0.05,
        mode: Mode = "immediate",
        durable: bool = False,
    ) -> R:
        """As ``transactions.run_in_transaction()``, awaited; the function is a coroutine function."""
        return await transactions.arun_in_transaction(
            self._registry.engine, function, retries=retries, backoff_s=backoff_s, mode=mode, durable=durable
        )
