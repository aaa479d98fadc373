"""``docs/cli-reference.md``, made from the command line: ``python -m tests.docs.cli_reference`` writes it anew.

Invariant: every word on the page comes from the help of the commands; a page that differs is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from textwrap import wrap
from typing import Any, get_args, get_type_hints

import typer

from noormme.cli.app import app
from noormme.cli.commands import Later
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "cli-reference.md"

INTRODUCTION = """\
# Command reference

Every command with its arguments and options. [The command line](cli.md) shows what they do. This page is made from the
commands: `python -m tests.docs.cli_reference` writes it anew.
"""


def page() -> str:
    """The whole page."""
    root: Any = typer.main.get_command(app)
    return "\n".join([INTRODUCTION, *_sections(root, "noormme")]).rstrip() + "\n"


def _sections(group: Any, path: str) -> Iterator[str]:
    for name in sorted(group.commands):
        command: Any = group.commands[name]
        if isinstance(command, Later):
            command = command.load()
        called = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from _sections(command, called)
        else:
            yield from _section(command, called)


def _section(command: Any, called: str) -> Iterator[str]:
    text, _, examples = (command.help or "").replace("\b", "").partition("Examples:")
    hints = get_type_hints(command.callback)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    yield f"## {called}\n"
    yield "```sh"
    yield " ".join([called, "[OPTIONS]", *map(_metavar, arguments)])
    yield "```\n"
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield "\n".join(wrap(_in_line(" ".join(paragraph.split())), 118)) + "\n"
    yield "| argument or option | meaning |\n|---|---|"
    for each in arguments:
        yield f"| `{_metavar(each)}` | {_in_line(each.help or '')} |"
    for each in options:
        yield f"| `{_option(each, hints[each.name])}` | {_in_line(each.help or '')}{_default(each)} |"
    yield ""
    if examples.strip():
        yield "```sh"
        yield "\n".join(line.strip() for line in examples.strip().splitlines())
        yield "```\n"


def _metavar(argument: Any) -> str:
    name: str = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option(option: Any, hint: Any) -> str:
    names = ", ".join(option.opts)
    if option.secondary_opts:
        return f"{names} / {', '.join(option.secondary_opts)}"
    if option.is_flag:
        return names
    kinds = [each for each in (hint, *get_args(hint)) if isinstance(each, type) and issubclass(each, Enum)]
    values = f"{{{','.join(each.value for each in kinds[0])}}}" if kinds else option.metavar or "VALUE"
    return f"{names} {values}"


def _default(option: Any) -> str:
    default = option.default
    if default is None or isinstance(default, (bool, tuple, list, Path)) or not option.show_default:
        return ""
    return f" Default: {default.value if isinstance(default, Enum) else default}."


def _in_line(text: str) -> str:
    """Text in which nothing is taken for Markdown."""
    return re.sub(r"([|*<_])", r"\\\1", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
