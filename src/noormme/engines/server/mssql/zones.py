"""The names of time zones: SQL Server has those of Windows, and Python those of IANA.

Invariant: a name that cannot be translated is an error that says so; no offset is guessed.
"""

from __future__ import annotations

from noormme.errors import NotSupported

__all__ = ["windows_zone"]


def windows_zone(name: str) -> str:
    """What Windows calls a time zone.

    Args:
        name: What IANA calls it.

    Raises:
        NotSupported: Windows has no such zone.
    """
    if name in ("UTC", "Etc/UTC"):
        return "UTC"
    # Here, because it is a part of an extra, and few queries name a zone.
    from tzlocal.windows_tz import tz_win

    found = tz_win.get(name)
    if found is None:
        raise NotSupported(
            "SQL Server knows no time zone of this name, and noormme none that is the same",
            hint="use a zone such as Europe/Berlin, or AT TIME ZONE in RawSQL",
        )
    return found
