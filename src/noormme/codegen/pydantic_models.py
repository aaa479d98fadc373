"""A schema as pydantic models for APIs: three for each table, of what is read, created and changed.

Invariant: what a model of creation or change lets through, noormme's own checks let through as well, but for
what only the database can say. A model of reading lets every row through.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from noormme.codegen.annotations import Annotations, literal, text
from noormme.codegen.columns import changed_columns, created_columns, is_written, read_columns, read_tables
from noormme.codegen.header import header
from noormme.schema.defaults import constant_default, required
from noormme.schema.limits import Limits, limits_of
from noormme.schema.model import Column, Schema, Table
from noormme.schema.naming import free_name

__all__ = ["render"]

_BASE_NAMES = """
    construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json update_forward_refs
    validate model_config model_computed_fields model_construct model_copy model_extra model_fields
    model_fields_set model_json_schema model_parametrized_name model_post_init model_rebuild
"""
_TAKEN = frozenset(_BASE_NAMES.split())
"""What pydantic's base class has under a public name, old names among them."""

_TAKEN_BEGINNINGS = ("_", "model_dump", "model_validate")
"""How names begin that pydantic keeps for itself."""

_BASES = '''\
T = TypeVar("T")


def _not_null(value: T | None) -> T:
    if value is None:
        raise ValueError("may be left out, but not null")
    return value


NotNull = Annotated[T | SkipJsonSchema[None], AfterValidator(_not_null)]
"""A field that may be left out, because a row has a value already or the database gives one; never null."""


{blob}class ReadModel(BaseModel):
    """What a row is read into: ``UserRead.model_validate(user)``."""

    model_config = ConfigDict(from_attributes=True,{aliases} ser_json_bytes="base64")

    @field_validator("*", mode="wrap")
    @classmethod
    def _as_stored(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """A value of which none of its column's type can be made is passed on as it is stored."""
        try:
            return handler(value)
        except ValidationError:
            return value


class WriteModel(BaseModel):
    """What a row is written from: ``db.users.create(**user.model_dump(exclude_unset=True))``."""

    model_config = ConfigDict(extra="forbid"{written_aliases})
'''

_BLOB = '''\
def _from_base64(value: Any) -> Any:
    return b64decode(value, validate=True) if isinstance(value, str) else value


def _to_base64(value: Any) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else value


Blob = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(_to_base64, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""Bytes; in JSON they are text in base64."""


'''

_ALIASES = ", serialize_by_alias=True, validate_by_name=True"


def render(schema: Schema, *, source: str) -> str:
    """Write the module. Touches no database.

    Args:
        schema: The schema.
        source: What it was read from, for the header.

    Returns:
        Python source, ending in a line break.
    """
    tables = read_tables(schema)
    annotations = Annotations()
    for module, names in _NEEDED.items():
        for name in names:
            annotations.name(module, name)
    classes = [each for table in tables for each in _models(table, annotations)]
    aliased = any(field != name for table in tables for field, name in _names(table).items())
    blobs = any(column.kind == "blob" for table in tables for column in read_columns(table))
    for module, name in _NEEDED_FOR_BLOBS if blobs else ():
        annotations.name(module, name)
    lines = [
        f'"""Models of {source} for APIs: what is read, created and changed.',
        "",
        header(source, "pydantic"),
        '"""',
        "",
        "from __future__ import annotations",
        "",
        *annotations.imports(["pydantic", "pydantic_core"]),
        "",
        _bases(aliased=aliased, blobs=blobs),
    ]
    return "\n".join(lines) + "".join(f"\n\n{each}" for each in classes)


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "typing": ("Annotated", "Any", "TypeVar"),
    "pydantic": (
        "AfterValidator",
        "BaseModel",
        "ConfigDict",
        "ValidationError",
        "ValidatorFunctionWrapHandler",
        "field_validator",
    ),
    "pydantic.json_schema": ("SkipJsonSchema",),
}


_NEEDED_FOR_BLOBS = (
    ("base64", "b64decode"),
    ("base64", "b64encode"),
    ("pydantic", "BeforeValidator"),
    ("pydantic", "PlainSerializer"),
    ("pydantic", "WithJsonSchema"),
)


def _bases(*, aliased: bool, blobs: bool) -> str:
    aliases = _ALIASES if aliased else ""
    return (
        _BASES.replace("{blob}", _BLOB if blobs else "")
        .replace("{aliases}", f"{aliases},".removeprefix(",") if aliases else "")
        .replace("{written_aliases}", aliases)
    )


