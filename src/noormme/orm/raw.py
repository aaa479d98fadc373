"""Objects from SQL of the user's own: ``raw``.

Invariant: the SQL runs as it was written, with its values bound. A column whose name is that of a field, or
of a column of the table, is that field; fields that are missing load when they are touched.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from noormme.deferred import deferred
from noormme.errors import FieldNotFound, InvalidQuery, UsageError, did_you_mean
from noormme.orm.aio.running import each, listed, on_loop, soon
from noormme.orm.compat import Compatible
from noormme.orm.loading import set_loading
from noormme.orm.reading import Reading, chunk_rows
from noormme.orm.sqltext import SQLText
from noormme.orm.statement import ColumnsChanged
from noormme.orm.steps import run

if TYPE_CHECKING:
    from noormme.orm import prefetch as prefetching
    from noormme.orm import raw_statement as raw_statements
    from noormme.orm.manager import Manager
    from noormme.orm.mapper import Mapper
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.raw_statement import RawStatement
    from noormme.orm.sql_text_plans import Parameters
    from noormme.query import placeholders
else:
    prefetching = deferred("noormme.orm.prefetch")
    raw_statements = deferred("noormme.orm.raw_statement")
    placeholders = deferred("noormme.query.placeholders")

__all__ = ["RawQueries", "RawQuerySet"]

T = TypeVar("T")


class RawQuerySet(Generic[T]):
    """The rows of a SQL text as objects: it runs when they are needed, and at most once.

    It can be looped over and indexed; what a query set adds to its SQL (filters, order, slices) belongs into
    the text here.

    Attributes:
        prefetches: What ``prefetch_related`` asked for.
    """

    __slots__ = ("_mapper", "_mode", "_parameters", "_rows", "_sql", "_translations", "prefetches")

    def __init__(
        self,
        mapper: Mapper,
        sql: str,
        parameters: Parameters,
        translations: tuple[tuple[str, str], ...],
        prefetches: tuple[Prefetch, ...] = (),
        mode: Literal["peers", "raise"] | None = None,
    ) -> None:
        self._mapper = mapper
        self._sql = sql
        self._parameters = parameters
        self._translations = translations
        self.prefetches = prefetches
        self._mode: Literal["peers", "raise"] | None = mode
        self._rows: list[T] | None = None

    # -- the rows -----------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[T]:
        return iter(self._fetch())

    def __len__(self) -> int:
        return len(self._fetch())

    def __bool__(self) -> bool:
        return bool(self._fetch())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self._fetch()[index]

    def _fetch(self) -> list[T]:
        rows = self._rows
        if rows is None:
            rows = self._rows = self._load()
        return rows

    def _load(self) -> list[T]:
        known = self._statement()
        try:
            rows = known.fetch(known.values(self._parameters))
        except ColumnsChanged as changed:
            rows = self._changed(known, changed)
        self._complete(rows)
        return rows

    def _complete(self, rows: Any) -> None:
        self._mapper.peers.register(rows)
        if self.prefetches:
            run(prefetching.run_prefetches(self._mapper, rows, self.prefetches))
        if self._mode is not None:
            set_loading(rows, self._mode)

    def iterator(self, chunk_size: int | None = None) -> Iterator[T]:
        """The rows one after the other, in bounded memory, without keeping them.

        Args:
            chunk_size: How many rows are in memory at a time; prefetches run once for each chunk.

        Raises:
            UsageError: ``chunk_size`` is not positive, or the parameters do not fit.
            InvalidQuery: The rows lack the key.
            QueryFailed: The database refused the SQL.
        """
        size = chunk_rows(chunk_size, self._mapper.registry.settings.iterator_chunk_rows)
        return self._reading().rows(size)

    def _reading(self) -> Reading[T]:
        mapper = self._mapper
        return Reading(mapper.registry.engine, self._chunks, self._complete, mapper.peers.settle)

    def _chunks(self, size: int) -> Generator[list[T], None, None]:
        # Rows that were given cannot be taken back, so the columns are looked at each time.
        known = self._described()
        chunks = known.stream(known.values(self._parameters), size)
        chunk = next(chunks, None)
        while chunk is not None:
            yield chunk
            chunk = None
            chunk = next(chunks, None)

    # -- the rows, for coroutines -------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, list[T]]:
        """All rows, as ``list()`` gives them."""
        return listed(self._mapper.registry.engine, self._fetch).__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        """The rows one after the other: those that are here already, else as ``aiterator()`` gives them."""
        if self._rows is None:
            return self.aiterator()
        return soon(self._mapper.registry.engine, self._fetch)

    def aiterator(self, chunk_size: int | None = None) -> AsyncGenerator[T, None]:
        """As ``iterator()``, for ``async for``."""
        size = chunk_rows(chunk_size, self._mapper.registry.settings.iterator_chunk_rows)
        return each(self._reading(), size)

    async def aexplain(self) -> str:
        """As ``explain()``, awaited."""
        return await on_loop(self._mapper.registry.engine, self.explain)

    # -- what belongs to it -------------------------------------------------------------------------

    def prefetch_related(self, *lookups: str | Prefetch | None) -> RawQuerySet[T]:
        """Load relations after the rows, one query for each relation and level.

        Args:
            *lookups: Relations, paths of them, or ``Prefetch``. None removes all.

        Raises:
            RelationNotFound: A part of a path is no relation.
        """
        found: list[Prefetch] = [] if None in lookups else list(self.prefetches)
        for lookup in lookups:
            if lookup is not None:
                found.append(prefetching.as_prefetch(self._mapper, lookup, found))
        return RawQuerySet(
            self._mapper, self._sql, self._parameters, self._translations, tuple(found), self._mode
        )

    # -- what it is -----------------------------------------------------------------------------------

    @property
    def columns(self) -> list[str]:
        """What the columns become, in their order: fields, and further attributes. Touches the database.

        Raises:
            InvalidQuery: The rows lack the key.
            QueryFailed: The database refused the SQL.
        """
        return list(self._statement().columns)

    def sql(self) -> SQLText:
        """The SQL and its parameters, without running it. Touches the database.

        Returns:
            A string that prints both; ``.statement`` and ``.parameters`` have them apart.
        """
        known = self._statement()
        plan = known.statement.plan
        return SQLText(plan.sql, plan.shown(known.values(self._parameters)))

    def explain(self) -> str:
        """How the database would run it: its plan, as text. Touches the database."""
        known = self._statement()
        return known.statement.explain(known.values(self._parameters))

    def _statement(self) -> RawStatement:
        return self._mapper.raw.get((self._sql, self._translations)) or self._described()

    def _described(self) -> RawStatement:
        mapper, kept = self._mapper, self._mapper.raw
        description = mapper.registry.engine.describe(placeholders.native_placeholders(self._sql))
        made = raw_statements.RawStatement(mapper, description, dict(self._translations))
        kept.keep((self._sql, self._translations), made)
        return made

    def _changed(self, known: RawStatement, changed: ColumnsChanged) -> Any:
        """The objects, where the tables have changed since the columns were looked at."""
        again = self._described()
        rows = changed.loaded_by(again.statement, same=again.description == known.description)
        return again.fetch(again.values(self._parameters)) if rows is None else rows

    def __repr__(self) -> str:
        # Not its rows: the SQL may be as costly as it likes, and nothing here can cut it.
        return f"<RawQuerySet of {self._mapper.table.name}: {' '.join(self._sql.split())}>"

    def __reduce__(self) -> tuple[Any, ...]:
        query = (self._sql, self._parameters, dict(self._translations))
        loaded = (self.prefetches, self._mode, list(self._fetch()))
        return RawQuerySet._restored, (self._mapper.model.objects, query, *loaded)

    @staticmethod
    def _restored(
        manager: Manager[Any],
        query: tuple[str, Parameters, dict[str, str]],
        prefetches: tuple[Prefetch, ...],
        mode: Literal["peers", "raise"] | None,
        rows: list[Any],
    ) -> RawQuerySet[Any]:
        """Make a pickled one again, with its rows."""
        made = manager.raw(*query)
        made.prefetches = prefetches
        made._mode = mode
        made._rows = loaded = made._mapper.rows_class(rows)
        made._mapper.peers.register(loaded)
        return made


class RawQueries(Compatible[T]):
    """A query that was not run, of whose table SQL can be run."""

    __slots__ = ()

    def raw(
        self,
        sql: str,
        params: Sequence[object] | Mapping[str, object] = (),
        translations: Mapping[str, str] | None = None,
    ) -> RawQuerySet[T]:
        """Objects of this table from SQL of your own.

        The columns of the SQL are matched with the fields by name; the key must be among them, other fields
        may be missing and load when touched. Further columns become attributes.

        Args:
            sql: One statement that reads. It takes parameters as ``?`` or ``:name``, or as ``%s`` or
                ``%(name)s`` (and then ``%%`` is a percent sign); never build it from input.
            params: The values of the parameters: in order, or by name.
            translations: The fields of columns that have other names, by the name of the column.

        Raises:
            UsageError: An argument is of the wrong type, or the SQL has parameters of two kinds.
            FieldNotFound: ``translations`` names an unknown field.
            InvalidQuery: Something was asked of the query set before, which the SQL would not know.

        Example:
            ``db.users.raw("SELECT * FROM users WHERE age > ?", [18])``.
        """
        if not isinstance(sql, str):
            raise UsageError(f"raw() takes SQL as text, not {type(sql).__name__}")
        if isinstance(params, (str, bytes)) or not isinstance(params, (Sequence, Mapping)):
            raise UsageError(
                f"the parameters of raw() are a list or a dict, not {type(params).__name__}",
                hint="write raw(sql, [value])",
            )
        if self.node is not self._mapper.nodes.root:
            raise InvalidQuery(
                "raw() takes its rows from the SQL, and would lose what was asked of the query set before",
                hint=f"write it into the SQL, and start from db.{self._mapper.table.manager}",
            )
        placeholders.native_placeholders(sql)
        taken = dict(params) if isinstance(params, Mapping) else tuple(params)
        pairs = self._translated(translations or {})
        return RawQuerySet(self._mapper, sql, taken, pairs, self.prefetches, self._mode)

    def _translated(self, translations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        known = {*self._mapper.fields, *(column.name for column in self._mapper.columns)}
        if not isinstance(translations, Mapping):
            raise UsageError(
                f"the translations of raw() are a dict, not {type(translations).__name__}",
                hint="write translations={'name in the SQL': 'field'}",
            )
        for field in translations.values():
            if field not in known:
                hint = did_you_mean(field, known) if isinstance(field, str) else None
                raise FieldNotFound(
                    f"no field '{field}' on {self.table}",
                    hint=hint or f"there are: {', '.join(sorted(known))}",
                )
        return tuple(sorted(translations.items()))
