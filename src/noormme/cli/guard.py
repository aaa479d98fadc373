"""What a command does when something goes wrong.

Invariant: a user sees one line and a hint, never a traceback unless ``--debug`` asks for it; the exit
code says which kind of end it was.
"""

from __future__ import annotations

import os
import signal
import sys
from _thread import interrupt_main
from collections.abc import Generator
from contextlib import contextmanager
from threading import Timer, current_thread, main_thread
from typing import Annotated, TypeAlias

import typer

from noormme.errors import NoormmeError

__all__ = ["FAILED", "INTERRUPTED", "PIPE_CLOSED", "Debug", "guarded"]

FAILED = 1
INTERRUPTED = 130
"""128 and SIGINT's number, as shells report it."""
PIPE_CLOSED = 141
"""128 and SIGPIPE's number, as shells report it."""

_AGAIN_S = 0.02

Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@contextmanager
def guarded(*, debug: bool) -> Generator[None, None, None]:
    """Run a command's body; turn what it raises into a message and an exit code.

    Args:
        debug: Let errors through as they are, so that Python prints the traceback.

    Raises:
        typer.Exit: With the exit code, after the message was written to standard error.
    """
    before = _interruptible()
    sys.unraisablehook = _unraisable
    try:
        yield
        # Here rather than when the interpreter ends: a closed pipe shows at the flush.
        sys.stdout.flush()
    except (typer.Exit, typer.BadParameter):
        raise
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(PIPE_CLOSED) from None
    except Exception as error:
        if debug:
            raise
        _say(error)
        raise typer.Exit(FAILED) from None
    finally:
        sys.unraisablehook = sys.__unraisablehook__
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _interruptible() -> signal.Handlers | None:
    """Have Ctrl-C raise; what it did before where that was to end the process at once, else None."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL or current_thread() is not main_thread():
        return None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return signal.SIG_DFL


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Deliver an interrupt again that came while the garbage collector was calling back.

    Python can raise nothing there: it would print a traceback and go on as if nobody had pressed Ctrl-C.
    """
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        Timer(_AGAIN_S, interrupt_main).start()
    else:
        sys.__unraisablehook__(unraisable)


def _say(error: Exception) -> None:
    from rich.text import Text

    from noormme.cli.output import printable, terminal

    match error:
        case NoormmeError():
            message, hint = error.message, error.hint
        case OSError(strerror=str(reason)):
            message, hint = f"{reason}: '{error.filename}'" if error.filename else reason, None
        case _:
            message = f"{type(error).__name__}: {error}"
            hint = "this is a fault in noormme; --debug shows where"
    errors = terminal(sys.stderr)
    errors.print(Text.assemble(("error: ", "bad"), printable(message)), soft_wrap=True)
    if hint:
        errors.print(Text.assemble(("hint:  ", "warning"), printable(hint)), soft_wrap=True)


def _discard_output() -> None:
    """Point standard output at nothing, so that the flush at the end of the process stays quiet."""
    try:
        target = sys.stdout.fileno()
    except OSError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)
