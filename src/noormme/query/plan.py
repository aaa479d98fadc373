"""A compiled query: SQL text, where its parameters come from, what its columns are, and what it cost.

Invariant: the data of a plan never changes after it was compiled; only its statistics do. Running a
plan needs no SQLAlchemy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, cast

import msgspec

from noormme.schema.model import Kind

__all__ = ["AS_IT_COMES", "Bind", "Inline", "Output", "Plan", "PlanStatistics", "RowGroup"]

Encode = Callable[[object], object]
Decode = Callable[[object], object]


class Inline(msgspec.Struct, frozen=True):
    """A decoder written as an expression, which saves generated code a call for each value.

    Attributes:
        template: Python source with ``{v}`` for the value's name and ``{f}`` for the function's.
        function: What ``{f}`` stands for.
    """

    template: str
    function: object


_POSITION = re.compile(r"\bv\[(\d+)\]")
"""The value of a slot, in source."""

AS_IT_COMES = Inline("{v}", None)
"""The decoder of values that the driver has decoded, where the tolerant way has more to do."""


class Bind(msgspec.Struct, frozen=True):
    """Where one parameter of the SQL comes from.

    Attributes:
        slot: Index into the values tuple.
        encode: Turns the Python value into what the driver binds; None to pass it on.
        native: The type whose values ``encode`` would pass on unchanged, so it need not be called. (NaN is
            the one float that it is called for: databases take it for NULL.)
        nullable: Whether the value can be None, which is passed on; ``encode`` never sees it.
    """

    slot: int
    encode: Encode | None = None
    native: type | None = None
    nullable: bool = False


class Output(msgspec.Struct, frozen=True):
    """One column of the result.

    Attributes:
        name: The field, or the annotation's name.
        kind: How the stored value is decoded.
        table: Exact name of the table it comes from, or ``""`` for an expression.
        column: Exact name of the column, or ``""``.
        nullable: Whether it can be NULL.
    """

    name: str
    kind: Kind
    table: str = ""
    column: str = ""
    nullable: bool = True


class RowGroup(msgspec.Struct, frozen=True):
    """Consecutive columns that make one object (``select_related`` gives several groups).

    Attributes:
        table: Exact name of the table.
        outputs: The columns, in the order of the model's fields; None for a deferred field.
        parent: Index of the group that this one hangs on; None for the first.
        relation: Name of the relation on the parent's model.
        key: Positions of the key columns in the row; a row without this object has NULL there.
        inverse: Name of the relation on this model that leads back to the parent, where it is to one row.
    """

    table: str
    outputs: tuple[Output | None, ...]
    parent: int | None = None
    relation: str = ""
    key: tuple[int, ...] = ()
    inverse: str = ""


class PlanStatistics:
    """What a plan has cost so far in this process.

    Attributes:
        calls: How often it ran.
        rows: How many rows it gave in all.
        total_s: Seconds in all, decoding included.
        slowest_s: Seconds of the slowest call.
        callers: Where in the user's code it ran from, as ``file:line``, sampled at calls 1, 2, 4, 8, …
    """

    __slots__ = ("callers", "calls", "rows", "slowest_s", "total_s")

    def __init__(self) -> None:
        self.calls = 0
        self.rows = 0
        self.total_s = 0.0
        self.slowest_s = 0.0
        self.callers: dict[str, int] = {}

    def add(self, elapsed_s: float, rows: int) -> None:
        """Note one call.

        Args:
            elapsed_s: How long it took, in seconds.
            rows: How many rows it gave or changed.
        """
        self.calls += 1
        self.rows += rows
        self.total_s += elapsed_s
        if elapsed_s > self.slowest_s:
            self.slowest_s = elapsed_s


class Plan:
    """One compiled query.

    Attributes:
        sql: The SQL text in the dialect's own form.
        binds: One for each parameter of the SQL, in order.
        outputs: The columns of the result, in order.
        groups: For rows that become objects: which columns make which object.
        trailing: How many columns at the end are there for the database's sake only.
        order: For each column of a row, its place among the outputs, where that is another; those that belong
            to no output are numbered behind them.
        keys: Where in a row the sort keys stand that a cursor is made of.
        leading: How many columns stand before the first group (the link of a many-to-many batch).
        style: What a row becomes.
        reads: Exact names of the tables it reads.
        slots: How many values it is run with; not all of them need to be bound.
        statistics: What it has cost in this process.
    """

    __slots__ = (
        "bind",
        "binds",
        "groups",
        "keys",
        "leading",
        "order",
        "outputs",
        "reads",
        "slots",
        "sql",
        "statistics",
        "style",
        "trailing",
    )

    def __init__(
        self,
        sql: str,
        binds: tuple[Bind, ...],
        outputs: tuple[Output, ...],
        *,
        groups: tuple[RowGroup, ...] = (),
        leading: int = 0,
        trailing: int = 0,
        order: tuple[int, ...] = (),
        keys: tuple[int, ...] = (),
        style: Literal["model", "dict", "tuple", "flat", "named", "row"] = "tuple",
        reads: tuple[str, ...] = (),
        slots: int = 0,
    ) -> None:
        self.sql = sql
        self.binds = binds
        self.outputs = outputs
        self.groups = groups
        self.leading = leading
        self.trailing = trailing
        self.order = order
        self.keys = keys
        self.style: Literal["model", "dict", "tuple", "flat", "named", "row"] = style
        self.reads = reads
        self.slots = slots
        self.statistics = PlanStatistics()
        self.bind = self._make_bind()

    def parameters(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """The parameters to bind for ``values``, in the order of the SQL.

        Raises:
            InvalidValue: A value cannot be stored in the form its column has.
        """
        return self.bind(values)

    def shown(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """The parameters for people: lists as lists, not in the driver's own form."""
        return tuple(
            values[bind.slot] if isinstance(values[bind.slot], list) else parameter
            for bind, parameter in zip(self.binds, self.parameters(values), strict=True)
        )

    def accepts(self, types: tuple[type, ...]) -> bool:
        """Whether values of these types can be bound as they stand, in their order and unchanged."""
        return len(types) == len(self.binds) and all(
            bind.slot == index
            and (
                bind.encode is None
                or (bind.native is types[index] and bind.native is not float)
                or (bind.nullable and types[index] is type(None))
            )
            for index, bind in enumerate(self.binds)
        )

    def checked_bind(
        self, condition: str, names: Mapping[str, object], types: Sequence[type]
    ) -> Callable[[tuple[object, ...]], tuple[object, ...] | None]:
        """What ``parameters`` does for values that are worth no closer look; None for those that are.

        Args:
            condition: An expression in source that is true of values, called ``v``, that need none. Then they
                are None or of these types. It is made of positions and of ``names`` alone.
            names: What its names stand for.
            types: The types of the values in the first slots; ``object`` where it may be any.
        """
        bound, namespace = self._bound(types)
        # Each value is looked at several times, and a local variable costs less than a place in a tuple.
        unpacked = "".join(f"v{slot}, " for slot in range(self.slots))
        chosen = _POSITION.sub(r"v\1", f"{bound} if {condition} else None")
        source = f"def checked(v):\n    {f'{unpacked}= v' if unpacked else ''}\n    return {chosen}\n"
        namespace |= names
        exec(source, namespace)
        return cast("Callable[[tuple[object, ...]], tuple[object, ...] | None]", namespace["checked"])

    def _make_bind(self) -> Callable[[tuple[object, ...]], tuple[object, ...]]:
        """Generate the function behind ``parameters``."""
        bound, namespace = self._bound(())
        made: Callable[[tuple[object, ...]], tuple[object, ...]] = eval(f"lambda v: {bound}", namespace)
        return made

    def _bound(self, types: Sequence[type]) -> tuple[str, dict[str, object]]:
        """The tuple of the parameters for values called ``v``, in source made of positions, and its names."""
        namespace: dict[str, object] = {}
        parts: list[str] = []
        for index, bind in enumerate(self.binds):
            value = f"v[{bind.slot}]"
            known = types[bind.slot] if bind.slot < len(types) else object
            if bind.encode is None or (bind.nullable and bind.native is known and known is not float):
                parts.append(value)
            else:
                namespace[f"encode_{index}"] = bind.encode
                encoded = f"encode_{index}({value})"
                unchanged: list[str] = []
                if bind.native is not None:
                    namespace[f"native_{index}"] = bind.native
                    same = f" and {value} == {value}" if bind.native is float else ""
                    unchanged.append(f"{value}.__class__ is native_{index}{same}")
                if bind.nullable:
                    unchanged.append(f"{value} is None")
                parts.append(
                    f"({value} if {' or '.join(unchanged)} else {encoded})" if unchanged else encoded
                )
        return f"({', '.join(parts)},)" if parts else "()", namespace
