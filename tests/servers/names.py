"""Names of the databases that tests make on servers, which are left behind where a test was killed.

Invariant: a name says when it was given, and nothing but that decides whether its database is dropped: no run of
the tests lasts a day, wherever it runs.
"""

from __future__ import annotations

import os
import re
from secrets import token_hex
from time import time

__all__ = ["is_left_behind", "new_name"]

_NAME = re.compile(r"noormme_test_at_(\d+)_\d+_[0-9a-f]+")
_DAY_S = 86_400


def new_name(now_s: float | None = None) -> str:
    """A name that no other database has.

    Args:
        now_s: When it is given, in seconds since 1970; None for now.
    """
    return f"noormme_test_at_{int(time() if now_s is None else now_s)}_{os.getpid()}_{token_hex(4)}"


def is_left_behind(name: str) -> bool:
    """Whether a database is one of a run of the tests that is long over.

    Args:
        name: What it is called.
    """
    given = _NAME.fullmatch(name)
    return given is not None and time() - int(given[1]) > _DAY_S
