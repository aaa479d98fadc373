"""Functions of text.

Invariant: they count characters, not bytes, in all scripts and from 1, and give NULL for NULL; only
``Concat`` takes NULL for an empty text. A text given to them names a field: ``Value("…")`` is the text
itself.
"""

from __future__ import annotations

from noormme.query.expressions.base import Expression
from noormme.query.expressions.fields import Value
from noormme.query.expressions.func import Func
from noormme.query.functions.checks import whole_number

__all__ = [
    "Chr",
    "Concat",
    "LPad",
    "LTrim",
    "Left",
    "Length",
    "Lower",
    "Ord",
    "RPad",
    "RTrim",
    "Repeat",
    "Replace",
    "Reverse",
    "Right",
    "StrIndex",
    "Substr",
    "Trim",
    "Upper",
]


class Chr(Func):
    """The character of a Unicode code point.

    Args:
        expression: The number.

    Example:
        ``Chr(65)`` is ``"A"``.
    """

    __slots__ = ()
    function = "chr"
    arity = 1


class Concat(Func):
    """Texts put together; a NULL among them is an empty text.

    Args:
        *expressions: Two or more fields by name, or expressions.

    Example:
        ``Concat("first_name", Value(" "), "last_name")``.
    """

    __slots__ = ()
    function = "concat"
    arity = (2, None)


class Left(Func):
    """The first characters of a text.

    Args:
        expression: The text.
        length: How many, from 1.

    Raises:
        UsageError: The length is less than 1.

    Example:
        ``Left("name", 1)`` is the initial.
    """

    __slots__ = ()
    function = "left"
    arity = 2

    def __init__(self, expression: Expression | str, length: Expression | str | int) -> None:
        super().__init__(expression, whole_number(self, "length", length, least=1))


class Right(Func):
    """The last characters of a text.

    Args:
        expression: The text.
        length: How many, from 1.

    Raises:
        UsageError: The length is less than 1.

    Example:
        ``Right("phone", 4)``.
    """

    __slots__ = ()
    function = "right"
    arity = 2

    def __init__(self, expression: Expression | str, length: Expression | str | int) -> None:
        super().__init__(expression, whole_number(self, "length", length, least=1))


class Length(Func):
    """How many characters a text has; of bytes, how many bytes.

    Args:
        expression: The text.

    Example:
        ``Length("title")``.
    """

    __slots__ = ()
    function = "length"
    arity = 1


class Lower(Func):
    """A text in lower case, in all scripts, letter by letter.

    Args:
        expression: The text.

    Example:
        ``filter(Lower("name") …)`` or ``annotate(folded=Lower("name"))``.
    """

    __slots__ = ()
    function = "lower"
    arity = 1


class Upper(Func):
    """A text in upper case, in all scripts, letter by letter.

    Args:
        expression: The text.

    Example:
        ``annotate(shouted=Upper("name"))``.
    """

    __slots__ = ()
    function = "upper"
    arity = 1


class _Pad(Func):
    __slots__ = ()
    arity = 3

    def __init__(
        self,
        expression: Expression | str,
        length: Expression | str | int,
        fill_text: Expression | str = Value(" "),  # noqa: B008 - a value never changes
    ) -> None:
        super().__init__(expression, whole_number(self, "length", length, least=0), fill_text)


class LPad(_Pad):
    """A text filled up on the left to a length; a longer one is cut on the right.

    Args:
        expression: The text.
        length: The number of characters of the result.
        fill_text: What it is filled with: the name of a field or an expression; blanks by default.

    Raises:
        UsageError: The length is negative.

    Example:
        ``LPad("code", 8, Value("0"))``.
    """

    __slots__ = ()
    function = "lpad"


class RPad(_Pad):
    """A text filled up on the right to a length; a longer one is cut on the right.

    Args:
        expression: The text.
        length: The number of characters of the result.
        fill_text: What it is filled with: the name of a field or an expression; blanks by default.

    Raises:
        UsageError: The length is negative.

    Example:
        ``RPad("name", 20, Value("."))``.
    """

    __slots__ = ()
    function = "rpad"


class LTrim(Func):
    """A text without blanks at its beginning.

    Args:
        expression: The text.

    Example:
        ``LTrim("name")``.
    """

    __slots__ = ()
    function = "ltrim"
    arity = 1


class RTrim(Func):
    """A text without blanks at its end.

    Args:
        expression: The text.

    Example:
        ``RTrim("name")``.
    """

    __slots__ = ()
    function = "rtrim"
    arity = 1


class Trim(Func):
    """A text without blanks at its beginning and its end.

    Args:
        expression: The text.

    Example:
        ``Trim("name")``.
    """

    __slots__ = ()
    function = "trim"
    arity = 1


class Ord(Func):
    """The Unicode code point of the first character; 0 for an empty text.

    Args:
        expression: The text.

    Example:
        ``Ord(Value("A"))`` is 65.
    """

    __slots__ = ()
    function = "ord"
    arity = 1


class Repeat(Func):
    """A text several times over.

    Args:
        expression: The text.
        number: How many times.

    Raises:
        UsageError: The number is negative.

    Example:
        ``Repeat(Value("*"), "stars")``.
    """

    __slots__ = ()
    function = "repeat"
    arity = 2

    def __init__(self, expression: Expression | str, number: Expression | str | int) -> None:
        super().__init__(expression, whole_number(self, "number", number, least=0))


class Replace(Func):
    """A text with each occurrence of one text replaced by another; upper and lower case differ.

    Args:
        expression: The text.
        text: What is replaced: the name of a field or an expression.
        replacement: What stands there instead; nothing by default.

    Example:
        ``Replace("phone", Value("-"), Value(" "))``.
    """

    __slots__ = ()
    function = "replace"
    arity = 3

    def __init__(
        self,
        expression: Expression | str,
        text: Expression | str,
        replacement: Expression | str = Value(""),  # noqa: B008 - a value never changes
    ) -> None:
        super().__init__(expression, text, replacement)


class Reverse(Func):
    """A text from its last character to its first.

    Args:
        expression: The text.

    Example:
        ``Reverse("name")``.
    """

    __slots__ = ()
    function = "reverse"
    arity = 1


class StrIndex(Func):
    """Where a text first occurs in another, from 1; 0 where it does not.

    Args:
        string: The text that is searched.
        substring: What is searched for: the name of a field or an expression.

    Example:
        ``StrIndex("email", Value("@"))``.
    """

    __slots__ = ()
    function = "strindex"
    arity = 2

    def __init__(self, string: Expression | str, substring: Expression | str) -> None:
        super().__init__(string, substring)


class Substr(Func):
    """A part of a text.

    Args:
        expression: The text.
        pos: The position of its first character, from 1.
        length: How many characters; all that follow by default.

    Raises:
        UsageError: The position is less than 1, or the length is negative.

    Example:
        ``Substr("isbn", 5, 3)``.
    """

    __slots__ = ()
    function = "substr"
    arity = (2, 3)

    def __init__(
        self,
        expression: Expression | str,
        pos: Expression | str | int,
        length: Expression | str | int | None = None,
    ) -> None:
        arguments = [expression, whole_number(self, "position", pos, least=1)]
        if length is not None:
            arguments.append(whole_number(self, "length", length, least=0))
        super().__init__(*arguments)
