"""Lookups and transforms of one's own, which stand in names beside those that noormme has.

Invariant: a name means one thing in the whole process; whatever was compiled before a name changed is
compiled anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, TypeVar, overload

from noormme.errors import UsageError
from noormme.query.expressions.base import OutputField, output_kind
from noormme.query.lookups import LOOKUPS, TRANSFORMS, LookupRule, TransformRule, notify_changed
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

__all__ = ["CustomOperand", "Lookup", "Transform", "register_lookup", "unregister_lookup"]

CustomOperand: TypeAlias = Literal["value", "text", "pattern", "list", "pair", "flag"]
"""What a lookup of one's own can take."""

_OPERANDS = ("value", "text", "pattern", "list", "pair", "flag")
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEEDED = frozenset({"exact", "in", "isnull"})
_BUILT_IN_LOOKUPS = dict(LOOKUPS)
_BUILT_IN_TRANSFORMS = dict(TRANSFORMS)


class Lookup:
    """A comparison of one's own: subclass it, name it, and give it to ``register_lookup``.

    Attributes:
        name: What is written after the last ``__``.
        operand: What it takes: a ``"value"`` of the field's kind, a ``"text"``, a ``"pattern"`` (a regular
            expression), a ``"list"``, a ``"pair"``, or a ``"flag"`` (True or False).
        takes: The kinds of field that it applies to, as Python types or as names of kinds; empty for all.

    Example:
        ::

            @register_lookup
            class NotEqual(Lookup):
                name = "ne"

                def sql(self, left, right):
                    return left != right
    """

    name: ClassVar[str] = ""
    operand: ClassVar[CustomOperand] = "value"
    takes: ClassVar[Sequence[OutputField]] = ()

    def sql(self, left: ColumnElement[Any], right: Any) -> ColumnElement[Any]:
        """The condition, as an SQLAlchemy expression; called once for each shape of a query.

        Args:
            left: What is compared.
            right: What it is compared with: a parameter or an expression. For a list, a SELECT of its values
                (``left.in_(right)``); for a pair, a tuple of two; for a flag, True or False.

        Raises:
            UsageError: A class of one's own does not say it.
        """
        raise _without_sql(type(self))


class Transform:
    """A change of a value of one's own, written after a field and before a lookup.

    Attributes:
        name: What is written after ``__``.
        takes: The kinds of field that it applies to, as Python types or as names of kinds; empty for all.
        gives: The kind of its values; None for that of the field.
        function: The SQL function that it is. Override ``sql`` where it is more than that.

    Example:
        ::

            @register_lookup
            class Len(Transform):
                name = "len"
                takes = ("text",)
                gives = "integer"
                function = "length"
    """

    name: ClassVar[str] = ""
    takes: ClassVar[Sequence[OutputField]] = ()
    gives: ClassVar[OutputField | None] = None
    function: ClassVar[str] = ""

    def sql(self, left: ColumnElement[Any]) -> ColumnElement[Any]:
        """The changed value, as an SQLAlchemy expression; called once for each shape of a query.

        Args:
            left: The value.
        """
        import sqlalchemy as sa  # only what compiles loads SQLAlchemy

        made: ColumnElement[Any] = getattr(sa.func, self.function)(left, type_=sa.types.NullType())
        return made


T = TypeVar("T", bound="type[Lookup | Transform]")


@overload
def register_lookup(definition: T, /, *, replace: bool = False) -> T: ...
@overload
def register_lookup(*, replace: bool = False) -> Callable[[T], T]: ...
def register_lookup(definition: T | None = None, /, *, replace: bool = False) -> T | Callable[[T], T]:
    """Let names use a lookup or a transform of one's own, in every database of the process.

    It stands above the class as a decorator, or is called with the class.

    Args:
        definition: A subclass of ``Lookup`` or ``Transform``.
        replace: Whether it may take the place of one that has the name already. ``exact``, ``in`` and
            ``isnull`` stay what they are.

    Returns:
        The class.

    Raises:
        UsageError: The name is none or is taken, or the class says something that has no meaning.
    """
    if definition is None:
        return lambda given: register_lookup(given, replace=replace)
    if not isinstance(definition, type) or not issubclass(definition, (Lookup, Transform)):
        raise UsageError("register_lookup takes a subclass of Lookup or Transform")
    rule = _rule(definition)
    _check_free(definition, rule.name, replace)
    if isinstance(rule, LookupRule):
        TRANSFORMS.pop(rule.name, None)
        LOOKUPS[rule.name] = rule
    else:
        LOOKUPS.pop(rule.name, None)
        TRANSFORMS[rule.name] = rule
    notify_changed()
    return definition


