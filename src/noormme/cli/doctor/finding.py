"""What an examination finds.

Invariant: everything but ``ok`` says what to do.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Finding", "ok", "problem", "warning"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was looked at.

    Attributes:
        level: How it is; a problem has to be solved, a warning should be thought about.
        about: What was looked at.
        message: What was found.
        advice: What to do about it; None where nothing has to be done.
    """

    level: Literal["ok", "warning", "problem"]
    about: str
    message: str
    advice: str | None = None


def ok(about: str, message: str) -> Finding:
    """What is as it should be.

    Args:
        about: What was looked at.
        message: What was found.
    """
    return Finding("ok", about, message)


def warning(about: str, message: str, advice: str) -> Finding:
    """What should be thought about.

    Args:
        about: What was looked at.
        message: What was found.
        advice: What to do about it.
    """
    return Finding("warning", about, message, advice)


def problem(about: str, message: str, advice: str | None) -> Finding:
    """What has to be solved.

    Args:
        about: What was looked at.
        message: What was found.
        advice: What to do about it.
    """
    return Finding("problem", about, message, advice or "see docs/errors.md for what the error means")
