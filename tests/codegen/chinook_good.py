"""What checkers must accept and infer of the module generated for Chinook; never run."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_type

import chinook as models

from noormme import Count, Exists, F, Prefetch, Q

db = models.connect("chinook.sqlite")
assert_type(db, models.Database)
assert_type(db.album, models.AlbumManager)
assert_type(
    db.album.filter(title="x").exclude(artist_id__in=[1, 2]).order_by("-title", "artist__name"),
    models.AlbumQuerySet,
)
assert_type(db.album.get(album_id=1), models.Album)
assert_type(db.album.first(), models.Album | None)
for row in db.album.all():
    assert_type(row, models.Album)
    assert_type(row.title, str)
    assert_type(row.artist, models.Artist)
    assert_type(row.artist.name, str | None)
    assert_type(row.track, models.TrackRelated)
    assert_type(row.track.filter(name__icontains="a").first(), models.Track | None)
assert_type(db.album[:3], models.AlbumQuerySet)
assert_type(db.album.all()[0], models.Album)
assert_type(db.track.values_list("name", flat=True), models.TrackRows[str, Any])
assert_type(list(db.track.values_list("unit_price", flat=True)), list[Decimal])
assert_type(list(db.track.values_list("album__title", flat=True)), list[str | None])
assert_type(db.artist.values_list("artist_id", "name").first(), tuple[int | str | None, ...] | None)
assert_type(db.playlist.values_list("name", "playlist_id").first(), tuple[int | str | None, ...] | None)
assert_type(db.genre.values_list("name", "track__unit_price").count(), int)
assert_type(db.genre.values_list(), models.GenreRows[tuple[int | str | None, ...], tuple[Any, ...]])
rows = db.track.values("name", "milliseconds").filter(milliseconds__gt=3)
for each in rows:
    assert_type(each["name"], str)
db.invoice.filter(invoice_date__year=2010, invoice_date__date__gte=date(2010, 1, 1), total__gt=3)
db.invoice.filter(invoice_date__gte=datetime(2010, 1, 1), customer__email__endswith="x")
db.track.filter(milliseconds__gt=F("bytes"), bytes__isnull=False)
db.track.filter(Q(name="x") | Q(name="y"), album__in=db.album.filter(title__startswith="A"))
db.album.filter(artist=1)
db.album.filter(artist=db.artist.get(pk=1))
assert_type(db.album.create(title="x", artist_id=1), models.Album)
assert_type(db.album.create(title="x", artist=db.artist.get(pk=1)), models.Album)
assert_type(db.album.get_or_create(title="x", defaults={"artist_id": 1}), tuple[models.Album, bool])
db.album.bulk_create([{"title": "x", "artist_id": 1}, db.album.get(pk=1)])
db.album.filter(title="x").update(title="y", artist_id=F("artist_id"))
assert_type(db.album.annotate(n=Count("track")).filter(n__gt=3).first(), models.AnnotatedAlbum | None)
for found in db.album.annotate(n=Count("track")):
    assert_type(found.n, Any)
    assert_type(found.title, str)
db.album.prefetch_related("track", "track__genre").select_related("artist").only("title").defer("artist_id")
db.album.prefetch_related(Prefetch("track", db.track.order_by("-name"))).get()
db.playlist_track.order_by("pk", "-pk", "track_id").first()
db.artist.filter(Exists(db.album.filter(artist_id=1)))
assert_type(db.album.in_bulk([1, 2]), dict[int, models.Album])
assert_type(db.repository("Album"), models.AlbumRepository)
assert_type(db.repository(models.AlbumRepository).find_by_title("x"), models.Album | None)
assert_type(db["Album"], models.AlbumManager)
artist = db.artist.get(pk=1)
artist.album.create(title="x")
artist.name = None
artist.update(name="x")
artist.save()
assert_type(artist.pk, int)


class Albums(models.AlbumRepository):
    def long(self) -> models.AlbumQuerySet:
        return self.where(title__iexact="x").order_by("title")


class Active(models.AlbumQuerySet):
    def by(self, name: str) -> "Active":
        return self.filter(artist__name=name).order_by("title")


class Album(models.Album):
    def shout(self) -> str:
        return self.title.upper()


db.register(Albums)
db.register(Active)
db.register(Album)
assert_type(db.repository(Albums).long(), models.AlbumQuerySet)


async def waiting() -> None:
    assert_type(await db.album.aget(title="x"), models.Album)
    assert_type(await db.album.filter(title="x"), list[models.Album])
    async for one in db.album.filter(title="x"):
        assert_type(one, models.Album)
    async with db.transaction():
        await db.album.acreate(title="x", artist_id=3)
    assert_type(await db.repository("Album").afind_all(title="x"), list[models.Album])
