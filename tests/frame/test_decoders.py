"""Many threads that decode something for the first time: one of them describes its classes to msgspec.

msgspec 0.22 ends the process where two threads ask for the first decoder of a class; so each try is made with
classes of its own, all of them in a process of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plans.processes import run

PROGRAM = """
from importlib import reload
from {package} import {module} as first
from tests import switching

for _ in range(40):
    module = reload(first)
    {given}
    found = switching.at_once(lambda number: [{asked} for _ in range(5)], 4)
    assert found == [[{expected}] * 5] * 4, found
print("read")
"""

PLAN = 'plan = module.StoredPlan("SELECT 1", (), (), (), 0, 0, (), (), "row", (), 0, ())'
TABLE = 'table = module.Table("a", columns=(module.Column("b", "b"),))'


@pytest.mark.parametrize(
    ("package", "module", "given", "asked", "expected"),
    [
        pytest.param(
            "noormme.query",
            "stored_plan",
            f"{PLAN}; data = module.encoded(plan)",
            "module.decoded(data)",
            "plan",
            id="plans",
        ),
        pytest.param(
            "noormme.schema",
            "model",
            f'{TABLE}; schema = module.Schema("sqlite", tables=(table,)); data = schema.to_json()',
            "module.Schema.from_json(data)",
            "schema",
            id="schemas",
        ),
        pytest.param(
            "noormme.engines.sqlite",
            "catalog",
            "pass",
            '[decode("[]") for decode in module._listed()]',
            "[[], [], []]",
            id="catalogues",
        ),
        pytest.param(
            "noormme.engines.sqlite.functions",
            "stored",
            'data = \'["date", "date", {}, "text"]\'',
            "module.conversion_of(data).target",
            '"date"',
            id="conversions",
        ),
    ],
)
def test_the_first_ones_are_read_by_many_threads(
    package: str, module: str, given: str, asked: str, expected: str, tmp_path: Path
) -> None:
    program = PROGRAM.format(package=package, module=module, given=given, asked=asked, expected=expected)
    assert run(program, cache=tmp_path, measured=False) == ["read"]
