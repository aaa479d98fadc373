"""What threads and processes have in common."""

from __future__ import annotations

import gc

import pytest

from noormme import sharing
from noormme.sharing import Living, wait_before_forks
from tests import switching


class Item:
    """Something that can be referred to weakly."""


def test_what_exists_is_listed_and_not_kept() -> None:
    living: Living[Item] = Living()
    first, second = Item(), Item()
    living.add(first)
    living.add(first)
    living.add(second)
    assert len(living) == 2
    assert set(living) == {first, second}
    del second
    gc.collect()
    assert list(living) == [first]
    living.discard(first)
    living.discard(first)
    assert not living
    living.add(first)
    living.clear()
    assert list(living) == []


def test_others_may_come_and_go_meanwhile() -> None:
    living: Living[Item] = Living()
    staying = [Item() for _ in range(200)]
    for item in staying:
        living.add(item)
    with switching.meanwhile(lambda: living.add(Item()), 2):
        for _ in range(2000):
            assert len({*living} & {*staying}) == 200


def test_forks_meanwhile_find_all_that_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []

    class Seconds(float):
        """A number that looks at the others when it is compared with them."""

        def __neg__(self) -> float:
            found.append(len(sharing._waited_for))
            return -float(self)

    monkeypatch.setattr(sharing, "_waited_for", [])
    for number in range(3):
        wait_before_forks(lambda: False, Seconds(number))
    assert found == [0, 1, 1, 2, 2, 2]
    assert [patience_s for patience_s, _ in sharing._waited_for] == [2, 1, 0]
