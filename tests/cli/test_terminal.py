"""On a terminal: colour, a progress bar that goes again, and no line that is too long."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.cli.calling import COMMAND

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")


def on_terminal(*arguments: str | Path, columns: int = 80, **more: str) -> tuple[int, str]:
    """The exit code and the output of a command on a pseudo-terminal."""
    import fcntl
    import pty
    import struct
    import termios

    process, terminal = pty.fork()
    if process == 0:  # pragma: no cover
        os.environ.update({"TERM": "xterm-256color", **more})
        for name in {"COLUMNS", "NO_COLOR"} - more.keys():
            os.environ.pop(name, None)
        # Not execv: readline has a width of its own in the environment that Python does not see.
        os.execve(COMMAND[0], [*COMMAND, *map(str, arguments)], dict(os.environ))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    output = b""
    while True:
        try:
            chunk = os.read(terminal, 65_536)
        except OSError:
            break
        if not chunk:
            break
        output += chunk
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), output.decode()


def test_the_demo_in_colour_with_a_progress_bar(tmp_path: Path) -> None:
    code, output = on_terminal("demo", "--no-speed", TMPDIR=str(tmp_path))
    assert code == 0
    assert COLOUR.search(output)
    assert "━" in output
    assert "\x1b[?25h" in output
    shown = ANSI.sub("", output).replace("\r\n", "\n")
    # What a carriage return begins is written over what was there.
    final = [line.split("\r")[-1] for line in shown.split("\n")]
    assert max(map(len, final)) <= 80
    assert any(line.startswith("A sample database") for line in final)


def test_no_color(small_path: Path) -> None:
    code, output = on_terminal("inspect", small_path, "users", NO_COLOR="1")
    assert code == 0
    assert not COLOUR.search(output)
    assert "full_name" in output


def test_a_copy_with_a_progress_bar(small_path: Path, tmp_path: Path) -> None:
    code, output = on_terminal("copy", small_path, tmp_path / "target.db", "--batch-rows", "50")
    assert code == 0
    assert COLOUR.search(output)
    bar, report = output.rfind("━"), output.find("the target holds the same rows")
    # The bar is gone, and the cursor is there again, before the report comes.
    assert 0 < bar < output.rfind("\x1b[?25h") < report


def test_inspect_in_colour(small_path: Path) -> None:
    code, output = on_terminal("inspect", small_path)
    assert code == 0
    assert COLOUR.search(output)


def test_a_large_database_says_what_takes_so_long(small_path: Path, tmp_path: Path) -> None:
    code, output = on_terminal("demo", "--database", small_path, "--no-speed")
    assert code == 0
    assert "Counting rows" in output
