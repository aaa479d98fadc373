"""The settings for the terminal and for programs.

Invariant: what is shown is what ``connect()`` would go by; a URL is shown without its password.
"""

from __future__ import annotations

import os
import sys

import msgspec
from rich.text import Text

from noormme.cli.output import new_table, printable, terminal
from noormme.settings import Origin, masked, origins

__all__ = ["show"]


def show(*, changed: bool, as_json: bool) -> None:
    """Print the settings of this process.

    Args:
        changed: Leave out those that have their default.
        as_json: Print them as JSON.

    Raises:
        SettingsError: One of them is wrong.
    """
    found = [each for each in origins() if not changed or each.source != "default"]
    if as_json:
        data = {each.name: {"value": shown_value(each), "source": each.source} for each in found}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
        return
    console = terminal()
    if not found:
        console.show(Text("Every setting has its default.", style="note"))
        return
    table = new_table("Setting", "Value", "From", wrap=("Value", "From"))
    for each in found:
        default = each.source == "default"
        table.add_row(
            Text(each.name, style="note" if default else "name"),
            Text(printable(_text(shown_value(each))), style="note" if default else ""),
            Text(printable(_near(each.source)), style="note" if default else "good"),
        )
    console.show(table)


def shown_value(origin: Origin) -> object:
    """A setting's value as plain data, without secrets.

    Args:
        origin: The setting.
    """
    value = msgspec.to_builtins(origin.value)
    if origin.name == "database" and isinstance(value, str):
        return masked(value)
    if origin.name == "replicas":
        return [masked(str(url)) for url in value]
    return value


def _text(value: object) -> str:
    if value is None or value == {} or value == []:
        return "none"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _near(source: str) -> str:
    """A path as it is said from here."""
    if not source.startswith(os.sep):
        return source
    try:
        return min(os.path.relpath(source), source, key=len)
    except (OSError, ValueError):
        return source
