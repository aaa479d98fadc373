"""What functions of SQL give.

Invariant: what is not in these tables is unknown, which is never a promise. A function is told by its name in
SQL; where databases disagree on one, the weaker promise stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from noormme.schema.model import Kind

__all__ = ["AGGREGATES", "FUNCTIONS", "OF_SQLITE", "TEXT_ARGUMENTS", "WINDOWS", "Result"]

Nulls: TypeAlias = Literal["never", "arguments", "always"]
"""When a function gives NULL: never, when an argument is, or nobody knows."""


class Result(msgspec.Struct, frozen=True):
    """What a function gives.

    Attributes:
        kind: The kind of its values; ``"same"`` for that of its arguments.
        nulls: When it gives NULL.
    """

    kind: Kind | Literal["same"] | None
    nulls: Nulls = "arguments"


def _each(result: Result, names: str) -> dict[str, Result]:
    return dict.fromkeys(names.split(), result)


AGGREGATES: Mapping[str, Result] = {
    "count": Result("integer", "never"),
    "count_if": Result("integer", "always"),
    "total": Result("real", "never"),
    **_each(Result("same"), "min max any_value sum bit_and bit_or bit_xor"),
    "avg": Result("real"),
    **_each(Result("text"), "group_concat string_agg listagg"),
    **_each(Result("boolean"), "logical_and logical_or bool_and bool_or every"),
    **_each(Result("real", "always"), "stddev stddev_pop stddev_samp variance var_pop var_samp variance_pop"),
}
"""What is made of the rows of a group; NULL where there is no row, but for what is never NULL."""

WINDOWS: Mapping[str, Result] = {
    **_each(Result("integer", "never"), "row_number rank dense_rank ntile"),
    **_each(Result("real", "never"), "percent_rank cume_dist"),
    **_each(Result("same", "always"), "lag lead first_value last_value nth_value"),
}
"""What is made of the rows around one."""

FUNCTIONS: Mapping[str, Result] = {
    **_each(Result("integer"), "length char_length character_length octet_length str_position instr"),
    **_each(Result("integer"), "ascii bit_length"),
    **_each(Result("text"), "lower upper trim ltrim rtrim replace substring substr reverse initcap"),
    **_each(Result("text"), "left right"),
    **_each(Result("text", "always"), "lpad rpad pad repeat concat concat_ws format printf chr char"),
    **_each(Result("text", "never"), "typeof quote"),
    "hex": Result("text"),
    "round": Result("real"),
    **_each(Result("same"), "abs"),
    **_each(Result("real", "always"), "sqrt power pow exp ln log log10 sin cos tan julianday"),
    **_each(Result("same", "always"), "greatest least"),
    **_each(Result("integer", "always"), "unixepoch unicode sign"),
    **_each(Result("integer", "never"), "random changes total_changes last_insert_rowid last_insert_id"),
    **_each(Result("uuid", "never"), "uuid gen_random_uuid"),
}
"""What is made of single values."""

OF_SQLITE: Mapping[str, Result] = {
    **_each(Result("text", "always"), "date time datetime strftime time_to_str timediff"),
    **_each(Result("text", "always"), "json json_array json_object json_group_array json_group_object"),
    "j_s_o_n_array_agg": Result("text", "always"),
    **_each(Result("integer", "always"), "json_array_length json_valid"),
    "rand": Result("integer", "never"),
}
"""What SQLite has, or gives in another form than others do."""

TEXT_ARGUMENTS = frozenset(
    [
        "lower",
        "upper",
        "trim",
        "ltrim",
        "rtrim",
        "length",
        "replace",
        "initcap",
        "reverse",
        "concat",
        "str_position",
    ]
)
"""Functions whose arguments are texts."""
