"""Every error that noormme raises, in one tree.

```
NoormmeError
├── UsageError                    the call does not fit: the names, the values, or the rows that are there
│   ├── TableNotFound             (also an AttributeError)
│   ├── FieldNotFound             (also an AttributeError)
│   │   └── RelationNotFound
│   ├── LookupNotFound
│   ├── InvalidQuery              a combination that has no meaning (filter after a slice, …)
│   ├── InvalidValue              a value that the field or the lookup cannot take
│   ├── DoesNotExist              get() found no row
│   ├── MultipleObjectsReturned   get() found several rows
│   ├── RelationNotLoaded         a lazy load under loading="raise"
│   ├── UnsafeOperation           something destructive that was not said to be meant
│   ├── ReadOnly                  a write to what can only be read
│   ├── NotSupported              this engine, or this version of it, cannot do that
│   ├── SettingsError             a setting that is unknown or has the wrong type
│   ├── DatabaseClosed            the Database was closed
│   └── TransactionError          a transaction used wrongly, or one that was rolled back already
└── DatabaseError                 the database's word; the driver's exception is chained
    ├── ConnectionFailed
    │   ├── ConnectionLost        nothing was written, and trying again can help
    │   └── OutcomeUnknown        it ended while something was written or committed
    ├── DatabaseLocked            another connection held the lock for too long
    ├── QueryFailed
    ├── QueryTimeout              a statement ran for longer than its time limit
    ├── PoolTimeout               no connection became free in time
    ├── DiskFull                  there is no room to write
    ├── Unavailable               it failed too often of late, so it is not asked for a while
    └── IntegrityError            .table and .columns say where
        ├── UniqueViolation
        ├── ForeignKeyViolation
        ├── NotNullViolation
        └── CheckViolation
```

A message says what happened, where, and what to do; it never holds a parameter's value, because
messages end up in logs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "CheckViolation",
    "ConnectionFailed",
    "ConnectionLost",
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseLocked",
    "DiskFull",
    "DoesNotExist",
    "FieldNotFound",
    "ForeignKeyViolation",
    "IntegrityError",
    "InvalidQuery",
    "InvalidValue",
    "LookupNotFound",
    "MultipleObjectsReturned",
    "NoormmeError",
    "NotNullViolation",
    "NotSupported",
    "OutcomeUnknown",
    "PoolTimeout",
    "QueryFailed",
    "QueryTimeout",
    "ReadOnly",
    "RelationNotFound",
    "RelationNotLoaded",
    "SchemaDrift",
    "SettingsError",
    "TableNotFound",
    "TransactionError",
    "Unavailable",
    "UniqueViolation",
    "UnreadableValue",
    "UnsafeOperation",
    "UsageError",
    "did_you_mean",
]


def did_you_mean(name: str, candidates: Iterable[str], *, limit: int = 3) -> str | None:
    """Suggest the candidates that look like ``name``.

    Args:
        name: What was written.
        candidates: The names that exist.
        limit: How many suggestions at most.

    Returns:
        ``"did you mean 'email'?"``, or None when nothing is close.
    """
    from difflib import get_close_matches  # here, because most programs make no mistakes

    pool = sorted(set(candidates))
    close = get_close_matches(name, pool, n=limit, cutoff=0.6)
    if not close:
        lowered = {candidate.lower(): candidate for candidate in reversed(pool)}
        close = [lowered[key] for key in get_close_matches(name.lower(), lowered, n=limit, cutoff=0.6)]
    if not close:
        return None
    quoted = [f"'{candidate}'" for candidate in close]
    words = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return f"did you mean {words}?"


class NoormmeError(Exception):
    """The root of every error that noormme raises.

    Attributes:
        message: What happened and where, one line, without parameter values.
        hint: What to do about it, or None.
        code: A stable name of the kind of error, for programs (``"field_not_found"``).
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # The errors of a model are classes of this process; elsewhere they are what they derive from.
        kind: type[NoormmeError] = next(
            each for each in type(self).__mro__ if each.__module__ != "noormme.models"
        )
        return (kind._rebuild, (self.message, self.__dict__.copy()))

    @classmethod
    def _rebuild(cls, message: str, state: dict[str, object]) -> NoormmeError:
        error = cls.__new__(cls)
        Exception.__init__(error, message)
        error.__dict__.update(state)
        return error


class UsageError(NoormmeError):
    """The call does not fit: a name, a value or a setting is wrong, or the rows are not as it expects.

    The database reported no error. Most of these are raised before anything is sent to it;
    ``DoesNotExist`` and ``MultipleObjectsReturned`` come after a query.
    """

    code = "usage"


