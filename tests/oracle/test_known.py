"""Queries that once gave other rows than Django, each the smallest of its kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import library
from .compare import difference
from .query import Query
from .sides import DjangoSide, NoormmeSide, django_side

pytest.importorskip("django", minversion="5.2", reason="Django is the oracle of these tests")

KNOWN = {
    "two negations are none": "db.posts.filter(~~Q(tags__in=[3]))",
    "values() uses the join of the filter, though by another relation": (
        "db.posts.filter(post_tags__tag_id__lt=11).values('tags')"
    ),
    "values() makes its joins where it stands": (
        "db.people.values('comments__likes').filter(comments__body__isnull=False)"
    ),
    "values() of chained filters means the row of the last": (
        "db.posts.filter(tags__weight__lt=2).filter(tags__weight__gt=1).values('tags__name')"
    ),
    "a time and its parts": "db.clubs.filter(meets_at__hour__gte=10, meets_at__minute__lte=30)",
    "the time of a datetime": "db.comments.filter(created_at__time__range=(time(9), time(18, 25, 7)))",
    "a quarter is whole": "db.memberships.filter(since__quarter=2)",
    "a condition that does not hold is no NULL": "db.posts.annotate(s=~Exists(db.posts.all())).exclude(s__isnull=True)",
    "reverse and last": "db.people.reverse().last()",
    "exclude of NULL behind a row that is not there": (
        "db.posts.exclude(category__posts__rating__isnull=True)"
    ),
    "exclude of an end longer than the text": "db.comments.exclude(body__endswith='blue')",
    "what HAVING reads is grouped by": (
        "db.people.values('name').annotate(n=Count('pk')).filter(Q(n__gt=1) | Q(age__gt=44))"
    ),
    "HAVING over a to-many relation": (
        "db.posts.annotate(n=Count('category')).filter(Q(n__lte=10) | Q(post_tags__isnull=True))"
    ),
    "what can be in WHERE is not in HAVING": (
        "db.posts.annotate(n=Avg('tags__weight')).filter(Q(n__gt=1) & Q(comments__isnull=False))"
    ),
    "HAVING of an exclude stays whole": (
        "db.posts.annotate(n=Count('author')).exclude(Q(n__lt=10) | Q(published_at__isnull=True))"
    ),
    "a group is not split by what EXISTS compares with": (
        "db.people.annotate(n=Sum('comments__likes'))"
        ".exclude(Q(n__gt=1) & Q(posts_as_author__status__lte=F('posts_as_author__title')))"
    ),
    "one filter is about one row, negated or not": (
        "db.people.filter(Q(posts_as_author__views__gt=5) & ~Q(posts_as_author__status='final'))"
    ),
    "F inside a filter means the row of that filter": (
        "db.people.filter(posts_as_author__views__gt=5)"
        ".filter(posts_as_author__rating__lt=F('posts_as_author__views'))"
    ),
    "F inside an exclude means the joined row": (
        "db.people.exclude(posts_as_author__post_tags__post_id__lte=F('posts_as_author__post_tags__tag_id'))"
    ),
    "no subquery inside an aggregate": (
        "db.clubs.annotate(n=Avg('people__clubs__budget', filter=~Q(memberships__since=None)))"
    ),
    "everything or something keeps the joins": (
        "db.people.all() | db.people.filter(memberships__club__founded__isnull=False)"
    ),
    "everything but": "db.people.all() ^ db.people.filter(memberships__club__founded__isnull=False)",
    "nothing": "db.people.all() ^ db.people.all()",
    "the right side takes over a join of another filter": (
        "db.posts.exclude(category__children__posts__author_id__lt=23)"
        ".filter(tags__posts__post_tags__post_id=37) | db.posts.filter(post_tags__post__category=None)"
    ),
    "the right side takes over the latest join": (
        "db.posts.filter(tags__name='a_b-5').filter(tags__weight__gt=1) | db.posts.filter(tags__id=3)"
    ),
    "values() behind or means the latest join": (
        "(db.posts.filter(tags__id=3).filter(post_tags__post__views__gt=5)"
        " | db.posts.filter(tags__id=4).filter(tags__weight=1)).values('tags')"
    ),
    "each join is taken over once": (
        "db.posts.filter(tags__id=3) | db.posts.filter(tags__id=4).filter(tags__weight__gt=1)"
    ),
    "three sides": (
        "(db.posts.filter(tags__id=3) | db.posts.filter(tags__id=4)) | db.posts.filter(tags__weight__gt=2)"
    ),
    "or on the right side of and": (
        "db.posts.filter(tags__id=3) & (db.posts.filter(tags__weight=1) | db.posts.filter(tags__id__gt=8))"
    ),
    "or on both sides of or": (
        "(db.posts.filter(tags__id=3) | db.posts.filter(tags__id=4))"
        " | (db.posts.filter(tags__weight__gt=2) | db.posts.filter(tags__name='red-1'))"
    ),
    "a filter behind or has joins of its own": (
        "(db.posts.filter(tags__id=3) | db.posts.filter(tags__id=4)).filter(tags__weight__gt=1)"
    ),
    "xor of conditions keeps rows without the one and with the other": (
        "db.people.filter((Q(comments__likes=8) & Q(is_active=True)) ^ Q(height__gt=1.7))"
    ),
    "what is not there can be sorted by": (
        "db.people.order_by((~Exists(db.posts.filter(author=OuterRef('pk')))).desc(), '-pk')"
    ),
    "the remainder of reals goes by their digits": "db.events.values_list('pk', F('ratio') % 0.1)",
    "no power of zero is infinite": "db.events.values_list('pk', F('ratio') ** -1.0)",
    "the text of a part is no number": "db.events.filter(meta__n=1).values_list('pk', 'meta__n')",
    "null has no text": "db.events.filter(meta__on__iregex='L')",
    "F in a filtered relation means the row that is joined": (
        "db.events.annotate(fr=FilteredRelation('post', condition=Q(post__views__gt=F('post__rating'))))"
        ".values('pk', 'fr__views')"
    ),
    "an annotation that values() leaves out makes no groups": (
        "db.posts.annotate(v=F('views')).values('status').annotate(n=Count('*'))"
    ),
    "the latest aggregate says what the groups are": (
        "db.posts.values('status', 'views').annotate(n=Count('*')).values('status').annotate(m=Count('*'))"
    ),
    "an annotation between two aggregates makes groups": (
        "db.posts.values('status').annotate(n=Count('*')).annotate(v=F('views')).annotate(m=Count('*'))"
        ".values('status', 'm')"
    ),
    "constants are no groups": "db.posts.filter(pk__lt=0).annotate(c=Value(1)).values('c').annotate(n=Count('*'))",
    "an aggregate alone makes one row": "db.posts.values('status').annotate(n=Count('*')).values('n').annotate(m=Count('*'))",
    "an alias that nothing refers to": ("db.profiles.alias(n=Count('person', filter=Q(bio__contains='b ')))"),
}


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DjangoSide, NoormmeSide]]:
    path = tmp_path_factory.mktemp("known") / "library.sqlite"
    library.make(path)
    with django_side(path) as django:
        noormme = NoormmeSide(path)
        yield django, noormme
        noormme.close()


@pytest.mark.parametrize("source", KNOWN.values(), ids=KNOWN)
def test_known(sides: tuple[DjangoSide, NoormmeSide], source: str) -> None:
    django, noormme = sides
    for side in sides:
        side.submit([source])
    (expected,), (got,) = django.results(), noormme.results()
    assert "error" not in expected
    different = difference(Query("people"), expected, got)
    assert different is None, (
        f"{different}\nDjango:  {django.explain(source)}\nnoormme: {noormme.explain(source)}"
    )
