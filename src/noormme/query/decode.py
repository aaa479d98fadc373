"""From driver rows to what the user gets, through a function generated once for each plan.

Invariant: nothing is decided per row that can be decided per plan. The generated source is made of
positions and of names of this module only, never of text that comes from a database or a user: field and
relation names reach it as constants through the namespace.
"""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import islice, starmap
from typing import Any, cast

from msgspec import Struct, StructMeta

from noormme.query.plan import Decode, Inline, Plan, RowGroup
from noormme.query.rows import make_row_type

__all__ = ["make_loader", "make_single", "row_maker"]

_PROBED_ROWS = 64
"""After how many rows it is decided whether rows of joined tables repeat."""

_new_tuple = cast("Callable[..., Any]", tuple.__new__)  # pyright: ignore[reportUnknownMemberType]

Decoder = Decode | Inline | None
Loader = Callable[[Iterable[tuple[Any, ...]]], list[Any]]


def make_loader(
    plan: Plan,
    decoders: Sequence[Decoder],
    models: Sequence[type[Struct]],
    *,
    make_list: Callable[[Iterable[Any]], list[Any]] = list,
    attach: Callable[[Any, str, Any], None] = setattr,
    related: Callable[[list[Any], int], None] | None = None,
    link_key: Callable[[Any], Any] | None = None,
) -> Loader:
    """Build the function that turns the rows of one plan into results.

    Args:
        plan: The plan.
        decoders: One for each output; None where the value is used as it comes.
        models: The class of each group of the plan.
        make_list: What the results are collected in.
        attach: Sets a relation on an object (used where two objects point at each other).
        related: Called with the results and the number of a joined group.
        link_key: What is done to the leading columns before they group the results.

    Returns:
        A function from an iterable of rows to the list of results. Where columns lead the first group, each
        result is in the list once, and its attribute ``grouped`` has the results by those columns.
    """
    if plan.style == "model":
        return _object_loader(plan, decoders, models, make_list, attach, related, link_key)
    return _value_loader(plan, decoders)


def make_single(
    plan: Plan, decoders: Sequence[Decoder], models: Sequence[type[Struct]]
) -> Callable[..., Any] | None:
    """The fastest way from one row to one object, or None where only the loader will do.

    Args:
        plan: The plan.
        decoders: One for each output; None where the value is used as it comes.
        models: The class of each group of the plan.

    Returns:
        A function that takes the columns of the row as arguments.
    """
    if plan.style != "model" or len(plan.groups) != 1 or plan.leading or plan.trailing or plan.order:
        return None
    group = plan.groups[0]
    if None in group.outputs or len(group.outputs) != len(plan.outputs):
        return None
    if not any(decoders):
        return row_maker(models[0])
    names = [f"c{index}" for index in range(len(plan.outputs))]
    body = ", ".join(_decoded(index, plan, decoders) for index in range(len(names)))
    single: Callable[..., Any] = eval(f"lambda {', '.join(names)}: M0({body})", _namespace(decoders, models))
    return single


def row_maker(model: type[Struct]) -> Callable[..., Any]:
    """What makes an object of a model as msgspec does, whatever else calling the class would do.

    Args:
        model: The class.
    """
    made: Callable[..., Any] = StructMeta.__call__.__get__(model)
    return made


