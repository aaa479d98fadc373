"""Transactions: all of a block, or nothing of it.

Invariant: a block that ends with an error leaves no trace in the database, and gives objects that it wrote
the state they had before. A block inside a block is a savepoint; only the end of the outermost one commits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from noormme.engines.scope import Scope
from noormme.engines.waits import block
from noormme.errors import ConnectionLost, DatabaseLocked, TransactionError, UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from noormme.engines.base import Engine, Mode, Session

__all__ = ["Transaction", "arun_in_transaction", "on_commit", "run_in_transaction"]

P = ParamSpec("P")
R = TypeVar("R")

_MODES = ("immediate", "deferred", "exclusive")
_LONGEST_PAUSE_S = 2.0


class Transaction:
    """A transaction, as a context manager (``with`` and ``async with``) and as a decorator.

    Args:
        engine: Where it runs.
        mode: With which lock it begins; a block inside another one has that one's.
        durable: Whether its commit waits until the disk has everything.

    Raises:
        UsageError: There is no such mode.
    """

    __slots__ = ("_durable", "_engine", "_mode", "_open")

    def __init__(self, engine: Engine, mode: Mode = "immediate", *, durable: bool = False) -> None:
        if mode not in _MODES:
            raise UsageError("a transaction is 'immediate', 'deferred' or 'exclusive'")
        self._engine = engine
        self._mode: Mode = mode
        self._durable = durable
        self._open: list[tuple[Session, Scope]] = []

    def on_commit(self, call: Callable[[], object]) -> None:
        """Call something once the outermost transaction is committed; never, if this block is rolled back.

        Args:
            call: What to call, without arguments.

        Raises:
            TransactionError: The block is not open.
        """
        self._scope().on_commit.append(call)

    def rollback(self) -> None:
        """Roll this block back at its end, although no error ends it.

        Raises:
            TransactionError: The block is not open.
        """
        self._scope().rolled_back = True

    def _scope(self) -> Scope:
        if not self._open:
            raise TransactionError("this transaction is not open", hint="use it in a with block")
        return self._open[-1][1]

    # -- blocks -------------------------------------------------------------------------------------

    def __enter__(self) -> Transaction:
        session = self._engine.session()
        if session is None:
            self._begun(self._engine.begin(self._mode, durable=self._durable))
        else:
            self._nested(session)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, scope = self._open[-1]
        outermost = scope.savepoint is None
        try:
            _, _, failed = self._left(error)
            _settle(session, scope, failed=failed)
            if outermost and not failed:
                block(session.committing())
        except BaseException:
            if outermost:
                # Whatever it was, a signal among it: no transaction is left open.
                session.detach()
                session.rollback()
                if not session.committed:
                    scope.undone()
            raise
        if outermost and not failed:
            _call_all(scope.on_commit)

    async def __aenter__(self) -> Transaction:
        from noormme.orm.aio.ending import savepoint
        from noormme.orm.aio.waiting import drive

        session = self._engine.session()
        if session is None:
            self._begun(await drive(self._engine.beginning(self._mode, durable=self._durable)))
        else:
            self._not_durable()
            self._enter(session, Scope(await savepoint(self._engine, session)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from noormme.orm.aio.ending import alone, commit

        session, scope, failed = self._left(error)
        try:
            await alone(self._engine, session, lambda: _settle(session, scope, failed=failed))
        except BaseException:
            if scope.savepoint is None and session.open:
                # A task that was cancelled while it waited for the connection commits nothing any more.
                try:
                    await alone(self._engine, session, session.rollback)
                finally:
                    scope.undone()
            raise
        if scope.savepoint is None and not failed:
            try:
                await commit(self._engine, session, durable=self._durable)
            finally:
                # A task that is cancelled may be too late for its transaction to be rolled back.
                if session.committed:
                    _call_all(scope.on_commit)
                else:
                    scope.undone()

    def _begun(self, session: Session) -> None:
        try:
            session.attach()
            self._enter(session, Scope())
        except BaseException:
            # A signal: the block is not entered, so nothing else would end what it began.
            self._open[:] = [block for block in self._open if block[0] is not session]
            session.detach()
            session.rollback()
            raise

    def _nested(self, session: Session) -> None:
        self._not_durable()
        self._enter(session, Scope(session.savepoint()))

    def _not_durable(self) -> None:
        if self._durable:
            raise TransactionError(
                "a transaction inside another one cannot be durable by itself",
                hint="say durable=True where the outermost one begins",
            )

    def _enter(self, session: Session, scope: Scope) -> None:
        session.scopes.append(scope)
        self._open.append((session, scope))

    def _left(self, error: BaseException | None) -> tuple[Session, Scope, bool]:
        """Leave the block; says whether it failed."""
        session, scope = self._open.pop()
        if session.scopes[-1:] != [scope]:
            self._overlapping(session, scope, error)
            return session, scope, True
        session.scopes.remove(scope)
        if scope.savepoint is None:
            session.detach()
        return session, scope, error is not None or scope.rolled_back

    def _overlapping(self, session: Session, scope: Scope, error: BaseException | None) -> None:
        """End everything: of blocks that overlap none can be kept or undone without the other."""
        every, session.scopes = list(session.scopes), []
        session.detach()
        try:
            session.rollback()
        finally:
            for each in reversed(every):
                each.undone()
        if error is not None:
            return
        if scope not in every:
            raise TransactionError("the transaction of this block has ended")
        raise TransactionError(
            "a block that began inside of this one is still open, in another task or thread",
            hint="let blocks of one transaction end in the reverse order; everything was rolled back",
        )

    # -- functions ----------------------------------------------------------------------------------

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Run every call of a function, or of a coroutine function, in a transaction of its own."""
        # Imported here, because it is slow to import and many programs need no decorator.
        from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

        if isgeneratorfunction(function) or isasyncgenfunction(function):
            raise UsageError(
                "a transaction does not last as long as a generator does, whose body runs later",
                hint="open the transaction inside of it: with db.transaction(): …",
            )
        engine, mode, durable = self._engine, self._mode, self._durable
        if iscoroutinefunction(function):

            @wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                async with Transaction(engine, mode, durable=durable):
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", awaited)

        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            with Transaction(engine, mode, durable=durable):
                return function(*args, **kwargs)

        return called


