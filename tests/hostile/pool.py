"""Hostile texts and names, and the strategies that draw and mix them."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["LOOKUP_NAMES", "NAMES", "TEXTS", "lone_surrogates", "texts"]

TEXTS = [
    "",
    " ",
    "a",
    "A",
    "abc",
    "ABC",
    "aBc def",
    "%",
    "_",
    "%%",
    "a%",
    "%a",
    "a_c",
    "100%",
    "\\",
    "\\%",
    "a\\_c",
    "*",
    "?",
    "[a-c]",
    "[",
    "]",
    "'",
    "''",
    '"',
    '""',
    "`",
    "o'Hara",
    "'; DROP TABLE words; --",
    '"; DROP TABLE words; --',
    "' OR '1'='1",
    "1 OR 1=1",
    "/* comment */",
    "-- comment",
    ";",
    "NULL",
    "null",
    ":v0",
    "?1",
    "$1",
    "@p",
    "%s",
    "%(v0)s",
    "{}",
    "{0}",
    "\0",
    "a\0b",
    "\0a",
    "a\0",
    "A\0B",
    "\n",
    "a\nb",
    "\r\n\t",
    "\x1b[31m",
    "\x7f",
    "é",
    "É",
    "e\u0301",
    "ß",
    "SS",
    "ss",
    "straße",
    "STRASSE",
    "ﬁ",
    "fi",
    "FI",
    "\u212a",  # the sign of Kelvin, which folds to k
    "k",
    "K",
    "\u017f",  # a long s, which folds to s
    "İstanbul",
    "istanbul",
    "\u0131",  # an i without a dot
    "Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "中文",
    "🔥",
    "👩‍👩‍👧",
    "\u202eright to left",
    "\ufeffbom",
    "\uffff",
    "\U0010ffff",
    "0",
    "1",
    "1.0",
    "1e3",
    "0x10",
    "nan",
    "inf",
    "-1",
    "x" * 300,
    "Ж" * 300,
]

NAMES = [
    'a"b',
    '"',
    '""',
    "a'b",
    "a`b",
    "[a]",
    "a]b",
    "%s",
    "%",
    "%%",
    "%(v0)s",
    "%(0)s",
    ":v0",
    ":x",
    "?",
    "?1",
    "$v",
    "@p",
    "{x}",
    "{0}",
    "__[POSTCOMPILE_v0]",
    "x__",
    "a__b",
    "__",
    "_",
    "__class__",
    "contains",
    "in",
    "exact",
    "isnull",
    "year",
    "pk",
    "id_",
    "self",
    "objects",
    "save",
    "to_dict",
    "select",
    "NULL",
    "order by",
    "rowid",
    "oid",
    "value",
    "count",
    "c0",
    "row_number",
    "anon_1",
    "rows",
    "found",
    "",
    " ",
    "line\nbreak",
    "tab\there",
    "--c",
    "/*x",
    "a;b",
    "a.b",
    "a,b",
    "(a)",
    "a\\b",
    "a/b",
    "🔥",
    "é",
    "中文",
    "class",
    "2nd",
    "'; DROP TABLE t; --",
    '"; DROP TABLE t; --',
    "x" * 500,
]
"""Names of tables and columns: SQLite takes any text without NUL."""

LOOKUP_NAMES = ["name__", "__", "id__exact__exact", "id____gt", "pk__pk", "in", "__in", "author____id"]

_any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)

lone_surrogates = st.sampled_from(["\ud800", "a\udfff", "\udc80\ud83d"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A hostile text, a part of one, one in other letters, two of them joined, or any other."""
    text = draw(st.sampled_from(TEXTS) | _any_text)
    change = draw(st.sampled_from(["none", "none", "part", "upper", "lower", "swap", "join"]))
    if change == "part":
        start = draw(st.integers(0, len(text)))
        return text[start : draw(st.integers(start, len(text)))]
    if change == "upper":
        return text.upper()
    if change == "lower":
        return text.lower()
    if change == "swap":
        return text.swapcase()
    return text + draw(st.sampled_from(TEXTS)) if change == "join" else text
