"""The base of generated models."""

from noormme.orm.model import Model

__all__ = ["Model"]
