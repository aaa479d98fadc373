"""Plans that outlive their process: found before anything is compiled, and kept after it was.

Invariant: a plan is found only where a fresh compilation would give the same SQL and the same parameters.
What a plan depends on is in the fingerprint of its file (code, versions, schema, settings) or in the plan
itself (the forms of columns). A plan on which code of the user's had a part is neither stored nor found.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from noormme.engines.budget import THREAD, OverBudget
from noormme.engines.code_stamp import code_stamp
from noormme.engines.plan_file import PlanFile, cached_path
from noormme.errors import NotSupported, UnsafeOperation, UsageError
from noormme.orm.first_use import first_use
from noormme.query.lookups import custom_names
from noormme.query.stored_plan import decoded, encoded, thawed
from noormme.settings import MEMORY

if TYPE_CHECKING:
    from noormme.orm.registry import Registry
    from noormme.query.dialect import Dialect
    from noormme.query.plan import Plan

__all__ = ["StoredPlans", "export"]

_DIGEST_BYTES = 20


def export(registry: Registry, path: str | os.PathLike[str]) -> int:
    """Write the plans of a database to a file that can be shipped: ``connect(…, plans=path)`` reads it.

    They are those that this program and earlier ones of this user have compiled for the same schema.

    Args:
        registry: The database, as ``open_registry`` gives it.
        path: The file; it is replaced as a whole.

    Returns:
        How many plans it has.

    Raises:
        NotSupported: Plans of such a database are not kept.
        UnsafeOperation: Something else than a file of plans is there.
        UsageError: The setting ``plans`` is ``"off"``, or the file cannot be written.
    """
    return registry.stored_plans.export(path)


class StoredPlans:
    """The stored plans of one schema on one engine.

    Args:
        registry: The models of the database.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._file: PlanFile | None = None
        self._opened = False

    def plan(self, key: tuple[object, ...], compiled: Callable[[Dialect], Plan]) -> Plan:
        """A plan: found, or else compiled and kept. The first call for a database reads the file.

        Args:
            key: What tells the plan from all others of the database: values that msgspec can encode.
            compiled: Compiles it, with the dialect that it is given.

        Returns:
            The plan, either way the same.
        """
        file = self._open()
        dialect, schema = self._registry.engine.dialect, self._registry.schema
        keeping = dialect.keeping
        name = None if file is None or keeping is None else _name(key)
        if file is None or keeping is None or name is None:
            return compiled(dialect)
        data = file.get(name)
        stored = None if data is None else decoded(data)
        found = None if stored is None else thawed(stored, schema, dialect, keeping)
        if found is not None:
            return found
        with first_use("stored plans"):
            # Here, because a process that finds its plans compiles none.
            from noormme.query.recording import RecordingDialect

        recording = RecordingDialect(dialect, schema)
        guesses = dialect.guesses
        made = compiled(recording)
        if dialect.guesses == guesses:
            stored = recording.stored(made)
            if stored is not None:
                file.add(name, encoded(stored))
        return made

    def save(self) -> None:
        """Write what is new, where it belongs into the cache folder."""
        if self._file is not None:
            self._file.save()

    def export(self, path: str | os.PathLike[str]) -> int:
        """As the function ``export``."""
        file = self._open()
        if file is None:
            if self._registry.settings.plans == "off":
                raise UsageError("no plans are kept, because the setting plans is 'off'")
            raise NotSupported("plans of this database are not kept", hint="those of SQLite files are")
        shipped = PlanFile(os.fspath(path), self._fingerprint(exact=False), cached=False)
        try:
            if shipped.is_foreign():
                raise UnsafeOperation(
                    f"'{os.fspath(path)}' is no file of plans, and is left as it is",
                    hint="choose another file",
                )
            return shipped.export(file.plans())
        except OSError as error:
            raise UsageError(f"{os.fspath(path)} cannot be written: {error.strerror}") from error

    def _open(self) -> PlanFile | None:
        if not self._opened:
            self._file = self._made()
            self._opened = True
        return self._file

    def _made(self) -> PlanFile | None:
        settings = self._registry.settings
        engine = self._registry.engine
        if settings.plans == "off" or engine.dialect.keeping is None or engine.path == MEMORY:
            return None
        if THREAD.budget.limited:
            # It is megabytes at most, and nothing for the thread of an event loop.
            raise OverBudget
        cached = settings.plans == "cache"
        fingerprint = self._fingerprint(exact=cached)
        path = cached_path(fingerprint) if cached else settings.plans
        return None if path is None or not fingerprint else PlanFile(path, fingerprint, cached=cached)

    def _fingerprint(self, *, exact: bool) -> bytes:
        """What decides whether plans fit; empty where it cannot be told."""
        keeping = self._registry.engine.dialect.keeping
        stamp = code_stamp(exact=exact)
        if keeping is None or stamp is None:
            return b""
        return _digest(msgspec.json.encode([stamp, keeping.basis]) + b"\n" + self._registry.schema.to_json())


def _name(key: tuple[object, ...]) -> bytes | None:
    """A key as bytes; None where lookups or transforms of the user's may have a part in it."""
    try:
        name = msgspec.msgpack.encode(key)
    except (TypeError, RecursionError, UnicodeEncodeError):
        return None
    return None if any(custom.encode() in name for custom in custom_names()) else name


def _digest(data: bytes) -> bytes:
    try:
        # The public module loads OpenSSL, which is as large as all of noormme's own modules.
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return blake2b(data, digest_size=_DIGEST_BYTES).digest()
