"""The front door: help, version, exit codes, errors without tracebacks."""

from __future__ import annotations

import errno
import importlib
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from noormme import __version__
from noormme.cli import entry
from noormme.cli.app import main
from noormme.cli.guard import guarded
from noormme.errors import TableNotFound
from tests.cli.calling import COMMAND, Invoke, Run


def test_help_lists_the_commands(invoke: Invoke) -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    for word in ("demo", "inspect", "--version", "noormme inspect app.db"):
        assert word in result.output


@pytest.mark.parametrize("command", ["demo", "inspect"])
def test_help_of_each_command_has_an_example(invoke: Invoke, command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert f"Examples:\n    noormme {command}" in result.output


def test_without_arguments_it_shows_the_help(invoke: Invoke) -> None:
    assert "Commands:" in invoke().output


def test_version(invoke: Invoke) -> None:
    result = invoke("--version")
    assert (result.exit_code, result.output) == (0, f"noormme {__version__}\n")


def test_python_dash_m(small_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "noormme", "inspect", str(small_path)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert result.returncode == 0
    assert "video_versions" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["copy"],
        ["inspect", "a.db", "--nonsense"],
        ["inspect", "a.db", "--diagram", "crayon"],
        ["inspect", "a.db", "--json", "--diagram", "dot"],
        ["inspect", "a.db", "--rows", "--json"],
        ["inspect", "a.db", "--rows", "--diagram", "dot"],
        ["demo", "--database", "a.db", "--keep", "b.db"],
    ],
)
def test_a_wrong_call_exits_with_2(invoke: Invoke, arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "Traceback" not in result.output


def test_a_failure_is_one_line_and_a_hint(run: Run, tmp_path: Path) -> None:
    result = run("inspect", tmp_path / "none.db")
    assert result.returncode == 1
    assert result.stdout == ""
    error, hint = result.stderr.splitlines()
    assert error.startswith("error: ")
    assert str(tmp_path / "none.db") in error
    assert hint.startswith("hint:  ")


def test_debug_shows_the_traceback(run: Run, tmp_path: Path) -> None:
    result = run("inspect", tmp_path / "none.db", "--debug")
    assert result.returncode == 1
    assert "Traceback (most recent call last)" in result.stderr
    assert "ConnectionFailed" in result.stderr


def test_importing_the_module_of_dash_m_runs_nothing() -> None:
    assert importlib.import_module("noormme.__main__").main is entry.main


def test_main_writes_to_whatever_standard_output_is(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setattr(sys, "argv", ["noormme", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, written.getvalue()) == (0, f"noormme {__version__}\n")


def test_help_loads_nothing_that_only_a_command_needs() -> None:
    program = "import sys, noormme.cli.app; print(*sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert loaded.isdisjoint({"rich", "pygments", "sqlalchemy", "asyncio", "sqlite3", "importlib_metadata"})


def ends(error: BaseException) -> int:
    with pytest.raises(typer.Exit) as ended, guarded(debug=False):
        raise error
    return int(ended.value.exit_code)


def test_an_interrupt_exits_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_error_without_a_hint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(TableNotFound("no table 'x'")) == 1
    assert capsys.readouterr().err == "error: no table 'x'\n"


def test_an_error_of_the_system_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(OSError(errno.ENOSPC, "No space left on device", "/full/disk")) == 1
    assert capsys.readouterr().err == "error: No space left on device: '/full/disk'\n"
    assert ends(OSError(errno.ENOSPC, "No space left on device")) == 1
    assert capsys.readouterr().err == "error: No space left on device\n"


def test_a_fault_of_ours_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(ZeroDivisionError("division by zero")) == 1
    error, hint = capsys.readouterr().err.splitlines()
    assert error == "error: ZeroDivisionError: division by zero"
    assert "--debug" in hint


def test_control_codes_of_a_message_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(TableNotFound("no table '\x1b[2Jx'")) == 1
    assert capsys.readouterr().err == "error: no table '\\x1b[2Jx'\n"


def test_debug_lets_the_error_through() -> None:
    with pytest.raises(ZeroDivisionError), guarded(debug=True):
        raise ZeroDivisionError


@pytest.mark.parametrize("ending", [typer.Exit(3), typer.BadParameter("no")])
def test_what_typer_raises_is_typers(ending: Exception) -> None:
    with pytest.raises(type(ending)), guarded(debug=False):
        raise ending


def test_an_interrupt_that_python_swallowed_comes_again() -> None:
    class Dying:
        def __del__(self) -> None:
            # As when Ctrl-C is pressed while the garbage collector calls back.
            raise KeyboardInterrupt

    def work() -> None:
        Dying()
        for _ in range(1_000):
            time.sleep(0.01)

    with pytest.raises(typer.Exit) as ended, guarded(debug=False):
        work()
    assert ended.value.exit_code == 130


def test_what_else_python_swallows_is_still_told(capsys: pytest.CaptureFixture[str]) -> None:
    class Dying:
        def __del__(self) -> None:
            raise ZeroDivisionError

    with guarded(debug=False):
        Dying()
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("wait_for", ["What is in it", "How fast it is"])
def test_ctrl_c_ends_the_demo_and_leaves_nothing(tmp_path: Path, wait_for: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(wait_for):
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == "interrupted\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
@pytest.mark.parametrize("colour", [{}, {"FORCE_COLOR": "1"}], ids=["plain", "colour"])
@pytest.mark.parametrize(
    "arguments", [["demo", "--no-speed"], ["inspect", "{}"], ["inspect", "{}", "--json"]]
)
def test_a_closed_pipe_is_quiet(small_path: Path, arguments: list[str], colour: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [*COMMAND, *(argument.format(small_path) for argument in arguments)],
        env={**os.environ, **colour},
        stdout=writer,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (141, "")


def test_a_closed_pipe_without_a_file_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    # While pytest captures, standard output is not a file.
    assert ends(BrokenPipeError()) == 141


def test_a_terminal_that_lacks_characters_gets_question_marks(run: Run, small_path: Path) -> None:
    result = run("inspect", small_path, PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert "sqlite ? 13 tables" in result.stdout
