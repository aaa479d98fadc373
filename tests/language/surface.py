"""The parts of the query language, by name: what a query set must have to be credible.

Invariant: every name here is shown by an entry of the table. (Awaited twins are tested beside their methods.)
"""

from __future__ import annotations

__all__ = ["SURFACE"]

_METHODS = """
    filter exclude annotate alias order_by reverse distinct values values_list dates datetimes none all union
    intersection difference select_related prefetch_related defer only using
    select_for_update raw & | ^
    slice index step iteration len bool pickle Prefetch FilteredRelation
    get count in_bulk iterator latest earliest first last aggregate exists contains explain
"""
_LOOKUPS = """
    exact iexact contains icontains in gt gte lt lte startswith istartswith endswith iendswith range isnull
    regex iregex pk forward reverse many-to-many one-to-one in-subquery
"""
_TRANSFORMS = """
    date year iso_year month day week week_day iso_week_day quarter time hour minute second compared
"""
_JSON = "key index path contains contained_by has_key has_keys has_any_keys KT"
_AGGREGATES = """
    Avg Count Max Min StdDev Sum Variance StringAgg AnyValue filter distinct default order_by
"""
_EXPRESSIONS = """
    F Q Value Func Case When Subquery OuterRef Exists ExpressionWrapper RawSQL Window RowRange ValueRange
    GroupRange OrderBy nulls_first nulls_last + - * / % ** negative bitand bitor bitxor bitleftshift
    bitrightshift < <= > >= [] & | ^ ~
"""
_FUNCTIONS = """
    Cast Coalesce Collate Greatest Least NullIf JSONObject JSONArray
    Extract ExtractYear ExtractIsoYear ExtractQuarter ExtractMonth ExtractWeek ExtractDay ExtractWeekDay
    ExtractIsoWeekDay ExtractHour ExtractMinute ExtractSecond
    Trunc TruncYear TruncQuarter TruncMonth TruncWeek TruncDay TruncDate TruncTime TruncHour TruncMinute
    TruncSecond Now
    Abs ACos ASin ATan ATan2 Ceil Cos Cot Degrees Exp Floor Ln Log Mod Pi Power Radians Random Round Sign Sin
    Sqrt Tan
    Chr Concat Left Length Lower LPad LTrim MD5 SHA1 SHA224 SHA256 SHA384 SHA512 Ord Repeat Replace Reverse
    Right RPad RTrim StrIndex Substr Trim Upper
    CumeDist DenseRank FirstValue Lag LastValue Lead NthValue Ntile PercentRank Rank RowNumber
"""

SURFACE: dict[str, list[str]] = {
    "method": _METHODS.split(),
    "lookup": _LOOKUPS.split(),
    "transform": _TRANSFORMS.split(),
    "json": _JSON.split(),
    "aggregate": _AGGREGATES.split(),
    "expression": _EXPRESSIONS.split(),
    "function": _FUNCTIONS.split(),
}
"""The names by group; an entry calls one ``"lookup exact"``."""
