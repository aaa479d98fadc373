"""Singulars, as a person would write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.schema.inflection import singular

PAIRS = """
    users/user posts/post keys/key days/day employees/employee views/view apps/app urls/url ids/id
    categories/category companies/company cities/city queries/query entries/entry ties/tie pies/pie
    movies/movie cookies/cookie calories/calorie selfies/selfie
    addresses/address classes/class processes/process businesses/business bosses/boss
    branches/branch matches/match watches/watch caches/cache niches/niche
    wishes/wish dishes/dish boxes/box taxes/tax indexes/index indices/index axes/axis
    quizzes/quiz sizes/size prizes/prize buzzes/buzz waltzes/waltz
    heroes/hero potatoes/potato shoes/shoe toes/toe photos/photo videos/video
    leaves/leaf wives/wife lives/life shelves/shelf wolves/wolf archives/archive curves/curve
    statuses/status viruses/virus bonuses/bonus campuses/campus buses/bus menus/menu skus/sku
    houses/house warehouses/warehouse causes/cause clauses/clause uses/use excuses/excuse
    databases/database cases/case purchases/purchase licenses/license courses/course expenses/expense
    analyses/analysis diagnoses/diagnosis crises/crisis aliases/alias lenses/lens canvases/canvas
    taxis/taxi apis/api wikis/wiki schemas/schema quotas/quota areas/area
    people/person salespeople/salesperson children/child grandchildren/grandchild men/man women/woman
    salesmen/salesman chairmen/chairman feet/foot mice/mouse criteria/criterion matrices/matrix
    settings/setting details/detail statistics/statistic topics/topic demographics/demographic
"""

UNCHANGED = """
    status address series species news data metadata media analysis basis bus business class process
    access progress alias canvas lens bias person child man mouse gas chaos physics analytics sms gps
    specimen regimen user category information sheep goods x is us as id fts sys os s été años
"""


@pytest.mark.parametrize("pair", PAIRS.split())
def test_plurals(pair: str) -> None:
    plural, expected = pair.split("/")
    assert singular(plural) == expected


@pytest.mark.parametrize("word", UNCHANGED.split())
def test_what_is_no_plural_stays(word: str) -> None:
    assert singular(word) == word


@given(st.sampled_from(PAIRS.split()))
def test_the_singular_of_a_singular_is_itself(pair: str) -> None:
    single = pair.partition("/")[2]
    assert singular(single) == single


@given(st.text(alphabet="aehiosuvxyz", max_size=8))
def test_any_word_has_a_singular_that_stays(word: str) -> None:
    single = singular(word)
    assert len(single) > 0 or word == ""
    assert singular(single) == single
