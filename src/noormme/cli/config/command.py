"""``noormme config``: its arguments.

Invariant: no database is touched, and no password is printed.
"""

from __future__ import annotations

from typing import Annotated

import typer

from noormme.cli.arguments import JsonOutput
from noormme.cli.guard import Debug, guarded

__all__ = ["config"]


def config(
    changed: Annotated[
        bool, typer.Option("--changed", help="Leave out settings that have their default.")
    ] = False,
    json: JsonOutput = False,
    debug: Debug = False,
) -> None:
    """Show each setting, its value, and where it came from.

    These are the settings of a program that is started here. A password in a URL is shown as ***.

    \b
    Examples:
      noormme config
      noormme config --changed
      NOORMME_ENV=production noormme config --json
    """
    with guarded(debug=debug):
        from noormme.cli.config.show import show

        show(changed=changed, as_json=json)
