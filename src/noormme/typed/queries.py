"""The bases of generated query sets and managers."""

from noormme.orm.manager import Manager
from noormme.orm.queryset import QuerySet

__all__ = ["Manager", "QuerySet"]
