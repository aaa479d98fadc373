"""Inserting one row, and the object that stands for it.

Invariant: after an insert the object holds what the row holds: what was given, in the type that reading the
row would give; what the schema says; and what only the database knows (its key, a default, a generated
column).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from time import perf_counter
from typing import TYPE_CHECKING, cast

import msgspec

from noormme.errors import ForeignKeyViolation, InvalidValue
from noormme.orm.writing.assignments import assignments_to, check_writable
from noormme.orm.writing.filled import filled_in, filled_in_many, unknown_key
from noormme.orm.writing.hooked import created
from noormme.orm.writing.references import explained
from noormme.orm.writing.state import made, new_again, put, remember, settled
from noormme.orm.writing.statement import WriteStatement
from noormme.orm.writing.triggered import can_leave_out, left_out, rewritten_before, row_now, rows_now
from noormme.orm.writing.typed import Typed, learn_forms
from noormme.orm.writing.validation import make_validator
from noormme.query.decode import row_maker
from noormme.schema.defaults import constant_default

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["Inserter", "create", "given_values", "insert_object", "inserter", "unsaved"]


def create(mapper: Mapper, values: dict[str, object]) -> Model:
    """Insert a row, and give the object that stands for it, for names that were not met before.

    Args:
        mapper: The table.
        values: Fields and relations to one row, by name.

    Raises:
        FieldNotFound: A name is unknown.
        IntegrityError: A constraint refused it.
        InvalidValue: A value does not fit its column.
        ReadOnly: The table, or the database, can only be read.
    """
    if mapper.hooks.creating or mapper.saves:
        item = unsaved(mapper, values)
        item.save()
        return item
    names = tuple(values)
    kept = mapper.creators
    found = creator(mapper, names)
    kept.keep(names, found)
    return found(tuple(values.values()))


def unsaved(mapper: Mapper, values: dict[str, object]) -> Model:
    """A new object that has no row yet.

    Args:
        mapper: The table.
        values: Fields and relations to one row, by name.
    """
    assignments = assignments_to(mapper, values)
    given = tuple(values.values())
    item: Model = mapper.model(**dict(zip(assignments.fields, assignments.values(given), strict=True)))
    assignments.relate(item, given)
    return item


def insert_object(mapper: Mapper, item: Model) -> None:
    """Insert a new object; what the database fills in is on it afterwards.

    Args:
        mapper: Its table.
        item: The object.

    Raises:
        IntegrityError: A constraint refused it.
        InvalidValue: A value does not fit its column.
        ReadOnly: The table, or the database, can only be read.
    """
    created(mapper, item, lambda: _insert(mapper, item))


def _insert(mapper: Mapper, item: Model) -> None:
    fields, values = given_values(mapper, item)
    one = inserter(mapper, fields)
    remember(mapper.registry.engine, [item])
    for field, value in zip(mapper.fields, one.row(values), strict=True):
        put(item, field, value)
    settled(item)


def given_values(mapper: Mapper, item: Model) -> tuple[tuple[str, ...], tuple[object, ...]]:
    """The fields of a new object that an INSERT names, and their values."""
    given: dict[str, object] = {}
    for column in mapper.columns:
        value = getattr(item, column.field)
        left_out = value is None and (column.hidden or mapper.numbers_for_none(column))
        if value is not msgspec.UNSET and column.generated is None and not left_out:
            given[column.field] = value
    return tuple(given), tuple(given.values())


def inserter(mapper: Mapper, fields: tuple[str, ...]) -> Inserter:
    """What inserts rows with these fields given; made once for each set of fields."""
    kept = mapper.inserters
    found = kept.get(fields)
    if found is None:
        found = Inserter(mapper, fields)
        kept.keep(fields, found)
    return found


def creator(mapper: Mapper, names: tuple[str, ...]) -> Callable[[tuple[object, ...]], Model]:
    """What inserts a row from values with certain names, and gives its object.

    Args:
        mapper: The table.
        names: What is given.

    Returns:
        A function of the values.
    """
    check_writable(mapper)
    assignments = assignments_to(mapper, names)
    fields = assignments.fields
    one = inserter(mapper, fields)
    numbered = {column.field for column in mapper.columns if mapper.numbers_for_none(column)}
    at = next((at for at, field in enumerate(fields) if field in numbered), None)
    if at is None and not assignments.computed and not assignments.relations:
        return one.new

    def create_row(given: tuple[object, ...]) -> Model:
        values = assignments.values(given)
        if at is not None and values[at] is None:
            # The database numbers the row.
            unnumbered = inserter(mapper, fields[:at] + fields[at + 1 :])
            item = unnumbered.new(values[:at] + values[at + 1 :])
        else:
            item = one.new(values)
        assignments.relate(item, given)
        return item

    return create_row


class Inserter:
    """Inserts rows of a table with certain fields given.

    Args:
        mapper: The table.
        fields: The fields.

    Attributes:
        fields: All that the statement names: the given ones, and those whose default the schema says.
        constants: The values of the latter.
        new: Inserts a row of values of the given fields, and gives its object.
        checked_bind: Gives the parameters for values that fit and are valid; None for others.
        returned: The fields that only the database knows.
        typed: Gives values the types that reading them would give; None where there is nothing to change.
        validate: Checks values before the database does; None where there is nothing to check.
        statement: The statement.
    """

    __slots__ = (
        "_bind",
        "_can_leave_out",
        "_engine",
        "_in_order",
        "_key",
        "_make",
        "_mapper",
        "_model",
        "_plan",
        "_reads",
        "_rewritten",
        "_row",
        "_together",
        "_unfilled",
        "_write",
        "checked_bind",
        "constants",
        "fields",
        "new",
        "returned",
        "statement",
        "typed",
        "validate",
    )

    def __init__(self, mapper: Mapper, fields: tuple[str, ...]) -> None:
        check_writable(mapper)
        table = mapper.table
        constants: dict[str, object] = {}
        returned: list[str] = []
        sources: dict[str, str] = {}
        by_trigger = rewritten_before(table, "INSERT")
        for column in mapper.columns:
            field = column.field
            if field in fields:
                sources[field] = f"v[{fields.index(field)}]"
            elif mapper.numbers(column):
                sources[field] = "k"
            elif field in mapper.key_fields and column.default is None and by_trigger:
                # A trigger may make the key.
                sources[field] = f"r[{len(returned)}]"
                returned.append(field)
            elif column.generated is None and (column.default is None or column.hidden):
                sources[field] = "None"
            else:
                constant = msgspec.UNSET if column.generated else constant_default(column)
                if constant is msgspec.UNSET:
                    sources[field] = f"r[{len(returned)}]"
                    returned.append(field)
                else:
                    sources[field] = f"v[{len(fields) + len(constants)}]"
                    constants[field] = constant
        unsaved: Model = mapper.model()
        self._unfilled = {
            column.field: getattr(unsaved, column.field)
            for column in mapper.columns
            if column.field in returned or (column.field not in fields and mapper.numbers(column))
        }
        self._mapper = mapper
        self._engine = mapper.registry.engine
        self._can_leave_out = can_leave_out(table)
        self._rewritten = "INSERT" in mapper.rewritten_after
        features = self._engine.dialect.features
        self._reads = bool(returned) and not features.returns_inserted
        # Of many rows a database tells the first number only, and a trigger may give each another one.
        self._together = features.round_trips and not (by_trigger and features.tells_numbers)
        if returned and features.returns_inserted and features.tells_numbers:
            # A statement that gives rows back tells nothing else.
            for field in [field for field, source in sources.items() if source == "k"]:
                sources[field] = f"r[{len(returned)}]"
                returned.append(field)
        unknown = [field for field in mapper.key_fields if field in returned]
        if self._reads and unknown:
            raise unknown_key(mapper, unknown)
        self.fields = (*fields, *constants)
        self.constants = tuple(constants.values())
        learn_forms(mapper, self.fields)
        self.typed = Typed(mapper, self.fields)
        self.validate = make_validator(table, self.fields) if mapper.registry.settings.validate else None
        self.returned = tuple(returned)
        self._plan = mapper.row_plans.insert(self.fields, () if self._reads else self.returned)
        self.checked_bind = self.typed.checked_bind(self._plan, self.validate)
        numbers = "k" in sources.values()
        self.statement = WriteStatement(self._plan, self._engine, counts=self._can_leave_out, numbers=numbers)
        self._bind, self._write = self._plan.bind, self.statement.run
        arguments = ", ".join(sources.values())
        self._in_order = list(sources.values()) == ["k", *(f"v[{at}]" for at in range(len(self.fields)))]
        key = "".join(f"{sources[field]}, " for field in mapper.key_fields)
        self._model = row_maker(mapper.model)
        names = {"M": self._model}
        self._make: Callable[..., Model] = eval(f"lambda v, k, r: M({arguments})", names)
        self._row: Callable[..., tuple[object, ...]] = eval(f"lambda v, k, r: ({arguments},)")
        self._key: Callable[..., tuple[object, ...]] = eval(f"lambda v, k: ({key})")
        self.new = self._new_and_read if self._rewritten or self._reads else self._new()

    def _new(self) -> Callable[[tuple[object, ...]], Model]:
        """What inserts a row of values of the given fields and gives its object, at little cost."""
        constants, checked_bind, bind = self.constants, self.checked_bind, self._bind
        run, make, unmake = self._write, self._make, self.unmake
        # Most objects hold their number and then what was given: that needs no function in between.
        model = self._model if self._in_order else None
        statistics, decoded, can_leave_out = (
            self._plan.statistics,
            self.statement.decoded,
            self._can_leave_out,
        )

        def new(given: tuple[object, ...]) -> Model:
            values = given + constants if constants else given
            started = perf_counter()
            try:
                parameters = checked_bind(values)
                if parameters is None:
                    values = self.checked(given)
                    parameters = bind(values)
                rows, count, key, scope = run(parameters)
            except InvalidValue as error:
                raise self.typed.named(error, [values]) from error.__cause__
            except ForeignKeyViolation as error:
                raise self._explained(error, values) from error.__cause__
            if can_leave_out and not count:
                raise left_out(self._mapper.table)
            elapsed = perf_counter() - started
            statistics.calls += 1
            statistics.rows += 1
            statistics.total_s += elapsed
            if elapsed > statistics.slowest_s:
                statistics.slowest_s = elapsed
            if model is not None:
                item: Model = model(key, *values)
            else:
                item = make(values, key, decoded(rows)[0] if rows else ())
            if scope is not None:
                scope.made[unmake].append(item)
            return item

        return new

    def _new_and_read(self, values: tuple[object, ...]) -> Model:
        """What inserts a row of which something must be read afterwards."""
        item = cast("Model", self._model(*self.row_of(self.checked(values))))
        made(self._engine, item, self.unmake)
        return item

    def unmake(self, items: list[Model]) -> None:
        """Make objects new again whose rows were inserted here and rolled back.

        Args:
            items: The objects.
        """
        for item in items:
            new_again(item, self.fields, self._unfilled)

    def row(self, values: tuple[object, ...]) -> Sequence[object]:
        """Insert a row and give what all of its fields hold.

        Args:
            values: The values of the given fields.
        """
        return self.row_of(self.checked(values))

    def row_of(self, checked: tuple[object, ...]) -> Sequence[object]:
        """Insert a row whose values were checked, and give what all of its fields hold.

        Args:
            checked: What ``checked`` gave.
        """
        row: Sequence[object] = self._row(checked, *self._run(checked))
        return row_now(self._mapper, row) if self._rewritten else row

    def rows_of(self, every: Sequence[tuple[object, ...]]) -> list[Sequence[object]]:
        """Insert rows whose values were checked, and give what all of their fields hold.

        Args:
            every: What ``checked`` gave, of each row.
        """
        if not self._together or len(every) == 1:
            return [self.row_of(values) for values in every]
        numbers, filled = self.inserted(every)
        made: list[Sequence[object]] = list(map(self._row, every, numbers, filled))
        return rows_now(self._mapper, made) if self._rewritten else made

    def inserted(
        self, every: Sequence[tuple[object, ...]], parameters: Sequence[tuple[object, ...]] | None = None
    ) -> tuple[list[int], list[tuple[object, ...]]]:
        """Insert rows whose values were checked, many in a round trip.

        Args:
            every: What ``checked`` gave, of each row.
            parameters: The parameters for them, where they are known.

        Returns:
            The numbers that the rows got, where the database told them, and the values of ``returned``.
        """
        started = perf_counter()
        try:
            if parameters is None:
                parameters = list(map(self._bind, every))
            with self._engine.writing() as writer:
                done = writer.run_each(self._plan.sql, parameters)
        except InvalidValue as error:
            raise self.typed.named(error, every) from error.__cause__
        if not all(map(itemgetter(1), done)):
            raise left_out(self._mapper.table)
        self._plan.statistics.add(perf_counter() - started, len(done))
        numbers: list[int] = list(map(itemgetter(2), done))
        if not self.returned:
            return numbers, [()] * len(done)
        if self._reads:
            keys = list(map(self._key, every, numbers))
            return numbers, filled_in_many(self._mapper, self.returned, keys)
        return numbers, self.statement.decoded([rows[0] for rows, _, _ in done])

    def _run(self, values: tuple[object, ...]) -> tuple[int, Sequence[object]]:
        """Insert a row; gives its row id, and what the database filled in."""
        started = perf_counter()
        try:
            rows, count, key, _ = self._write(self._bind(values))
        except InvalidValue as error:
            raise self.typed.named(error, [values]) from error.__cause__
        except ForeignKeyViolation as error:
            raise self._explained(error, values) from error.__cause__
        if not count and self._can_leave_out:
            raise left_out(self._mapper.table)
        self._plan.statistics.add(perf_counter() - started, 1)
        if self._reads:
            return key, filled_in(self._mapper, self.returned, self._key(values, key))
        return key, self.statement.decoded(rows)[0] if rows else ()

    def _explained(self, error: ForeignKeyViolation, values: tuple[object, ...]) -> ForeignKeyViolation:
        return explained(self._mapper, error, dict(zip(self.fields, values, strict=True)))

    def checked(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """The values of all fields that the statement names, in the types that reading them would give.

        Args:
            values: The values of the given fields.

        Raises:
            NotNullViolation: A field that must have a value has none.
            CheckViolation: A value is none of those that the schema allows.
            InvalidValue: A value does not fit its column.
        """
        if self.constants:
            values += self.constants
        if not self.typed.fits(values):
            values = self.typed.changed(values)
        if self.validate is not None:
            self.validate(values)
        return values
