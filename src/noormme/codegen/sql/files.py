"""From files to annotated statements.

Invariant: every file is read and every fault in it is a ``Problem`` with a place; nothing is passed over. No
database is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from keyword import iskeyword
from pathlib import Path
from typing import cast

from noormme.codegen.sql.hints import HINT, BadHint, read_hint
from noormme.codegen.sql.model import COMMANDS, Command, Hint, Problem, Source, Statement
from noormme.codegen.sql.scan import Token, scan
from noormme.errors import UsageError, did_you_mean

__all__ = ["find_files", "read_source", "statements_of", "with_other_names"]

_NAME = re.compile(r"--[ \t]*name[ \t]*:(?P<rest>.*)", re.DOTALL)
_COMMAND_LIST = ", ".join(f":{command}" for command in COMMANDS)
_TAKEN = frozenset(
    {"Command", "Database", "Decimal", "Of", "RowQuery", "Struct", "UUID", "ValueQuery", "bool", "bytes"}
    | {"float", "int", "list", "object", "str"}
)
"""What a generated module calls something else by."""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files with statements: those that are named, and ``*.sql`` in the folders that are named.

    Args:
        paths: Files and folders.

    Raises:
        UsageError: There is nothing of that name, or a folder has no such file.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*.sql") if each.is_file())
            if not inside:
                raise UsageError(f"no .sql file in '{path}'", hint="name the folder that has your queries")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(f"no file or folder '{path}'", hint="name the folder that has your queries")
    return list(dict.fromkeys(found))


def read_source(path: Path) -> Source | Problem:
    """The text of a file, or why it has none.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read.
    """
    name = path.as_posix()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return Problem(name, 1, 1, "the file is not UTF-8", "save it as UTF-8")
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))


def statements_of(source: Source, dialect: str) -> tuple[list[Statement], list[Problem]]:
    """The statements of a file.

    Args:
        source: The file.
        dialect: The dialect whose rules hold for quotes and comments.

    Returns:
        The statements, and what is wrong with the others.
    """
    tokens = list(scan(source.text, dialect))
    names = [at for at, token in enumerate(tokens) if token.kind == "line" and _NAME.match(token.text)]
    problems: list[Problem] = []
    found: list[Statement] = []
    first = next((token for token in tokens if token.is_sql), None)
    if first is None and not names:
        hint = "write '-- name: get_user :one' above a statement"
        return [], [source.problem(0, "no query in this file", hint)]
    if first is not None and (not names or first.start < tokens[names[0]].start):
        hint = "write '-- name: get_user :one' above it"
        problems.append(source.problem(first.start, "a statement without a name", hint))
    above = [_first_above(tokens, at) for at in names]
    for at, start, stop in zip(names, above, [*above[1:], len(tokens)][: len(above)], strict=True):
        made = _statement(source, tokens[start:at], tokens[at], tokens[at + 1 : stop], problems)
        if made is not None:
            found.append(made)
    return found, problems


def _first_above(tokens: Sequence[Token], at: int) -> int:
    """Where the comments begin that stand right above a name."""
    first = at
    while first >= 2:
        blank, comment = tokens[first - 1], tokens[first - 2]
        before = tokens[first - 3] if first >= 3 else None
        alone = before is None or (before.kind == "blank" and "\n" in before.text)
        if comment.kind != "line" or blank.text.count("\n") != 1 or not alone:
            break
        first -= 2
    return first


def _statement(
    source: Source, above: Sequence[Token], title: Token, body: Sequence[Token], problems: list[Problem]
) -> Statement | None:
    read = _title(source, title, problems)
    sql = [token for token in body if token.is_sql]
    if not sql or sql[0].kind == "end":
        hint = "write one, or remove it"
        problems.append(source.problem(title.start, "no statement under this name", hint))
        return None
    if sql[0].text.upper() == "CREATE":
        # What it makes may hold statements of its own.
        while sql[-1].kind == "end":
            sql.pop()
    ends = [at for at, token in enumerate(sql) if token.kind == "end"]
    if ends and sql[0].text.upper() != "CREATE":
        rest = [token for token in sql[ends[0] :] if token.kind != "end"]
        if rest:
            what = "two statements under one name" if read else "a statement without a name"
            hint = "give the second a name of its own: '-- name: … :many' above it"
            problems.append(source.problem(rest[0].start, what, hint))
        sql = sql[: ends[0]]
    lines, hints = _comments(source, [*above, *body], sql[0].start, problems)
    if read is None:
        return None
    name, command, name_offset = read
    start, stop = sql[0].start, sql[-1].stop
    return Statement(
        source,
        name,
        command,
        source.text[start:stop],
        start,
        name_offset,
        tuple(lines),
        tuple(hint for what, hint in hints if what == "param"),
        tuple(hint for what, hint in hints if what == "column"),
    )


def _title(source: Source, title: Token, problems: list[Problem]) -> tuple[str, Command, int] | None:
    matched = _NAME.match(title.text)
    assert matched is not None, "it was found by this"
    words = matched["rest"].split()
    if not words or words[0].startswith(":"):
        problems.append(source.problem(title.start, "'name:' says no name", "write '-- name: get_user :one'"))
        return None
    name = words[0]
    offset = source.text.index(name, title.start + matched.start("rest"))
    if not name.isidentifier() or not name.isascii() or iskeyword(name) or name.startswith("_"):
        why, hint = f"'{name}' cannot be the name of a function", "write letters, digits and '_'"
    elif name in _TAKEN:
        why, hint = f"'{name}' means something else in a Python module", "give it another name"
    elif len(words) == 1:
        why, hint = f"'{name}' does not say what it gives", f"write one of {_COMMAND_LIST} behind it"
    elif len(words) > 2 or not words[1].startswith(":") or words[1][1:] not in COMMANDS:
        said = " ".join(words[1:])
        hint = did_you_mean(words[1].lstrip(":"), list(COMMANDS)) or f"write one of {_COMMAND_LIST}"
        offset = source.text.index(words[1], offset + len(name))
        why = f"'{said}' says nothing of what '{name}' gives"
    else:
        return name, cast("Command", words[1][1:]), offset
    problems.append(source.problem(offset, why, hint))
    return None


def _comments(
    source: Source, tokens: Iterable[Token], first: int, problems: list[Problem]
) -> tuple[list[str], list[tuple[str, Hint]]]:
    """What the comments around a statement say: lines of documentation, and hints."""
    lines: list[str] = []
    hints: list[tuple[str, Hint]] = []
    for token in tokens:
        if token.kind == "line" and (matched := HINT.match(token.text)):
            try:
                hints.append((matched["what"], read_hint(matched["what"], matched["rest"], token.start)))
            except BadHint as error:
                problems.append(source.problem(token.start, str(error), error.hint))
        elif token.start > first:
            continue
        elif token.kind == "line":
            lines.append(token.text.lstrip("-#").strip())
        elif token.kind == "block":
            inner = token.text.removeprefix("/*").removesuffix("*/")
            lines += [line.strip().lstrip("*").strip() for line in inner.strip().split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines, hints


def with_other_names(statements: Iterable[Statement]) -> Iterator[Problem]:
    """Problems with names that stand twice, or that another function needs.

    Args:
        statements: All statements that become one module.
    """
    seen: dict[str, Statement] = {}
    every = list(statements)
    for each in every:
        first = seen.setdefault(each.name, each)
        if first is not each:
            where = first.source.problem(first.name_offset, "")
            yield each.source.problem(
                each.name_offset,
                f"the name '{each.name}' is taken by {where.file}:{where.line}",
                "give one of them another name",
            )
    for each in every:
        if each.name.startswith("a") and each.name[1:] in seen:
            yield each.source.problem(
                each.name_offset,
                f"'{each.name}' is what the awaited form of '{each.name[1:]}' is called",
                "give it another name",
            )
