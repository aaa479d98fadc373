"""One table and its model class: what the orm knows about both.

Invariant: a mapper never changes after it was made, except that it learns plans, and that the user may
register classes and hooks for its table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from noormme.deferred import deferred
from noormme.errors import FieldNotFound, UsageError
from noormme.orm.first_use import first_use
from noormme.orm.hooks import NO_HOOKS, Hooks
from noormme.orm.kept import Kept
from noormme.orm.link import Link
from noormme.orm.node import Node, NodeTable
from noormme.orm.peers import Peers
from noormme.orm.rows import Rows
from noormme.orm.statement import Statement
from noormme.orm.writing.state import reader
from noormme.orm.writing.triggered import rewritten_after
from noormme.query.build import nested_too_deeply
from noormme.query.decode import row_maker
from noormme.query.lookups import changes
from noormme.query.resolve import key_columns, model_columns
from noormme.schema.defaults import is_row_id
from noormme.schema.model import Column, Relation, Table
from noormme.schema.naming import RESERVED_FIELD_NAMES

if TYPE_CHECKING:
    from noormme.engines.base import Role
    from noormme.orm.model import Model
    from noormme.orm.queryset import QuerySet
    from noormme.orm.raw_statement import RawStatement
    from noormme.orm.registry import Registry
    from noormme.orm.related import RelatedManager
    from noormme.orm.writing import statements
    from noormme.orm.writing.assignments import Assignments
    from noormme.orm.writing.insert import Inserter
    from noormme.orm.writing.save import Updater
    from noormme.orm.writing.statements import RowPlans
    from noormme.query.dialect import Dialect
    from noormme.query.plan import Plan
    from noormme.query.shape import Shape
    from noormme.schema.model import Schema
else:
    statements = deferred("noormme.orm.writing.statements")

__all__ = ["Mapper", "attach", "cache_name"]

attach = msgspec.Struct.__setattr__
"""Sets an attribute on an object without the bookkeeping of ``Model.__setattr__``.

