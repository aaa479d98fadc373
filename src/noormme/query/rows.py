"""Rows as tuples with names.

Invariant: any text can be the name of a column: what is no Python name, or stands there twice, has the name
of its position as an attribute (``_3``), as in ``collections.namedtuple``, and its own name as an item.
"""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import Any, ClassVar, cast

from noormme.errors import FieldNotFound, did_you_mean

__all__ = ["Row", "make_row_type"]

_item = cast("Any", tuple.__getitem__)  # pyright: ignore[reportUnknownMemberType]


class Row(tuple[Any, ...]):
    """One row: a tuple whose values are attributes (``row.name``) and items (``row["Order ID"]``) too.

    A column's name comes before a method's: with a column ``index``, ``row.index`` is its value.
    """

    __slots__ = ()

    _columns: ClassVar[tuple[str, ...]] = ()
    _fields: ClassVar[tuple[str, ...]] = ()
    _positions: ClassVar[dict[str, int]] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its values, as the statement gives them."""
        return self._columns

    def __getitem__(self, key: Any) -> Any:
        if type(key) is str:
            try:
                key = self._positions[key]
            except KeyError:
                raise self._missing(key) from None
        return _item(self, key)

    def __getattr__(self, name: str) -> Any:
        # Only reached for what is not there.
        if name.startswith("__"):
            raise AttributeError(name)
        position = self._positions.get(name)
        if position is None:
            raise self._missing(name)
        return _item(self, position)

    def to_dict(self) -> dict[str, Any]:
        """The values by name; of several with one name the first."""
        return {name: _item(self, position) for name, position in self._positions.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._columns, tuple(self))

    def _missing(self, name: str) -> FieldNotFound:
        hint = did_you_mean(name, self._columns) or f"there are: {', '.join(self._columns)}"
        return FieldNotFound(f"no column '{name}' in this row", hint=hint)


@lru_cache(maxsize=1024)
def make_row_type(columns: tuple[str, ...]) -> type[Row]:
    """The class of rows with columns of these names.

    Args:
        columns: The names, in order.

    Returns:
        The class; ``tuple.__new__`` makes its rows fastest.
    """
    named: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
    positions: dict[str, int] = {}
    for position, name in enumerate(columns):
        positions.setdefault(name, position)
    fields: tuple[str, ...] = named._fields
    attributes: dict[str, Any] = {field: getattr(named, field) for field in fields}
    made = type(
        "Row",
        (Row,),
        {
            **attributes,
            "__slots__": (),
            "__new__": named.__new__,
            "__doc__": f"One row: {', '.join(named._fields)}.",
            "__module__": Row.__module__,
            "__match_args__": named._fields,
            "__repr__": named.__repr__,
            "_columns": columns,
            "_fields": named._fields,
            "_positions": positions,
        },
    )
    return cast("type[Row]", made)


def _restore(columns: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    return make_row_type(columns)(*values)
