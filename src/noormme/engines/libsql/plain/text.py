"""Functions of text in plain SQL.

Invariant: they count characters, and give NULL for NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.libsql.plain.writing import Write, filled, templated

__all__ = ["WRITERS"]

_CUT = "substr({0}, 1, max({1}, 0))"
# As many pairs of zeros as there are bytes of zero, and each pair stands for the filling.
_FILL = "substr(replace(hex(zeroblob(max({1} - length({0}), 0))), '00', {2}), 1, max({1} - length({0}), 0))"


def _substr(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    if len(arguments) == 2:
        return filled("substr({0}, max({1}, 1))", *arguments)
    return filled(
        "CASE WHEN {2} >= 0 THEN substr({0}, max({1}, 1), max({1} + {2} - max({1}, 1), 0)) END", *arguments
    )


WRITERS: Mapping[str, Write] = {
    "noormme_chr": templated(
        "CASE WHEN {0} BETWEEN 1 AND 55295 OR {0} BETWEEN 57344 AND 1114111 THEN char({0}) END"
    ),
    "noormme_left": templated(
        "substr({0}, 1, CASE WHEN {1} < 0 THEN max(length({0}) + {1}, 0) ELSE {1} END)"
    ),
    "noormme_right": templated(
        "substr({0}, CASE WHEN {1} < 0 THEN 1 - {1} ELSE max(length({0}) - {1}, 0) + 1 END)"
    ),
    "noormme_substr": _substr,
    "noormme_lpad": templated(f"{_FILL} || {_CUT}"),
    "noormme_rpad": templated(f"{_CUT} || {_FILL}"),
    "noormme_ord": templated("CASE WHEN {0} = '' THEN 0 ELSE unicode({0}) END"),
    "noormme_repeat": templated(
        "CASE WHEN {1} IS NOT NULL THEN replace(hex(zeroblob(max({1}, 0))), '00', {0}) END"
    ),
    "noormme_reverse": templated(
        "WITH RECURSIVE noormme_r(i, t) AS (SELECT length({0}), '' UNION ALL"
        " SELECT i - 1, t || substr({0}, i, 1) FROM noormme_r WHERE i > 0) SELECT t FROM noormme_r"
        " WHERE i = 0"
    ),
}
"""By the names of the functions, what writes a call of them."""
