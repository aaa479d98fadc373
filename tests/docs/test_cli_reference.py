"""The reference of the command line is what the commands say, and leaves none out."""

from __future__ import annotations

import pytest

from noormme.cli.commands import COMMANDS
from tests.docs import cli_reference


@pytest.fixture(scope="module")
def page() -> str:
    return cli_reference.PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date(page: str) -> None:
    assert page == cli_reference.page(), "run: python -m tests.docs.cli_reference"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(page: str, name: str) -> None:
    assert f"\n## noormme {name}" in page
    guide = (cli_reference.ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"`noormme {name}" in guide