def _namespace(decoders: Sequence[Decoder], models: Sequence[type[Struct]]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for index, decode in enumerate(decoders):
        if decode is not None:
            names[f"d{index}"] = decode.function if isinstance(decode, Inline) else decode
    names |= {f"M{index}": row_maker(model) for index, model in enumerate(models)}
    return names


def _decoded(index: int, plan: Plan, decoders: Sequence[Decoder]) -> str:
    """The expression that decodes one column of a row."""
    decode = decoders[index]
    if decode is None:
        return f"c{index}"
    template = decode.template if isinstance(decode, Inline) else "{f}({v})"
    decoded = template.format(v=f"c{index}", f=f"d{index}")
    return f"(None if c{index} is None else {decoded})" if plan.outputs[index].nullable else decoded


def _unpacked(plan: Plan) -> str:
    """The names of the columns of a row, as a target of assignment."""
    order = plan.order or range(len(plan.outputs) + plan.trailing)
    return ", ".join(f"c{index}" for index in order) + ("," if len(order) == 1 else "")


@lru_cache(maxsize=1024)
def _named_row(names: tuple[str, ...]) -> Any:
    """The class of the rows of ``values_list(named=True)``; pickle finds it by its names."""
    # The fields are known at run time only.
    fields: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]

    def reduce(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return (_restore_named, (names, tuple(row)))

    return type("Row", (fields,), {"__slots__": (), "__reduce__": reduce})


def _restore_named(names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return _named_row(names)(*values)


def _value_loader(plan: Plan, decoders: Sequence[Decoder]) -> Loader:
    count = len(plan.outputs)
    if plan.style == "tuple" and not any(decoders) and not plan.trailing:
        return list
    names = [output.name for output in plan.outputs]
    namespace = _namespace(decoders, ())
    values = [_decoded(index, plan, decoders) for index in range(count)]
    if plan.style == "dict":
        namespace |= {f"n{index}": name for index, name in enumerate(names)}
        made = "{" + ", ".join(f"n{index}: {value}" for index, value in enumerate(values)) + "}"
    elif plan.style == "flat":
        made = values[0]
    elif plan.style == "row":
        row_class = make_row_type(tuple(names))
        if not any(decoders) and not plan.trailing:
            make: Callable[[tuple[Any, ...]], Any] = partial(_new_tuple, row_class)

            def load(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
                made = list(map(make, rows))
                if made and len(made[0]) != count:
                    raise ValueError("a row has another width than its plan")
                return made

            return load
        namespace |= {"new": _new_tuple, "Row": row_class}
        made = f"new(Row, ({', '.join(values)},))"
    elif plan.style == "named":
        row_type = _named_row(tuple(names))
        if not any(decoders) and not plan.trailing:
            return lambda rows: list(starmap(row_type, rows))
        namespace["Row"] = row_type
        made = f"Row({', '.join(values)})"
    else:
        made = f"({', '.join(values)},)"
    unpacked = _unpacked(plan)
    loader: Loader = eval(f"lambda rows: [{made} for {unpacked} in rows]", namespace)
    return loader


def _object_loader(
    plan: Plan,
    decoders: Sequence[Decoder],
    models: Sequence[type[Struct]],
    make_list: Callable[[Iterable[Any]], list[Any]],
    attach: Callable[[Any, str, Any], None],
    related: Callable[[list[Any], int], None] | None,
    link_key: Callable[[Any], Any] | None,
) -> Loader:
    count = len(plan.outputs)
    single = len(plan.groups) == 1 and None not in plan.groups[0].outputs
    namespace: dict[str, Any] = _namespace(decoders, models) | {"make_list": make_list, "attach": attach}
    if single and count == len(plan.groups[0].outputs) and not plan.leading:
        if not any(decoders) and not plan.trailing and not plan.order:
            make = row_maker(models[0])
            return lambda rows: make_list(starmap(make, rows))
        body = ", ".join(_decoded(index, plan, decoders) for index in range(count))
        source = f"lambda rows: make_list([M0({body}) for {_unpacked(plan)} in rows])"
        loader: Loader = eval(source, namespace)
        return loader
    namespace |= _names_of_groups(plan, models)
    unpacked = _unpacked(plan)
    lines = ["def load(rows):", "    results = make_list(())", "    append = results.append"]
    lines += [f"    seen{index} = {{}}" for index in range(len(plan.groups))]
    if plan.leading:
        namespace |= {"defaultdict": defaultdict, "link_key": link_key}
        lines.append("    results.grouped = grouped = defaultdict(list)")
    if plan.leading or len(plan.groups) == 1:
        lines += [f"    for {unpacked} in rows:", *_row_lines(plan, decoders, shared=True)]
        if plan.leading:
            link = _key([_decoded(index, plan, decoders) for index in range(plan.leading)])
            link = f"link_key({link})" if link_key else link
            lines.append(f"        if o0 is not None: grouped[{link}].append(o0)")
            if plan.groups[0].key:
                lines.append("    results.extend(seen0.values())")
            else:
                lines.insert(-1, "        append(o0)")
    else:
        # Rows of a joined table that repeat become one object. Where the first rows hardly repeat, looking
        # for repetitions would cost more than it saves.
        namespace["islice"] = islice
        known = " + ".join(f"len(seen{index})" for index in range(1, len(plan.groups)))
        lines += ["    rows = iter(rows)", f"    for {unpacked} in islice(rows, {_PROBED_ROWS}):"]
        lines += _row_lines(plan, decoders, shared=True)
        lines += [f"    if {known} < {_PROBED_ROWS * 3 // 4 * (len(plan.groups) - 1)}:"]
        lines += [f"        for {unpacked} in rows:", *_indented(_row_lines(plan, decoders, shared=True))]
        lines += ["    else:", f"        for {unpacked} in rows:"]
        lines += _indented(_row_lines(plan, decoders, shared=False))
    if related is not None:
        namespace["related"] = related
        lines += [f"    related(results, {index})" for index in range(1, len(plan.groups))]
    lines.append("    return results")
    exec("\n".join(lines), namespace)
    built: Loader = namespace["load"]
    return built


def _names_of_groups(plan: Plan, models: Sequence[type[Struct]]) -> dict[str, Any]:
    """The names of fields and relations, which generated code must not hold itself."""
    names: dict[str, Any] = {}
    for index, (group, model) in enumerate(zip(plan.groups, models, strict=True)):
        names |= {f"deferred{index}": _deferred(group, model)}
        names |= {f"relation{index}": group.relation, f"inverse{index}": group.inverse}
    return names | {f"n{index}": output.name for index, output in enumerate(plan.outputs)}


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _row_lines(plan: Plan, decoders: Sequence[Decoder], *, shared: bool) -> list[str]:
    """The lines that make the objects of one row and append the result."""
    lines: list[str] = []
    position = plan.leading
    for index, group in enumerate(plan.groups):
        distinct = shared and (index > 0 or plan.leading > 0)
        lines += _group_lines(index, group, position, plan, decoders, shared=distinct)
        position += sum(output is not None for output in group.outputs)
    count = len(plan.outputs)
    if position < count:
        lines.append("        extra = o0.__dict__")
        extra = range(position, count)
        lines += [f"        extra[n{index}] = {_decoded(index, plan, decoders)}" for index in extra]
    return lines if plan.leading else [*lines, "        append(o0)"]


def _key(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"({', '.join(values)})"


def _deferred(group: RowGroup, model: type[Struct]) -> list[str]:
    fields = zip(model.__struct_fields__, group.outputs, strict=True)
    return [field for field, output in fields if output is None]


def _group_lines(
    index: int, group: RowGroup, position: int, plan: Plan, decoders: Sequence[Decoder], *, shared: bool
) -> list[str]:
    """The lines that make one object of a row.

    Equal rows of a joined table become one object within a result, which saves time and memory.
    """
    arguments: list[str] = []
    column = position
    for output in group.outputs:
        if output is None:
            arguments.append("None")
            continue
        arguments.append(_decoded(column, plan, decoders))
        column += 1
    made = [f"o{index} = M{index}({', '.join(arguments)})"]
    if None in group.outputs:
        made += [f"for field in deferred{index}:", f"    delattr(o{index}, field)"]
    indent = " " * 8
    if group.parent is None and not shared:
        return [indent + line for line in made]
    if group.key:
        absent = " or ".join(f"c{at} is None" for at in group.key)
    else:
        absent = " and ".join(f"c{at} is None" for at in range(position, column)) or "False"
    lines: list[str] = []
    if group.key and shared:
        key = _key([f"c{at}" for at in group.key])
        lines.append(f"{indent}if {absent}:")
        lines.append(f"{indent}    o{index} = None")
        lines.append(f"{indent}elif {key} in seen{index}:")
        lines.append(f"{indent}    o{index} = seen{index}[{key}]")
        lines.append(f"{indent}else:")
        lines += [f"{indent}    {line}" for line in (f"seen{index}[{key}] = {made[0]}", *made[1:])]
    else:
        lines.append(f"{indent}if {absent}:")
        lines.append(f"{indent}    o{index} = None")
        lines.append(f"{indent}else:")
        lines += [f"{indent}    {line}" for line in made]
    if group.parent is not None:
        if group.inverse:
            lines.append(f"{indent}if o{group.parent} is not None:")
            lines.append(f"{indent}    attach(o{group.parent}, relation{index}, o{index})")
            lines.append(f"{indent}    if o{index} is not None:")
            lines.append(f"{indent}        attach(o{index}, inverse{index}, o{group.parent})")
        elif group.parent == 0:
            lines.append(f"{indent}o0.__dict__[relation{index}] = o{index}")
        else:
            lines.append(f"{indent}if o{group.parent} is not None:")
            lines.append(f"{indent}    o{group.parent}.__dict__[relation{index}] = o{index}")
    return lines
