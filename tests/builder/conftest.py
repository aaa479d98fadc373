"""The small world of the orm's tests."""

from __future__ import annotations

from tests.orm.conftest import db, opened, own, world

__all__ = ["db", "opened", "own", "world"]
