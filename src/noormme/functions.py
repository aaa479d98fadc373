"""The functions of the query language, under the names of Django: ``from noormme.functions import Lower``.

Invariant: nothing is defined or listed here; the functions are those of ``noormme.query.functions``.
"""

from noormme.query import functions as _functions
from noormme.query.functions import *  # noqa: F403 – exactly the names of its __all__, which checkers follow

__all__: list[str] = []
__all__ += _functions.__all__
