"""The command line as another process calls it, and the types of the fixtures that call it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from typer.testing import Result

Invoke = Callable[..., Result]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

COMMAND = (sys.executable, "-c", "from noormme.cli.entry import main; main()")
