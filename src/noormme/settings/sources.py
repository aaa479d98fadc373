"""The places that settings are read from: presets, a configuration file, ``.env``, the environment.

Invariant: what is found is given as it is written, with where it stands; nothing is checked here but that it
can be read, and no variable is ever set.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

import msgspec

from noormme.errors import SettingsError, did_you_mean
from noormme.settings.checking import is_path
from noormme.settings.url import anchored

__all__ = ["Found", "gather", "line_of"]

_FILES = ("noormme.toml", "pyproject.toml")
_PREFIX = "NOORMME_"
_PRESET = "NOORMME_ENV"
_KEY = re.compile(rb"""noormme["']?[ \t]*(?:[].]|=(?!=))""")
"""What a TOML file has that has a key of this name; one that requires the package may not."""
_BETWEEN_URLS = re.compile(r"\s*,\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)|,?\s+")
_VARIABLES = re.compile(rb"NOORMME_|DATABASE_URL")
"""What a ``.env`` has that may be meant."""
_SAVE = "save it as UTF-8, without a byte order mark"


class Found(NamedTuple):
    """A setting as it was found.

    Attributes:
        name: The setting.
        value: What is written there.
        source: Where it was set, for messages.
        typed: Whether the place has types; a variable holds text.
        path: The file; empty for what is in none.
        line: The line in the file, counted from 1; 0 where it was not counted.
    """

    name: str
    value: object
    source: str
    typed: bool = True
    path: str = ""
    line: int = 0


class _Variable(NamedTuple):
    text: str
    path: str
    line: int


def gather(known: Sequence[str], presets: Mapping[str, Mapping[str, object]]) -> list[Found]:
    """Every setting that is set somewhere; of one that is set twice, the later counts.

    Reads environment variables, at most one configuration file and at most one ``.env``.

    Args:
        known: The names of all settings.
        presets: The settings of each preset.

    Raises:
        SettingsError: There is no such preset, a file cannot be read, or a variable is nearly a setting.
    """
    directory, file = _file()
    variables = _dotenv(directory)
    found = [*_preset(presets, variables), *file]
    if variables:
        found += _variables({name: each.text for name, each in variables.items()}, known, variables)
    found += _variables(os.environ, known, {})
    return found


def _preset(
    presets: Mapping[str, Mapping[str, object]], variables: Mapping[str, _Variable]
) -> Iterator[Found]:
    """The values of the preset that ``NOORMME_ENV`` names; none when it is not set."""
    name = os.environ.get(_PRESET)
    if not name and _PRESET in variables:
        name = variables[_PRESET].text
    name = name or "development"
    if name not in presets:
        raise SettingsError(
            f"NOORMME_ENV names no preset: '{name}'",
            hint=did_you_mean(name, presets) or f"it is one of {', '.join(presets)}",
        )
    for key, value in presets[name].items():
        yield Found(key, value, f"preset {name}")


def _file() -> tuple[str | None, list[Found]]:
    """The nearest configuration file: its directory and its values.

    Without a file the directory is the working one; None where that was removed.
    """
    try:
        directory = start = os.getcwd()
    except FileNotFoundError:
        return None, []
    while True:
        for name in _FILES:
            path = os.path.join(directory, name)
            table = _table(path)
            if table is not None:
                if isinstance(database := table.get("database"), str):
                    table["database"] = anchored(database, directory)
                if isinstance(plans := table.get("plans"), str) and is_path(plans):
                    table["plans"] = os.path.join(directory, plans)
                return directory, [Found(key, value, name, path=path) for key, value in table.items()]
        parent = os.path.dirname(directory)
        if parent == directory:
            return start, []
        directory = parent


