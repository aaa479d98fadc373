"""What a query in tables selects.

Invariant: a column has the name that was written for it, without its table.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec

from noormme.errors import UsageError
from noormme.query.builder.base import Aliased, Base, label
from noormme.query.builder.build import Assembler
from noormme.query.builder.expressions import Expression, Labelled, Ref
from noormme.query.builder.names import is_column, split_alias
from noormme.query.builder.nodes import Arithmetic, Call, Case, Col, Output, Scalar, Star
from noormme.query.builder.nodes import Expression as Node

__all__ = ["Selecting"]


class Selecting(Base):
    """The select list of a query."""

    __slots__ = ()

    def select(self, *columns: str | Expression | Labelled | Aliased, **named: Any) -> Self:
        """Add columns to the result.

        Args:
            *columns: Names (``"name"``, ``"users.name"``, ``"users.name as author"``, ``"users.*"``) and
                expressions (``fn.count()``, ``ref("price") * 2``), with ``.as_("name")`` to name them.
            **named: Expressions, names or sub-selects by the name that they have in the result.

        Raises:
            FieldNotFound: There is no such column. A table that is not joined yet is looked for when the
                query runs.
        """
        select = self._plain("select")
        assembler = self._assembler()
        outputs = [output for column in columns for output in self._outputs(column, assembler)]
        for name, column in named.items():
            node = assembler.named(column.query if isinstance(column, Aliased) else column)
            outputs.append(Output(node, name, True))
        if not outputs:
            raise UsageError("select() needs a column", hint="name one, or call select_all()")
        return self._with(
            msgspec.structs.replace(select, outputs=(*select.outputs, *outputs)), assembler.values
        )

    def select_all(self, source: str | None = None) -> Self:
        """Add all columns of one table of the query, or of each (which is also what no ``select`` gives).

        Args:
            source: The table's name in this query; None for every table.
        """
        select = self._plain("select_all")
        if source is not None:
            source = self._alias(source)
        return self._with(
            msgspec.structs.replace(select, outputs=(*select.outputs, Output(Star(source)))), self.values
        )

    def distinct(self) -> Self:
        """Give equal rows once."""
        return self._with(msgspec.structs.replace(self._plain("distinct"), distinct=True), self.values)

    def _outputs(self, column: object, assembler: Assembler) -> list[Output]:
        if isinstance(column, Aliased):
            return [Output(Scalar(assembler.query(column.query, columns=1)), label(column.name), True)]
        if isinstance(column, Labelled):
            return [Output(assembler.expression(column.expression), label(column.name), True)]
        if isinstance(column, str):
            return [self._named_output(column, assembler)]
        if isinstance(column, Expression):
            node = assembler.expression(column)
            return [Output(node, _default_name(node, column))]
        raise UsageError(
            f"select takes names and expressions, not {type(column).__name__}",
            hint="name a query: query.as_('n')",
        )

    def _named_output(self, text: str, assembler: Assembler) -> Output:
        whole = is_column(self._sources, text)
        if not whole and (text == "*" or text.endswith(".*")):
            return Output(Star(None if text == "*" else self._alias(text[:-2])))
        name, alias = (text, None) if whole else split_alias(text)
        found = assembler.name(name)
        if alias is not None:
            return Output(found, alias, True)
        return Output(found, _last(name, found) if isinstance(found, Col) else name)


def _last(written: str, found: Col) -> str:
    """The column's part of a name that was written with its table."""
    if written == found.name or written.endswith(f".{found.name}"):
        return found.name
    return written.rpartition(".")[2]


def _default_name(node: Node, written: Expression) -> str:
    if isinstance(node, Col):
        return _last(written.name, node) if isinstance(written, Ref) else node.name
    if isinstance(node, Call):
        return node.function
    if isinstance(node, Case):
        return "case"
    return "expression" if isinstance(node, Arithmetic) else "value"
