"""Plans that are shipped fit one state of the code, whatever its version says."""

from __future__ import annotations

import shutil
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

import noormme
from tests.plans.processes import make, run

SHIP = """
import sys
from noormme import connect
from noormme.database import open_registry
from noormme.orm.stored_plans import export
db = connect(sys.argv[1])
assert db.authors.get(id=1).name == "Ann"
db.close()
print(export(open_registry(sys.argv[1]), sys.argv[2]))
"""
ASK = """
import sys
from noormme import connect
db = connect(sys.argv[1], plans=sys.argv[2])
assert db.authors.get(id=1).name == "Ann"
print("compiled" if "sqlalchemy" in sys.modules else "found")
"""


def installed(folder: Path, *, recorded: bool) -> Path:
    """A copy of the package in a folder that programs import it from.

    Args:
        folder: The folder.
        recorded: Whether an installer has written down what it is made of.
    """
    source = Path(noormme.__file__).parent
    shutil.copytree(source, folder / "noormme", ignore=shutil.ignore_patterns("__pycache__"))
    if recorded:
        record(folder)
    return folder


def record(folder: Path) -> None:
    """Write down what the package is made of, as an installer does."""
    info = folder / f"noormme-{noormme.__version__}.dist-info"
    info.mkdir(exist_ok=True)
    lines = [f"noormme-{noormme.__version__}.dist-info/RECORD,,", "../../bin/noormme,sha256=x,1"]
    for path in sorted((folder / "noormme").rglob("*.py")):
        data = path.read_bytes()
        digest = urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path.relative_to(folder).as_posix()},sha256={digest},{len(data)}")
        lines.append(f"{path.relative_to(folder).as_posix()}c,,")
    (info / "RECORD").write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="paths are separated otherwise there")
@pytest.mark.parametrize("recorded", [True, False], ids=["installed", "checkout"])
def test_a_file_is_for_one_state_of_the_code(tmp_path: Path, recorded: bool) -> None:
    folder = installed(tmp_path / "packages", recorded=recorded)
    path, shipped = make(tmp_path / "app.db"), tmp_path / "app.plans"

    def told(program: str) -> list[str]:
        return run(program, path, shipped, cache=tmp_path / "caches", measured=False, PYTHONPATH=str(folder))

    assert told(SHIP) == ["1"]
    assert told(ASK) == ["found"]
    changed = folder / "noormme" / "query" / "compile.py"
    text = changed.read_text(encoding="utf-8")
    # As long as before: neither the version nor any size tells them apart.
    changed.write_text(text.replace("touched", "TOUCHED", 1) or text, encoding="utf-8")
    assert changed.read_text(encoding="utf-8") != text
    if recorded:
        record(folder)
    assert told(ASK) == ["compiled"]
