"""What Ctrl-C does before, in and after the body of a command."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from noormme.cli.guard import INTERRUPTED
from tests.cli.calling import Run

_PROGRAM = """
import signal
from noormme.cli import entry, app
from noormme.cli.guard import guarded

def body():
    print(signal.getsignal(signal.SIGINT))
    with guarded(debug=False):
        print(signal.getsignal(signal.SIGINT))
    print(signal.getsignal(signal.SIGINT))

app.main = body
"""


def _handlers(before: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", f"{_PROGRAM}{before}\nentry.main()"],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return result.stdout.splitlines()


def test_it_ends_the_process_in_silence_outside_of_a_body() -> None:
    outside, inside, after = _handlers("")
    assert outside == after == str(signal.SIG_DFL)
    assert "default_int_handler" in inside


def test_where_it_is_ignored_it_stays_so() -> None:
    assert set(_handlers("signal.signal(signal.SIGINT, signal.SIG_IGN)")) == {str(signal.SIG_IGN)}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_while_the_command_line_is_loaded() -> None:
    # The import of Typer is where most of the time goes before a command has begun.
    program = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *more):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from noormme.cli.entry import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "config"], capture_output=True, timeout=120, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (-signal.SIGINT, b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_while_an_expression_of_python_goes_on(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    path.touch()
    forever = "[0 for each in iter(int, 1) if each or __import__('signal').raise_signal(2)]"
    result = run("query", path, forever, "--timeout", "0.001")
    assert (result.returncode, result.stdout, result.stderr) == (INTERRUPTED, "", "interrupted\n")
