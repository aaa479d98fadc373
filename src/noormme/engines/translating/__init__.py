"""A schema of one engine in the terms of another; see ``schema`` there."""

from noormme.engines.translating.context import Difference, Seen
from noormme.engines.translating.schema import Translated, translate

__all__ = ["Difference", "Seen", "Translated", "translate"]
