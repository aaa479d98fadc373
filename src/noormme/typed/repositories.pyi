"""Repositories as type checkers see those of generated models.

Type parameters: ``M`` is the model, ``A`` the same with annotations, ``K`` its key, ``N`` its manager;
``Order`` and ``Relation`` are names.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeAlias, TypeVar, overload

from noormme.engines.base import Mode
from noormme.orm.compat import Models
from noormme.orm.paging import CursorPage, Page
from noormme.orm.prefetch import Prefetch
from noormme.orm.transaction import Transaction
from noormme.orm.writing.upsert import Upserted
from noormme.query.expressions import Conditional, Expression, OrderBy

__all__ = ["Finder", "Repository", "WritingRepository"]

M = TypeVar("M")
T_co = TypeVar("T_co", covariant=True)
V_contra = TypeVar("V_contra", contravariant=True)
A = TypeVar("A")
K = TypeVar("K")
N = TypeVar("N")
New = TypeVar("New")
Changes = TypeVar("Changes")
Field = TypeVar("Field", bound=str)
Order = TypeVar("Order", bound=str)
Relation = TypeVar("Relation", bound=str)
Where: TypeAlias = Mapping[str, object] | Conditional | Expression | None
SortKey: TypeAlias = Expression | Conditional | OrderBy

class Finder(Protocol[V_contra, T_co]):
    """A finder by one field: it takes the value, and gives ``T_co``."""

    def __call__(self, value: V_contra, /) -> T_co: ...

class Repository(Generic[M, A, K, N, Order, Relation]):
    """The rows of a table, found by their keys and fields."""

    table: str
    def __init__(self, database: Models, table: str | None = None) -> None: ...
    @property
    def query(self) -> N: ...
    def find_by_id(self, key: K) -> M | None: ...
    def find_by_ids(self, keys: Iterable[K]) -> list[M]: ...
    async def afind_by_id(self, key: K) -> M | None: ...
    async def afind_by_ids(self, keys: Iterable[K]) -> list[M]: ...
    def with_count(self, key: K, relations: Relation | Iterable[Relation]) -> A | None: ...
    async def awith_count(self, key: K, relations: Relation | Iterable[Relation]) -> A | None: ...
    def find_with_relations(self, key: K, relations: str | Iterable[str | Prefetch]) -> M | None: ...
    async def afind_with_relations(self, key: K, relations: str | Iterable[str | Prefetch]) -> M | None: ...
    def load_relationships(
        self, objects: Iterable[M], relations: str | Iterable[str | Prefetch]
    ) -> list[M]: ...
    async def aload_relationships(
        self, objects: Iterable[M], relations: str | Iterable[str | Prefetch]
    ) -> list[M]: ...
    @overload
    def paginate(
        self,
        page: int = 1,
        per_page: int = 20,
        *,
        where: Where = None,
        order_by: Order | SortKey | Sequence[Order | SortKey] = (),
    ) -> Page[M]: ...
    @overload
    def paginate(
        self,
        *,
        per_page: int = 20,
        after: str | None,
        where: Where = None,
        order_by: Order | SortKey | Sequence[Order | SortKey] = (),
    ) -> CursorPage[M]: ...
    @overload
    def paginate(
        self,
        *,
        per_page: int = 20,
        before: str | None,
        where: Where = None,
        order_by: Order | SortKey | Sequence[Order | SortKey] = (),
    ) -> CursorPage[M]: ...
    @overload
    async def apaginate(
        self,
        page: int = 1,
        per_page: int = 20,
        *,
        where: Where = None,
        order_by: Order | SortKey | Sequence[Order | SortKey] = (),
    ) -> Page[M]: ...
    @overload
    async def apaginate(
        self,
        *,
        per_page: int = 20,
        after: str | None,
        where: Where = None,
        order_by: Order | SortKey | Sequence[Order | SortKey] = (),
    ) -> CursorPage[M]: ...
    @overload
    async def apaginate(
        self,
        *,
        per_page: int = 20,
        before: str | None,
        where: Where = None,
        order_by: Order | SortKey | Sequence[Order | SortKey] = (),
    ) -> CursorPage[M]: ...

class WritingRepository(Generic[M, K, New, Changes, Field]):
    """What the repositories of tables that can be written have besides."""

    def transaction(self, mode: Mode = "immediate", *, durable: bool = False) -> Transaction: ...
    def save(self, item: M, /) -> M: ...
    def delete(self, target: M | K, /) -> bool: ...
    def create_many(self, rows: Iterable[M | New]) -> list[M]: ...
    def update_many(self, objects: Iterable[M], fields: Sequence[Field] | None = None) -> int: ...
    def delete_many(self, targets: Iterable[M | K]) -> int: ...
    def upsert(
        self,
        rows: M | New | Iterable[M | New],
        *,
        on: Sequence[Field] | None = None,
        update: Sequence[Field] | None = None,
    ) -> Upserted[M]: ...
    async def asave(self, item: M, /) -> M: ...
    async def adelete(self, target: M | K, /) -> bool: ...
    async def acreate_many(self, rows: Iterable[M | New]) -> list[M]: ...
    async def aupdate_many(self, objects: Iterable[M], fields: Sequence[Field] | None = None) -> int: ...
    async def adelete_many(self, targets: Iterable[M | K]) -> int: ...
    async def aupsert(
        self,
        rows: M | New | Iterable[M | New],
        *,
        on: Sequence[Field] | None = None,
        update: Sequence[Field] | None = None,
    ) -> Upserted[M]: ...
