"""What the database says against a statement, as a problem with a place.

Invariant: the place is the one that the database tells, else where the name stands that it does not know,
else the beginning of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp

from noormme.codegen.sql.model import Problem, Statement
from noormme.codegen.sql.places import Placed
from noormme.codegen.sql.scan import scan
from noormme.codegen.sql.scopes import Scopes
from noormme.errors import FieldNotFound, NoormmeError, TableNotFound, did_you_mean
from noormme.schema.model import Schema

__all__ = ["problem_of"]

_QUOTED = re.compile(r"'([^']+)'")
_NO_COLUMN_OF = re.compile(r"table (?P<table>.+) has no column named (?P<column>.+)\Z", re.DOTALL)
_UNTOLD = re.compile(r"could not determine data type of parameter \$(\d+)")
_NEAR = re.compile(r"near ['\"](.{1,80}?)['\"]?(?: at line \d+)?['\"]?\Z", re.DOTALL)


def problem_of(
    error: NoormmeError,
    statement: Statement,
    placed: Placed,
    schema: Schema,
    dialect: str,
    root: exp.Expr | None,
) -> Problem:
    """The problem that an error is.

    Args:
        error: What preparing the statement raised.
        statement: The statement.
        placed: The same, as it was sent.
        schema: The schema, to suggest names from.
        dialect: The name of the dialect.
        root: The statement as a tree, where it could be read.
    """
    error = _plainer(error)
    message, hint = error.message, error.hint
    named = _QUOTED.search(message) if isinstance(error, (FieldNotFound, TableNotFound)) else None
    name = named[1] if named else ""
    offset = _told(error, placed)
    if name:
        found = _name_at(placed.sql, name, dialect)
        if found is not None and (offset is None or not _starts_with(placed.sql, offset, name)):
            offset = found
        elif offset is not None and placed.sql[offset:].lower().startswith(name.lower()):
            # The last part of it is what is not known.
            offset += name.rfind(".") + 1
    if isinstance(error, FieldNotFound) and name:
        message, hint = _no_column(name, schema, dialect, root, hint)
    elif untold := _UNTOLD.search(message):
        at = int(untold[1]) - 1
        offset = placed.place_of(at)
        name = (placed.names[at] if at < len(placed.names) else None) or f"${at + 1}"
        message, hint = f"PostgreSQL cannot tell the type of '{name}'", f"write it, such as ':{name}::text'"
    elif hint and "db.refresh()" in hint:
        # It has just been discovered.
        hint = None
    return statement.problem(placed.in_file(offset or 0), message, hint)


def _plainer(error: NoormmeError) -> NoormmeError:
    """The same error; of a column that an INSERT names, SQLite tells in words of its own."""
    found = _NO_COLUMN_OF.search(error.message)
    if found is None:
        return error
    plainer = FieldNotFound(f"no column '{found['column']}' in '{found['table']}'")
    plainer.__cause__ = error.__cause__
    return plainer


def _told(error: NoormmeError, placed: Placed) -> int | None:
    """Where the database says that it is, in characters."""
    cause = error.__cause__
    in_bytes = getattr(cause, "error_offset", None)
    if isinstance(in_bytes, int) and in_bytes >= 0:
        return len(placed.sql.encode()[:in_bytes].decode(errors="ignore"))
    position = getattr(getattr(cause, "diag", None), "statement_position", None)
    if isinstance(position, str) and position.isdigit():
        return placed.offset_in_numbered(int(position) - 1)
    near = _NEAR.search(str(cause.args[1])) if cause is not None and len(cause.args) > 1 else None
    if near is not None:
        at = placed.sql.find(near[1].split("%s")[0].split("?")[0].strip())
        return at if at > 0 else None
    return None


def _starts_with(sql: str, offset: int, name: str) -> bool:
    last = name.rpartition(".")[2].lower()
    rest = sql[offset:].lower()
    return rest.startswith((name.lower(), last, f'"{last}', f"`{last}", f"[{last}"))


def _name_at(sql: str, name: str, dialect: str) -> int | None:
    """Where a name stands first that is no string and in no comment."""
    wanted = name.lower().split(".")
    tokens = [token for token in scan(sql, dialect) if token.is_sql]
    texts = [token.text.strip('"`[]').lower() for token in tokens]
    for size in range(len(wanted), 0, -1):
        parts = [part for each in wanted[-size:] for part in (each, ".")][:-1]
        for at in range(len(texts) - len(parts) + 1):
            if texts[at : at + len(parts)] == parts and not tokens[at].text.startswith("'"):
                # The last part of it is what is not known.
                return tokens[at + len(parts) - 1].start
    return None


def _no_column(
    name: str, schema: Schema, dialect: str, root: exp.Expr | None, hint: str | None
) -> tuple[str, str | None]:
    """The message that names the tables in which the column was looked for."""
    qualifier, _, last = name.rpartition(".")
    tables = [] if root is None else list(_tables(root, qualifier, last, Scopes(root, schema, dialect)))
    if not tables:
        return f"no column '{name}' in the statement", hint
    where = " or ".join([", ".join(tables[:-1]), tables[-1]] if len(tables) > 1 else tables)
    columns = [each.name for table in schema if table.name in tables for each in table.columns]
    return f"no column '{last}' in {where}", did_you_mean(last, columns)


def _tables(root: exp.Expr, qualifier: str, name: str, scopes: Scopes) -> Iterable[str]:
    found: dict[str, None] = {}
    for node in root.find_all(exp.Column, exp.Identifier):
        if node.name.lower() != name.lower():
            continue
        scope = scopes.around(node)
        for source in scope.sources if scope is not None else ():
            wanted = qualifier.rpartition(".")[2].lower()
            fits = source.name.lower() == wanted if qualifier else not source.apart
            if fits and source.table is not None:
                found[source.table.name] = None
            elif fits:
                return {}
    return found
