"""A page of queries on Chinook: PascalCase names, a self-reference, one plain junction table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from noormme import Avg, Count, F, Max, Min, Q, Sum
from tests.worlds import Worlds

from .page import Case, check

CASES = [
    Case(
        "the albums of an artist",
        lambda db: db.album.filter(artist__name="AC/DC").order_by("title").values_list("album_id", "title"),
        """SELECT AlbumId, Title FROM Album WHERE ArtistId = (SELECT ArtistId FROM Artist
           WHERE Name = 'AC/DC')
           ORDER BY Title""",
    ),
    Case(
        "tracks of an artist, two relations away",
        lambda db: (
            db.track.filter(album__artist__name__startswith="Iron").order_by("pk").values_list("pk", "name")
        ),
        """SELECT t.TrackId, t.Name FROM Track t, Album a, Artist r
           WHERE t.AlbumId = a.AlbumId AND a.ArtistId = r.ArtistId AND r.Name GLOB 'Iron*'
           ORDER BY t.TrackId""",
    ),
    Case(
        "artists with no album",
        lambda db: db.artist.filter(album__isnull=True).order_by("name").values_list("name", flat=True),
        "SELECT Name FROM Artist WHERE ArtistId NOT IN (SELECT ArtistId FROM Album) ORDER BY Name",
    ),
    Case(
        "artists and how many albums they made, the busiest first",
        lambda db: (
            db.artist.annotate(albums=Count("album"))
            .filter(albums__gte=5)
            .order_by("-albums", "name")
            .values_list("name", "albums")
        ),
        """SELECT r.Name, count(*) AS n FROM Artist r JOIN Album a USING (ArtistId)
           GROUP BY r.ArtistId HAVING n >= 5 ORDER BY n DESC, r.Name""",
    ),
    Case(
        "artists of whom a jazz track exists, each once",
        lambda db: (
            db.artist.filter(album__track__genre__name="Jazz").distinct().order_by("name").values_list("name")
        ),
        """SELECT Name FROM Artist r WHERE EXISTS (
             SELECT 1 FROM Album a JOIN Track t USING (AlbumId) JOIN Genre g USING (GenreId)
             WHERE a.ArtistId = r.ArtistId AND g.Name = 'Jazz') ORDER BY Name""",
    ),
    Case(
        "one row for each match where nothing says distinct",
        lambda db: db.artist.filter(album__track__genre__name="Jazz").count(),
        """SELECT count(*) FROM Artist r JOIN Album a USING (ArtistId) JOIN Track t USING (AlbumId)
           JOIN Genre g USING (GenreId) WHERE g.Name = 'Jazz'""",
    ),
    Case(
        "two conditions of one filter hold for the same track",
        lambda db: (
            db.album.filter(track__milliseconds__gt=400_000, track__genre__name="Metal")
            .distinct()
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT AlbumId FROM Album a WHERE EXISTS (SELECT 1 FROM Track t JOIN Genre g USING (GenreId)
             WHERE t.AlbumId = a.AlbumId AND t.Milliseconds > 400000 AND g.Name = 'Metal')
             ORDER BY AlbumId""",
    ),
    Case(
        "two chained filters may hold for different tracks",
        lambda db: (
            db.album.filter(track__milliseconds__gt=400_000)
            .filter(track__genre__name="Metal")
            .distinct()
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT AlbumId FROM Album a
           WHERE EXISTS (SELECT 1 FROM Track t WHERE t.AlbumId = a.AlbumId AND t.Milliseconds > 400000)
             AND EXISTS (SELECT 1 FROM Track t JOIN Genre g USING (GenreId)
                         WHERE t.AlbumId = a.AlbumId AND g.Name = 'Metal') ORDER BY AlbumId""",
    ),
    Case(
        "artists without any rock track",
        lambda db: (
            db.artist.exclude(album__track__genre__name="Rock").order_by("pk").values_list("pk", flat=True)
        ),
        """SELECT ArtistId FROM Artist WHERE ArtistId NOT IN (
             SELECT a.ArtistId FROM Album a JOIN Track t USING (AlbumId) JOIN Genre g USING (GenreId)
             WHERE g.Name = 'Rock') ORDER BY ArtistId""",
    ),
    Case(
        "exclude keeps rows whose value is NULL",
        lambda db: db.track.exclude(composer="AC/DC").count(),
        "SELECT count(*) FROM Track WHERE Composer IS NULL OR Composer <> 'AC/DC'",
    ),
    Case(
        "playlists that hold a track, through the junction",
        lambda db: db.playlist.filter(track__name="Enter Sandman").order_by("pk").values_list("pk", "name"),
        """SELECT p.PlaylistId, p.Name FROM Playlist p JOIN PlaylistTrack USING (PlaylistId)
           JOIN Track t USING (TrackId) WHERE t.Name = 'Enter Sandman' ORDER BY p.PlaylistId""",
    ),
    Case(
        "tracks on a playlist of a name, the other way round",
        lambda db: db.track.filter(playlist__name="Grunge").order_by("name").values_list("name", flat=True),
        """SELECT t.Name FROM Track t JOIN PlaylistTrack USING (TrackId) JOIN Playlist p USING (PlaylistId)
           WHERE p.Name = 'Grunge' ORDER BY t.Name""",
    ),
    Case(
        "tracks outside some playlists, each exclude on its own",
        lambda db: db.track.exclude(playlist__pk__gt=8).exclude(playlist__pk__range=(2, 7)).count(),
        """SELECT count(*) FROM Track WHERE TrackId NOT IN (
             SELECT TrackId FROM PlaylistTrack WHERE PlaylistId > 8 OR PlaylistId BETWEEN 2 AND 7)""",
    ),
    Case(
        "empty playlists",
        lambda db: db.playlist.filter(track=None).order_by("pk").values_list("pk", "name"),
        """SELECT PlaylistId, Name FROM Playlist
           WHERE PlaylistId NOT IN (SELECT PlaylistId FROM PlaylistTrack) ORDER BY PlaylistId""",
    ),
    Case(
        "who reports to whom",
        lambda db: db.employee.order_by("pk").values_list(
            "last_name", "reports_to__last_name", "reports_to__reports_to__title"
        ),
        """SELECT e.LastName, b.LastName, c.Title FROM Employee e
           LEFT JOIN Employee b ON b.EmployeeId = e.ReportsTo
           LEFT JOIN Employee c ON c.EmployeeId = b.ReportsTo ORDER BY e.EmployeeId""",
    ),
    Case(
        "bosses and the number of those who report to them",
        lambda db: (
            db.employee.annotate(team=Count("employee"))
            .filter(team__gt=0)
            .order_by("-team", "pk")
            .values_list("last_name", "team")
        ),
        """SELECT b.LastName, count(*) AS n FROM Employee b JOIN Employee e ON e.ReportsTo = b.EmployeeId
           GROUP BY b.EmployeeId ORDER BY n DESC, b.EmployeeId""",
    ),
    Case(
        "customers looked after by someone hired after a day",
        lambda db: (
            db.customer.filter(support_rep__hire_date__gte=datetime(2003, 1, 1))
            .order_by("last_name", "pk")
            .values_list("last_name", "support_rep__first_name")[:10]
        ),
        """SELECT c.LastName, e.FirstName FROM Customer c JOIN Employee e ON e.EmployeeId = c.SupportRepId
           WHERE e.HireDate >= '2003-01-01' ORDER BY c.LastName, c.CustomerId LIMIT 10""",
    ),
    Case(
        "what each country spent",
        lambda db: (
            db.invoice.values("billing_country")
            .annotate(spent=Sum("total"), n=Count("pk"))
            .order_by("-spent", "billing_country")
        ),
        """SELECT BillingCountry, sum(Total) AS spent, count(*) FROM Invoice GROUP BY BillingCountry
           ORDER BY spent DESC, BillingCountry""",
    ),
    Case(
        "the best customers",
        lambda db: (
            db.customer.annotate(spent=Sum("invoice__total"), last=Max("invoice__invoice_date"))
            .order_by("-spent", "pk")
            .values_list("email", "spent", "last")[:5]
        ),
        """SELECT c.Email, sum(i.Total) AS spent, max(i.InvoiceDate) FROM Customer c
           JOIN Invoice i USING (CustomerId) GROUP BY c.CustomerId ORDER BY spent DESC, c.CustomerId
           LIMIT 5""",
    ),
    Case(
        "a sum, a mean, a least and a greatest",
        lambda db: db.invoice.filter(billing_country="Germany").aggregate(
            a=Sum("total"),
            b=Avg("total"),
            c=Min("total"),
            d=Max("invoice_date"),
            e=Count("customer", distinct=True),
        ),
        """SELECT sum(Total), avg(Total), min(Total), max(InvoiceDate), count(DISTINCT CustomerId)
           FROM Invoice WHERE BillingCountry = 'Germany'""",
    ),
    Case(
        "genres by how often their tracks were sold, through two relations",
        lambda db: (
            db.genre.annotate(sold=Sum("track__invoice_line__quantity"))
            .order_by("-sold", "name")
            .values_list("name", "sold")
        ),
        """SELECT g.Name, (SELECT sum(l.Quantity) FROM Track t JOIN InvoiceLine l USING (TrackId)
                           WHERE t.GenreId = g.GenreId) AS sold FROM Genre g ORDER BY sold DESC, g.Name""",
    ),
    Case(
        "invoices of one quarter",
        lambda db: (
            db.invoice.filter(invoice_date__year=2022, invoice_date__quarter=3)
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT InvoiceId FROM Invoice WHERE InvoiceDate >= '2022-07-01' AND InvoiceDate < '2022-10-01'
           ORDER BY InvoiceId""",
    ),
    Case(
        "invoices on a Sunday",
        lambda db: db.invoice.filter(invoice_date__week_day=1).count(),
        "SELECT count(*) FROM Invoice WHERE strftime('%w', InvoiceDate) = '0'",
    ),
    Case(
        "one column compared with another, in another table; NULL equals nothing",
        lambda db: db.invoice.filter(billing_state=F("customer__state")).count(),
        """SELECT count(*) FROM Invoice i JOIN Customer c USING (CustomerId)
           WHERE i.BillingState = c.State""",
    ),
    Case(
        "Q with or, and not",
        lambda db: (
            db.track.filter(
                (Q(genre__name="Blues") | Q(album__title__icontains="blues")) & ~Q(composer__isnull=True)
            )
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT TrackId FROM Track WHERE Composer IS NOT NULL
             AND (GenreId IN (SELECT GenreId FROM Genre WHERE Name = 'Blues')
                  OR AlbumId IN (SELECT AlbumId FROM Album WHERE lower(Title) LIKE '%blues%'))
                  ORDER BY TrackId""",
    ),
    Case(
        "sorted by what is two relations away, cut from the middle",
        lambda db: (
            db.track.filter(genre__name="Classical")
            .order_by("album__artist__name", "-name")
            .values_list("album__artist__name", "name")[:20]
        ),
        """SELECT r.Name, t.Name FROM Track t JOIN Album a USING (AlbumId) JOIN Artist r USING (ArtistId)
           WHERE t.GenreId = 24 ORDER BY r.Name, t.Name DESC LIMIT 20""",
    ),
    Case(
        "tracks that were never sold, by type of media",
        lambda db: (
            db.track.filter(invoice_line__isnull=True)
            .values("media_type__name")
            .annotate(n=Count("pk"))
            .order_by("media_type__name")
        ),
        """SELECT m.Name, count(*) FROM Track t JOIN MediaType m USING (MediaTypeId)
           WHERE NOT EXISTS (SELECT 1 FROM InvoiceLine l WHERE l.TrackId = t.TrackId) GROUP BY m.Name
           ORDER BY m.Name""",
    ),
    Case(
        "a query inside a query",
        lambda db: (
            db.customer.filter(invoice__in=db.invoice.filter(total__gt=20))
            .order_by("pk")
            .values_list("pk", "first_name")
        ),
        """SELECT c.CustomerId, c.FirstName FROM Customer c JOIN Invoice i USING (CustomerId)
           WHERE i.Total > 20
           ORDER BY c.CustomerId""",
    ),
    Case(
        "states that are known, each once, unknown ones first",
        lambda db: db.customer.order_by("state").values_list("state", flat=True).distinct(),
        "SELECT DISTINCT State FROM Customer ORDER BY State",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_chinook(engine: str, copied: Callable[[str], Path], worlds: Worlds, case: Case) -> None:
    check(worlds.shared(engine, copied("chinook")), copied("chinook"), case)