def _settle(session: Session, scope: Scope, *, failed: bool) -> None:
    """Undo what was written in a block that failed; hand over what was written in one inside another."""
    if failed:
        try:
            if scope.savepoint is None:
                session.rollback()
            else:
                session.rollback_to(scope.savepoint)
        finally:
            scope.undone()
    elif scope.savepoint is not None:
        try:
            session.release(scope.savepoint)
        except BaseException:
            scope.undone()
            raise
        scope.hand_over(session.scopes[-1])


def _call_all(calls: list[Callable[[], object]]) -> None:
    """Call everything; the first error is raised when all were called, for the data is committed by now."""
    first: BaseException | None = None
    for call in calls:
        try:
            call()
        except Exception as error:
            first = first or error
    if first is not None:
        raise first


def _check_plain(function: Callable[[], object], caller: str, hint: str) -> None:
    """Raise unless something can be called, and does what it does when it is called."""
    if not callable(function):
        raise UsageError(f"{caller} takes a function without arguments, not {type(function).__name__}")
    from inspect import iscoroutinefunction

    if iscoroutinefunction(function):
        raise UsageError(f"{caller} cannot await a coroutine function", hint=hint)


def on_commit(engine: Engine, call: Callable[[], object]) -> None:
    """Call something once the open transaction is committed, or at once where none is open.

    Args:
        engine: The database.
        call: What to call, without arguments.

    Raises:
        UsageError: It cannot be called, or is a coroutine function.
    """
    _check_plain(call, "on_commit()", "start a task: on_commit(lambda: asyncio.create_task(…))")
    session = engine.session()
    if session is None or not session.scopes:
        call()
    else:
        session.scopes[-1].on_commit.append(call)


def run_in_transaction(
    engine: Engine,
    function: Callable[[], R],
    *,
    retries: int = 3,
    backoff_s: float = 0.05,
    mode: Mode = "immediate",
    durable: bool = False,
) -> R:
    """Run a function in a transaction, and the whole of it again after a failure that passes.

    Args:
        engine: The database.
        function: What to run, without arguments; it may be called several times.
        retries: How often to try again.
        backoff_s: The longest pause before the second try, in seconds; it doubles each time, and a random
            part of it is taken, so that those who failed together do not meet again.
        mode: With which lock the transaction begins.
        durable: Whether its commit waits until the disk has everything.

    Returns:
        What the function returns.

    Raises:
        DatabaseLocked: Every try failed.
        ConnectionLost: The same, because the server was away.
        OutcomeUnknown: The connection was lost while it committed, which is not tried again.
    """
    _check_plain(function, "run_in_transaction()", "await arun_in_transaction(…)")
    transaction = Transaction(engine, mode, durable=durable)
    options = _retrying(retries, backoff_s)
    if engine.session() is not None:
        # What has gone wrong in a part of a transaction is only mended by beginning the whole again.
        with transaction:
            return function()
    from tenacity import Retrying

    def once() -> R:
        with transaction:
            return function()

    return Retrying(**options)(once)


async def arun_in_transaction(
    engine: Engine,
    function: Callable[[], Awaitable[R]],
    *,
    retries: int = 3,
    backoff_s: float = 0.05,
    mode: Mode = "immediate",
    durable: bool = False,
) -> R:
    """As ``run_in_transaction``, awaited.

    Args:
        engine: The database.
        function: A coroutine function, or what gives something to await; it may be called several times.
        retries: How often to try again.
        backoff_s: The longest pause before the second try, in seconds.
        mode: With which lock the transaction begins.
        durable: Whether its commit waits until the disk has everything.

    Returns:
        What the function returns, awaited.

    Raises:
        DatabaseLocked: Every try failed.
        ConnectionLost: The same, because the server was away.
        OutcomeUnknown: The connection was lost while it committed, which is not tried again.
    """
    transaction = Transaction(engine, mode, durable=durable)
    options = _retrying(retries, backoff_s)
    if engine.session() is not None:
        async with transaction:
            return await function()
    from tenacity import AsyncRetrying

    async def once() -> R:
        async with transaction:
            return await function()

    return await AsyncRetrying(**options)(once)


def _retrying(retries: int, backoff_s: float) -> dict[str, Any]:
    """How to try again.

    Raises:
        UsageError: The number of tries is none.
    """
    if type(retries) is not int or retries < 0:
        raise UsageError("retries must be a whole number from 0 on")
    # Imported here, because most programs never need it.
    from tenacity import retry_if_exception_type, stop_after_attempt, wait_random_exponential

    return {
        "retry": retry_if_exception_type((DatabaseLocked, ConnectionLost)),
        "stop": stop_after_attempt(retries + 1),
        "wait": wait_random_exponential(multiplier=backoff_s, max=_LONGEST_PAUSE_S),
        "reraise": True,
    }
