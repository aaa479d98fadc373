"""libSQL's side of compiling and decoding: SQLite's, but for lists, which travel as JSON.

Invariant: the forms in which columns store their values are those of the SQLite engine, and so is what is
written.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from noormme.engines.sqlite.dialect import Sample, SQLiteDialect, as_json
from noormme.engines.sqlite.lists import group_values
from noormme.errors import InvalidValue
from noormme.query.dialect import Keeping
from noormme.query.plan import Encode

if TYPE_CHECKING:
    from datetime import tzinfo

    from noormme.engines.libsql.expressions import LibSQLExpressions

__all__ = ["LibSQLDialect"]

_INT64 = range(-(2**63), 2**63)


class LibSQLDialect(SQLiteDialect):
    """What the compiler and the decoders need to know about libSQL; see ``SQLiteDialect``."""

    name = "libsql"
    features = replace(SQLiteDialect.features, round_trips=True, nul_in_lists=True)
    _own_expressions: LibSQLExpressions | None = None

    def __init__(self, sample: Sample, timezone: tzinfo | None = None) -> None:
        super().__init__(sample, timezone)
        # What the server at the other end can do is not known here.
        self.keeping: Keeping | None = None

    @property
    def expressions(self) -> LibSQLExpressions:
        """What libSQL says in a way of its own; imports SQLAlchemy."""
        if self._own_expressions is None:
            from noormme.engines.libsql.expressions import LibSQLExpressions

            self._own_expressions = LibSQLExpressions(self)
        return self._own_expressions

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """A list of values of one type as one parameter, as JSON."""

        def encode_list(values: Any) -> object:
            return json_list(
                [value if encode is None else encode(value) for value in values if value is not None]
            )

        return encode_list

    def nul_encoder(self) -> Encode:
        """A list of texts that hold NUL, which is a list like any other in JSON."""
        return self.list_encoder(None, None)


def json_list(values: list[object]) -> str | None:
    """Values as a JSON array, without those that can match nothing; None where nothing is left.

    Args:
        values: Stored forms: all numbers, all text or all bytes.

    Raises:
        InvalidValue: The list mixes them, or text is not Unicode.
    """
    groups = group_values(values)
    if len(groups.keys() - {"integer", "real"}) + bool(groups.keys() & {"integer", "real"}) > 1:
        raise InvalidValue("this list mixes numbers, text and bytes", hint="give values of one type")
    kept = [
        int(value) if isinstance(value, bool) else as_json(value)
        for group in groups.values()
        for value in group
        if not isinstance(value, (int, float))
        or (value == value and (isinstance(value, float) or value in _INT64))
    ]
    if not kept:
        return None
    try:
        if any(isinstance(value, float) and math.isinf(value) for value in kept):
            # JSON has no infinite numbers; SQLite reads one that is too large as such.
            return "[" + ",".join(_number(value) for value in kept) + "]"
        return msgspec.json.encode(kept).decode()
    except UnicodeEncodeError:
        raise InvalidValue(
            "text with half of a surrogate pair cannot be stored", hint="give text that UTF-8 can encode"
        ) from None


def _number(value: object) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    return msgspec.json.encode(value).decode()
