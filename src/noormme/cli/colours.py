"""The colours of code, apart from ``output`` because Pygments takes a while to load.

Invariant: the terminal's own sixteen colours only, so that they suit whatever background the user has.
"""

from __future__ import annotations

from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token  # type: ignore[import-untyped]
from rich.style import Style
from rich.syntax import ANSISyntaxTheme

__all__ = ["CALM"]

CALM = ANSISyntaxTheme(
    {
        Token: Style(),
        Comment: Style(dim=True),
        Keyword: Style(color="blue"),
        Keyword.Constant: Style(color="cyan"),
        Name.Builtin: Style(),
        Number: Style(color="cyan"),
        Operator.Word: Style(color="blue"),
        String: Style(color="green"),
        # Identifiers in double quotes, which are most of SQL.
        String.Symbol: Style(),
    }
)
