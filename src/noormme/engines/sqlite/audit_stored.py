"""What the audit trail's triggers wrote, as the values that the database had.

Invariant: a value comes back exactly as it was stored, of the same type: integers of any size that the
database has, reals bit for bit, blobs as bytes, and text that is not valid UTF-8 as bytes too, which is how
such text is read everywhere else.
"""

from __future__ import annotations

from typing import Any, cast

__all__ = ["stored_key", "stored_row"]


def stored_row(written: str | bytes | None) -> dict[str, object] | None:
    """Read the columns of a row.

    Args:
        written: What the trail holds; bytes where some text in it is not valid UTF-8.

    Returns:
        The stored values by the columns' exact names; None for NULL.
    """
    if written is None:
        return None
    loaded = _load(written)
    objects = cast("list[dict[str, object]]", loaded if isinstance(loaded, list) else [loaded])
    return {name: _value(value) for each in objects for name, value in each.items()}


def stored_key(written: str | bytes | None) -> tuple[object, ...] | None:
    """Read a key.

    Args:
        written: What the trail holds.

    Returns:
        The stored values of the key's columns, in key order; None for NULL.
    """
    return None if written is None else tuple(_value(value) for value in _load(written))


def _load(written: str | bytes) -> Any:
    from json import loads  # here, because a start should not pay for it

    # The standard library's parser keeps integers of any size, and takes half of a surrogate pair, which is
    # what stands for a byte that is no text.
    text = written.decode("utf-8", "surrogateescape") if isinstance(written, bytes) else written
    return loads(text)


def _value(value: object) -> object:
    if isinstance(value, dict):
        return bytes.fromhex(cast("dict[str, str]", value)["blob"])
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogateescape")
    return value
