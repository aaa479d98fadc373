"""Plans are found by other processes, and by those only for which they are right."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import noormme
from tests.plans.processes import TOLD, make, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the cache folder has other rules there")

GET = 'print(db.books.get(id=1).title, db.authors.filter(born__year=1960).values_list("name", flat=True)[0])'
FIRST = TOLD.format(body=GET)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "library.db")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "caches"


def plan_files(cache: Path) -> list[Path]:
    return sorted((cache / "noormme").iterdir())


def test_a_second_process_compiles_nothing(path: Path, cache: Path) -> None:
    assert run(FIRST, path, cache=cache) == ["One Bob", "compiled"]
    [kept] = plan_files(cache)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    before = kept.read_bytes()
    assert run(FIRST, path, cache=cache) == ["One Bob", "found"]
    assert kept.read_bytes() == before


def test_relations_writes_and_counts_are_found_too(path: Path, cache: Path) -> None:
    body = """
from datetime import date
books = list(db.books.prefetch_related("author").order_by("id"))
print([each.author.name for each in books], db.books.filter(price__gt=10).count(), db.books.exists())
print([each.title for each in db.authors.get(name="Ann").books], db.books.filter(id__in=[1, 3]).count())
print([each.author.name for each in db.books.select_related("author").filter(author__name="Bob")])
joined = db.table("books").select("title", "authors.name as author").left_join("authors", "authors.id", "author_id")
print(joined.where("authors.born", ">", date(1955, 1, 1)).all(), joined.where("authors.name", "in", ["Ann"]).count())
texts = [db.books.filter(**{f"title__{lookup}": "o"}).count() for lookup in ("contains", "icontains", "endswith")]
texts += [db.books.filter(**{f"title__{lookup}": "t"}).count() for lookup in ("istartswith", "startswith", "iregex")]
print(texts, db.books.filter(title__iendswith="WO").count(), db.books.exclude(title__iexact="two").count())
print(db.execute("select count(*) from books where price > ?", [9])[0][0])
with db.transaction():
    new = db.authors.create(name=f"Dora {db.authors.count()}", active=True)
    new.name = f"{new.name}!"
    new.save()
    db.authors.filter(name=new.name).update(active=False)
    print(db.authors.get(id=new.id).active)
    new.delete()
"""
    program = TOLD.format(body=body)
    first = run(program, path, cache=cache)
    assert first[-1] == "compiled"
    assert run(program, path, cache=cache) == [*first[:-1], "found"]


def test_a_process_that_is_killed_loses_its_plans_and_nothing_else(path: Path, cache: Path) -> None:
    killed = f"import os\n{FIRST.replace('db.close()', 'os._exit(0)')}"
    run(killed, path, cache=cache)
    assert not (cache / "noormme").exists()
    assert run(FIRST.replace("db.close()", ""), path, cache=cache)[-1] == "compiled", (
        "nothing was saved before"
    )
    assert run(FIRST, path, cache=cache)[-1] == "found", "it was saved at the end of the program"


def test_a_forked_process_keeps_its_plans(path: Path, cache: Path) -> None:
    body = """
import os
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
else:
    assert db.books.get(id=1).title == "One"
    assert db.authors.filter(born__year=1960).count() == 1
    sys.exit()
"""
    run(TOLD.format(body=body), path, cache=cache)
    assert len(plan_files(cache)) == 1


def test_many_processes_at_once(path: Path, cache: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST, str(path)], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for each in running:
        output, _ = each.communicate(timeout=120)
        assert each.returncode == 0
        assert output.startswith("One Bob\n")
    assert len(plan_files(cache)) == 1
    assert run(FIRST, path, cache=cache) == ["One Bob", "found"]


DAMAGES = {
    "emptied": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b"x",
    "a bit": lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
    "foreign": lambda data: b"\x80\x04\x95" + data,
    "no plans": lambda data: data[:20] + b"\x92\xc4\x01x\x80",
}


def test_a_damaged_file_costs_time_only(path: Path, cache: Path) -> None:
    run(FIRST, path, cache=cache)
    [kept] = plan_files(cache)
    whole = kept.read_bytes()
    # One process for all: the plan file is read anew by each connection.
    program = """
