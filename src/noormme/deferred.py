"""Modules that are imported, and decoders that are made, when something of them is first used.

Invariant: what was found is found again without a look at the module, so a function of a deferred module
costs what a function of an imported one does. Only what a start does not need is deferred, for a start pays
for every import; type checkers see a plain import. One thread at a time describes a class to msgspec:
version 0.22 shows a class that it has described by half to another thread that asks for the same one, and
decoding with that ends the process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from sys import modules, stdlib_module_names
from threading import RLock, get_ident
from typing import Any, TypeVar

from noormme.errors import UsageError
from noormme.sharing import usable, wait_before_forks

__all__ = ["deferred", "exporting", "made_by_one"]

T = TypeVar("T")

_IMPORT_WAITS_S = 4.0
"""How long a fork waits at most for an import; less than for a first use, after which others may follow."""

_FORK_WAITS_S = 3.0
"""How long it waits at most for a class to be described, which takes milliseconds and comes after imports."""

_LIBRARIES = {
    "apsw",
    "dotenv",
    "libsql",
    "msgspec",
    "noormme",
    "psycopg",
    "pybreaker",
    "pymssql",
    "pymysql",
    "sqlalchemy",
    "tenacity",
}
"""What a fork waits for while it is imported, besides Python's own modules. What else a program imports may
run for as long as the program does."""

# Python's own book of the imports that go on, the search for the file among them: a lock for each module, by
# its name. Nothing else says as much, whether an import is one of noormme's functions or of another library.
_module_locks: dict[str, Callable[[], Any]] = getattr(modules["_frozen_importlib"], "_module_locks", {})

_describing = RLock()
"""One for all classes, because decoders have classes in common."""


class _Deferred:
    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            # What looks for such names (doctest, inspect) takes no for an answer, and means no import.
            raise AttributeError(attribute)
        try:
            found = getattr(import_module(self.__name__), attribute)
        except AttributeError:
            # Python's import does not bear being interrupted by itself.
            raise UsageError(
                "a query came in while noormme was loading what another one needs, in the same thread",
                hint="run one query of its kind before signal handlers and finalizers do",
            ) from None
        self.__dict__[attribute] = found
        return found

    def __repr__(self) -> str:
        return f"<deferred module {self.__name__!r}>"


def deferred(name: str) -> Any:
    """What stands for a module until it is used.

    Args:
        name: The module's full name.

    Example:
        ::

            if TYPE_CHECKING:
                from noormme.orm.writing import bulk
            else:
                bulk = deferred("noormme.orm.writing.bulk")
    """
    return _Deferred(name)


def exporting(
    package: str, places: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """What gives a package names from modules that are imported when a name is used.

    Args:
        package: The package's full name.
        places: The names that each module has, with blanks between them, by the module's full name.

    Returns:
        The package's ``__getattr__`` and ``__dir__``.
    """
    found = {name: module for module, names in places.items() for name in names.split()}

    def attribute(name: str) -> Any:
        if name in found:
            value = getattr(import_module(found[name]), name)
            setattr(modules[package], name, value)
            return value
        missing = f"module {package!r} has no attribute {name!r}"
        if name.startswith("__"):
            raise AttributeError(missing)
        module = f"{package}.{name}"
        try:
            # A module of the package, as if something had imported it.
            return import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise  # It is there, and lacks another one.
            raise AttributeError(missing) from None

    def names() -> list[str]:
        return sorted({*vars(modules[package]), *found})

    return attribute, names


def made_by_one(make: Callable[[], T]) -> Callable[[], T]:
    """What gives a decoder, which one thread makes when it is first wanted.

    Most processes need few of them, and to make one takes up to some milliseconds.

    Args:
        make: Makes it.
    """
    made: list[T] = []

    def get() -> T:
        if not made:
            with _describing:
                if not made:
                    made.append(make())
        return made[0]

    return get


def _is_describing() -> bool:
    """Whether another thread is: a child would have the class by half, and no thread that goes on with it."""
    if not _describing.acquire(blocking=False):
        return True
    _describing.release()
    return False


def _is_importing() -> bool:
    """Whether another thread is: a child would wait for ever for the end of its import."""
    # Copying a dict is one step, in which no other thread has a turn.
    return any(
        (lock := found()) is not None and lock.owner not in (None, get_ident())
        for name, found in _module_locks.copy().items()
        if (package := name.partition(".")[0]) in _LIBRARIES or package in stdlib_module_names
    )


def _after_fork() -> None:
    """Let a child process make decoders, where another thread of the parent was about to."""
    global _describing
    _describing = usable(_describing)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
wait_before_forks(_is_describing, _FORK_WAITS_S)
wait_before_forks(_is_importing, _IMPORT_WAITS_S)
