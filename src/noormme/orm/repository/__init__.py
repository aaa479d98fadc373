"""Repositories: the rows of one table behind methods that name what they find."""

from noormme.orm.repository.repository import Repository

__all__ = ["Repository"]
