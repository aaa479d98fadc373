"""Hashes of text.

Invariant: each gives the hash of a text's UTF-8 bytes as lower case hexadecimal digits, as ``hashlib`` does.
"""

from __future__ import annotations

from noormme.query.expressions.func import Func

__all__ = [
    "MD5",
    "SHA1",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
]


class MD5(Func):
    """The MD5 hash of a text; it keeps no secret and proves nothing.

    Args:
        expression: The text.

    Example:
        ``MD5("email")``.
    """

    __slots__ = ()
    function = "md5"
    arity = 1


class SHA1(Func):
    """The SHA-1 hash of a text.

    Args:
        expression: The text.

    Example:
        ``SHA1("email")``.
    """

    __slots__ = ()
    function = "sha1"
    arity = 1


class SHA224(Func):
    """The SHA-224 hash of a text.

    Args:
        expression: The text.

    Example:
        ``SHA224("email")``.
    """

    __slots__ = ()
    function = "sha224"
    arity = 1


class SHA256(Func):
    """The SHA-256 hash of a text.

    Args:
        expression: The text.

    Example:
        ``SHA256("email")``.
    """

    __slots__ = ()
    function = "sha256"
    arity = 1


class SHA384(Func):
    """The SHA-384 hash of a text.

    Args:
        expression: The text.

    Example:
        ``SHA384("email")``.
    """

    __slots__ = ()
    function = "sha384"
    arity = 1


class SHA512(Func):
    """The SHA-512 hash of a text.

    Args:
        expression: The text.

    Example:
        ``SHA512("email")``.
    """

    __slots__ = ()
    function = "sha512"
    arity = 1
