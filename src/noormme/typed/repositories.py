"""The base of generated repositories."""

from noormme.orm.repository import Repository

__all__ = ["Repository"]
