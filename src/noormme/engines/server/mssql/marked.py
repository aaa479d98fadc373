"""Values that say by their class as which of SQL Server's types they travel.

Invariant: such a value equals and prints as the plain one does; only the type that the server is told of
is another.
"""

from __future__ import annotations

from datetime import datetime

__all__ = ["LegacyDateTime", "Narrow"]


class Narrow(str):
    """A text of ASCII that is compared with a column of type ``varchar``, whose index then answers."""

    __slots__ = ()


class LegacyDateTime(datetime):
    """A moment that is compared with a column of type ``datetime``, which counts 300ths of a second."""