class TableNotFound(UsageError, AttributeError):
    """No table, view or virtual table has that name."""

    code = "table_not_found"


class FieldNotFound(UsageError, AttributeError):
    """A table has no field of that name."""

    code = "field_not_found"


class RelationNotFound(FieldNotFound):
    """A table has no relation of that name."""

    code = "relation_not_found"


class LookupNotFound(UsageError):
    """A field exists, but the lookup or transform written after it does not."""

    code = "lookup_not_found"


class InvalidQuery(UsageError):
    """A query that has no meaning, such as a filter after a slice."""

    code = "invalid_query"


class InvalidValue(UsageError):
    """A value that the field or the lookup cannot take."""

    code = "invalid_value"


class DoesNotExist(UsageError):
    """``get()`` found no row."""

    code = "does_not_exist"


class MultipleObjectsReturned(UsageError):
    """``get()`` found more than one row."""

    code = "multiple_objects_returned"


class RelationNotLoaded(UsageError):
    """A relation was touched before it was loaded, and lazy loading is off."""

    code = "relation_not_loaded"


class UnsafeOperation(UsageError):
    """Something destructive that was not said to be meant."""

    code = "unsafe_operation"


class ReadOnly(UsageError):
    """A write to something that can only be read."""

    code = "read_only"


class NotSupported(UsageError):
    """The engine, or this version of it, cannot do that."""

    code = "not_supported"


class SettingsError(UsageError):
    """A setting that does not exist or does not have the right type."""

    code = "settings"


class DatabaseClosed(UsageError):
    """The Database object was closed before this call."""

    code = "database_closed"


class TransactionError(UsageError):
    """A transaction was used wrongly, or it was rolled back already."""

    code = "transaction"


class SchemaDrift(UserWarning):
    """A warning, not an error: a table has other fields or relations than the generated module says."""


class UnreadableValue(UserWarning):
    """A warning, not an error: a stored value does not fit its column's type and is returned as it is."""


class DatabaseError(NoormmeError):
    """What the database answered; the driver's exception is chained as ``__cause__``."""

    code = "database"


class ConnectionFailed(DatabaseError):
    """The database could not be opened or reached."""

    code = "connection_failed"


class ConnectionLost(ConnectionFailed):
    """The connection to a server ended, or the server takes nobody just now; nothing was written.

    Attributes:
        answered: Whether it is known that the last statement was not run: the server itself said that it
            takes nobody just now (it starts, ends or is full), or the connection had ended before.
    """

    code = "connection_lost"

    def __init__(self, message: str, *, hint: str | None = None, answered: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.answered = answered


class OutcomeUnknown(ConnectionFailed):
    """The connection ended while something was written or committed: it may be there, or not."""

    code = "outcome_unknown"


class DatabaseLocked(DatabaseError):
    """Another connection held the lock for longer than the time limit."""

    code = "database_locked"


class QueryFailed(DatabaseError):
    """The database refused a statement, or failed while running it."""

    code = "query_failed"


class QueryTimeout(DatabaseError):
    """A statement ran for longer than its time limit and was stopped; it changed nothing."""

    code = "query_timeout"


class PoolTimeout(DatabaseError):
    """Every connection was in use for longer than the time limit."""

    code = "pool_timeout"


class DiskFull(DatabaseError):
    """There is no room to write, on the disk or within a limit; what was being written was undone."""

    code = "disk_full"


class Unavailable(DatabaseError):
    """The database failed too often of late, so it is not asked until a pause is over."""

    code = "unavailable"


class IntegrityError(DatabaseError):
    """A constraint refused a write.

    Attributes:
        table: The table whose constraint it is, or None when the database does not say.
        columns: The columns of the constraint; empty when the database does not say.
    """

    code = "integrity"

    def __init__(
        self,
        message: str,
        *,
        table: str | None = None,
        columns: tuple[str, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.table = table
        self.columns = columns


class UniqueViolation(IntegrityError):
    """A unique constraint or a primary key already holds that value."""

    code = "unique_violation"


class ForeignKeyViolation(IntegrityError):
    """A foreign key points at a row that does not exist, or a row is still pointed at."""

    code = "foreign_key_violation"


class NotNullViolation(IntegrityError):
    """A column that must have a value was given none."""

    code = "not_null_violation"


class CheckViolation(IntegrityError):
    """A CHECK constraint refused a row."""

    code = "check_violation"
