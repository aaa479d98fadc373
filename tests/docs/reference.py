"""``docs/reference.md``, made from the code: ``python -m tests.docs.reference`` writes it anew.

Invariant: every word in the tables comes from signatures, docstrings and the tables of the code; a page that
differs from what is made here is out of date.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

import noormme
from noormme import sql
from noormme.orm.paging import CursorPage, Page
from noormme.orm.queryset import QuerySet
from noormme.orm.raw import RawQuerySet
from noormme.orm.repository import Repository
from noormme.orm.table_query import TableQuery
from noormme.query import expressions, functions
from noormme.query.expressions import Aggregate, Expression, Func
from noormme.query.functions.table import FUNCTIONS
from noormme.query.lookups import ARRAY_TRANSFORMS, LOOKUPS, TRANSFORMS
from noormme.schema.model import Kind
from noormme.schema.types import PYTHON_TYPES
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "reference.md"

INNER = {"as_part", "as_subquery", "output_names", "recipe", "restore"}
"""Methods of query sets that other modules call, and users do not."""

OPERANDS = {
    "value": "a value",
    "text": "a text",
    "pattern": "a regular expression",
    "list": "a list, or a query set",
    "pair": "two values",
    "flag": "`True` or `False`",
    "key": "a key",
    "keys": "a list of keys",
}

FUNCTION_MODULES = ("text", "numbers", "choices", "moments", "truncation", "documents", "hashes", "windows")

INTRODUCTION = """\
# Reference