Writing through it (not into ``__dict__``) makes the object known to Python's garbage collector, which two
objects that point at each other need.
"""


def cache_name(relation: str) -> str:
    """Where in an object's ``__dict__`` the rows of a to-many relation are kept once they are loaded.

    No field, annotation or ``to_attr`` begins with two underscores.
    """
    return f"__loaded_{relation}"


def _compiled(
    shape: Shape, mode: Literal["rows", "count", "exists"], schema: Schema, dialect: Dialect
) -> Plan:
    with first_use("query sets"):
        from noormme.query.compile import compile_plan

        dialect.expressions  # noqa: B018  # it is loaded at its first use
    try:
        return compile_plan(shape, mode, schema, dialect)
    except RecursionError:
        raise nested_too_deeply() from None


class Mapper:
    """What belongs to one table.

    Attributes:
        registry: The models of the same database.
        table: The table.
        model: Its model class (set right after construction, as the other classes).
        deferred_model: The class of objects that lack fields.
        fields: All fields of the model, in order.
        column_fields: The fields that are columns (the row id is a field but no column).
        key_fields: The fields of the key; empty for a view.
        computed: The fields that the database computes from others, or sets when a row is changed.
        rewritten_after: After which writes a trigger changes the row that was written.
        plain_fields: The fields that decide about no relation.
        read_key: Reads the fields of the key from an object.
        relations: The relations by attribute name.
        relations_by_field: For a field of a foreign key: the relations that it decides.
        nodes: The plan table.
        raw: The statements of ``raw``, by the SQL and the translations.
        hooks: What happens before and after objects are written.
        saves: Whether its model has a ``save`` of the user's own, by which objects are created.
        own_methods: Whether its model has a ``save``, ``update`` or ``delete`` of the user's own.
        creators: What creates objects from values with certain names; empty where hooks take part in that.
        assignments: What names of values stand for.
        inserters: What inserts rows with certain fields given.
        updaters: What changes certain fields of a row.
        peers: The results that are alive.
        rows_class: The list class of its results.
        queries: The class of its query sets.
        related_manager: The class of the managers of its rows on objects of other tables.
        limit_s: How long each of its statements may run, in seconds; None leaves it to the settings.
        role: Which kind of server its queries run on; None leaves it to the rules.
    """

    def __init__(self, registry: Registry, table: Table) -> None:
        columns = model_columns(table)
        self.registry = registry
        self.table = table
        self.columns = columns
        self.fields = tuple(column.field for column in columns)
        self.column_fields = tuple(column.field for column in table.columns if not column.hidden)
        self.key_fields = tuple(column.field for column in key_columns(table))
        self.computed = frozenset(
            column.field for column in columns if column.generated is not None or column.on_update is not None
        )
        tells_numbers = registry.engine.dialect.features.tells_numbers
        self._numbered = frozenset(
            column.name
            for column in columns
            if column.name == table.rowid
            or is_row_id(table, column)
            or (tells_numbers and column.autoincrement)
        )
        self.read_key = reader(self.key_fields)
        self.rewritten_after = rewritten_after(table)
        self.relations: dict[str, Relation] = registry.schema.relations_of(table.name)
        self.relations_by_field: dict[str, tuple[str, ...]] = {}
        for relation in self.relations.values():
            if relation.forward:
                for name in relation.columns:
                    field = self.field_of(name)
                    self.relations_by_field[field] = (*self.relations_by_field.get(field, ()), relation.name)
        self.plain_fields = frozenset(self.fields) - self.relations_by_field.keys() - self.relations.keys()
        self._links: dict[str, Link] = {}
        self.nodes = NodeTable(table.name)
        self.raw: Kept[tuple[str, tuple[tuple[str, str], ...]], RawStatement] = Kept()
        self.creators: Kept[tuple[str, ...], Callable[[tuple[object, ...]], Model]] = Kept()
        self.assignments: Kept[tuple[str, ...], Assignments] = Kept()
        self.inserters: Kept[tuple[str, ...], Inserter] = Kept()
        self.updaters: Kept[tuple[str, ...], Updater] = Kept()
        self._row_plans: RowPlans | None = None
        self._columns = {column.field: column for column in columns}
        self.peers = Peers()
        self.rows_class: type[Rows] = type(
            "Rows", (Rows,), {"peers": self.peers, "__module__": Rows.__module__}
        )
        self.model: type[Model]
        self.deferred_model: type[Model]
        self.queries: type[QuerySet[Any]]
        self.related_manager: type[RelatedManager]
        self.limit_s: float | None = None
        self.role: Role | None = None
        self._limited: Kept[tuple[float | None, Role | None], Mapper] = Kept()
        self.hooks: Hooks = NO_HOOKS
        self.saves = False
        self.own_methods = False

    def __repr__(self) -> str:
        return f"<Mapper of {self.table.name!r}>"

    def forget(self) -> None:
        """Forget the plans that are not of nodes, because objects are of another class now.

        Who compiles meanwhile keeps what it made in the old table, which nobody reads any more.
        """
        self.raw = Kept()
        # What creates is made of what inserts.
        self.inserters = Kept()
        self.creators = Kept()

    def limited(self, limit_s: float) -> Mapper:
        """The same table, with plans of its own that have a time limit.

        Args:
            limit_s: How long each statement may run, in seconds.
        """
        return self._with(limit_s, self.role)

    def read_from(self, role: Role) -> Mapper:
        """The same table, with plans of its own that run on one kind of server.

        Args:
            role: Which kind.
        """
        return self._with(self.limit_s, role)

    def _with(self, limit_s: float | None, role: Role | None) -> Mapper:
        found = self._limited.get((limit_s, role))
        if found is None:
            # Not while a hook or a class is registered, which a copy from before would not have.
            with self.registry.making:
                found = self._limited.get((limit_s, role))
                if found is None:
                    found = self._copied(limit_s, role)
                    self._limited.keep((limit_s, role), found)
        return found

    def _copied(self, limit_s: float | None, role: Role | None) -> Mapper:
        # The copy shares them.
        _ = self.row_plans
        found = copy(self)
        found.limit_s = limit_s
        found.role = role
        found.nodes = NodeTable(self.table.name)
        found.raw = Kept()
        return found

    @property
    def row_plans(self) -> RowPlans:
        """The plans of the statements that write single rows."""
        if self._row_plans is None:
            self._row_plans = statements.RowPlans(self)
        return self._row_plans

    @property
    def runs_own_code(self) -> bool:
        """Whether writing an object runs code of the user's: hooks, or methods of the model's own."""
        hooks = self.hooks
        return self.own_methods or hooks.creating or hooks.updating or hooks.deleting

    def forget_limited(self) -> None:
        """Forget those with a time limit, because objects, queries or managers are of another class now."""
        self._limited = Kept()

    def with_limited(self) -> list[Mapper]:
        """This one, and those of the same table with a time limit."""
        return [self, *self._limited]

    def free_attribute(self, name: object) -> None:
        """Check that the objects can have an attribute of that name besides what they have.

        Raises:
            UsageError: The name is taken.
        """
        if not isinstance(name, str) or not name:
            raise UsageError("the name of an attribute is a text that is not empty")
        if name in self.fields or name in self.relations:
            kind = "field" if name in self.fields else "relation"
            raise UsageError(f"'{name}' is a {kind} of {self.table.name} already", hint="choose another name")
        if name in RESERVED_FIELD_NAMES or name.startswith("__") or hasattr(self.model, name):
            raise UsageError(f"'{name}' is an attribute of every object", hint="choose another name")

    def field_of(self, column: str) -> str:
        """The field of a column, by the column's exact name.

        Raises:
            FieldNotFound: There is no such column.
        """
        for candidate in self.columns:
            if candidate.name == column:
                return candidate.field
        raise FieldNotFound(f"no column '{column}' on {self.table.name}", hint="the schema may have changed")

    def listen(self, hooks: Hooks) -> None:
        """Take other hooks, also where there is a time limit.

        Args:
            hooks: All hooks of the table.
        """
        for each in self.with_limited():
            each.hooks = hooks
            # What creates objects without hooks is not asked any more.
            each.creators = Kept()

    def column_of(self, field: str) -> Column:
        """The column of a field.

        Raises:
            KeyError: There is no such field.
        """
        return self._columns[field]

    def keeps_key(self, fields: Collection[str]) -> bool:
        """Whether a row keeps its key when these fields are changed."""
        return not any(field in self.key_fields for field in fields)

    def numbers(self, column: Column) -> bool:
        """Whether the database numbers the rows in this column where nothing is given for it."""
        return column.name in self._numbered

    def numbers_for_none(self, column: Column) -> bool:
        """Whether None asks for a number: the database has one for the column, which cannot be NULL."""
        return column.name in self._numbered or (column.autoincrement and not column.nullable)

    def link(self, name: str) -> Link:
        """What is needed to follow the relation of that name, made at first use."""
        found = self._links.get(name)
        if found is None:
            found = self._links[name] = Link(self, self.relations[name])
        return found

    def statement(self, node: Node, mode: Literal["rows", "count", "exists"] = "rows") -> Statement:
        """The compiled statement of a node. The first call for a shape compiles it.

        Args:
            node: The node.
            mode: What it is asked for: its rows, their number, or whether there are any.

        Raises:
            NotSupported: The table cannot be read.
            InvalidQuery: The combination has no meaning.
        """
        found: Statement | None = getattr(node, mode)
        if found is None:
            before = changes()
            found = self.compile(node, mode)
            if not found.provisional:
                setattr(node, mode, found)
                if changes() != before:
                    # A lookup was registered meanwhile: it may have been compiled with the one before.
                    node.forget()
        return found

    def compile(self, node: Node, mode: Literal["rows", "count", "exists"]) -> Statement:
        """Compile a node, or find its plan among those that are stored.

        SQLAlchemy is imported here, at the first compilation of the process.

        Args:
            node: The node.
            mode: What it is asked for: its rows, their number, or whether there are any.

        Raises:
            NotSupported: The table cannot be read.
            InvalidQuery: The combination has no meaning.
        """
        self.registry.readable(self.table)
        engine = self.registry.engine
        guesses = engine.dialect.guesses
        plan = self.registry.stored_plans.plan(
            (mode, node.shape), lambda dialect: _compiled(node.shape, mode, self.registry.schema, dialect)
        )
        provisional = engine.dialect.guesses != guesses
        mappers = [self.registry.mapper(group.table) for group in plan.groups]

        paths: list[tuple[str, ...]] = []
        for group in plan.groups:
            paths.append(() if group.parent is None else (*paths[group.parent], group.relation))

        def related(results: list[Any], index: int) -> None:
            if isinstance(results, Rows):
                results.join(mappers[index].rows_class, paths[index])

        if plan.style != "model":
            return Statement(plan, engine, provisional=provisional, limit_s=self.limit_s, role=self.role)
        return Statement(
            plan,
            engine,
            [
                mapper.deferred_model if None in group.outputs else mapper.model
                for mapper, group in zip(mappers, plan.groups, strict=True)
            ],
            provisional=provisional,
            limit_s=self.limit_s,
            role=self.role,
            make_list=self.rows_class,
            attach=attach,
            related=related,
            link_key=None if node.shape.link is None else self._far_end(node.shape.link.relation).normal,
        )

    def _far_end(self, name: str) -> Link:
        """The same relation, seen from its other end."""
        relation = self.relations[name]
        return self.registry.mapper(relation.target).link(relation.inverse)

    def make(self, values: dict[str, Any]) -> Model:
        """An object with these fields; those that are not among them load at first touch."""
        missing = [field for field in self.fields if field not in values]
        make = row_maker(self.deferred_model if missing else self.model)
        item = cast("Model", make(*(values.get(field) for field in self.fields)))
        for field in missing:
            delattr(item, field)
        return item

    def deferred_of(self, item: Model) -> frozenset[str]:
        """The fields of an object that were not loaded."""
        missing: list[str] = []
        for field in self.fields:
            try:
                object.__getattribute__(item, field)
            except AttributeError:
                missing.append(field)
        return frozenset(missing)

    def held_by(self, item: Model) -> dict[str, object]:
        """The fields of an object with their values; those that were not loaded are left out."""
        held: dict[str, object] = {}
        for field in self.fields:
            with suppress(AttributeError):
                held[field] = object.__getattribute__(item, field)
        return held

    def loaded_relations(self, item: Model) -> dict[str, Any]:
        """The relations of an object that are loaded: one object, None, or a list."""
        loaded: dict[str, Any] = {}
        for name, relation in self.relations.items():
            key = cache_name(name) if relation.to_many else name
            if key in item.__dict__:
                loaded[name] = item.__dict__[key]
        return loaded
