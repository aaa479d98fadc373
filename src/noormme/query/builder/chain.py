"""The chain of calls that builds a query in tables.

Invariant: a query never changes; every call gives a new one. Nothing here runs a statement.
"""

from __future__ import annotations

from typing import Literal, Self

import msgspec

from noormme.errors import InvalidQuery, UsageError
from noormme.query.build_expressions import of_another_database
from noormme.query.builder.expressions import Expression, Sort
from noormme.query.builder.filtering import Filtering
from noormme.query.builder.names import Known, of_columns
from noormme.query.builder.nodes import Compound, moved

__all__ = ["Chain"]

_MOST = 2**63 - 1


class Chain(Filtering):
    """A query in tables: its groups, its order, its part, and its combinations with others.

    Args:
        schema: The schema.
        source: The first table: its name, with ``as`` and another one if wanted, or a named query.
        not_found: Gives the error for a table that does not exist.
    """

    __slots__ = ()

    def group_by(self, *columns: str | Expression) -> Self:
        """Make one row of all rows with equal values.

        Args:
            *columns: Names, those that ``select`` gave among them, and expressions.
        """
        select = self._plain("group_by")
        assembler = self._assembler(labels=True)
        group = tuple(assembler.named(column) for column in columns)
        if not group:
            raise UsageError("group_by() needs a column")
        return self._with(msgspec.structs.replace(select, group=(*select.group, *group)), assembler.values)

    def order_by(self, *keys: str | Expression | Sort, nulls: Literal["first", "last"] | None = None) -> Self:
        """Sort the rows by these keys, after those so far.

        Args:
            *keys: Names (``"deadline"``, ``"-deadline"`` for descending order) and expressions; or one name
                and its direction: ``order_by("deadline", "desc")``. Without any, the order so far is dropped.
            nulls: Where NULL goes; the database decides by default.
        """
        if nulls not in (None, "first", "last"):
            raise UsageError("nulls is 'first' or 'last'")
        direction = keys[1] if len(keys) == 2 and keys[1] in ("asc", "desc") else None
        assembler = self._assembler(labels=True)
        wanted = keys[:1] if direction else keys
        order = tuple(assembler.ordering(key, descending=direction == "desc", nulls=nulls) for key in wanted)
        order = (*self.node.order, *order) if keys else ()
        return self._with(msgspec.structs.replace(self.node, order=order), assembler.values)

    def limit(self, count: int) -> Self:
        """Give at most that many rows."""
        return self._part("limit", count)

    def offset(self, count: int) -> Self:
        """Pass over that many rows."""
        return self._part("offset", count)

    def page(self, number: int, *, per_page: int = 20) -> Self:
        """One page of the rows.

        Args:
            number: Which one, from 1.
            per_page: How many rows a page has.
        """
        for given in (number, per_page):
            if type(given) is not int or given < 1:
                raise UsageError("page() takes whole numbers from 1 on")
        return self._part("limit", per_page)._part("offset", (number - 1) * per_page)

    def _part(self, name: Literal["limit", "offset"], count: int) -> Self:
        if type(count) is not int or not 0 <= count <= _MOST:
            raise UsageError(f"{name} takes a whole number from 0 on", hint=f"write .{name}(20)")
        slot = self.node.limit if name == "limit" else self.node.offset
        if slot is not None:
            return self._with(self.node, (*self.values[:slot], count, *self.values[slot + 1 :]))
        at = len(self.values)
        changed = (
            msgspec.structs.replace(self.node, limit=at)
            if name == "limit"
            else msgspec.structs.replace(self.node, offset=at)
        )
        return self._with(changed, (*self.values, count))

    # -- sets of rows -------------------------------------------------------------------------------

    def union(self, other: Chain) -> Self:
        """The rows of both queries, equal ones once.

        Raises:
            InvalidQuery: They have different numbers of columns.
        """
        return self._combined("union", other)

    def union_all(self, other: Chain) -> Self:
        """The rows of both queries. Raises as ``union``."""
        return self._combined("union_all", other)

    def intersect(self, other: Chain) -> Self:
        """The rows that both queries give. Raises as ``union``."""
        return self._combined("intersect", other)

    def except_(self, other: Chain) -> Self:
        """The rows that the other query does not give. Raises as ``union``."""
        return self._combined("except", other)

    def _combined(self, operator: Literal["union", "union_all", "intersect", "except"], other: Chain) -> Self:
        if not isinstance(other, Chain):
            raise UsageError(f"{operator} takes a query, not {type(other).__name__}", hint="give db.table(…)")
        if other.home is not self.home:
            raise of_another_database(f"the other side of {operator}")
        names, others = self.output_names(), other.output_names()
        if len(names) != len(others):
            raise InvalidQuery(
                f"{operator} of {len(names)} and {len(others)} columns",
                hint="select the same number of columns",
            )
        columns = of_columns(names, operator)
        known = Known("", columns.columns, columns.star)
        node = Compound(operator, self.node, moved(other.node, len(self.values)))
        return self._with(node, (*self.values, *other.values), (known,))
