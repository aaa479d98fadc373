"""The commands by name, each loaded when it is called.

Invariant: listing the commands loads none of them; what the list says of one is the first line of its help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup

__all__ = ["COMMANDS", "Commands", "Entry", "Group", "Later"]


class Entry(NamedTuple):
    """A command that is not loaded yet.

    Attributes:
        module: The module that has it.
        attribute: Its name there: a function, or a ``Typer`` with commands of its own.
        summary: The first line of its help.
    """

    module: str
    attribute: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "config": Entry(
        "noormme.cli.config.command", "config", "Show each setting, its value, and where it came from."
    ),
    "copy": Entry(
        "noormme.cli.copy.command",
        "copy",
        "Copy a database into another one, of any engine.",
    ),
    "create": Entry("noormme.cli.create.command", "create", "Make a small project that runs."),
    "demo": Entry(
        "noormme.cli.demo.command", "demo", "See noormme work: discovery, a dozen queries, their speed."
    ),
    "doctor": Entry(
        "noormme.cli.doctor.command", "doctor", "Look for what is wrong, and say what to do about it."
    ),
    "generate": Entry(
        "noormme.cli.generate.command", "generate", "Write types, models or a diagram from a database."
    ),
    "init": Entry("noormme.cli.init.command", "init", "Set noormme up for a database that exists."),
    "inspect": Entry(
        "noormme.cli.inspect.command", "inspect", "Show tables, columns, keys, relations and warnings."
    ),
    "query": Entry(
        "noormme.cli.query.command", "query", "Run a query, in Python or in SQL, and print its rows."
    ),
    "shell": Entry("noormme.cli.shell.command", "shell", "Open a Python prompt with the database at hand."),
    "sql": Entry(
        "noormme.cli.sql.command",
        "sql",
        "Make typed functions from files of SQL, and check them.",
    ),
    "status": Entry("noormme.cli.status.command", "status", "Show what state a database is in."),
}


class Later(TyperCommand):
    """A command that loads what it does when it is called.

    Args:
        name: What it is called.
        entry: Where it is.
    """

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, help=entry.summary, rich_markup_mode=None)
        self._called = name
        self._entry = entry

    def load(self) -> TyperCommand | TyperGroup:
        """The command itself."""
        found: object = getattr(import_module(self._entry.module), self._entry.attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
            alone.command(self._called)(cast("Callable[..., None]", found))
            found = alone
        made = typer.main.get_command(found)
        made.name = self._called
        return cast("TyperCommand | TyperGroup", made)

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """The context of the command itself, so that it is what runs, helps and completes."""
        return self.load().make_context(*arguments, **extra)


class Group(TyperGroup):
    """A group that suggests a command of which only the beginning was written, too."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called.

        Args:
            ctx: The context of the group.
            args: What was written, the name of the command first.
        """
        try:
            return super().resolve_command(ctx, args)
        except Exception as caught:
            error: Any = caught
            said = str(getattr(error, "message", ""))
            written = args[0] if args else ""
            begun = [repr(name) for name in self.commands if written and name.startswith(written)]
            if begun and said and "Did you mean" not in said:
                error.message = f"{said.rstrip('.')}. Did you mean {', '.join(begun)}?"
            raise


class Commands(Group):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.commands.setdefault(name, Later(name, entry))
        self.commands = dict(sorted(self.commands.items()))
