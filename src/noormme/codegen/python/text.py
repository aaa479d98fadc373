"""Lines of source text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["ELLIPSIS", "docstring", "indented", "literals", "one_line", "wrapped"]

WIDTH = 110
"""In characters."""

ELLIPSIS = "…"
_LONGEST_COMMENT = 2_000


def one_line(text: str) -> str:
    """A name or a text in one line that can stand in a docstring.

    Args:
        text: The text.
    """
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def docstring(text: str) -> list[str]:
    """A docstring, whatever its text holds.

    Args:
        text: The text, of one line or several.
    """
    kept = text if len(text) <= _LONGEST_COMMENT else text[:_LONGEST_COMMENT] + ELLIPSIS
    lines = [one_line(line).rstrip() for line in kept.strip().splitlines()] or [""]
    # Escaped as a whole, so that no text ends the docstring.
    lines = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    if len(lines) == 1:
        line = lines[0]
        return [f'"""{line[:-1]}\\""""' if line.endswith('"') else f'"""{line}"""']
    return [f'"""{lines[0]}', *lines[1:], '"""']


def indented(lines: Iterable[str], by: int = 1) -> list[str]:
    """Lines further to the right.

    Args:
        lines: The lines.
        by: By how many steps of four blanks.
    """
    return [f"{'    ' * by}{line}" if line else line for line in lines]


def wrapped(before: str, items: Sequence[str], after: str) -> list[str]:
    """Items with commas between them, in as many lines as are needed.

    Args:
        before: What stands before the first item; it ends in a bracket.
        items: The items.
        after: What stands after the last item; it begins with a bracket.
    """
    whole = f"{before}{', '.join(items)}{after}"
    if len(whole) <= WIDTH - 8:
        return [whole]
    lines, line = [before], ""
    for item in items:
        if line and len(line) + len(item) > WIDTH - 16:
            lines.append(f"    {line.rstrip()}")
            line = ""
        line += f"{item}, "
    return [*lines, f"    {line.rstrip()}", after]


def literals(name: str, values: Sequence[str]) -> list[str]:
    """An alias for one of several texts.

    Args:
        name: The name of the alias.
        values: The texts, as literals.
    """
    return wrapped(f"{name}: TypeAlias = Literal[", values, "]")
