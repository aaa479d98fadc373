"""SQLite's side of compiling and decoding: the forms in which columns store their values.

Invariant: what is learnt about a column changes how fast its values are read, never what they are; a
parameter is one value or one list, whatever its length.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any
from warnings import warn

import msgspec

from noormme.callsite import user_frame
from noormme.engines.sqlite.decoders import computed_decimal, decoder
from noormme.engines.sqlite.forms import SEVERAL_FORMS, StorageForm, form_of, unit_in
from noormme.engines.sqlite.keeping import SQLiteKeeping
from noormme.engines.sqlite.lists import StorageClass, bind, list_binding, nul_binding
from noormme.engines.sqlite.storage import encoder
from noormme.engines.sqlite.storing import affinity, storing_encoder
from noormme.engines.sqlite.values import INLINE, STRICT, Unreadable, decode
from noormme.errors import UnreadableValue
from noormme.query.dialect import Keeping
from noormme.query.features import Features
from noormme.query.plan import Decode, Encode, Inline
from noormme.schema.model import Column, Kind, Table

if TYPE_CHECKING:
    from noormme.engines.sqlite.expressions import SQLiteExpressions

__all__ = ["SQLiteDialect", "Sample", "as_json"]

Sample = Callable[[str, str], list[object]]
"""Gives some stored values of a column, by exact table and column name."""

_NATIVE: Mapping[Kind, type] = {"integer": int, "text": str, "blob": bytes}

_STORAGE: Mapping[type, StorageClass] = {int: "integer", str: "text", bytes: "blob"}


class SQLiteDialect:
    """What the compiler and the decoders need to know about SQLite.

    The arguments of its methods are those of ``query.dialect.Dialect``, which explains them.

    Args:
        sample: Gives some stored values of a column, by exact table and column name.
        timezone: The zone of datetimes that carry no offset; None leaves them naive.

    Attributes:
        features: NULLs come first in ascending order, what is not named in GROUP BY comes from any row of
            the group, and a transaction locks the whole file when it begins; carray takes C strings.
        encoding: How the database stores text, as ``PRAGMA encoding`` says; set by the engine.
        guesses: How often a parameter or a date function was compiled for a column that holds no value yet,
            so that its form had to be guessed.
        tables: The names of the tables and views in lower case, which hide the functions of the same
            names; set by the engine.
        timezone: The zone of datetimes that carry no offset.
        keeping: What plans depend on that are kept for other processes.
    """

    name = "sqlite"
    features = Features(nul_in_lists=False)
    encoding = "UTF-8"
    tables: Collection[str] = ()

    def __init__(self, sample: Sample, timezone: tzinfo | None = None) -> None:
        self._sample = sample
        self.timezone = timezone
        self._forms: dict[tuple[str, str], StorageForm] = {}
        # Of columns without a value: the form of the first that is written.
        self._decided: dict[tuple[str, str], StorageForm] = {}
        self._warned: set[tuple[str, str]] = set()
        self._decoders: dict[tuple[Kind, StorageForm], Decode | Inline | None] = {}
        self._expressions: SQLiteExpressions | None = None
        self.guesses = 0
        self.keeping: Keeping | None = SQLiteKeeping(self, self._forms, self._decided)

    @property
    def expressions(self) -> SQLiteExpressions:
        """What SQLite says in a way of its own; imports SQLAlchemy."""
        if self._expressions is None:
            from noormme.engines.sqlite.expressions import SQLiteExpressions

            self._expressions = SQLiteExpressions(self)
        return self._expressions

    # -- values -------------------------------------------------------------------------------------

    def form(self, kind: Kind, table: str, column: str) -> StorageForm:
        """The form in which a column stores its values, learnt from some of them once.

        Touches the database until a value was seen, and only for kinds that have several forms.
        """
        if kind not in SEVERAL_FORMS or not column:
            return form_of(kind, ())
        found = self._forms.get((table, column))
        if found is None:
            samples = self._sample(table, column)
            found = form_of(kind, samples)
            if samples:
                self._forms[table, column] = found
        return found

    def forget(self) -> None:
        """Forget what was learnt about stored values."""
        self._forms.clear()
        self._decided.clear()
        self._warned.clear()

    def bound_form(self, kind: Kind, table: Table | None, column: Column | None) -> StorageForm:
        """The form that a plan depends on; counts the guesses."""
        if table is None or column is None:
            return form_of(kind, ())
        form = self.form(kind, table.name, column.name)
        if kind in SEVERAL_FORMS and (table.name, column.name) not in self._forms:
            self.guesses += 1
        return form

    def decoder(self, kind: Kind, table: str, column: str) -> Decode | Inline | None:
        """The fast decoder of a column's values; None where they are used as they come."""
        if kind in _NATIVE or kind in ("any", "real"):
            return None
        if kind == "decimal" and not column:
            return computed_decimal
        form = self.form(kind, table, column)
        found = self._decoders.get((kind, form))
        if found is None:
            fast = decoder(kind, form, timezone=self.timezone)
            found = self._decoders[kind, form] = INLINE.get(kind, fast) if fast is STRICT[kind] else fast
        return found

    def decode(self, kind: Kind, value: object, table: str, column: str) -> object:
        """Decode one value whatever its form; what cannot be read is returned as it is stored."""
        unit = unit_in(self.form(kind, table, column))
        try:
            return decode(kind, value, timezone=self.timezone, unit=unit)
        except Unreadable:
            if (table, column) not in self._warned:
                self._warned.add((table, column))
                where = f"{table}.{column}" if table else f"the column '{column}' of a query"
                message = f"{where} holds a value that cannot be read as {kind}"
                warn(
                    f"{message}; it is returned as it is stored",
                    UnreadableValue,
                    stacklevel=user_frame()[1],
                )
            return value

    def encoder(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a Python value into the form that the column stores."""
        form = self.bound_form(kind, table, column)
        return encoder(kind, form, self.timezone)

    def storing(self, kind: Kind, table: Table, column: Column) -> Encode | None:
        """What turns a Python value into what is stored in a column."""
        into = affinity(column.declared_type, strict=table.strict)
        key = (table.name, column.name)
        known = kind not in SEVERAL_FORMS or key in self._forms or key in self._decided
        if known:
            return storing_encoder(kind, self.storing_form(kind, table, column), self.timezone, into)
        made: Encode | None = None

        def encode(value: object) -> object:
            nonlocal made
            if made is None:
                made = storing_encoder(kind, self.storing_form(kind, table, column), self.timezone, into)
            assert made is not None, "kinds with several forms are always encoded"
            return made(value)

        return encode

    def storing_form(self, kind: Kind, table: Table, column: Column) -> StorageForm:
        """The form in which values are written to a column.

        Where it holds none, the usual form is decided on, for all that writes to it; what compares with it
        goes on looking, because another program may be the first to write. Touches the database until the
        form is known or decided.

        Args:
            kind: The kind of the column.
            table: Its table.
            column: The column.
        """
        key = (table.name, column.name)
        decided = None if key in self._forms else self._decided.get(key)
        if decided is not None:
            return decided
        form = self.form(kind, table.name, column.name)
        if kind in SEVERAL_FORMS and key not in self._forms:
            self._decided[key] = form
        return form

    def native(self, kind: Kind) -> type | None:
        """The Python type whose values the encoder of that kind passes on, or None."""
        return _NATIVE.get(kind)

    def learn(self, kind: Kind, table: Table, column: Column) -> None:
        """Look at stored values of a column, if it has any, to know its form before it is asked for."""
        self.form(kind, table.name, column.name)

    def stored_native(self, kind: Kind, table: Table, column: Column) -> type | None:
        """The Python type whose values are stored in a column as they are, or None."""
        if kind == "real":
            return float
        form = self._forms.get((table.name, column.name))
        if kind == "boolean" and form is not None and form.words == (0, 1):
            return bool
        return _NATIVE.get(kind)

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """A list of values of one type as one parameter, through the carray extension."""
        storage = _STORAGE.get(native) if native is not None else None

        def encode_list(values: Any) -> object:
            if storage is not None and type(values[0]) is native:
                return bind(storage, values)
            return list_binding(values, encode)

        return encode_list

    def nul_encoder(self) -> Encode:
        """A list of texts that hold NUL as one parameter; carray takes them as bytes only."""

        def encode_list(values: Any) -> object:
            return nul_binding(values, encoding=self.encoding)

        return encode_list

    def rows_encoder(self, encoders: list[Encode | None]) -> Encode:
        """A list of composite keys as one parameter, as JSON."""

        def encode_rows(rows: Any) -> object:
            encoded: list[list[object]] = [
                [
                    as_json(part if encode is None else encode(part))
                    for part, encode in zip(row, encoders, strict=True)
                ]
                for row in rows
            ]
            return msgspec.json.encode(encoded).decode()

        return encode_rows

    def year_start(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a year into the value that sorts just before all of its moments in the column."""
        form = self.bound_form(kind, table, column)
        if form.layout == "iso" and form.mixed == "no":
            return _year_as_text
        return None


def _year_as_text(year: object) -> object:
    """ISO text sorts by its year first: the digits and what follows them are enough."""
    assert isinstance(year, int), "a year is a whole number"
    # A colon sorts behind every digit.
    return "" if year < 0 else ":" if year > 9999 else f"{year:04d}-"


def as_json(value: object) -> object:
    """A stored value as JSON; bytes, which JSON does not have, in hexadecimal.

    Args:
        value: A number, text or bytes.
    """
    return {"bytes": value.hex()} if isinstance(value, bytes) else value
