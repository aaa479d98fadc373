"""``noormme shell`` at work: the prompt, and what is at hand there.

Invariant: whichever prompt it is, the same names are at hand, and the database is closed at its end.
"""

from __future__ import annotations

import code
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib.util import find_spec
from traceback import print_exception
from typing import Any, Literal, TypeAlias, cast

import msgspec
import typer

from noormme import Database, connect
from noormme.cli.guard import FAILED
from noormme.cli.output import plural, printable
from noormme.cli.query.evaluating import names
from noormme.errors import NoormmeError, NotSupported

__all__ = ["run"]

Interface: TypeAlias = Literal["ipython", "ptpython", "plain"]
_Names: TypeAlias = dict[str, object]

_PACKAGES: Mapping[str, str] = {"ipython": "IPython", "ptpython": "ptpython"}
_TABLES = 8


def run(
    database: str | None,
    *,
    interface: Interface | None,
    command: str | None,
    readonly: bool,
    as_json: bool,
) -> None:
    """Open a prompt, or run code as it would.

    Args:
        database: A path or a URL; None for the one that is configured.
        interface: Which prompt; None for the first that is installed.
        command: Code to run instead; None for a prompt.
        readonly: Open the database for reading only.
        as_json: Print what is at hand instead.

    Raises:
        NotSupported: That prompt is not installed.
        NoormmeError: The database cannot be opened.
        typer.Exit: The code failed.
    """
    chosen = _chosen(interface)
    with connect(database, readonly=readonly) as db:
        known = names(db)
        known |= {"__name__": "__console__", "__doc__": None}
        if as_json:
            data = {"database": db.path, "interface": chosen, "names": sorted(_public(known))}
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
        elif command is not None:
            _run_code(command, "<command>", known)
        elif not sys.stdin.isatty():
            _run_code(sys.stdin.read(), "<stdin>", known)
        else:
            _PROMPTS[chosen](known, _banner(db))


def _public(known: Mapping[str, object]) -> Iterator[str]:
    return (name for name in known if not name.startswith("_"))


def _chosen(interface: Interface | None) -> Interface:
    if interface is None:
        installed = (name for name, package in _PACKAGES.items() if find_spec(package) is not None)
        return cast("Interface", next(installed, "plain"))
    package = _PACKAGES.get(interface)
    if package is not None and find_spec(package) is None:
        raise NotSupported(f"{package} is not installed", hint=f"pip install {interface}")
    return interface


def _banner(db: Database) -> str:
    managers = [f"db.{table.manager}" for table in db.schema.tables[:_TABLES]]
    more = ["…"] if len(db.schema.tables) > _TABLES else []
    head = f"{db.path} · {plural(len(db.schema.tables), 'table')} · Ctrl-D ends"
    return printable(head) + (f"\n{printable(', '.join([*managers, *more]))}" if managers else "")


def _run_code(text: str, name: str, known: _Names) -> None:
    """Run code of the user's; what it raises is shown as Python shows it, because it is their program."""
    try:
        exec(compile(text, name, "exec"), known)
    except (NoormmeError, KeyboardInterrupt, BrokenPipeError):
        raise
    except SystemExit as ended:
        raise typer.Exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None)) from None
    except BaseException as error:
        # From the user's own line on.
        print_exception(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
        raise typer.Exit(FAILED) from None


def _plain(known: _Names, banner: str) -> None:
    try:
        import readline
        import rlcompleter
    except ImportError:  # there is none on Windows: a prompt without completion
        pass
    else:
        readline.set_completer(rlcompleter.Completer(cast("dict[str, Any]", known)).complete)
        # The library that macOS has says it in words of its own.
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    console = code.InteractiveConsole(cast("MutableMapping[str, Any]", known))  # type: ignore[arg-type, unused-ignore]
    console.interact(banner=f"Python {sys.version.split()[0]} · {banner}", exitmsg="")


def _ipython(known: _Names, banner: str) -> None:
    from IPython import start_ipython  # type: ignore[import-not-found, unused-ignore]
    from traitlets.config import Config  # type: ignore[import-not-found, unused-ignore]

    config: Any = Config()
    config.TerminalInteractiveShell.banner2 = f"{banner}\n"
    cast("Any", start_ipython)(argv=[], user_ns=known, config=config)


def _ptpython(known: _Names, banner: str) -> None:
    from ptpython.repl import embed  # type: ignore[import-not-found, unused-ignore]

    sys.stdout.write(f"{banner}\n")
    cast("Any", embed)(globals=known, locals=known)


_PROMPTS: Mapping[Interface, Callable[[_Names, str], None]] = {
    "ipython": _ipython,
    "ptpython": _ptpython,
    "plain": _plain,
}
