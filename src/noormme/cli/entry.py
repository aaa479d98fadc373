"""Where the process of the command line begins.

Invariant: Ctrl-C ends the process at once and in silence until a command's body runs, and after it has ended.
In between ``guarded`` turns it into an exit that cleans up.
"""

from __future__ import annotations

import signal

__all__ = ["main"]


def main() -> None:
    """Run the command line and end the process; see ``cli`` for the exit codes."""
    # A shell that runs it in the background has it ignored, and that stays.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # After that, because an interrupt in the middle of these imports would be a traceback.
    from noormme.cli.app import main as run

    run()
