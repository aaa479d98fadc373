"""The dates that there are: ``dates`` and ``datetimes``.

Invariant: each date comes once, in order, and what is NULL gives none.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from noormme.deferred import deferred
from noormme.errors import InvalidQuery, UsageError, did_you_mean
from noormme.orm.setops import SetOperations
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.orm.queryset import QuerySet
    from noormme.query import functions
    from noormme.query.functions import Trunc
else:
    functions = deferred("noormme.query.functions")

__all__ = ["Dates"]

T = TypeVar("T")

DateUnit = Literal["year", "month", "week", "day"]
TimeUnit = Literal["year", "month", "week", "day", "hour", "minute", "second"]


class Dates(SetOperations[T]):
    """A query that can be asked for the dates in it."""

    __slots__ = ()

    def dates(self, field: str, kind: DateUnit, order: Literal["ASC", "DESC"] = "ASC") -> QuerySet[date]:
        """The years, months, weeks or days in which a field lies, each as its first day.

        Args:
            field: A field of dates or datetimes, or a path to one.
            kind: ``"year"``, ``"month"``, ``"week"`` (from Monday) or ``"day"``.
            order: ``"ASC"`` or ``"DESC"``.

        Raises:
            UsageError: The unit or the order is unknown.
            FieldNotFound: There is no such field.
            InvalidQuery: The field holds no dates, or a slice was taken before.

        Example:
            ``db.posts.dates("created_at", "month", order="DESC")``.
        """
        self._check_dates("dates", field, kind, get_args(DateUnit), order, frozenset({"date", "datetime"}))
        return self._truncated("datefield", functions.Trunc(field, kind, output_field=date), order)

    def datetimes(
        self,
        field: str,
        kind: TimeUnit,
        order: Literal["ASC", "DESC"] = "ASC",
        tzinfo: tzinfo | None = None,
    ) -> QuerySet[datetime]:
        """The years, …, seconds in which a field lies, each as its beginning.

        Args:
            field: A field of datetimes, or a path to one.
            kind: ``"year"``, ``"month"``, ``"week"`` (from Monday), ``"day"``, ``"hour"``, ``"minute"`` or
                ``"second"``.
            order: ``"ASC"`` or ``"DESC"``.
            tzinfo: The zone whose wall clock is read.

        Raises:
            UsageError: The unit or the order is unknown.
            FieldNotFound: There is no such field.
            InvalidQuery: The field holds no datetimes, or a slice was taken before.
            NotSupported: The zone has no name.

        Example:
            ``db.posts.datetimes("created_at", "hour")``.
        """
        self._check_dates("datetimes", field, kind, get_args(TimeUnit), order, frozenset({"datetime"}))
        expression = functions.Trunc(field, kind, output_field=datetime, tzinfo=tzinfo)
        return self._truncated("datetimefield", expression, order)

    def _check_dates(
        self,
        method: str,
        field: object,
        kind: object,
        kinds: tuple[str, ...],
        order: object,
        fields: frozenset[Kind],
    ) -> None:
        if kind not in kinds:
            hint = did_you_mean(kind, kinds) if isinstance(kind, str) else None
            raise UsageError(f"{method}() does not know this kind", hint=hint or f"one of {', '.join(kinds)}")
        if order not in ("ASC", "DESC"):
            raise UsageError(f"the order of {method}() is 'ASC' or 'DESC'")
        if not isinstance(field, str):
            raise UsageError(f"{method}() takes the name of a field, not {type(field).__name__}")
        found = self._resolve(field)
        if found.kind not in fields and (found.kind != "any" or found.annotation is None):
            raise InvalidQuery(
                f"{method}() needs a field of {' or '.join(f'{each}s' for each in sorted(fields))}, "
                f"and '{field}' of {self.table} holds {found.kind} values"
            )

    def _truncated(self, name: str, expression: Trunc, order: str) -> QuerySet[Any]:
        taken = {*self._mapper.fields, *self._mapper.relations, *self.node.shape.annotations}
        label, number = name, 1
        while name in taken:
            number += 1
            name = f"{label}{number}"
        # What is no date gives NULL as well.
        known = self.annotate(**{name: expression}).filter(**{f"{name}__isnull": False})
        return known._styled("flat", (name,), {}).distinct().order_by(f"-{name}" if order == "DESC" else name)