import sys
from pathlib import Path
from noormme import connect
kept, whole = Path(sys.argv[2]), Path(sys.argv[2]).read_bytes()
damages = eval(sys.argv[3])
for name, data in damages.items():
    kept.write_bytes(data)
    with connect(sys.argv[1]) as db:
        assert db.books.get(id=1).title == "One", name
        assert db.authors.filter(born__year=1960).count() == 1, name
    assert len(kept.read_bytes()) > 100 and kept.read_bytes() != data, f"{name}: it was not replaced"
print("compiled" if "sqlalchemy" in sys.modules else "found")
"""
    damages = {name: damage(whole) for name, damage in DAMAGES.items()}
    assert run(program, path, kept, damages, cache=cache) == ["compiled"]


def test_places_that_cannot_be_written(path: Path, cache: Path, tmp_path: Path) -> None:
    # A file where the folder should be; no home at all.
    cache.write_text("a file")
    assert run(FIRST, path, cache=cache) == ["One Bob", "compiled"]
    assert run(FIRST, path, cache="", HOME="relative") == ["One Bob", "compiled"]
    assert run(FIRST, path, cache="not/absolute", HOME=str(tmp_path / "home")) == ["One Bob", "compiled"]
    assert len(plan_files(tmp_path / "home" / ".cache")) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk(path: Path, cache: Path) -> None:
    program = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n" + (
        "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + FIRST
    )
    assert signal.SIGXFSZ
    assert run(program, path, cache=cache, measured=False) == ["One Bob", "compiled"]
    assert plan_files(cache) == [], "what could not be written whole is gone"


def test_what_others_may_write_is_not_read(path: Path, cache: Path, tmp_path: Path) -> None:
    run(FIRST, path, cache=cache)
    [kept] = plan_files(cache)
    kept.chmod(0o666)
    assert run(FIRST, path, cache=cache)[-1] == "compiled"
    # It was replaced by one of its own.
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    elsewhere = kept.rename(tmp_path / "elsewhere.bin")
    kept.symlink_to(elsewhere)
    assert run(FIRST, path, cache=cache)[-1] == "compiled"
    assert not kept.is_symlink()
    kept.unlink()
    os.mkfifo(kept)
    assert run(FIRST, path, cache=cache)[-1] == "compiled", "a pipe is not waited for"
    kept.parent.chmod(0o777)
    kept.unlink()
    assert run(FIRST, path, cache=cache)[-1] == "compiled"
    assert plan_files(cache) == [], "a folder of everybody's is not written to"


def test_the_settings_decide(path: Path, cache: Path) -> None:
    assert run(FIRST, path, cache=cache, NOORMME_PLANS="off")[-1] == "compiled"
    assert not cache.exists()
    memory = 'from noormme import connect\ndb = connect(":memory:")\ndb.execute("create table t (a)")\ndb.refresh()\n'
    run(memory + "print(db.t.count())\ndb.close()", cache=cache)
    assert not cache.exists(), "what is in memory is gone with its process"


def test_the_folder_does_not_grow_for_ever(path: Path, cache: Path) -> None:
    (cache / "noormme").mkdir(parents=True, mode=0o700)
    for number in range(80):
        old = cache / "noormme" / f"plans-{number:02}.bin"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    (cache / "noormme" / "another.txt").write_text("not a plan")
    run(FIRST, path, cache=cache)
    names = [each.name for each in plan_files(cache)]
    assert len(names) == 65
    assert "another.txt" in names
    assert "plans-16.bin" not in names
    assert "plans-17.bin" in names


def test_shipped_plans(path: Path, cache: Path, tmp_path: Path) -> None:
    shipped = tmp_path / "app.plans"
    assert run(FIRST, path, cache=cache)[-1] == "compiled"
    export = """
