"""The classes of queries, managers and repositories, as type checkers see them."""

from __future__ import annotations

from noormme.codegen.python.inputs import child_insert, insert_variants
from noormme.codegen.python.parts import Module
from noormme.codegen.python.text import indented, wrapped
from noormme.codegen.python.types import literal, optional
from noormme.query.resolve import key_columns, model_columns
from noormme.schema.model import Table

__all__ = ["aliases", "new_row", "query_classes"]


def aliases(module: Module, table: Table) -> list[str]:
    """The names that steps of a query take, as aliases.

    Args:
        module: The module.
        table: The table.
    """
    fields = [literal(column.field) for column in model_columns(table)]
    paths = [literal(path.name) for path in module.paths(table)]
    # Rows are sorted by a key of several columns, which is no value of its own.
    sortable = [*paths, '"pk"'] if len(key_columns(table)) > 1 else paths
    order = [*sortable, *(f'"-{path[1:-1]}"' for path in sortable), '"?"']
    relations = [literal(path) for path in module.relation_paths(table)]
    lines: list[str] = []
    for suffix, values in (("Field", fields), ("Path", paths), ("Order", order), ("Relation", relations)):
        lines += _alias(module, module.names.of(table, suffix), values)
    return lines


def new_row(module: Module, table: Table) -> str:
    """The alias for what a new row is given as, as a dict.

    Args:
        module: The module.
        table: The table.
    """
    new = module.names.private(f"{table.model}New", table.name)
    return f"{new}: {module.typing('TypeAlias')} = {' | '.join(insert_variants(module, table))}"


def _alias(module: Module, name: str, values: list[str]) -> list[str]:
    if not values:
        return [f"{name}: {module.typing('TypeAlias')} = {module.typing('Never')}"]
    return wrapped(f"{name}: {module.typing('TypeAlias')} = {module.typing('Literal')}[", values, "]")


def query_classes(module: Module, table: Table) -> list[list[str]]:
    """The classes of a table's queries, each as its lines.

    Args:
        module: The module.
        table: The table.
    """
    return _Classes(module, table).all()


