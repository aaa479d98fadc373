"""What plans for SQLite depend on beside the schema, so that they can be kept for other processes.

Invariant: two processes for which all of this is equal compile the same SQL from the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import apsw
import msgspec

from noormme.deferred import deferred
from noormme.engines.sqlite.forms import StorageForm
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.sqlite import needles
    from noormme.engines.sqlite.dialect import SQLiteDialect
    from noormme.query.plan import Encode
else:
    needles = deferred("noormme.engines.sqlite.needles")

__all__ = ["SQLiteKeeping"]


class SQLiteKeeping:
    """A ``query.dialect.Keeping``, which explains its methods.

    Args:
        dialect: The dialect.
        forms: The forms of columns that were learnt from values.
        decided: The forms that were decided upon for columns without a value.
    """

    __slots__ = ("_decided", "_dialect", "_forms")

    def __init__(
        self,
        dialect: SQLiteDialect,
        forms: Mapping[tuple[str, str], StorageForm],
        decided: Mapping[tuple[str, str], StorageForm],
    ) -> None:
        self._dialect = dialect
        self._forms = forms
        self._decided = decided

    @property
    def basis(self) -> tuple[str, ...]:
        """The versions of SQLite and of its driver, how text is stored, and the time zone."""
        dialect = self._dialect
        versions = (apsw.sqlite_lib_version(), apsw.apsw_version())
        return (dialect.name, *versions, dialect.encoding, str(dialect.timezone))

    def known(self, table: str, column: str) -> str | None:
        """The form of a column as text, as far as it was learnt."""
        found = self._forms.get((table, column))
        if found is not None:
            return _text(found)
        return "" if (table, column) in self._decided else None

    def form(self, kind: Kind, table: str, column: str) -> str:
        """The same, learnt where it is not known yet."""
        return _text(self._dialect.form(kind, table, column))

    def name_of(self, encode: Encode) -> str | None:
        """The name of what a text lookup looks for."""
        return next((name for name, known in needles.NAMED.items() if known is encode), None)

    def named(self, name: str) -> Encode:
        """What a text lookup looks for, by that name."""
        found: Encode = needles.NAMED[name]
        return found


def _text(form: StorageForm) -> str:
    return msgspec.json.encode(form).decode()
