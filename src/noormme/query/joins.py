"""Which tables a query reads, and how they hang together.

Invariant: one ``Source`` for each occurrence of a table. Relations to one row are joined once; those to
many rows once per *scope* (one call of ``filter``), as Django's documentation says of spanning
multi-valued relationships. Every join is a LEFT JOIN unless a condition needs the row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from noormme.query.keys import alike, collation
from noormme.query.resolve import FilteredHop
from noormme.schema.model import Column, Relation, Schema, Table

__all__ = ["AliasNames", "JoinTree", "Source", "literal", "quoted", "table_clause"]


def table_clause(table: Table, columns: Iterable[sa.ColumnClause[Any]]) -> sa.TableClause:
    """A table as it is called in SQL.

    Args:
        table: The table.
        columns: Its columns.
    """
    if table.namespace is None:
        return sa.table(quoted(table.name), *columns)
    return sa.table(quoted(table.bare_name), *columns, schema=quoted(table.namespace))


def quoted(name: str) -> quoted_name:
    """An identifier that is always written in quotes."""
    return quoted_name(name, quote=True)


def literal(sql: str) -> sa.ColumnElement[Any]:
    """A constant of the statement itself, as SQL."""
    return sa.literal_column(sql)


class AliasNames:
    """Gives each occurrence of a table its own name within one statement: ``users``, then ``users_2``.

    Attributes:
        tables: Exact names of the tables met so far.
        occurrences: How often each of them was met.
    """

    def __init__(self, schema: Schema) -> None:
        self._used: set[str] = set()
        self._tables = {table.name.lower() for table in schema}
        self.tables: set[str] = set()
        self.occurrences: Counter[str] = Counter()

    def branch(self) -> AliasNames:
        """Names for one part of a set operation, which the other parts do not see."""
        branched = copy(self)
        branched._used = set(self._used)
        return branched

    def take(self, table: str) -> str | None:
        """The alias for the next occurrence of ``table``, or None when it can go by its own name."""
        self.tables.add(table)
        self.occurrences[table] += 1
        if table.lower() not in self._used:
            self._used.add(table.lower())
            return None
        number = 2
        while (name := f"{table}_{number}").lower() in self._used or name.lower() in self._tables:
            number += 1
        self._used.add(name.lower())
        return name

    def free(self, name: str) -> str:
        """A name like this one for what is no table."""
        number, found = 1, name
        while found.lower() in self._used or found.lower() in self._tables:
            number += 1
            found = f"{name}_{number}"
        self._used.add(found.lower())
        return found


class Source:
    """One occurrence of a table in a statement.

    Attributes:
        table: The table.
        parent: What it is joined to; None for the first.
        required: Whether a condition needs its row, so that an INNER JOIN loses nothing.
    """

    def __init__(self, table: Table, alias: str | None, parent: Source | None = None) -> None:
        names = [quoted(column.name) for column in table.columns]
        if table.rowid is not None:
            names.append(quoted(table.rowid))
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
        plain = table_clause(table, columns)
        self.table = table
        self.parent = parent
        self.required = False
        self.selectable: sa.FromClause = plain if alias is None else plain.alias(quoted(alias))
        self.condition: sa.ColumnElement[bool] | None = None

    def column(self, name: str, *, like: Column | None = None) -> sa.ColumnElement[Any]:
        """A column of the table.

        Args:
            name: Its exact name.
            like: The key that it refers to, and with whose collation it therefore compares.
        """
        expression: sa.ColumnElement[Any] = self.selectable.c[name]
        own = None if like is None else self.table.column(name)
        if like is None or own is None or collation(own) == collation(like):
            return expression
        return expression.collate(collation(like))

    def require(self) -> None:
        """Note that this row and those it hangs on must exist."""
        source: Source | None = self
        while source is not None:
            source.required = True
            source = source.parent


class JoinTree:
    """The sources of one SELECT, from its first table outwards.

    Args:
        schema: The schema.
        table: The first table.
        names: The aliases of the whole statement.
        narrow: Gives the condition of a filtered relation, for the filter call that asks.
    """

    def __init__(
        self,
        schema: Schema,
        table: Table,
        names: AliasNames,
        narrow: Callable[[FilteredHop, int | None], sa.ColumnElement[bool] | None],
    ) -> None:
        self.schema = schema
        self.names = names
        self.root = Source(table, names.take(table.name))
        self._joined: list[Source] = []
        # Two relations may be the same join: a many-to-many one begins with that of its junction.
        self._shares: dict[int, tuple[int, ...]] = {}
        self._edges: dict[tuple[Source, str, tuple[str, ...], tuple[str, ...], str], dict[int, Source]] = {}
        self._narrow = narrow

    @property
    def sources(self) -> list[Source]:
        """Every source, the first one first."""
        return [self.root, *self._joined]

    @property
    def repeats_rows(self) -> bool:
        """Whether a join can meet several rows for one, so that rows of the first table repeat."""
        return any(
            not any(key <= frozenset(right) for key in self._table(table).unique_keys)
            for _, table, _, right, _ in self._edges
        )

    def follow(
        self,
        hops: Sequence[Relation],
        columns: Sequence[Column],
        scope: int | None,
        *,
        start: Source | None = None,
    ) -> tuple[Source, list[sa.ColumnElement[Any]], list[Column]]:
        """Join along ``hops`` as far as ``columns`` need it.

        Args:
            hops: The relations from ``start`` outwards.
            columns: The columns wanted at the end.
            scope: The filter call that asks, or None to share what is joined already.
            start: Where to begin; the first table by default.

        Returns:
            The source that has the columns, their expressions there, and the columns as that source
            declares them: the end of a key is read from the row that holds the reference, so a join
            that would only fetch the key is left out.
        """
        source = start or self.root
        remaining = list(hops)
        wanted = list(columns)
        trimmed: Relation | None = None
        while remaining:
            last = remaining[-1]
            if isinstance(last, FilteredHop):
                # Whether there is such a row only the row itself tells.
                break
            position = {name: index for index, name in enumerate(last.target_columns)}
            if not all(column.name in position for column in wanted) or not (last.forward or last.through):
                break
            held_by = self._table(last.source if last.through is None else last.through)
            names = last.columns if last.through is None else last.through_target_columns
            found = [held_by.column(names[position[column.name]]) for column in wanted]
            holders = [holder for holder in found if holder is not None]
            if not all(map(alike, holders, wanted)):
                # Only the row at the end compares as its key does.
                break
            wanted = holders
            if last.through is not None:
                trimmed = last
                break
            remaining.pop()
        for hop in remaining[:-1] if trimmed else remaining:
            source = self.hop(source, hop, scope)
        if trimmed is not None:
            source = self.junction(source, trimmed, scope)
        return source, [source.column(column.name) for column in wanted], wanted

    def hop(self, source: Source, relation: Relation, scope: int | None) -> Source:
        """The source at the other end of one relation.

        Args:
            source: The source at the near end.
            relation: The relation.
            scope: The filter call that asks, or None to share what is joined already.
        """
        target = self._table(relation.target)
        own: int | None = 0
        holds = False
        if relation.through is not None:
            source = self.junction(source, relation, scope)
            left, right = relation.through_target_columns, relation.target_columns
        else:
            left, right = relation.columns, relation.target_columns
            own, holds = scope if relation.to_many else 0, not relation.forward
        if not isinstance(relation, FilteredHop):
            return self._join(source, target, left, right, own, holds=holds)
        before = len(self._joined)
        joined = self._join(source, target, left, right, own, holds=holds, name=relation.name)
        narrowed = self._narrow(relation, scope) if len(self._joined) > before else None
        if narrowed is not None:
            assert joined.condition is not None, "set when it was joined"
            joined.condition = sa.and_(joined.condition, narrowed)
        return joined

    def junction(self, source: Source, relation: Relation, scope: int | None) -> Source:
        """The junction row of a many-to-many relation, without the row that it leads to.

        Args:
            source: The source at the near end.
            relation: The relation.
            scope: The filter call that asks, or None to share what is joined already.
        """
        assert relation.through is not None
        junction = self._table(relation.through)
        return self._join(source, junction, relation.columns, relation.through_columns, scope, holds=True)

    def share(self, scope: int, shares: tuple[int, ...]) -> None:
        """Let a scope take over joins of others; see ``shape.Scoped``.

        Args:
            scope: The scope.
            shares: The others.
        """
        self._shares[scope] = shares

    def joined(
        self, parent: Source, table: Table, left: tuple[str, ...], right: tuple[str, ...], scope: int | None
    ) -> Source | None:
        """The row that a filter call has joined already, or None.

        Args:
            parent: What it is joined to.
            table: Its table.
            left: The columns of ``parent`` that are compared.
            right: Those of ``table`` that they are compared with.
            scope: The filter call.
        """
        return self._edges.get((parent, table.name, left, right, ""), {}).get(-1 if scope is None else scope)

    def attach(self, source: Source, condition: sa.ColumnElement[bool]) -> None:
        """Join a source that no relation leads to, and that gives at most one row for each of the first.

        Args:
            source: The source, which must have a row.
            condition: What it is joined on.
        """
        source.condition = condition
        source.required = True
        self._joined.append(source)

    def _table(self, name: str) -> Table:
        table = self.schema.table(name)
        assert table is not None, "a relation leads to a table of the same schema"
        return table

    def _join(
        self,
        parent: Source,
        table: Table,
        left: tuple[str, ...],
        right: tuple[str, ...],
        scope: int | None,
        *,
        holds: bool = False,
        name: str = "",
    ) -> Source:
        """The source that is joined on equal columns.

        Args:
            parent: What it is joined to.
            table: Its table.
            left: The columns of ``parent`` that are compared.
            right: Those of ``table`` that they are compared with.
            scope: The filter call that asks, or None to share what is joined already.
            holds: Whether it has the reference.
            name: What tells it from other joins on the same columns.
        """
        edge = (parent, table.name, left, right, name)
        made = self._edges.setdefault(edge, {})
        if scope is None and made:
            return next(each for each in reversed(self._joined) if each in made.values())
        found = made.get(-1 if scope is None else scope) or self._taken_over(made, scope)
        if found is not None:
            made[-1 if scope is None else scope] = found
            return found
        source = Source(table, self.names.take(table.name), parent)
        keys = [parent.table.column(here) if holds else None for here in left]
        source.condition = sa.and_(
            *(
                source.column(there, like=key) == parent.column(here)
                for here, there, key in zip(left, right, keys, strict=True)
            )
        )
        made[-1 if scope is None else scope] = source
        self._joined.append(source)
        return source

    def _taken_over(self, made: dict[int, Source], scope: int | None) -> Source | None:
        """The latest join of the other side that no scope of this side has."""
        shares = self._shares.get(scope, ()) if scope is not None else ()
        if not shares:
            return None
        mine = [source for number, source in made.items() if number not in shares]
        theirs = [source for number, source in made.items() if number in shares]
        return next((each for each in reversed(self._joined) if each in theirs and each not in mine), None)

    def from_clause(self) -> sa.FromClause:
        """The FROM clause: the first table and its joins, in the order in which they were asked for."""
        clause: sa.FromClause = self.root.selectable
        for source in self._joined:
            clause = clause.join(source.selectable, source.condition, isouter=not source.required)
        return clause