class _Classes:
    """Writes the classes of one table."""

    def __init__(self, module: Module, table: Table) -> None:
        self.module = module
        self.table = table
        self.model = table.model
        self.key = module.key(table)
        self.writable = module.writable(table)
        self.lookups = module.unpacked(table, "Lookups")
        self.any = module.typing("Any")

    def name(self, suffix: str) -> str:
        return self.module.names.of(self.table, suffix)

    def all(self) -> list[list[str]]:
        queries = self.module.queries
        model, annotated = self.model, self.module.names.annotated(self.table)
        rows, query_set, manager = self.name("Rows"), self.name("QuerySet"), self.name("Manager")
        row, more = queries("R"), queries("A")
        writes = [self._creates_name(), f"{self._writes_name()}[{self._new()}]"] if self.writable else []
        bases = ", ".join([f"{queries('Chained')}", f"{self.name('Queries')}[{row}, {more}]", *writes])
        managed = f"{queries('Manager')}[{query_set}], {self.name('Queries')}[{model}, {annotated}]"
        classes = [
            [
                f"class {annotated}({model}):",
                f"    def __getattr__(self, name: {self.module.types.builtin('str')}, /) -> {self.any}: ...",
            ],
            self._queries(),
            *([self._creates(), self._writes()] if self.writable else []),
            [f"class {rows}({bases}): ..."],
            [f"class {query_set}({rows}[{model}, {annotated}]): ..."],
            [
                f"class {manager}({', '.join([managed, *writes])}):",
                "    @property",
                f"    def model(self) -> {self.module.types.builtin('type')}[{model}]: ...",
            ],
            *self._asked(),
            self._repository(),
        ]
        if any(
            relation.to_many and relation.target == self.table.name
            for relation in self.module.schema.relations
        ):
            classes.insert(-1, self._related(managed))
        return classes

    def _new(self) -> str:
        return self.module.names.private(f"{self.table.model}New", self.table.name)

    def _creates_name(self) -> str:
        return self.module.names.private(f"{self.table.model}Creates", self.table.name)

    def _writes_name(self) -> str:
        return self.module.names.private(f"{self.table.model}Writes", self.table.name)

    # -- queries ------------------------------------------------------------------------------------

    def _queries(self) -> list[str]:
        queries = self.module.queries
        row, more, query = queries("R"), queries("A"), queries("Q")
        condition = f"*conditions: {queries('Condition')}"
        parameters = [row, more, self.model, self.key]
        parameters += [self.name(suffix) for suffix in ("Field", "Order", "Path", "Relation")]
        lines = [f"class {self.name('Queries')}({queries('Queries')}[{', '.join(parameters)}]):"]
        steps = f"self: {queries('Steps')}[{query}], /, {condition}, **lookups: {self.lookups}"
        body = [f"def {name}({steps}) -> {query}: ..." for name in ("filter", "exclude")]
        body += [
            f"def get(self, /, {condition}, **lookups: {self.lookups}) -> {row}: ...",
            f"async def aget(self, /, {condition}, **lookups: {self.lookups}) -> {row}: ...",
            *self._values(),
            *self._values_list(),
        ]
        return [*lines, *indented(body)]

    def _overload(self) -> str:
        return f"@{self.module.typing('overload')}"

    def _values(self) -> list[str]:
        module = self.module
        rows, values, path = self.name("Rows"), self.name("Values"), self.name("Path")
        made = f"{module.types.builtin('dict')}[{self.module.types.builtin('str')}, {self.any}]"
        expression = module.queries("Expression")
        return [
            self._overload(),
            f"def values(self, /, *fields: {path}) -> {rows}[{values}, {made}]: ...",
            self._overload(),
            f"def values(self, /, *fields: {path} | {expression}, **expressions: {module.queries('Condition')})"
            f" -> {rows}[{self.any}, {self.any}]: ...",
            *module.implementation(
                f"def values(self, /, *fields: {self.any}, **expressions: {self.any}) -> {self.any}: ..."
            ),
        ]

    def _values_list(self) -> list[str]:
        module = self.module
        rows, path = self.name("Rows"), self.name("Path")
        true, boolean = f"{module.typing('Literal')}[True]", module.types.builtin("bool")
        expression = module.queries("Expression")
        grouped: dict[str, list[str]] = {}
        for each in module.paths(self.table):
            grouped.setdefault(each.read, []).append(literal(each.name))
        lines: list[str] = []
        for read, names in grouped.items():
            field = f"{module.typing('Literal')}[{', '.join(names)}]"
            lines += [
                self._overload(),
                *wrapped(
                    "def values_list(",
                    [
                        "self",
                        f"field: {field}",
                        "/",
                        "*",
                        f"flat: {true}",
                        f"named: {module.typing('Literal')}[False] = ...",
                    ],
                    f") -> {rows}[{read}, {self.any}]: ...",
                ),
            ]
        # What each of them is depends on the order of names, which no checker can be told.
        fields = [module.typed(self.table, column) for column in model_columns(self.table)]
        near = module.types.row([optional(typed.read, typed.nullable) for typed in fields])
        several = [(path, module.types.row([*grouped]))]
        if len(fields) < sum(map(len, grouped.values())):
            several.insert(0, (self.name("Field"), near))
        made = f"{module.types.builtin('tuple')}[{self.any}, ...]"
        lines += [
            self._overload(),
            f"def values_list(self, field: {expression}, /, *, flat: {true}) -> {rows}[{self.any}, {self.any}]: ...",
        ]
        for taken, row in (*several, (f"{path} | {expression}", made)):
            # A table's own types are among all of them; pyright would want rows to be covariant for that.
            apart = "  # pyright: ignore[reportOverlappingOverload]" * (taken == self.name("Field"))
            line = f"def values_list(self, *fields: {taken}, named: {boolean} = ...) -> {rows}[{row}, {made}]: ...{apart}"
            lines += [self._overload(), line]
        lines += module.implementation(
            f"def values_list(self, *fields: {self.any}, **options: {self.any}) -> {self.any}: ..."
        )
        return lines

    # -- writing ------------------------------------------------------------------------------------

    def _writes(self) -> list[str]:
        module, queries = self.module, self.module.queries
        new = queries("New")
        model = self.model
        made = f"{module.types.builtin('tuple')}[{model}, {module.types.builtin('bool')}]"
        lookups = module.unpacked(self.table, "Lookups", "self", "defaults", "create_defaults")
        defaults = f"{self.name('Update')} | {queries('Defaults')} | None = None"
        changes = module.unpacked(self.table, "Update", "all_rows")
        boolean, integer = module.types.builtin("bool"), module.types.builtin("int")
        body: list[str] = []
        for prefix, kind in (("", "def"), ("a", "async def")):
            body += [
                f"{kind} {prefix}get_or_create(self, defaults: {defaults}, **lookups: {lookups}) -> {made}: ...",
                *wrapped(
                    f"{kind} {prefix}update_or_create(",
                    [
                        "self",
                        f"defaults: {defaults}",
                        f"create_defaults: {defaults}",
                        f"**lookups: {lookups}",
                    ],
                    f") -> {made}: ...",
                ),
                f"{kind} {prefix}update(self, /, *, all_rows: {boolean} = False, **values: {changes}) -> {integer}: ...",
            ]
        return [
            f"class {self._writes_name()}({queries('Writes')}[{model}, {new}, {self.name('Field')}]):",
            *indented(body),
        ]

    def _creates(self) -> list[str]:
        body = [*self._create("def create"), *self._create("async def acreate")]
        return [f"class {self._creates_name()}:", *indented(body)]

    def _create(self, name: str) -> list[str]:
        variants = insert_variants(self.module, self.table)
        lines: list[str] = []
        for variant in variants:
            if len(variants) > 1:
                lines.append(self._overload())
            unpacked = f"{self.module.typing('Unpack')}[{variant}]"
            lines.append(f"{name}(self, /, **values: {unpacked}) -> {self.model}: ...")
        if len(variants) > 1:
            lines += self.module.implementation(f"{name}(self, /, **values: {self.any}) -> {self.model}: ...")
        return lines

    def _related(self, managed: str) -> list[str]:
        module, queries = self.module, self.module.queries
        bases = f"{queries('Related')}[{self.model}, {self.key}], {managed}"
        lines = [f"class {self.name('Related')}({bases}): ..."]
        if not self.writable:
            return lines
        child = child_insert(module, self.table)
        bases += f", {self._writes_name()}[{self._new()} | {child}]"
        values = f"{module.typing('Unpack')}[{child}]"
        if "through_defaults" in {column.field for column in model_columns(self.table)}:
            values = self.any
        through = f"through_defaults: {queries('Through')} = None"
        return [
            f"class {self.name('Related')}({bases}):",
            f"    def create(self, /, *, {through}, **values: {values}) -> {self.model}: ...",
            f"    async def acreate(self, /, *, {through}, **values: {values}) -> {self.model}: ...",
        ]

    # -- repositories -------------------------------------------------------------------------------

    def _repository(self) -> list[str]:
        module, model = self.module, self.model
        base = module.name("noormme.typed.repositories", "Repository")
        annotated = module.names.annotated(self.table)
        parameters = [
            model,
            annotated,
            self.key,
            self.name("Manager"),
            self.name("Order"),
            self.name("Relation"),
        ]
        bases = [f"{base}[{', '.join(parameters)}]"]
        if self.writable:
            writing = module.name("noormme.typed.repositories", "WritingRepository")
            parameters = [model, self.key, self._new(), self.name("Update"), self.name("Field")]
            bases.append(f"{writing}[{', '.join(parameters)}]")
        head = wrapped(f"class {self.name('Repository')}(", bases, "):")
        return [*head, *indented([*self._readers(), *self._writers(), *self._finders()])]

    def _readers(self) -> list[str]:
        module, model = self.module, self.model
        boolean, integer = module.types.builtin("bool"), module.types.builtin("int")
        rows = f"{module.types.builtin('list')}[{model}]"
        iterator = module.name("collections.abc", "Iterator")
        generator = module.name("collections.abc", "AsyncGenerator")
        asked, by_key = self._asked_name(), self._asked_by_key_name()
        lines = [f"where: {asked}[{self.name('QuerySet')}]"]
        for prefix in ("", "a"):
            lines += [
                f"{prefix}find_all: {asked}[{self._given(prefix, rows)}]",
                f"{prefix}first: {asked}[{self._given(prefix, f'{model} | None')}]",
                f"{prefix}exists: {by_key}[{self._given(prefix, boolean)}]",
                f"{prefix}count: {asked}[{self._given(prefix, integer)}]",
            ]
        return [
            *lines,
            f"stream: {asked}[{iterator}[{model}]]",
            f"astream: {asked}[{generator}[{model}]]",
        ]

    def _given(self, prefix: str, text: str) -> str:
        """What a call gives; where its name begins with an ``a``, what is awaited for it."""
        if not prefix:
            return text
        return f"{self.module.name('collections.abc', 'Coroutine')}[{self.any}, {self.any}, {text}]"

    def _asked_name(self) -> str:
        return self.module.names.private(f"{self.table.model}Asked", self.table.name)

    def _asked_by_key_name(self) -> str:
        return self.module.names.private(f"{self.table.model}AskedByKey", self.table.name)

    def _asked(self) -> list[list[str]]:
        """What is called with lookups, whatever it gives.

        Written once, because a checker goes through all lookups of a table for each signature that takes them.
        """
        module = self.module
        condition, given = module.queries("Condition"), module.queries("T_co")
        protocol = f"{module.typing('Protocol')}[{given}]"
        rest = f"*conditions: {condition}, **lookups: {self.lookups}"
        # Only its place is used, but pyright takes a field of that name for the same argument.
        key = module.names.module("key")
        return [
            [
                f"class {self._asked_name()}({protocol}):",
                f"    def __call__(self, /, {rest}) -> {given}: ...",
            ],
            [
                f"class {self._asked_by_key_name()}({protocol}):",
                f"    def __call__(self, {key}: {self.key} | {condition} = ..., /, {rest}) -> {given}: ...",
            ],
        ]

    def _writers(self) -> list[str]:
        if not self.writable:
            return []
        module, model = self.module, self.model
        changes = module.unpacked(self.table, "Update")
        values, target = module.names.module("values"), module.names.module("target")
        lines: list[str] = []
        for prefix, kind in (("", "def"), ("a", "async def")):
            lines += [
                self._overload(),
                f"{kind} {prefix}create(self, {values}: {model} | {self._new()}, /, **fields: {changes}) -> {model}: ...",
            ]
            for variant in insert_variants(module, self.table):
                unpacked = f"{module.typing('Unpack')}[{variant}]"
                lines += [
                    self._overload(),
                    f"{kind} {prefix}create(self, {values}: None = None, /, **fields: {unpacked}) -> {model}: ...",
                ]
            lines += module.implementation(
                f"{kind} {prefix}create(self, {values}: {self.any} = None, /, **fields: {self.any}) -> {model}: ..."
            )
            lines += wrapped(
                f"{kind} {prefix}update(",
                [
                    "self",
                    f"{target}: {model} | {self.key}",
                    f"{values}: {self.name('Update')} | None = None",
                    "/",
                    f"**fields: {changes}",
                ],
                f") -> {model}: ...",
            )
        return lines

    def _finders(self) -> list[str]:
        module, model = self.module, self.model
        rows = f"{module.types.builtin('list')}[{model}]"
        lines: list[str] = []
        for column in model_columns(self.table):
            typed = module.typed(self.table, column)
            value = optional(typed.compared, typed.nullable)
            for prefix in ("", "a"):
                # The methods by key have these names already.
                if column.field not in ("id", "ids"):
                    name = f"{prefix}find_by_{column.field}"
                    lines.append(self._finder(name, prefix, column.field, value, f"{model} | None"))
                name = f"{prefix}find_many_by_{column.field}"
                lines.append(self._finder(name, prefix, column.field, value, rows))
        return lines

    def _finder(self, name: str, prefix: str, field: str, value: str, found: str) -> str:
        if self.module.stub:
            # Of a large database these are most of its functions, and a function costs mypy the most.
            finder = self.module.name("noormme.typed.repositories", "Finder")
            return f"{name}: {finder}[{value}, {self._given(prefix, found)}]"
        kind, argument = "async def" if prefix else "def", "value" if field == "self" else field
        return f"{kind} {name}(self, {argument}: {value}) -> {found}: ..."