def _models(table: Table, annotations: Annotations) -> list[str]:
    writer = _Writer(table, annotations)
    models = [writer.read()]
    if is_written(table):
        models += [writer.create(), writer.update()]
    return models


class _Writer:
    """Writes the models of one table."""

    def __init__(self, table: Table, annotations: Annotations) -> None:
        self._table = table
        self._annotations = annotations
        self._limits = limits_of(table)
        self._names = _names(table)
        self._shown = f"{text(table.name)}{': ' + text(table.comment) if table.comment else ''}".rstrip(".")

    def read(self) -> str:
        """The model of a row that is there."""
        columns = read_columns(self._table)
        names = {self._names[column.field] for column in columns}
        lines = [
            self._field(column, self._nullable(column, self._type(column, names)), None) for column in columns
        ]
        return self._model("Read", "ReadModel", f"A row of {self._shown}.", lines)

    def create(self) -> str:
        """The model of a row that is made."""
        columns = created_columns(self._table)
        names = {self._names[column.field] for column in columns}
        lines: list[str] = []
        for column in columns:
            annotation = self._bounded(column, names)
            default = constant_default(column)
            if required(self._table, column):
                lines.append(self._field(column, annotation, None))
            elif default is not msgspec.UNSET and default is not None:
                lines.append(self._field(column, self._nullable(column, annotation), literal(default)))
            elif column.nullable:
                lines.append(self._field(column, self._nullable(column, annotation), "None"))
            else:
                lines.append(self._field(column, self._not_null(column, annotation), "None"))
        return self._model("Create", "WriteModel", f"A new row of {self._shown}.", lines)

    def update(self) -> str:
        """The model of what is changed in a row."""
        columns = changed_columns(self._table)
        names = {self._names[column.field] for column in columns}
        lines: list[str] = []
        for column in columns:
            annotation = self._bounded(column, names)
            spell = self._nullable if column.nullable else self._not_null
            lines.append(self._field(column, spell(column, annotation), "None"))
        return self._model("Update", "WriteModel", f"Changes of a row of {self._shown}.", lines)

    def _model(self, suffix: str, base: str, docstring: str, lines: list[str]) -> str:
        head = f'class {self._table.model}{suffix}({base}):\n    """{docstring}"""\n'
        return head + ("\n" + "\n".join(lines) + "\n" if lines else "")

    def _type(self, column: Column, names: Collection[str]) -> str:
        if column.kind == "blob":
            return "Blob"
        return self._annotations.type(column, names, self._limits.get(column.name))

    def _bounded(self, column: Column, names: Collection[str]) -> str:
        annotation = self._type(column, names)
        bounds = self._limits.get(column.name, Limits()).bounds
        if not bounds or annotation.startswith("Literal["):
            return annotation
        self._annotations.name("pydantic", "Field")
        shown = ", ".join(f"{name}={value!r}" for name, value in bounds.items())
        return f"Annotated[{annotation}, Field({shown})]"

    def _nullable(self, column: Column, annotation: str) -> str:
        return annotation if not column.nullable or annotation == "Any" else f"{annotation} | None"

    def _not_null(self, column: Column, annotation: str) -> str:
        return f"NotNull[{annotation}]"

    def _field(self, column: Column, annotation: str, default: str | None) -> str:
        name = self._names[column.field]
        options = [f"alias={literal(column.field)}"] if name != column.field else []
        if column.comment:
            options.append(f"description={literal(' '.join(column.comment.split()))}")
        if not options:
            return f"    {name}: {annotation}" + (f" = {default}" if default is not None else "")
        self._annotations.name("pydantic", "Field")
        if default is not None:
            options.insert(0, f"default={default}")
        return f"    {name}: {annotation} = Field({', '.join(options)})"


def _names(table: Table) -> dict[str, str]:
    """The names of a table's fields in the models: those that pydantic has for itself get others."""
    fields = [column.field for column in read_columns(table)]
    names: dict[str, str] = {}
    for field in fields:
        if field in _TAKEN or field.startswith(_TAKEN_BEGINNINGS):
            wanted = f"field_{field.lstrip('_')}"
            taken = {*fields, *names.values()}
            names[field] = free_name(wanted, taken) if wanted in taken else wanted
        else:
            names[field] = field
    return names
