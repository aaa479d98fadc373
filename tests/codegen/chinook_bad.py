"""What checkers must refuse of the module generated for Chinook; a line that is wrong ends in ``# error``."""

import chinook as models

db = models.connect("chinook.sqlite")
db.albumm  # error
db.album.filter(titel="x")  # error
db.album.filter(title__icontain="x")  # error
db.album.filter(artist__nam="x")  # error
db.track.filter(milliseconds__gte="x")  # error
db.track.filter(milliseconds="x")  # error
db.album.order_by("nope")  # error
db.album.order_by("-nope")  # error
db.album.create(title="x")  # error
db.album.create(artist_id=1)  # error
db.album.create(title="x", artist_id=1, nope=2)  # error
db.album.create(title=1, artist_id=1)  # error
db.album.values("nope")  # error
db.album.values_list("nope", flat=True)  # error
db.album.values_list("nope")  # error
db.album.only("nope")  # error
db.album.select_related("nope")  # error
db.album.prefetch_related("nope")  # error
db.album.get(nope=1)  # error
db.album.filter(title="x").update(nope=1)  # error
db.album.bulk_create([{"title": "x"}])  # error
db.album.bulk_update([], ["nope"])  # error
db.album.get(pk=1).nope  # error
db.album.get(pk=1).title = 3  # error
db.album.get(pk=1).artist.nope  # error
db.album.get(pk=1).update(nope=1)  # error
db.repository("Album").find_by_nope("x")  # error
db.repository("Album").find_by_title(1)  # error
db["Albumm"]  # error
db.album.values("title")[0]["nope"]  # error
db.album.in_bulk(["x"])  # error
for pair in db.artist.values_list("artist_id", "name"):
    pair[1].upper()  # error
db.repository("Album").where(titel="x")  # error
db.repository("Album").first(title__gt=1)  # error
db.repository("Album").exists("x")  # error
