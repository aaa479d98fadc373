"""How the command line writes: one look for every command.

Invariant: what comes out of a database is text to show, never markup and never a control code for
the terminal. Colour and progress appear on a terminal only, and ``NO_COLOR`` is respected.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Literal, TextIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.theme import Theme

__all__ = [
    "PIPE_WIDTH",
    "Terminal",
    "duration",
    "highlighted",
    "key_values",
    "new_table",
    "plural",
    "printable",
    "size",
    "terminal",
]

PIPE_WIDTH = 120
"""Columns when the output is not a terminal and ``COLUMNS`` does not say otherwise."""

_SIZES = ("KiB", "MiB", "GiB", "TiB")

_THEME = Theme(
    {
        "title": "bold",
        "note": "dim",
        "name": "cyan",
        "kind": "green",
        "good": "green",
        "bad": "red",
        "warning": "yellow",
        "head": "dim",
        "bar.complete": "cyan",
        "bar.finished": "cyan",
        "bar.pulse": "cyan",
        "progress.percentage": "default",
        "status.spinner": "cyan",
    }
)

_ESCAPES: Mapping[int, str] = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))},
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    # Marks that reorder what is shown: a name must not be able to pose as another one.
    **{code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}


class Terminal(Console):
    """A Rich console for the two readers of a command: a person at a terminal, and a pipe."""

    def show(self, *renderables: RenderableType) -> None:
        """Write each on lines of its own; a pipe gets no spaces at the ends of lines."""
        if self.is_terminal:
            self.print(*renderables, sep="\n")
            return
        with self.capture() as captured:
            self.print(*renderables, sep="\n")
        self.file.write("\n".join(line.rstrip(" ") for line in captured.get().split("\n")))

    def on_broken_pipe(self) -> None:
        """Raise what Rich would swallow, for ``guarded`` to see."""
        raise BrokenPipeError


def terminal(file: TextIO | None = None, *, quiet: bool = False) -> Terminal:
    """The console to write to.

    Args:
        file: Where to; standard output when None.
        quiet: Write nothing at all.
    """
    stream = file or sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Terminal(
        file=stream, theme=_THEME, width=width, quiet=quiet, highlight=False, markup=False, emoji=False
    )


def printable(text: str) -> str:
    """``text`` with control codes and lone surrogates written out, so that none reaches a terminal."""
    return text.translate(_ESCAPES).encode("utf-8", "backslashreplace").decode("utf-8")


def new_table(*columns: str, right: Iterable[str] = (), wrap: Iterable[str] = ()) -> Table:
    """An empty table in the house's look.

    Args:
        *columns: The headings.
        right: The headings of columns that are set to the right.
        wrap: The headings of columns that give way when the terminal is narrow; the others do not
            break in the middle of a word.
    """
    to_right, to_wrap = set(right), set(wrap)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="head", border_style="dim")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in to_right else "left"
        keep = bool(to_wrap) and column not in to_wrap
        table.add_column(column, justify=justify, overflow="fold", no_wrap=keep)
    return table


def key_values(pairs: Iterable[tuple[str, RenderableType]], *, name_style: str = "note") -> Table:
    """Pairs of a name and something to say about it, without a frame."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=name_style)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(name, value)
    return grid


def highlighted(code: str, language: Literal["python", "sql"], indent: int = 2) -> Padding:
    """``code`` in colour, indented, wrapped at words."""
    from rich.syntax import Syntax

    from noormme.cli.colours import CALM

    syntax = Syntax("", language, theme=CALM, background_color="default")
    text = syntax.highlight(printable_lines(code))
    text.rstrip()
    text.no_wrap, text.overflow = False, "fold"
    return Padding(text, (0, 0, 0, indent), expand=False)


def printable_lines(text: str) -> str:
    """``printable`` for text of several lines."""
    return "\n".join(printable(line) for line in text.splitlines())


def duration(seconds: float) -> str:
    """A time in the unit that reads best: ``"4.3 µs"``, ``"12 ms"``, ``"1.5 s"``."""
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        value = seconds * factor
        if value < 999.5:
            return f"{value:.3g} {unit}"
    return f"{seconds:.3g} s"


def size(count_bytes: int) -> str:
    """A size in the unit that reads best: ``"912 bytes"``, ``"8.9 MiB"``."""
    if count_bytes < 1024:
        return plural(count_bytes, "byte")
    power = min((count_bytes.bit_length() - 1) // 10, len(_SIZES))
    return f"{count_bytes / 1024**power:.1f} {_SIZES[power - 1]}"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``"1 row"``, ``"2,000 rows"``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
