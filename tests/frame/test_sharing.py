"""What threads and processes have in common."""

from __future__ import annotations

import gc

from noormme.sharing import Living
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
