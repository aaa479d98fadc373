"""Managers and query sets of the user's own: which classes the queries of a table are of.

Invariant: every query set of a table is of one class; its manager, and the managers of its rows on objects of
other tables, have the methods of that class and of the table's manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noormme.orm.manager import Manager
from noormme.orm.related import RelatedManager

if TYPE_CHECKING:
    from noormme.orm.queryset import QuerySet

__all__ = ["manager_class", "related_class"]


def manager_class(
    manager: type[Manager[Any]] | None, queries: type[QuerySet[Any]] | None
) -> type[Manager[Any]]:
    """The class of a table's manager.

    Args:
        manager: The user's own, or None.
        queries: The class of the table's query sets, whose methods the manager has as well, or None.
    """
    found: type[Manager[Any]] = manager or Manager
    if queries is None or issubclass(found, queries):
        return found
    return found.from_queryset(queries, found.__name__)


def related_class(manager: type[Manager[Any]]) -> type[RelatedManager]:
    """The class of the managers that objects of other tables have for the rows of a table.

    Args:
        manager: The class of the table's manager.
    """
    if manager is Manager:
        return RelatedManager
    return type(RelatedManager.__name__, (RelatedManager, manager), {"__module__": RelatedManager.__module__})
