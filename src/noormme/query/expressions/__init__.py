"""What a user writes inside a query: ``Q``, ``F``, values, functions, aggregates, sort keys.

Invariant: these are immutable descriptions that hold names and values; ``query.build`` takes the values out
and leaves a shape. None of them knows a database.
"""

from typing import TYPE_CHECKING

from noormme.deferred import exporting

if TYPE_CHECKING:
    from noormme.query.expressions.aggregates import (
        Aggregate,
        AnyValue,
        Avg,
        Count,
        Max,
        Min,
        StdDev,
        StringAgg,
        Sum,
        Variance,
    )
    from noormme.query.expressions.base import Combined, Comparison, Expression
    from noormme.query.expressions.cases import Case, When
    from noormme.query.expressions.conditions import Conditional, Q
    from noormme.query.expressions.documents import KT
    from noormme.query.expressions.fields import ExpressionWrapper, F, OuterRef, RawSQL, Value
    from noormme.query.expressions.func import Func
    from noormme.query.expressions.ordering import OrderBy
    from noormme.query.expressions.relations import FilteredRelation
    from noormme.query.expressions.search import Highlight, SearchRank, Snippet
    from noormme.query.expressions.subqueries import Exists, Subquery
    from noormme.query.expressions.windows import GroupRange, RowRange, ValueRange, Window
else:
    # A start pays for every import, and few programs use all of this.
    __getattr__, __dir__ = exporting(
        __name__,
        {
            "noormme.query.expressions.aggregates": (
                "Aggregate AnyValue Avg Count Max Min StdDev StringAgg Sum Variance"
            ),
            "noormme.query.expressions.base": "Combined Comparison Expression",
            "noormme.query.expressions.cases": "Case When",
            "noormme.query.expressions.conditions": "Conditional Q",
            "noormme.query.expressions.documents": "KT",
            "noormme.query.expressions.fields": "ExpressionWrapper F OuterRef RawSQL Value",
            "noormme.query.expressions.func": "Func",
            "noormme.query.expressions.ordering": "OrderBy",
            "noormme.query.expressions.relations": "FilteredRelation",
            "noormme.query.expressions.search": "Highlight SearchRank Snippet",
            "noormme.query.expressions.subqueries": "Exists Subquery",
            "noormme.query.expressions.windows": "GroupRange RowRange ValueRange Window",
        },
    )

__all__ = [
    "KT",
    "Aggregate",
    "AnyValue",
    "Avg",
    "Case",
    "Combined",
    "Comparison",
    "Conditional",
    "Count",
    "Exists",
    "Expression",
    "ExpressionWrapper",
    "F",
    "FilteredRelation",
    "Func",
    "GroupRange",
    "Highlight",
    "Max",
    "Min",
    "OrderBy",
    "OuterRef",
    "Q",
    "RawSQL",
    "RowRange",
    "SearchRank",
    "Snippet",
    "StdDev",
    "StringAgg",
    "Subquery",
    "Sum",
    "Value",
    "ValueRange",
    "Variance",
    "When",
    "Window",
]
