"""noormme: point it at a database that exists, and query it.

>>> from noormme import connect
>>> db = connect("app.db")
"""

from typing import TYPE_CHECKING

from noormme.deferred import exporting

if TYPE_CHECKING:
    from noormme.database import Database, connect
    from noormme.errors import (
        CheckViolation,
        ConnectionFailed,
        ConnectionLost,
        DatabaseClosed,
        DatabaseError,
        DatabaseLocked,
        DiskFull,
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
        OutcomeUnknown,
        PoolTimeout,
        QueryFailed,
        QueryTimeout,
        ReadOnly,
        RelationNotFound,
        RelationNotLoaded,
        SchemaDrift,
        SettingsError,
        TableNotFound,
        TransactionError,
        Unavailable,
        UniqueViolation,
        UnreadableValue,
        UnsafeOperation,
        UsageError,
    )
    from noormme.orm.manager import Manager
    from noormme.orm.model import Model
    from noormme.orm.paging import CursorPage, Page
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.queryset import QuerySet
    from noormme.orm.raw import RawQuerySet
    from noormme.orm.repository import Repository
    from noormme.orm.table_query import TableQuery
    from noormme.query.custom import Lookup, Transform, register_lookup, unregister_lookup
    from noormme.query.expressions import (
        KT,
        AnyValue,
        Avg,
        Case,
        Count,
        Exists,
        ExpressionWrapper,
        F,
        FilteredRelation,
        Func,
        GroupRange,
        Highlight,
        Max,
        Min,
        OrderBy,
        OuterRef,
        Q,
        RawSQL,
        RowRange,
        SearchRank,
        Snippet,
        StdDev,
        StringAgg,
        Subquery,
        Sum,
        Value,
        ValueRange,
        Variance,
        When,
        Window,
    )
    from noormme.query.rows import Row
    from noormme.schema.model import Schema
    from noormme.settings import Settings
else:
    # A start pays for every import, and few programs use all of this.
    __getattr__, __dir__ = exporting(
        __name__,
        {
            "noormme.database": "Database connect",
            "noormme.errors": (
                "CheckViolation ConnectionFailed ConnectionLost DatabaseClosed DatabaseError "
                "DatabaseLocked DiskFull DoesNotExist FieldNotFound ForeignKeyViolation IntegrityError "
                "InvalidQuery InvalidValue LookupNotFound MultipleObjectsReturned NoormmeError "
                "NotNullViolation NotSupported OutcomeUnknown PoolTimeout QueryFailed QueryTimeout "
                "ReadOnly RelationNotFound RelationNotLoaded SchemaDrift SettingsError TableNotFound "
                "TransactionError Unavailable UniqueViolation UnreadableValue UnsafeOperation UsageError"
            ),
            "noormme.orm.manager": "Manager",
            "noormme.orm.model": "Model",
            "noormme.orm.paging": "CursorPage Page",
            "noormme.orm.prefetch": "Prefetch",
            "noormme.orm.queryset": "QuerySet",
            "noormme.orm.raw": "RawQuerySet",
            "noormme.orm.repository": "Repository",
            "noormme.orm.table_query": "TableQuery",
            "noormme.query.custom": "Lookup Transform register_lookup unregister_lookup",
            "noormme.query.expressions": (
                "KT AnyValue Avg Case Count Exists ExpressionWrapper F FilteredRelation Func GroupRange "
                "Highlight Max Min OrderBy OuterRef Q RawSQL RowRange SearchRank Snippet StdDev StringAgg "
                "Subquery Sum Value ValueRange Variance When Window"
            ),
            "noormme.query.rows": "Row",
            "noormme.schema.model": "Schema",
            "noormme.settings": "Settings",
        },
    )

__all__ = [
    "AnyValue",
    "Avg",
    "Case",
    "CheckViolation",
    "ConnectionFailed",
    "ConnectionLost",
    "Count",
    "CursorPage",
    "Database",
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseLocked",
    "DiskFull",
    "DoesNotExist",
    "Exists",
    "ExpressionWrapper",
    "F",
    "FieldNotFound",
    "FilteredRelation",
    "ForeignKeyViolation",
    "Func",
    "GroupRange",
    "Highlight",
    "IntegrityError",
    "InvalidQuery",
    "InvalidValue",
    "KT",
    "Lookup",
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
    "OutcomeUnknown",
    "OuterRef",
    "Page",
    "PoolTimeout",
    "Prefetch",
    "Q",
    "QueryFailed",
    "QuerySet",
    "QueryTimeout",
    "RawQuerySet",
    "RawSQL",
    "ReadOnly",
    "RelationNotFound",
    "RelationNotLoaded",
    "Repository",
    "Row",
    "RowRange",
    "Schema",
    "SchemaDrift",
    "SearchRank",
    "Settings",
    "SettingsError",
    "Snippet",
    "StdDev",
    "StringAgg",
    "Subquery",
    "Sum",
    "TableNotFound",
    "TableQuery",
    "TransactionError",
    "Transform",
    "Unavailable",
    "UniqueViolation",
    "UnreadableValue",
    "UnsafeOperation",
    "UsageError",
    "Value",
    "ValueRange",
    "Variance",
    "When",
    "Window",
    "connect",
    "register_lookup",
    "unregister_lookup",
]

__version__ = "0.1.0"