import sys
from noormme.database import open_registry
from noormme.orm.stored_plans import export
print(export(open_registry(sys.argv[1]), sys.argv[2]))
"""
    assert run(export, path, shipped, cache=cache) == ["2"]
    assert run(FIRST, path, cache=os.devnull, NOORMME_PLANS=str(shipped)) == ["One Bob", "found"]
    # On another machine the files of the compiler have other dates, and the plans belong to somebody else.
    shipped.chmod(0o444)
    before = shipped.read_bytes()
    assert run(
        FIRST + "db = connect(sys.argv[1])\ndb.books.count()", path, cache=cache, NOORMME_PLANS=str(shipped)
    )
    assert shipped.read_bytes() == before, "it is never written"
    assert run(FIRST, path, cache=cache, NOORMME_PLANS=str(tmp_path / "missing"))[-1] == "compiled"


REFUSED = """
import sys
from noormme import NoormmeError
from noormme.database import open_registry
from noormme.orm.stored_plans import export
for target, settings, path in ((sys.argv[1], {"plans": "off"}, "x"), (":memory:", {}, "x"), (sys.argv[1], {}, "no/x")):
    try:
        export(open_registry(target, **settings), path)
    except NoormmeError as error:
        print(error)
"""


def test_an_export_that_is_refused_says_why(path: Path, cache: Path) -> None:
    assert run(REFUSED, path, cache=cache) == [
        "no plans are kept, because the setting plans is 'off'",
        "plans of this database are not kept; those of SQLite files are",
        "no/x cannot be written: No such file or directory",
    ]


def test_a_file_beside_the_configuration(path: Path, cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "app" / "inside"
    folder.mkdir(parents=True)
    (tmp_path / "app" / "noormme.toml").write_text('plans = "app.plans"\n')
    run(FIRST, path, cache=cache)
    export = "import sys\nfrom noormme.database import open_registry\nfrom noormme.orm.stored_plans import export\n"
    run(
        export + "export(open_registry(sys.argv[1]), sys.argv[2])",
        path,
        tmp_path / "app" / "app.plans",
        cache=cache,
    )
    inside = f"import os\nos.chdir({str(folder)!r})\n{FIRST}"
    assert run(inside, path, cache=os.devnull) == ["One Bob", "found"]


def test_another_compiler_does_not_use_them(path: Path, cache: Path, tmp_path: Path) -> None:
    source = Path(noormme.__file__).parent
    copied = shutil.copytree(
        source, tmp_path / "site" / "noormme", ignore=shutil.ignore_patterns("__pycache__")
    )
    there = {"PYTHONPATH": str(copied.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    assert run(FIRST, path, cache=cache, **there)[-1] == "compiled"
    assert run(FIRST, path, cache=cache, **there)[-1] == "found"
    compiler = copied / "query" / "compile.py"
    os.utime(compiler, (1, 1))
    assert run(FIRST, path, cache=cache, **there)[-1] == "compiled", "a file of a checkout was changed"
    # A release is known by its version, and by when it was installed.
    record = copied.parent / f"noormme-{noormme.__version__}.dist-info" / "RECORD"
    record.parent.mkdir()
    record.touch()
    assert run(FIRST, path, cache=cache, **there)[-1] == "compiled"
    os.utime(compiler, (2, 2))
    assert run(FIRST, path, cache=cache, **there)[-1] == "found"
    os.utime(record, (1, 1))
    assert run(FIRST, path, cache=cache, **there)[-1] == "compiled"


def test_plans_are_shipped_by_the_command(path: Path, cache: Path, tmp_path: Path) -> None:
    command = "import sys\nfrom noormme.cli.app import main\nsys.argv = ['noormme', *sys.argv[1:]]\nmain()"
    shipped = tmp_path / "app.plans"
    assert run(FIRST, path, cache=cache) == ["One Bob", "compiled"]
    assert run(command, "generate", path, "--plans", shipped, cache=cache) == [f"{shipped}  written: 2 plans"]
    elsewhere = tmp_path / "another user"
    assert run(FIRST, path, cache=elsewhere, NOORMME_PLANS=str(shipped)) == ["One Bob", "found"]
    assert not elsewhere.exists()
