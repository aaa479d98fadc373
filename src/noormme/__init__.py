"""noormme: point it at a database that exists, and query it.

>>> from noormme import connect
>>> db = connect("app.db")
"""

from noormme.database import Database, connect
from noormme.errors import (
    CheckViolation,
    ConnectionFailed,
    DatabaseClosed,
    DatabaseError,
    DatabaseLocked,
    DoesNotExist,
    FieldNotFound,
    ForeignKeyViolation,
    IntegrityError,
    InvalidQuery,
    InvalidValue,
    LookupNotFound,
    MultipleObjectsReturned,
    NoormmeError,
    NotNullViolation,
    NotSupported,
    QueryFailed,
    ReadOnly,
    RelationNotFound,
    RelationNotLoaded,
    SettingsError,
    TableNotFound,
    UniqueViolation,
    UnreadableValue,
    UnsafeOperation,
    UsageError,
)
from noormme.orm.manager import Manager
from noormme.orm.model import Model
from noormme.orm.prefetch import Prefetch
from noormme.orm.queryset import QuerySet
from noormme.query.expressions import Avg, Count, F, Max, Min, OrderBy, Q, Sum
from noormme.schema.model import Schema
from noormme.settings import Settings

__all__ = [
    "Avg",
    "CheckViolation",
    "ConnectionFailed",
    "Count",
    "Database",
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseLocked",
    "DoesNotExist",
    "F",
    "FieldNotFound",
    "ForeignKeyViolation",
    "IntegrityError",
    "InvalidQuery",
    "InvalidValue",
    "LookupNotFound",
    "Manager",
    "Max",
    "Min",
    "Model",
    "MultipleObjectsReturned",
    "NoormmeError",
    "NotNullViolation",
    "NotSupported",
    "OrderBy",
    "Prefetch",
    "Q",
    "QueryFailed",
    "QuerySet",
    "ReadOnly",
    "RelationNotFound",
    "RelationNotLoaded",
    "Schema",
    "Settings",
    "SettingsError",
    "Sum",
    "TableNotFound",
    "UniqueViolation",
    "UnreadableValue",
    "UnsafeOperation",
    "UsageError",
    "connect",
]

__version__ = "0.1.0"