def _table(path: str) -> dict[str, object] | None:
    """The part of a TOML file that is meant for noormme; None when there is no file or no such part."""
    try:
        data = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from error
    own = path.endswith("noormme.toml")
    # Parsing TOML takes longer than everything else here, so a file that cannot be meant is not parsed.
    if not own and not _has(data, _KEY):
        return None
    try:
        found = _decoded(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _check_utf8(data, path)
        raise SettingsError(f"{path} is not TOML: {error}") from error
    for name in () if own else ("tool", "noormme"):
        found = cast("dict[str, object]", found).get(name)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise SettingsError(
                f"{path} does not have the form of a configuration: {name} is no table",
                hint='write [tool.noormme] above the settings, such as database = "app.db"',
            )
    # Its caller may change it.
    return dict(cast("dict[str, object]", found))


@lru_cache(maxsize=2)
def _decoded(data: bytes) -> object:
    """What a TOML file holds; the same one is not parsed again for another database of the process."""
    return msgspec.toml.decode(data)


def _has(data: bytes, wanted: re.Pattern[bytes]) -> bool:
    """Whether a file has something, in UTF-8 or in UTF-16, whose ASCII letters have zeros between them."""
    return bool(wanted.search(data) or (b"\0" in data and wanted.search(data.replace(b"\0", b""))))


def _check_utf8(data: bytes, path: str) -> None:
    """Raise where a file is not UTF-8, which TOML has to be, or begins with a byte order mark."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise SettingsError(f"{path} is not TOML: it begins with a byte order mark", hint=_SAVE)
    wrong = data.find(b"\0")
    if wrong < 0:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            wrong = error.start
        else:
            return
    line = data.count(b"\n", 0, wrong) + 1
    raise SettingsError(f"{path} is not TOML: it is not UTF-8 (line {line})", hint=_SAVE)


def _content(path: str) -> bytes:
    """The bytes of a file; a pipe of that name, which somebody would have to write to first, is none.

    Raises:
        OSError: It cannot be read.
    """
    if stat.S_ISFIFO(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, not a file")
    with open(path, "rb") as file:
        return file.read()


def _dotenv(directory: str | None) -> dict[str, _Variable]:
    """The variables of ``.env`` that are meant for noormme.

    A file that is not there, or that this user may not read, has none: it belongs to the whole application.

    Raises:
        SettingsError: It is UTF-16, or the value of such a variable has no end.
    """
    if directory is None:
        return {}
    path = os.path.join(directory, ".env")
    try:
        data = _content(path)
    except OSError:
        return {}
    if not _has(data, _VARIABLES):
        return {}
    if b"\0" in data:
        raise SettingsError(f"{path} is not UTF-8", hint=_SAVE)
    from noormme.settings.dotenv import assignments  # here, because most programs have no such file

    wanted: dict[str, _Variable] = {}
    for each in assignments(data.decode("utf-8", "replace"), os.environ):
        if each.name == "DATABASE_URL" or each.name.startswith(_PREFIX):
            if not each.closed:
                raise SettingsError(
                    f"{path}:{each.line}: the value of {each.name} begins with a quote that is not closed, "
                    "or something follows the one that closes it",
                    hint="close it where the value ends; a quote behind a backslash is a part of the value",
                )
            text = each.text
            if each.name in ("DATABASE_URL", "NOORMME_DATABASE") and text:
                text = anchored(text, directory)
            wanted[each.name] = _Variable(text, path, each.line)
    if (url := wanted.pop("DATABASE_URL", None)) is not None and url.text:
        wanted["NOORMME_DATABASE"] = url
    return wanted


def _variables(
    environment: Mapping[str, str], known: Sequence[str], places: Mapping[str, _Variable]
) -> Iterator[Found]:
    """The values of ``NOORMME_…`` variables; one that is nearly a setting's name is a mistake."""
    for variable, text in environment.items():
        if not variable.startswith(_PREFIX) or variable == _PRESET:
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if name == "database" and not text:
            continue  # as an empty DATABASE_URL is none
        if name in known:
            value = _urls(text, variable) if name == "replicas" else text
            _, path, line = places.get(variable, _Variable("", "", 0))
            yield Found(name, value, variable, typed=False, path=path, line=line)
        elif hint := did_you_mean(name, known):
            raise SettingsError(f"no setting is read from {variable}", hint=hint)


def _urls(text: str, variable: str) -> list[str]:
    """The URLs of a variable: separated by blanks or commas, or as a JSON list."""
    if text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text, type=list[str])
        except msgspec.MsgspecError as error:
            raise SettingsError(
                f"{variable} begins as a JSON list and is none: {error}",
                hint="write URLs separated by blanks or commas, or a JSON list of them",
            ) from None
    # No URL holds a blank; a comma may stand in one, but not before the beginning of the next.
    return [url for url in _BETWEEN_URLS.split(text.strip(" ,")) if url]


def line_of(found: Found) -> int:
    """The line that a setting stands at, counted from 1; 0 where it is in no file or cannot be told.

    Args:
        found: The setting. Its file is read again.
    """
    if found.line or not found.path:
        return found.line
    try:
        with open(found.path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return 0
    name = re.escape(found.name)
    table = "" if found.path.endswith("noormme.toml") else r"tool\.noormme\."
    inside = not table
    for number, line in enumerate(lines, 1):
        if re.match(rf"\s*\[\s*{table}{name}\s*[\].]", line):
            return number
        if re.match(r"\s*\[", line):
            inside = bool(table) and re.match(r"\s*\[\s*tool\.noormme\s*\]", line) is not None
        elif inside and re.match(rf"\s*[\"']?{name}[\"']?\s*[=.]", line):
            return number
    return 0
