"""The functions of the query language, under Django's names.

Invariant: each is a name and its arguments, checked where it is written; ``table`` says what it gives, and
each database how it is written.
"""

from typing import TYPE_CHECKING

from noormme.deferred import exporting

if TYPE_CHECKING:
    from noormme.query.functions.choices import (
        Cast,
        Coalesce,
        Collate,
        Greatest,
        Least,
        NullIf,
    )
    from noormme.query.functions.documents import (
        JSONArray,
        JSONObject,
    )
    from noormme.query.functions.hashes import (
        MD5,
        SHA1,
        SHA224,
        SHA256,
        SHA384,
        SHA512,
    )
    from noormme.query.functions.moments import (
        Extract,
        ExtractDay,
        ExtractHour,
        ExtractIsoWeekDay,
        ExtractIsoYear,
        ExtractMinute,
        ExtractMonth,
        ExtractQuarter,
        ExtractSecond,
        ExtractWeek,
        ExtractWeekDay,
        ExtractYear,
        Now,
    )
    from noormme.query.functions.numbers import (
        Abs,
        ACos,
        ASin,
        ATan,
        ATan2,
        Ceil,
        Cos,
        Cot,
        Degrees,
        Exp,
        Floor,
        Ln,
        Log,
        Mod,
        Pi,
        Power,
        Radians,
        Random,
        Round,
        Sign,
        Sin,
        Sqrt,
        Tan,
    )
    from noormme.query.functions.text import (
        Chr,
        Concat,
        Left,
        Length,
        Lower,
        LPad,
        LTrim,
        Ord,
        Repeat,
        Replace,
        Reverse,
        Right,
        RPad,
        RTrim,
        StrIndex,
        Substr,
        Trim,
        Upper,
    )
    from noormme.query.functions.truncation import (
        Trunc,
        TruncDate,
        TruncDay,
        TruncHour,
        TruncMinute,
        TruncMonth,
        TruncQuarter,
        TruncSecond,
        TruncTime,
        TruncWeek,
        TruncYear,
    )
    from noormme.query.functions.windows import (
        CumeDist,
        DenseRank,
        FirstValue,
        Lag,
        LastValue,
        Lead,
        NthValue,
        Ntile,
        PercentRank,
        Rank,
        RowNumber,
    )
else:
    # A start pays for every import, and few programs use all of this.
    __getattr__, __dir__ = exporting(
        __name__,
        {
            "noormme.query.functions.choices": "Cast Coalesce Collate Greatest Least NullIf",
            "noormme.query.functions.documents": "JSONArray JSONObject",
            "noormme.query.functions.hashes": "MD5 SHA1 SHA224 SHA256 SHA384 SHA512",
            "noormme.query.functions.moments": (
                "Extract ExtractDay ExtractHour ExtractIsoWeekDay ExtractIsoYear ExtractMinute "
                "ExtractMonth ExtractQuarter ExtractSecond ExtractWeek ExtractWeekDay ExtractYear Now"
            ),
            "noormme.query.functions.numbers": (
                "Abs ACos ASin ATan ATan2 Ceil Cos Cot Degrees Exp Floor Ln Log Mod Pi Power Radians "
                "Random Round Sign Sin Sqrt Tan"
            ),
            "noormme.query.functions.text": (
                "Chr Concat Left Length Lower LPad LTrim Ord Repeat Replace Reverse Right RPad RTrim "
                "StrIndex Substr Trim Upper"
            ),
            "noormme.query.functions.truncation": (
                "Trunc TruncDate TruncDay TruncHour TruncMinute TruncMonth TruncQuarter TruncSecond "
                "TruncTime TruncWeek TruncYear"
            ),
            "noormme.query.functions.windows": (
                "CumeDist DenseRank FirstValue Lag LastValue Lead NthValue Ntile PercentRank Rank RowNumber"
            ),
        },
    )

__all__ = [
    "MD5",
    "SHA1",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
    "ACos",
    "ASin",
    "ATan",
    "ATan2",
    "Abs",
    "Cast",
    "Ceil",
    "Chr",
    "Coalesce",
    "Collate",
    "Concat",
    "Cos",
    "Cot",
    "CumeDist",
    "Degrees",
    "DenseRank",
    "Exp",
    "Extract",
    "ExtractDay",
    "ExtractHour",
    "ExtractIsoWeekDay",
    "ExtractIsoYear",
    "ExtractMinute",
    "ExtractMonth",
    "ExtractQuarter",
    "ExtractSecond",
    "ExtractWeek",
    "ExtractWeekDay",
    "ExtractYear",
    "FirstValue",
    "Floor",
    "Greatest",
    "JSONArray",
    "JSONObject",
    "LPad",
    "LTrim",
    "Lag",
    "LastValue",
    "Lead",
    "Least",
    "Left",
    "Length",
    "Ln",
    "Log",
    "Lower",
    "Mod",
    "Now",
    "NthValue",
    "Ntile",
    "NullIf",
    "Ord",
    "PercentRank",
    "Pi",
    "Power",
    "RPad",
    "RTrim",
    "Radians",
    "Random",
    "Rank",
    "Repeat",
    "Replace",
    "Reverse",
    "Right",
    "Round",
    "RowNumber",
    "Sign",
    "Sin",
    "Sqrt",
    "StrIndex",
    "Substr",
    "Tan",
    "Trim",
    "Trunc",
    "TruncDate",
    "TruncDay",
    "TruncHour",
    "TruncMinute",
    "TruncMonth",
    "TruncQuarter",
    "TruncSecond",
    "TruncTime",
    "TruncWeek",
    "TruncYear",
    "Upper",
]
