"""The methods of a repository that read.

Invariant: each of them is a query set of the table, asked at once; what a query set cannot do, none of them
does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar, cast, overload

from noormme.errors import NotSupported, UsageError
from noormme.orm.manager import Manager
from noormme.orm.paginate import UNSET, Unset
from noormme.orm.repository.finders import MANY, ONE, finder_names, make_finder
from noormme.query.expressions import Conditional, Expression

if TYPE_CHECKING:
    from noormme.orm.compat import Models
    from noormme.orm.paging import CursorPage, Page
    from noormme.orm.queryset import QuerySet
    from noormme.query.expressions import OrderBy

__all__ = ["Reading", "several_keys"]

T = TypeVar("T")


Where: TypeAlias = Mapping[str, object] | Conditional | Expression | None
"""Conditions: lookups by name, or a ``Q``."""

SortKey: TypeAlias = "str | Expression | Conditional | OrderBy"
Order: TypeAlias = "SortKey | Sequence[SortKey]"
"""One sort key, or several."""


class Reading(Generic[T]):
    """The rows of a table, found by their keys and fields."""

    table: str = ""
    """The table, by exact name or manager name; a subclass says it in its body."""

    def __init__(self, database: Models, table: str | None = None) -> None:
        name = table or type(self).table
        if not name:
            raise UsageError(
                f"{type(self).__name__} does not say which table it is for",
                hint="write table = 'users' in its body, or use db.repository('users')",
            )
        self._database = database
        self._mapper = database.model(name).__noormme_mapper__
        self.table = self._mapper.table.name

    @property
    def query(self) -> Manager[T]:
        """All rows, for queries that no method stands for: ``self.query.filter(is_active=True)``."""
        return self._mapper.model.objects

    def where(self, /, *conditions: Conditional | Expression, **lookups: object) -> QuerySet[T]:
        """A query set of the rows for which all conditions hold. Runs nothing yet.

        Args:
            *conditions: ``Q`` objects and comparisons of expressions.
            **lookups: ``field=value`` or ``field__lookup=value``.

        Raises:
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
        """
        return self.query.filter(*conditions, **lookups)

    # -- by key -------------------------------------------------------------------------------------

    def find_by_id(self, key: object) -> T | None:
        """The row with that primary key, whatever its field is called. One query.

        Args:
            key: The key; a tuple for a composite one.

        Returns:
            The object, or None where there is no such row.

        Raises:
            InvalidValue: The key is of a type that this table's keys cannot be.
        """
        return self._with_key(self.query, key)

    def _with_key(self, query: QuerySet[T], key: object) -> T | None:
        try:
            return query.get(pk=key)
        except self._mapper.model.DoesNotExist:
            return None

    def find_by_ids(self, keys: Iterable[object]) -> list[T]:
        """The rows with these primary keys. One query.

        Args:
            keys: The keys; tuples for composite ones.

        Returns:
            The objects in the order of their keys, each once; keys without a row are left out.

        Raises:
            InvalidValue: A key is of a type that this table's keys cannot be.
            UsageError: The keys are no list.
        """
        wanted = several_keys(keys)
        rows: list[Any] = list(self.query.filter(pk__in=wanted))
        places = {key: place for place, key in reversed(list(enumerate(wanted)))}
        # A key that was given in another form ("1") finds its row too, which then comes last.
        rows.sort(key=lambda row: places.get(row.pk, len(wanted)))
        return rows

    # -- by conditions ------------------------------------------------------------------------------

    def find_all(self, /, *conditions: Conditional | Expression, **lookups: object) -> list[T]:
        """All rows for which the conditions hold; every row without any. One query.

        Args:
            *conditions: As ``where`` takes them.
            **lookups: As ``where`` takes them.
        """
        return list(self.where(*conditions, **lookups))

    def first(self, /, *conditions: Conditional | Expression, **lookups: object) -> T | None:
        """The first row by the key for which the conditions hold, or None. One query.

        Args:
            *conditions: As ``where`` takes them.
            **lookups: As ``where`` takes them.
        """
        return self.where(*conditions, **lookups).first()

    def exists(
        self, key: object = UNSET, /, *conditions: Conditional | Expression, **lookups: object
    ) -> bool:
        """Whether there is a row with that key, or one for which the conditions hold. One query.

        Args:
            key: A primary key, or a condition as ``where`` takes them.
            *conditions: As ``where`` takes them.
            **lookups: As ``where`` takes them.
        """
        if key is UNSET:
            return self.where(**lookups).exists()
        if isinstance(key, Conditional | Expression):
            return self.where(key, *conditions, **lookups).exists()
        return self.where(*conditions, pk=key, **lookups).exists()

    def count(self, /, *conditions: Conditional | Expression, **lookups: object) -> int:
        """How many rows there are for which the conditions hold. One query.

        Args:
            *conditions: As ``where`` takes them.
            **lookups: As ``where`` takes them.
        """
        return self.where(*conditions, **lookups).count()

    def stream(self, /, *conditions: Conditional | Expression, **lookups: object) -> Iterator[T]:
        """The rows for which the conditions hold, one after the other, in bounded memory.

        Args:
            *conditions: As ``where`` takes them.
            **lookups: As ``where`` takes them.
        """
        return self.where(*conditions, **lookups).iterator()

    # -- pages --------------------------------------------------------------------------------------

    @overload
    def paginate(
        self, page: int = 1, per_page: int = 20, *, where: Where = None, order_by: Order = ()
    ) -> Page[T]: ...
    @overload
    def paginate(
        self, *, per_page: int = 20, after: str | None, where: Where = None, order_by: Order = ()
    ) -> CursorPage[T]: ...
    @overload
    def paginate(
        self, *, per_page: int = 20, before: str | None, where: Where = None, order_by: Order = ()
    ) -> CursorPage[T]: ...
    def paginate(
        self,
        page: int | None = None,
        per_page: int = 20,
        *,
        where: Where = None,
        order_by: Order = (),
        after: str | Unset | None = UNSET,
        before: str | Unset | None = UNSET,
    ) -> Page[T] | CursorPage[T]:
        """One page of the rows, by its number or by a cursor. One query.

        Args:
            page: The number of the page, from 1.
            per_page: How many rows a page has at most.
            where: Lookups by name (``{"age__gte": 18}``), or a ``Q``.
            order_by: A field (``"-created_at"``), or several; the key where nothing is said.
            after: The ``next`` of a page, to read the page after it. None begins at the first row.
            before: The ``previous`` of a page, to read the page before it.

        Returns:
            A ``Page``; with ``after`` or ``before`` a ``CursorPage``.

        Raises:
            UsageError: A number is below 1, or two ways to say the page are given.
            InvalidValue: The cursor is damaged, or belongs to another order.
        """
        query: QuerySet[T] = self.query.all()
        if isinstance(where, Mapping):
            query = query.filter(**where)
        elif where is not None:
            query = query.filter(where)
        fields = [order_by] if isinstance(order_by, str) or not isinstance(order_by, Sequence) else order_by
        if fields:
            query = query.order_by(*fields)
        given = {"page": page, "after": after, "before": before}
        # What was not said must not be passed on: None says something of a cursor.
        chosen: dict[str, Any] = {
            name: value
            for name, value in given.items()
            if value is not UNSET and (name != "page" or value is not None)
        }
        paginate = cast("Callable[..., Page[T] | CursorPage[T]]", query.paginate)
        return paginate(per_page=per_page, **chosen)

    # -- finders ------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith((ONE, MANY)):
            finder = make_finder(self._mapper, name)
            # Found as a plain attribute from now on.
            self.__dict__[name] = finder
            return finder
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *finder_names(self._mapper)})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.table!r}>"

    def __reduce__(self) -> NoReturn:
        raise NotSupported(
            "a repository cannot be pickled",
            hint="pickle its objects, or db.repository(…) in the other process",
        )


def several_keys(keys: Iterable[object]) -> list[object]:
    """Keys as a list.

    Args:
        keys: An iterable of keys, and no text: its letters would be taken for keys.

    Raises:
        UsageError: It is none.
    """
    if not isinstance(keys, Iterable) or isinstance(keys, str | bytes):
        raise UsageError(f"find_by_ids() takes a list of keys, not {type(keys).__name__}")
    return list(keys)
