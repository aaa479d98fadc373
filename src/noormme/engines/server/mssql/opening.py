"""Connections to SQL Server: how one is opened, and what holds on it.

Invariant: what is sent and read depends on the settings alone, never on what the server or the login has
configured: messages are in English, dates are ISO, and NULL is compared as in the standard.
"""

from __future__ import annotations

from typing import Any

import pymssql

from noormme.engines.server.mssql.addresses import arguments
from noormme.engines.server.mssql.faults import open_error
from noormme.engines.server.mssql.limits import wait
from noormme.settings import Settings

__all__ = ["connect", "session_settings"]


def connect(url: str, where: str, settings: Settings) -> Any:
    """Open a connection on which each statement commits by itself.

    Args:
        url: Where to.
        where: The same without its password.
        settings: The time limits, and whether nothing may be written.

    Raises:
        ConnectionFailed: The server cannot be reached, or did not let us in.
        SettingsError: The URL is not one of SQL Server's.
    """
    given = arguments(url, settings)
    # The driver itself has one time limit for the whole process, and in whole seconds.
    pymssql.set_wait_callback(wait)
    call: Any = pymssql.connect
    try:
        return call(conn_properties=session_settings(settings), **given)
    except (pymssql.Error, ValueError) as error:
        raise open_error(error, where) from None


def session_settings(settings: Settings) -> str:
    """What is set on a new connection.

    Args:
        settings: How long to wait for another one's lock.
    """
    wait_ms = round(settings.busy_timeout_s * 1000)
    return (
        "SET LANGUAGE us_english; SET DATEFORMAT ymd; SET TEXTSIZE 2147483647; "
        "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER "
        f"ON; SET NUMERIC_ROUNDABORT OFF; SET XACT_ABORT OFF; SET LOCK_TIMEOUT {wait_ms};"
    )
