"""A Markdown page as the fenced blocks that it holds.

Invariant: every fence of a page is a ``Block``, in order, with the line at which it stands; what
is between the fences is not looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = "```"


class Block(NamedTuple):
    """One fenced block.

    Attributes:
        language: The word after the opening fence, or ``""``.
        text: The lines between the fences.
        line: The line of the first of them, from 1.
    """

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    found: list[Block] = []
    opened: int | None = None
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.startswith(FENCE):
            continue
        if opened is None:
            opened = number
        else:
            language = lines[opened - 1].removeprefix(FENCE).strip()
            text = "".join(f"{inner}\n" for inner in lines[opened : number - 1])
            found.append(Block(language, text, opened + 1))
            opened = None
    assert opened is None, f"{page.name}:{opened}: a fence that is not closed"
    return found
