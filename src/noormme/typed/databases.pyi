"""The base of generated databases as type checkers see it: generated classes say which tables there are."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from noormme.database import BaseDatabase, open_as
from noormme.orm.audit.entries import Entry
from noormme.query.build import Queryable
from noormme.settings import SettingsOptions
from noormme.typed.models import Model
from noormme.typed.repositories import Repository

__all__ = ["Database", "SettingsOptions", "classes_of", "open_as"]

C = TypeVar("C", bound=type[Model] | type[Queryable] | type[Repository[Any, Any, Any, Any, Any, Any]])

def classes_of(model: type[Model], /) -> tuple[type[Any], type[Any], type[Any]]:
    """The classes of a table's query sets, manager and repository."""

class Database(BaseDatabase):
    """A discovered database; a generated class says which tables it has."""

    @overload
    def register(self, given: C, /, *, table: str | None = None, replace: bool = False) -> C: ...
    @overload
    def register(
        self, given: None = None, /, *, table: str | None = None, replace: bool = False
    ) -> Callable[[C], C]: ...
    def history(self, item: Model | str, key: object = None) -> list[Entry]: ...
    async def ahistory(self, item: Model | str, key: object = None) -> list[Entry]: ...
