"""What the user decides about the generated module."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

__all__ = ["PythonOptions"]


class PythonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a Python module is generated.

    Attributes:
        source: What the docstring of the module calls the database; never a URL with a password.
        depth: How many relations deep the typed lookups go; 0 is the fields of the table alone.
        types: Python types to use instead of those that the rules give: ``"module.Name"`` (or a builtin name) by
            ``"table.column"``, or by declared type (``"DECIMAL(10,2)"``, or ``"decimal"`` without its
            arguments). The most exact key wins.
    """

    source: str = "a database"
    depth: int = 1
    types: Mapping[str, str] = MappingProxyType({})
