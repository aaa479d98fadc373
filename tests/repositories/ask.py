"""What tests say of the fixture that gives a repository in two ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from noormme import Repository

__all__ = ["Ask"]

Ask = Callable[[Repository[Any]], Any]
