"""Where an engine does not give what the table of the language says, and why.

Invariant: what an engine cannot do at all it says itself, with ``NotSupported`` and what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Protocol

import pytest

from tests.worlds import ENGINES

__all__ = ["ASKED", "CANNOT", "agreed", "where_they_hold"]

ASKED = tuple(dict.fromkeys([*ENGINES, "libsql"]))
"""The engines that the table is asked of."""

OTHERWISE: dict[str, dict[str, str]] = {
    "postgresql": {
        "method explain": "the plan is the server's own",
        "function Collate": "collations have other names",
    },
    "mysql": {
        "method explain": "the plan is the server's own",
        "function Collate": "collations have other names",
    },
}
"""What cannot be the same, and why."""

CANNOT: dict[str, dict[str, str]] = {
    "postgresql": {"function SHA1": "PostgreSQL has no SHA-1"},
    "mysql": {"expression GroupRange": "this database's windows count no groups"},
    "libsql": {
        **dict.fromkeys(("lookup regex", "lookup iregex"), "libSQL has no regular expressions of Python's"),
        **dict.fromkeys(
            [f"function {name}" for name in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")],
            "libSQL has no hashes",
        ),
        **dict.fromkeys(
            ("json contains", "json contained_by"),
            "libSQL cannot say whether a JSON document contains another",
        ),
    },
}
"""What an engine cannot do, and how it begins to say so."""


class _Line(Protocol):
    @property
    def about(self) -> str: ...


def where_they_hold(table: Iterable[_Line]) -> list[Any]:
    """Lines of a table as parameters of a test, which does not run where one does not hold.

    Args:
        table: The lines.
    """
    return [
        pytest.param(
            line,
            id=f"{number}-{line.about}",
            marks=[
                pytest.mark.otherwise(engine, lines[line.about])
                for lines_by_engine in (OTHERWISE, CANNOT)
                for engine, lines in lines_by_engine.items()
                if line.about in lines
            ],
        )
        for number, line in enumerate(table)
    ]


def agreed(engine: str, answer: object) -> object:
    """What an engine must give: on SQLite the answer itself, elsewhere computed numbers to nine digits.

    Args:
        engine: The engine.
        answer: What the table says, or what the engine gave.
    """
    if engine == "sqlite":
        return answer
    if isinstance(answer, dict):
        return {key: agreed(engine, value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [agreed(engine, value) for value in answer]
    return round(answer, 9) if isinstance(answer, Decimal | float) else answer
