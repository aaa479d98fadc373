"""Functions in a parsed statement, told by their names.

Invariant: a function that the parser has a class for and one that it has none for are told in the same way.
"""

from __future__ import annotations

from sqlglot import exp

from noormme.codegen.sql.functions import AGGREGATES

__all__ = ["arguments_of", "is_aggregate", "name_of"]


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a function makes one value of many rows.

    Args:
        node: The function; anything else makes none.
    """
    if isinstance(node, (exp.Min, exp.Max)) and len(arguments_of(node)) > 1:
        return False
    return isinstance(node, exp.AggFunc) or name_of(node) in AGGREGATES


def name_of(node: object) -> str:
    """The name of a function as SQL has it, in lower case.

    Args:
        node: The function.
    """
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else ""


def arguments_of(node: exp.Expr) -> list[exp.Expr]:
    """The arguments of a function.

    Args:
        node: The function.
    """
    found = node.expressions if isinstance(node, exp.Anonymous) else list(node.iter_expressions())
    if found and isinstance(found[0], exp.Distinct):
        return list(found[0].expressions)
    return list(found)