Everything that a query can be made of, in one line each. [The query language](language.md) teaches how the parts go
together; the docstring of each part says what it takes and what it raises. This page is made from the code:
`python -m tests.docs.reference` writes it anew.
"""


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        *_query_sets(),
        *_lookups(),
        *_expressions(),
        *_functions(),
        *_tables(),
    ]
    return "\n".join(parts)


# -- the sections -------------------------------------------------------------------------------------


def _query_sets() -> Iterator[str]:
    methods = _public(QuerySet)
    gives_another = {name for name, method in methods if "QuerySet[" in str(method.__annotations__["return"])}
    yield "## Methods that give another query set\n"
    yield "They run nothing. A manager (`db.users`) has them all.\n"
    yield _methods(each for each in methods if each[0] in gives_another)
    yield "## Methods that give an answer\n"
    yield "All of them but `sql` ask the database, unless the rows are there already.\n"
    yield _methods(each for each in methods if each[0] not in gives_another)
    yield "## Pages\n"
    yield "What `paginate()` gives. They are sequences of their rows.\n"
    for page in (Page, CursorPage):
        members = inspect.getmembers(page, lambda each: isinstance(each, property))
        rows = [
            (f"`{page.__name__}.{name}`", _sentence(each.fget)) for name, each in members if name[0] != "_"
        ]
        yield _table(("attribute", "meaning"), rows)
    yield "## Repositories\n"
    yield (
        "What `db.repository()` gives, beside finders by the names of fields; [its page](repositories.md) shows how it is\n"
        "used.\n"
    )
    yield _methods(_public(Repository))
    yield "## Query sets of your own SQL\n"
    yield "What `raw()` gives.\n"
    yield _methods(_public(RawQuerySet))


def _public(owner: type) -> list[tuple[str, Callable[..., Any]]]:
    methods = inspect.getmembers(owner, inspect.isfunction)
    return [(name, method) for name, method in methods if not name.startswith("_") and name not in INNER]


def _lookups() -> Iterator[str]:
    yield "## Lookups\n"
    yield 'What can follow the name of a field: `filter(name__startswith="A")`. The value may be an expression.\n'
    rows = [
        (f"`{rule.name}`", OPERANDS[rule.operand], _kinds(rule.takes), rule.meaning)
        for rule in LOOKUPS.values()
    ]
    yield _table(("lookup", "takes", "of fields", "holds where the field"), rows)
    yield "## Transforms\n"
    yield (
        "What can stand between a field and a lookup (`day__year__gte=2024`), and at the end of a name in `values`,\n"
        "`order_by` and `F`.\n"
    )
    rows = [
        (f"`{rule.name}`", _kinds(rule.takes), _kind(rule.gives), rule.meaning)
        for rule in (*TRANSFORMS.values(), *ARRAY_TRANSFORMS.values())
    ]
    yield _table(("transform", "of fields", "gives", "which is"), rows)


def _expressions() -> Iterator[str]:
    classes = [getattr(expressions, name) for name in sorted(expressions.__all__, key=str.lower)]
    for_users = [each for each in classes if hasattr(noormme, each.__name__)]
    aggregates = [each for each in for_users if issubclass(each, Aggregate)]
    yield "## Expressions\n"
    yield "`from noormme import F, Q, …`\n"
    yield _classes(each for each in for_users if each not in aggregates)
    yield "What every expression can do, beside arithmetic and comparisons:\n"
    yield _methods(each for each in _public(Expression) if each[0] != "node")
    yield "What expressions are made of, for annotations and for classes of your own, in `noormme.query.expressions`:\n"
    yield _classes(each for each in classes if each not in for_users)
    yield "## Aggregates\n"
    keywords = [
        name for name, parameter in _parameters(Aggregate) if parameter.kind == parameter.KEYWORD_ONLY
    ]
    listed = ", ".join(f"`{name}`" for name in keywords if name != "order_by")
    yield f"`from noormme import Count, …`. They take {listed} as well, where these have a meaning.\n"
    rows = [(_call(each, without=keywords), _gives(each), _sentence(each)) for each in aggregates]
    yield _table(("aggregate", "gives", "meaning"), rows)
    yield "## Beside expressions\n"
    yield "`from noormme import Prefetch, …`\n"
    yield _classes(
        [
            noormme.Prefetch,
            noormme.Lookup,
            noormme.Transform,
            noormme.register_lookup,
            noormme.unregister_lookup,
        ]
    )


def _functions() -> Iterator[str]:
    yield "## Functions\n"
    yield '`from noormme.functions import Lower, …`. A text is the name of a field; write `Value("text")` for a text.\n'
    for name in FUNCTION_MODULES:
        module = importlib.import_module(f"{functions.__name__}.{name}")
        public = [getattr(module, name) for name in module.__all__ if name in functions.__all__]
        yield f"### {_sentence(module).rstrip('.')}\n"
        rows = [(_call(each), _gives(each), _sentence(each)) for each in public]
        yield _table(("function", "gives", "meaning"), rows)


def _tables() -> Iterator[str]:
    methods = _public(TableQuery)
    gives_another = {name for name, method in methods if method.__annotations__["return"] == "Self"}
    yield "## Queries in tables\n"
    yield "What `db.table()` gives; [its page](builder.md) shows how it is used. These give another query:\n"
    yield _methods(each for each in methods if each[0] in gives_another)
    yield "These give an answer, or a part of another query:\n"
    yield _methods(each for each in methods if each[0] not in gives_another)
    yield "`from noormme.sql import fn, ref, …`\n"
    rows: list[tuple[str, str]] = []
    for name in sql.__all__:
        each = getattr(sql, name)
        call = _call(each) if inspect.isfunction(each) else f"`{name}.…()`"
        rows.append((call, _sentence(each)))
    yield _table(("name", "meaning"), rows)


# -- the parts of a line ------------------------------------------------------------------------------


def _methods(methods: Iterable[tuple[str, Callable[..., Any]]]) -> str:
    return _table(("method", "meaning"), [(_call(method), _sentence(method)) for _, method in methods])


def _classes(classes: Iterable[Any]) -> str:
    return _table(("name", "meaning"), [(_call(each), _sentence(each)) for each in classes])


def _call(callee: Any, *, without: Container[str] = ()) -> str:
    """How it is called: ``Substr(expression, pos, length=None)``."""
    made_by = inspect.getattr_static(callee, "__init__") if isinstance(callee, type) else None
    if made_by is object.__init__:
        return f"`{callee.__name__}`"
    if made_by is Func.__init__ and callee is not Func:
        return f"`{callee.__name__}({', '.join(_documented_arguments(callee))})`"
    parameters = [parameter for name, parameter in _parameters(callee) if name not in without]
    written = str(inspect.Signature(parameters)).replace("/, ", "").replace("(/)", "()")
    return f"`{callee.__name__}{written}`"


def _parameters(callee: Any) -> list[tuple[str, inspect.Parameter]]:
    """The parameters that a user gives, without annotations."""
    found: list[tuple[str, inspect.Parameter]] = []
    for name, parameter in inspect.signature(callee).parameters.items():
        if not name.startswith("_") and name != "self":
            plain = parameter.replace(annotation=inspect.Parameter.empty)
            # A default that is a mark and no value has no meaning for a reader.
            marks = repr(parameter.default).startswith("<") and parameter.default is not parameter.empty
            found.append((name, plain.replace(default=_Written("…")) if marks else plain))
    return found


class _Written:
    """Something that is written as a text without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _documented_arguments(function: type[Func]) -> list[str]:
    """The arguments of a function whose class takes any, as its docstring names them."""
    _, _, section = (inspect.getdoc(function) or "").partition("Args:\n")
    names = re.findall(r"^    (\*?\w+):", section.partition("\n\n")[0], flags=re.MULTILINE)
    given = [name for name in names if name != "output_field"]
    arity = function.arity
    fits = given == ["*expressions"] if arity is None or isinstance(arity, tuple) else len(given) == arity
    assert fits, f"the docstring of {function.__name__} does not name its arguments"
    return [*given, *(["output_field=None"] if "output_field" in names else [])]


def _sentence(documented: Any) -> str:
    """The first sentence of a docstring."""
    paragraph = (inspect.getdoc(documented) or "").partition("\n\n")[0]
    found = re.match(r".*?\.(?=\s|$)", " ".join(paragraph.split()))
    assert found, f"{documented!r} has no docstring that begins with a sentence"
    return found.group().replace("``", "`")


def _gives(function: Any) -> str:
    """Of which type its values are."""
    name = function.function
    rule = FUNCTIONS.get(name) or FUNCTIONS[f"{name}_pop"]
    if not callable(rule.gives):
        return _kind(rule.gives)
    sentence = _sentence(rule.gives).rstrip(".")
    return sentence[0].lower() + sentence[1:]


def _kind(kind: Kind | None) -> str:
    if kind is None:
        return "what the field is"
    return {"json": "JSON", "any": "any"}.get(kind) or f"`{PYTHON_TYPES[kind].__name__}`"


def _kinds(kinds: Iterable[Kind]) -> str:
    return ", ".join(map(_kind, sorted(kinds))) or "all"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