def unregister_lookup(definition: type[Lookup | Transform] | str) -> None:
    """Take back what ``register_lookup`` did; one of noormme's own that it replaced is there again.

    Args:
        definition: The class, or its name as it stands in names of fields.

    Raises:
        UsageError: It is not registered.
    """
    name = definition if isinstance(definition, str) else getattr(definition, "name", "")
    known = LOOKUPS.get(name) or TRANSFORMS.get(name)
    if known is None or known.sql is None:
        raise UsageError(f"'{name}' is no lookup or transform that was registered")
    # One that was replaced goes back to its own place, so that the order of the tables stays.
    if name in _BUILT_IN_LOOKUPS:
        LOOKUPS[name] = _BUILT_IN_LOOKUPS[name]
    else:
        LOOKUPS.pop(name, None)
    if name in _BUILT_IN_TRANSFORMS:
        TRANSFORMS[name] = _BUILT_IN_TRANSFORMS[name]
    else:
        TRANSFORMS.pop(name, None)
    notify_changed()


def _rule(definition: type[Lookup | Transform]) -> LookupRule | TransformRule:
    name, label = definition.name, definition.__name__
    if not isinstance(name, str) or not name.isidentifier() or "__" in name or name != name.strip("_"):
        raise UsageError(
            f"{label}.name must be a word that can stand in the name of a field",
            hint="give letters, digits and single underscores, beginning with a letter",
        )
    if not isinstance(definition.takes, (tuple, list, set, frozenset)):
        example = definition.takes if isinstance(definition.takes, str) else "text"
        raise UsageError(f"{label}.takes is a tuple of kinds", hint=f'write takes = ("{example}",)')
    if not callable(definition.sql):
        raise UsageError(f"{label}.sql is no method", hint="write def sql(self, left, right): …")
    takes: frozenset[Kind] = frozenset(
        [kind for each in definition.takes if (kind := output_kind(each)) is not None]
    )
    if issubclass(definition, Lookup):
        if definition.operand not in _OPERANDS:
            raise UsageError(f"{label}.operand is not known", hint=f"one of {', '.join(_OPERANDS)}")
        if definition.sql is Lookup.sql:
            raise _without_sql(definition)
        return LookupRule(name, definition.operand, takes=takes, sql=definition().sql)
    function = definition.function if isinstance(definition.function, str) else ""
    if definition.sql is Transform.sql and not _FUNCTION.fullmatch(function):
        raise UsageError(
            f"{label} needs the name of an SQL function or a method sql(self, left)",
            hint='write function = "length"',
        )
    return TransformRule(name, takes, output_kind(definition.gives), definition().sql)


def _without_sql(definition: type[Lookup]) -> UsageError:
    return UsageError(
        f"{definition.__name__} needs a method sql(self, left, right)",
        hint="return a condition of both, such as left != right",
    )


def _check_free(definition: type[Lookup | Transform], name: str, replace: bool) -> None:
    known = LOOKUPS.get(name) or TRANSFORMS.get(name)
    if known is None:
        return
    if name in _NEEDED:
        raise UsageError(f"'{name}' cannot be replaced: joins and relations depend on what it means")
    before = getattr(known.sql, "__self__", None)
    # A module or a cell that is run again makes the same class anew.
    again = before is not None and (type(before).__module__, type(before).__qualname__) == (
        definition.__module__,
        definition.__qualname__,
    )
    if not (replace or again):
        whose = "of noormme's own" if known.sql is None else "registered already"
        raise UsageError(
            f"the name '{name}' is {whose}", hint="choose another name, or say register_lookup(replace=True)"
        )
