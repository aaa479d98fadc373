"""What an engine can define, and what it is asked for: abilities, and types of columns.

Invariant: pure data. What a column of one engine is in the terms of another is said by the other one's
``Creator``, from a ``Wanted``.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from noormme.schema.declared import Declared
from noormme.schema.model import Kind

__all__ = ["Abilities", "ColumnType", "Stored", "Wanted"]

_INTEGERS: Mapping[str, tuple[int, int]] = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
"""What integers of 16, 32 and 64 bits hold."""

_NAMES_OF_INTEGERS: Mapping[str, str] = {
    **dict.fromkeys(("smallint", "int2", "tinyint", "smallserial", "year"), "smallint"),
    **dict.fromkeys(("int", "int4", "mediumint", "serial"), "integer"),
    **dict.fromkeys(("integer",), "integer"),
}


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What the definitions of an engine can say, where engines differ.

    Attributes:
        label: What the engine is called in sentences.
        adds_constraints: Whether a constraint can be added to a table that is there.
        partial_indexes: Whether an index can have a WHERE.
        deferrable: Whether a foreign key can be checked at commit.
        booleans_are_numbers: Whether a truth value compares with 0 and 1.
        collations: By a collation of SQLite, the one that compares most like it.
        longest_name: How many bytes a name has at most; None for as many as one likes.
        empty_names: Whether a name can be empty.
        wide_names: Whether a name can have characters beyond U+FFFF, emoji among them.
        cased_names: Whether two names can differ in the case of their letters alone.
        own_columns: Names that no column can have, because every table has such columns.
        spaces_at_end: Whether a name can end with a space.
        shared_index_names: Whether two tables cannot have indexes of one name.
        namespaces: Whether a table can lie in a schema within the database.
        comments: Whether tables and columns have comments.
        transactional: Whether definitions can be rolled back.
        stores_nul: Whether text can hold the character NUL.
        numbers_keys_only: Whether the database can number nothing but a primary key of one column.
        numbers_row_ids: Whether an integer that is the whole primary key is numbered without being told.
        sized_keys: Whether what is part of a key needs a length.
        stores_infinity: Whether a number can be infinite.
        stores_nan: Whether a number can be none (NaN).
        length: The function that counts the characters of a text.
        any_value_anywhere: Whether a column can hold values that are none of its type.
    """

    label: str
    adds_constraints: bool = True
    partial_indexes: bool = True
    deferrable: bool = True
    booleans_are_numbers: bool = False
    collations: Mapping[str, str] = {}
    longest_name: int | None = None
    empty_names: bool = False
    wide_names: bool = True
    cased_names: bool = False
    own_columns: frozenset[str] = frozenset()
    spaces_at_end: bool = True
    shared_index_names: bool = True
    namespaces: bool = False
    comments: bool = True
    transactional: bool = True
    stores_nul: bool = True
    numbers_keys_only: bool = False
    numbers_row_ids: bool = False
    sized_keys: bool = False
    stores_infinity: bool = True
    stores_nan: bool = True
    length: str = "LENGTH"
    any_value_anywhere: bool = False


class Stored(msgspec.Struct):
    """What was seen in a column.

    Attributes:
        nulls: How many values were NULL.
        longest: Characters of the longest text, or bytes of the longest binary value.
        lowest: The smallest whole number.
        highest: The largest one.
        whole_digits: The most digits of a decimal before its point.
        scale: The most digits of a decimal after its point.
        aware: Whether a moment with an offset was seen.
        naive: Whether one without was.
        nul: Whether a text held the character NUL.
    """

    nulls: int = 0
    longest: int = 0
    lowest: int = 0
    highest: int = 0
    whole_digits: int = 0
    scale: int = 0
    aware: bool = False
    naive: bool = False
    nul: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A column for which an engine is to say a type.

    Attributes:
        kind: What its values are in Python.
        declared: How the other engine declares it.
        dialect: Which engine that is.
        stored: What was seen in it; None where nobody looked, because its type says what it holds.
        numbered: Whether the database numbers it.
        key: Whether it is part of a key or an index.
    """

    kind: Kind
    declared: Declared
    dialect: str
    stored: Stored | None = None
    numbered: bool = False
    key: bool = False

    @property
    def integer(self) -> str:
        """``"smallint"``, ``"integer"`` or ``"bigint"``: the smallest type that holds what can be in it."""
        name = _NAMES_OF_INTEGERS.get(self.declared.name, "bigint")
        if self.dialect == "sqlite" and self.declared.name == "integer":
            name = "bigint"
        if self.declared.unsigned and self.stored is None:
            name = {"smallint": "integer"}.get(name, "bigint")
        if self.declared.name == "tinyint" and self.declared.unsigned:
            name = "smallint"
        if self.stored is not None:
            for wider in ("smallint", "integer", "bigint"):
                low, high = _INTEGERS[wider]
                if low <= self.stored.lowest and self.stored.highest <= high:
                    return max(name, wider, key=list(_INTEGERS).index)
        return name

    @property
    def is_wide(self) -> bool:
        """Whether it may hold integers beyond 63 bits; what a database numbers does not come to that."""
        wide = self.declared.unsigned and self.declared.name == "bigint"
        seen = self.stored is None or self.stored.highest > _INTEGERS["bigint"][1]
        return wide and seen and not self.numbered

    @property
    def length(self) -> int | None:
        """The most characters of a text, where its type says it and what is stored keeps to it."""
        if self.kind != "text" or not self.declared.arguments or "char" not in self.declared.name:
            return None
        length = self.declared.arguments[0]
        return length if length and (self.stored is None or self.stored.longest <= length) else None

    @property
    def precision(self) -> tuple[int, int] | None:
        """Digits in all and behind the point, where its type says them and what is stored keeps to it."""
        if self.kind != "decimal" or not self.declared.arguments:
            return None
        digits, scale = (*self.declared.arguments, 0)[:2]
        stored = self.stored
        if stored is not None and (stored.scale > scale or stored.whole_digits > digits - scale):
            return None
        return digits, scale

    @property
    def fraction(self) -> int | None:
        """Digits of the fraction of a second, where its type says them."""
        if self.declared.arguments and self.kind in ("time", "datetime"):
            return min(self.declared.arguments[0], 6)
        return None

    @property
    def zoned(self) -> bool:
        """Whether it has moments, and not the time on some clock."""
        if self.stored is not None and (self.stored.aware or self.stored.naive):
            return self.stored.aware
        return self.declared.zoned


class ColumnType(msgspec.Struct, frozen=True):
    """The type that an engine has for a column.

    Attributes:
        text: The type as it is declared.
        kind: What its values are in Python from then on.
        lost: What is no longer as it was, as the end of a sentence; None where nothing is.
    """

    text: str
    kind: Kind
    lost: str | None = None
