"""The parameters of one statement, in the order in which its SQL has them.

Invariant: a value is never text of the SQL; each parameter knows the slot that its value comes from and how
the value is encoded, and all SELECTs of a statement share them.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.dialect import Encode
from noormme.query.dialect_expressions import Slot
from noormme.query.placeholders import has_second_statement
from noormme.query.plan import Bind

__all__ = ["Parameters"]

_PARAMETER = re.compile(":\0([0-9]+)")


class Parameters:
    """The parameters of one statement: which slot each comes from and how its value is encoded."""

    def __init__(self) -> None:
        self._binds: list[Bind] = []

    def take(
        self, slot: int, encode: Encode | None, native: type | None = None, *, nullable: bool = False
    ) -> sa.BindParameter[Any]:
        """A new parameter.

        Args:
            slot: Where its value is.
            encode: Turns the value into what the driver binds; None to pass it on.
            native: The type whose values ``encode`` would pass on unchanged.
            nullable: Whether the value can be None.
        """
        # A NUL cannot stand in an identifier, so no name of the database can look like a parameter.
        name = f"\0{len(self._binds)}"
        self._binds.append(Bind(slot, encode, native, nullable))
        return sa.bindparam(name, type_=sa.types.NullType())

    def slot(self, slot: int) -> Slot:
        """Something that makes parameters for one slot, each with an encoding of its own."""
        return lambda encode: self.take(slot, encode)

    def placed(self, sql: str, placeholder: str) -> tuple[str, tuple[Bind, ...]]:
        """The SQL with a placeholder for each parameter, and the parameters in its order.

        Args:
            sql: What SQLAlchemy wrote, with named parameters.
            placeholder: How the driver writes one parameter; with ``{}`` for its number, from 1, where one
                that occurs several times is sent once.

        Raises:
            InvalidQuery: A piece of SQL of the user's own ends the statement and begins another.
        """
        if ";" in sql and has_second_statement(sql):
            raise InvalidQuery(
                "the SQL of this query holds a ';' that would begin a second statement",
                hint="RawSQL, and what a lookup or a transform of one's own gives, is a piece of a statement",
            )
        order: list[Bind] = []
        if placeholder == "%s":
            # A driver with such places takes every other percent sign for the beginning of one.
            sql = sql.replace("%", "%%")
        if "{}" in placeholder:
            numbers: dict[str, str] = {}

            def number(found: re.Match[str]) -> str:
                known = numbers.get(found[1])
                if known is None:
                    order.append(self._binds[int(found[1])])
                    known = numbers[found[1]] = placeholder.format(len(order))
                return known

            return _PARAMETER.sub(number, sql), tuple(order)

        def place(found: re.Match[str]) -> str:
            order.append(self._binds[int(found[1])])
            return placeholder

        return _PARAMETER.sub(place, sql), tuple(order)
