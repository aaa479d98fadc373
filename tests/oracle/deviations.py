"""The wanted differences between noormme and Django, made equal on Django's side.

Invariant: this is the whole list; what is not here means the same on both sides. Nothing is left out of
the comparison without being counted as a query that Django refuses.

1. ``contains``, ``startswith`` and ``endswith`` are case-sensitive in noormme on every database. On
   SQLite Django writes LIKE for them, which ignores the case of ASCII letters. Here the three lookups
   are replaced by case-sensitive ones.
2. ``^`` in noormme is what Django's documentation says: an odd number of the conditions holds. Django
   makes INNER JOINs for ``Q(a__x=1, y=2) ^ Q(z=3)``, and so loses the rows that have no ``a`` but do
   have ``z=3``. Here ``^`` never makes a join inner.
3. Conditions of one ``filter`` are about the same row of a to-many relation, the negated ones too:
   ``filter(Q(posts__x=1) & ~Q(posts__y=2))``. Django finds out by the *name* that the join would have
   inside its subquery: where another table has that name it compares keys of two tables, and where the
   name differs by chance it forgets the row; and it forgets it where ``F`` joins it after the condition. Such
   queries are refused here.
4. A negated condition holds where the plain one is not true, NULLs included. Django adds the IS NOT NULL
   that this needs only where the column, or its join at that moment, looks nullable to it; an earlier
   condition can make the join look inner, and ``F`` over a relation is never looked at. Here it is
   always added.
5. ``a & b`` keeps the joins of both sides apart where they lead to many rows. Django keeps those to one
   row apart too, "something that could be fixed later on", so that a later ``values`` or ``aggregate``
   behind such a join is about other rows than the filters. Here they are joined once.
6. ``Greatest`` and ``Least`` pass over NULL, as on PostgreSQL; on SQLite Django gives NULL.
7. ``Cast`` rounds to whole numbers and gives ``true`` for a boolean as text, as PostgreSQL does, and a time
   keeps its fraction of a second; ``Chr`` of NULL is NULL and ``Ord`` of an empty text 0; ``Lower`` and
   ``Upper`` know all letters, one by one; a decimal divided by a whole number keeps its fraction.
8. Parts of documents are compared as JSON (``django_documents``): a number with numbers, a text with texts, an
   object in any order of its keys. SQLite puts every text above all numbers and takes ``true`` and ``null`` for
   texts. A lookup in text looks at the text of a part, which ``null`` has not, and tells upper case from lower
   case as in a column.
9. A condition with an expression on its right side needs no row that only the expression reads:
   ``filter(title=Coalesce(F("author__name"), "body"))`` keeps the rows without an author. Django joins
   them away.
10. ``FilteredRelation`` loses no row: Django makes an INNER JOIN where the relation is never NULL, and has no
    rows at all where the condition cannot hold.
11. ``F`` of the relation inside the condition of its ``FilteredRelation`` means the row that is joined; Django
    joins another one.
12. The remainder of whole numbers is a whole number, and that of others goes by the digits that they show, as
    ``Log`` and ``Round`` do; Django makes the one a float and cuts operands of ``%`` to whole numbers. A whole
    number to the power of another is a float. What is no number is NULL.
13. Documents that are made of values (``JSONObject``, ``JSONArray``) hold them as PostgreSQL writes them: booleans
    and documents as themselves, moments with a T and no more digits than they need.
14. A whole number beyond 64 bits comes as the float that SQLite computes; Django makes it whole again.
15. A field may be named twice beside a filter on a window: ``values("pk", "id")``. Django loses one of the two in
    its subquery, so it is not asked for.
16. ``order_by(F("name")[1:3])`` sorts by that part; Django sorts by the whole field where it is selected, taking the
    one for the other.
17. An aggregate whose filter cannot hold (``Avg("x", filter=Q(id__in=[]))``) has no rows to see, wherever it stands.
    Django leaves out the whole expression that it is a part of, or its window, and makes that 0.
18. A set operation gives each row once, also where a part of it cannot have rows: Django leaves out the operation
    then, and repeats stay.
19. A negated condition that is a value (``annotate(x=~Exists(…))``) is compared as a whole: ``x__isnull=True`` finds
    nothing. Django writes no parentheses around it, so that its NOT is about the comparison.

Of writes (``write_sides``), which is either made equal there or never asked for (``writes``):

20. ``update`` and ``delete`` of a query without a filter are refused, unless ``all_rows=True`` says that it is meant.
21. What goes with a deleted row is what the foreign keys of the database say. Here Django's models get the same
    ``on_delete``; ``delete`` gives the number of rows of its own table, and Django's number of those is compared.
22. What a new row leaves out is the database's default, NULL, or an error; Django stores an empty text.
23. ``remove`` leaves rows as they are that do not belong to the object; Django raises for a foreign key.
24. ``bulk_create`` inserts in the order given, Django first the objects that have a key; rows that ``add`` and ``set``
    tie come in the order given too, in Django in that of a Python set.
25. ``bulk_update`` counts each row once; Django counts one again that stands in the list twice, in two batches.
26. A key among the ``defaults`` of ``update_or_create`` changes the key of the row; Django writes over the row that
    has the new one.
27. ``save`` writes what was changed and nothing else; Django writes every field, and makes NULL of the null of JSON.
28. What an update computes is computed from the rows as they were. On SQLite Django's updates see what they have
    written so far where a subquery reads the same table; a step that shows it is left out.
29. A field and the relation that it holds cannot both be given; Django takes one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3._functions import _sqlite_format_dtdelta
from django.db.models import Aggregate, F, Field, Q
from django.db.models.expressions import Col, NegatedExpression, RawSQL, Sliced
from django.db.models.functions import Substr
from django.db.models.lookups import BuiltinLookup, IsNull, Lookup
from django.db.models.sql import query as query_module
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import LOUTER
from django.db.models.sql.datastructures import Join
from django.db.models.sql.query import JoinPromoter, Query
from django.db.models.sql.where import AND, XOR

from . import django_documents, django_functions

__all__ = ["AliasByChance", "register"]


def _add_functions(connection: Any, **_: object) -> None:
    add = connection.connection.create_function
    add("django_format_dtdelta", 3, _moved, deterministic=True)
    django_functions.add_functions(connection.connection)
    django_documents.add_functions(connection.connection)


def _moved(sign: str | None, left: Any, right: Any) -> str | None:
    return _sqlite_format_dtdelta(sign, _at_midnight(left), _at_midnight(right))


def _at_midnight(value: Any) -> Any:
    return f"{value} 00:00:00" if isinstance(value, str) and len(value) == 10 else value


def _part(sliced: Any) -> Any:
    """A part of a text as the function that Django makes of it."""
    return Substr(sliced.obj, sliced.start, sliced.length)


def _with_impossible_filters(original: Callable[..., Any]) -> Callable[..., Any]:
    def as_sql(self: Any, compiler: Any, connection: Any, **context: Any) -> Any:
        try:
            if self.filter is not None:
                self.filter.as_sql(compiler, connection)
        except EmptyResultSet:
            self = self.copy()
            self.filter = RawSQL("1 = 0", ())
        except FullResultSet:
            pass  # Django leaves such a filter out itself
        return original(self, compiler, connection, **context)

    return as_sql


def _of_all_parts(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_combinator_sql(self: Any, combinator: str, all: bool) -> Any:
        self.elide_empty = False
        return original(self, combinator, all)

    return get_combinator_sql


class AliasByChance(Exception):
    """Django would decide by the name of an alias; there is nothing to compare with."""


def _in_parentheses(original: Callable[..., Any]) -> Callable[..., Any]:
    def as_sql(self: Any, compiler: Any, connection: Any) -> Any:
        sql, params = original(self, compiler, connection)
        return f"({sql})", params

    return as_sql


def register() -> None:
    """Change Django for this process."""
    NegatedExpression.as_sql = _in_parentheses(NegatedExpression.as_sql)
    for lookup in (_Contains, _StartsWith, _EndsWith, _IExact, _IContains, _IStartsWith, _IEndsWith):
        Field.register_lookup(lookup)
    connection_created.connect(_add_functions, weak=False)
    django_functions.change()
    django_documents.change()
    query_module.get_child_with_renamed_prefix = _renaming_f(query_module.get_child_with_renamed_prefix)
    JoinPromoter.update_join_types = _xor_is_outer(JoinPromoter.update_join_types)
    Query.setup_joins = _looking_at_joins(Query.setup_joins)
    Query.is_nullable = _every_value_may_be_null(Query.is_nullable)
    Query.build_filter = _comparing_like_lookups(Query.build_filter)
    Aggregate.as_sql = _with_impossible_filters(Aggregate.as_sql)
    SQLCompiler.get_combinator_sql = _of_all_parts(SQLCompiler.get_combinator_sql)
    Sliced.asc = lambda self, **nulls: _part(self).asc(**nulls)
    Sliced.desc = lambda self, **nulls: _part(self).desc(**nulls)
    Lookup.__invert__ = lambda self: ~Q(self)
    Query.combine = _combining(Query.combine)
    Query.join = _joining_once(Query.join)
    Query._add_q = _xor_stands_alone(Query._add_q)
    Query.split_exclude = _noting_the_row(Query.split_exclude)
    Query.add_q = _joined_in_any_order(Query.add_q)
    Query.trim_start = _checking_the_name(Query.trim_start)


class _Sensitive(BuiltinLookup):  # type: ignore[type-arg]
    """A lookup whose SQL is ``template`` over the column and the plain, unescaped value.

    All columns stand before all values, so that the parameters do too.
    """

    template = ""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, column_values = self.process_lhs(compiler, connection)
        value, values = "%s", [str(self.rhs)]
        if not self.rhs_is_direct_value():
            value, values = self.process_rhs(compiler, connection)
        sql = self.template.format(column=column, value=value)
        counts = (self.template.count("{column}"), self.template.count("{value}"))
        return sql, [*list(column_values) * counts[0], *list(values) * counts[1]]


class _Contains(_Sensitive):
    lookup_name = "contains"
    template = "instr({column}, {value}) > 0"


class _StartsWith(_Sensitive):
    lookup_name = "startswith"
    template = "substr({column}, 1, length({value})) = {value}"


class _EndsWith(_Sensitive):
    lookup_name = "endswith"
    template = "substr({column}, length({column}) - length({value}) + 1) = {value}"


class _IExact(_Sensitive):
    lookup_name = "iexact"
    template = "ORACLE_FOLD({column}) = ORACLE_FOLD({value})"


class _IContains(_Sensitive):
    lookup_name = "icontains"
    template = "instr(ORACLE_FOLD({column}), ORACLE_FOLD({value})) > 0"


class _IStartsWith(_Sensitive):
    lookup_name = "istartswith"
    template = "substr(ORACLE_FOLD({column}), 1, length(ORACLE_FOLD({value}))) = ORACLE_FOLD({value})"


class _IEndsWith(_Sensitive):
    lookup_name = "iendswith"
    template = (
        "substr(ORACLE_FOLD({column}), length(ORACLE_FOLD({column})) - length(ORACLE_FOLD({value})) + 1)"
        " = ORACLE_FOLD({value})"
    )


def _xor_is_outer(original: Callable[..., Any]) -> Callable[..., Any]:
    def update_join_types(self: Any, query: Any) -> Any:
        if self.connector != XOR:
            return original(self, query)
        query.promote_joins(set(self.votes))
        return set()

    return update_join_types


def _xor_stands_alone(original: Callable[..., Any]) -> Callable[..., Any]:
    def _add_q(self: Any, q_object: Any, used_aliases: Any, **options: Any) -> Any:
        if q_object.connector == XOR:
            # Its own negation is turned by Django once more, which gives False for what is inside.
            options["current_negated"] = q_object.negated
        return original(self, q_object, used_aliases, **options)

    return _add_q


_in_joins: list[None] = []
"""Not empty while joins are made: there it matters whether a foreign key is nullable."""


def _looking_at_joins(original: Callable[..., Any]) -> Callable[..., Any]:
    def setup_joins(self: Any, *args: Any, **options: Any) -> Any:
        _in_joins.append(None)
        try:
            return original(self, *args, **options)
        finally:
            _in_joins.pop()

    return setup_joins


def _every_value_may_be_null(original: Callable[..., Any]) -> Callable[..., Any]:
    def is_nullable(self: Any, field: Any) -> bool:
        return not _in_joins or original(self, field)

    return is_nullable


def _comparing_like_lookups(original: Callable[..., Any]) -> Callable[..., Any]:
    def build_filter(self: Any, filter_expr: Any, *args: Any, **options: Any) -> Any:
        clause, joins = original(self, filter_expr, *args, **options)
        negated = options.get("current_negated", args[1] if len(args) > 1 else False)
        if negated and isinstance(filter_expr, Lookup):
            (condition,) = clause.children
            for side in (condition.lhs, condition.rhs):
                if isinstance(side, Col):
                    clause.add(IsNull(side, False), AND)
        return clause, joins

    return build_filter


def _renaming_f(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_child_with_renamed_prefix(prefix: str, replacement: str, child: Any) -> Any:
        renamed = original(prefix, replacement, child)
        if isinstance(child, tuple) and isinstance(child[1], F):
            return renamed[0], original(prefix, replacement, child[1])
        return renamed

    return get_child_with_renamed_prefix


_in_and: list[bool] = []
"""Not empty while two queries are combined; the last one says whether by ``&``."""


def _combining(original: Callable[..., Any]) -> Callable[..., Any]:
    def combine(self: Any, rhs: Any, connector: str) -> Any:
        _in_and.append(connector == AND)
        try:
            return original(self, rhs, connector)
        finally:
            _in_and.pop()

    return combine


def _joining_once(original: Callable[..., Any]) -> Callable[..., Any]:
    def join(self: Any, join: Any, reuse: Any = None) -> Any:
        if _in_and and _in_and[-1] and isinstance(join, Join) and not join.join_field.one_to_many:
            reuse = None
        return original(self, join, reuse)

    return join


class _Row(NamedTuple):
    """What a subquery in the making is about."""

    can_reuse: set[str]
    parent: str | None
    joined: str | None


_rows: list[_Row] = []
"""For each subquery in the making: the aliases of its filter(), what it hangs on, and the row chosen."""

_unjoined: list[tuple[Any, set[str], Any]] = []
"""The negated conditions whose row had not been joined when they were made."""


def _noting_the_row(original: Callable[..., Any]) -> Callable[..., Any]:
    def split_exclude(self: Any, condition: Any, can_reuse: set[str], names_with_path: Any) -> Any:
        row = _row(self, can_reuse, names_with_path)
        _rows.append(row)
        if row.joined is None:
            _unjoined.append((self, can_reuse, names_with_path))
        try:
            return original(self, condition, can_reuse, names_with_path)
        finally:
            _rows.pop()

    return split_exclude


def _joined_in_any_order(original: Callable[..., Any]) -> Callable[..., Any]:
    def add_q(self: Any, *arguments: Any, **options: Any) -> None:
        before = len(_unjoined)
        try:
            original(self, *arguments, **options)
            if any(_row(*condition).joined is not None for condition in _unjoined[before:]):
                # A later condition joined the row that an earlier one would have been about.
                raise AliasByChance
        finally:
            del _unjoined[before:]

    return add_q


def _checking_the_name(original: Callable[..., Any]) -> Callable[..., Any]:
    def trim_start(self: Any, names_with_path: Any) -> Any:
        found = original(self, names_with_path)
        row, alias = _rows[-1], self.select[0].alias
        outside = any(
            join.join_type == LOUTER and join.parent_alias == alias for join in self.alias_map.values()
        )
        taken = alias if alias in row.can_reuse else None
        if taken not in ((None, row.parent) if outside else (row.joined,)):
            raise AliasByChance(alias)
        return found

    return trim_start


def _row(query: Any, can_reuse: set[str], names_with_path: Any) -> _Row:
    """The alias that a path reaches before its first to-many join, and that join's among ``can_reuse``."""
    here = query.base_table
    for _, paths in names_with_path:
        for path in paths:
            aliases = [
                alias
                for alias, join in query.alias_map.items()
                if getattr(join, "parent_alias", None) == here and join.join_field is path.join_field
            ]
            if path.m2m:
                return _Row(can_reuse, here, next((alias for alias in aliases if alias in can_reuse), None))
            if not aliases:
                return _Row(can_reuse, None, None)
            here = aliases[0]
    raise AssertionError("only paths over to-many relations are split")
