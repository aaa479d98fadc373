"""``noormme shell``: the prompts, and code without one."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.calling import COMMAND, Invoke, Run

PROMPTS = {"plain": b">>> ", "ipython": b"In [", "ptpython": b">>>"}


def test_code_on_the_command_line(invoke: Invoke, small_path: Path) -> None:
    result = invoke(
        "shell", small_path, "-c", "print(db.users.filter(Q(id__gt=0)).count(), Count, Lower, date)"
    )
    assert result.exit_code == 0
    assert result.stdout.startswith("40 <class")


def test_code_from_standard_input(run: Run, small_path: Path) -> None:
    import subprocess

    result = subprocess.run(
        [*COMMAND, "shell", str(small_path)],
        input="for user in db.users[:2]:\n    print(user.id)\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, len(result.stdout.split())) == (0, 2)


def test_what_the_code_raises(run: Run, small_path: Path) -> None:
    ours = run("shell", small_path, "-c", "db.userz")
    assert (ours.returncode, ours.stderr.splitlines()[0]) == (1, "error: no table or view 'userz'")
    theirs = run("shell", small_path, "-c", "1 / 0")
    assert theirs.returncode == 1
    assert theirs.stderr.splitlines()[1:] == [
        '  File "<command>", line 1, in <module>',
        "ZeroDivisionError: division by zero",
    ]
    assert run("shell", small_path, "-c", "exit(7)").returncode == 7
    assert run("shell", small_path, "-c", "exit()").returncode == 0


def test_readonly(invoke: Invoke, small_path: Path) -> None:
    result = invoke("shell", small_path, "--readonly", "-c", "db.users.create(email='x')")
    assert result.exit_code == 1


def test_as_json(invoke: Invoke, small_path: Path) -> None:
    found = json.loads(invoke("shell", small_path, "--json", "--interface", "plain").stdout)
    assert (found["database"], found["interface"]) == (str(small_path), "plain")
    assert {"db", "Q", "F", "Count", "Lower", "connect"} <= set(found["names"])
    assert invoke("shell", small_path, "--json", "-c", "1").exit_code == 2


@pytest.mark.skipif(find_spec("ptpython") is not None, reason="ptpython is installed")
def test_a_prompt_that_is_not_installed(invoke: Invoke, small_path: Path) -> None:
    result = invoke("shell", small_path, "--interface", "ptpython")
    assert result.exit_code == 1
    assert "pip install ptpython" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("interface", PROMPTS)
def test_a_prompt(interface: str, small_path: Path, tmp_path: Path) -> None:
    import pty

    package = {"ipython": "IPython"}.get(interface, interface)
    if interface != "plain" and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    process, terminal = pty.fork()
    if process == 0:  # pragma: no cover
        os.environ |= {"TERM": "dumb" if interface == "plain" else "xterm", "HOME": str(tmp_path)}
        os.execve(
            COMMAND[0], [*COMMAND, "shell", str(small_path), "--interface", interface], dict(os.environ)
        )
    seen = b""

    def until(wanted: bytes) -> None:
        nonlocal seen
        end = time.monotonic() + 60
        while wanted not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 1)[0]:
                try:
                    chunk = os.read(terminal, 65_536)
                except OSError:
                    break
                if b"\x1b[6n" in chunk:
                    # Where is the cursor? A prompt waits for the answer.
                    os.write(terminal, b"\x1b[1;1R")
                seen += chunk
        assert wanted in seen, seen

    until(b"db.clients")
    until(PROMPTS[interface])
    if interface == "plain":
        os.write(terminal, b"db.pass\t")
        until(b"db.password_reset_tokens")
        os.write(terminal, b"\x15")
    os.write(terminal, b"db.users.count() + 7000\r")
    until(b"7040")
    os.write(terminal, b"exit()\r")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
