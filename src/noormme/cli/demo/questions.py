"""The dozen queries of ``noormme demo`` on the sample database.

Invariant: a question's code is written once; what is shown is what runs. It reads ``db`` and the
public names of noormme, and writes nothing.
"""

from __future__ import annotations

import msgspec

__all__ = ["SAMPLE", "Question"]


class Question(msgspec.Struct, frozen=True):
    """One query to show.

    Attributes:
        title: What is asked, in a few words.
        code: A Python expression that answers it.
        columns: Headings for rows that have no names of their own.
    """

    title: str
    code: str
    columns: tuple[str, ...] = ()


SAMPLE = (
    Question(
        "One row, by a unique field",
        'db.clients.get(name="Wren Labs")',
    ),
    Question(
        "Filter, order, slice: the films in review with the nearest deadlines",
        """\
db.projects.filter(status="review", deadline__isnull=False).order_by(
    "deadline"
).values("title", "status", "deadline", "budget")[:5]""",
    ),
    Question(
        "Or, not: invoices to ask about",
        """\
db.payments.filter(
    Q(status="overdue") | Q(status="open", due_on__lte=date(2026, 1, 10))
).exclude(method="card").order_by("-total").values(
    "invoice_number", "status", "total", "currency", "due_on"
)[:5]""",
    ),
    Question(
        "Text, in capital letters or not",
        """\
db.users.filter(
    last_name__istartswith="mo",
    email__icontains=".ORG",
    is_active=True,
).order_by("last_name", "id").values(
    "full_name", "email", "created_at"
)[:5]""",
    ),
    Question(
        "Over relations, in every direction",
        """\
db.projects.filter(
    clients__country="JP", creator__profile__job_title="Producer"
).distinct().order_by("-budget").values(
    "title", "creator__full_name", "budget"
)[:5]""",
    ),
    Question(
        "Count, by a part of a date",
        "db.messages.filter(read_at__isnull=True, sent_at__year=2025).count()",
    ),
    Question(
        "Count what hangs on each row, and filter by the count",
        """\
db.clients.annotate(n=Count("projects")).filter(n__gte=20).order_by(
    "-n", "name"
).values("name", "country", "n")[:5]""",
    ),
    Question(
        "Group",
        """\
db.payments.values("status").annotate(
    n=Count("id"), sum=Sum("total"), most=Max("total")
).order_by("-n")""",
    ),
    Question(
        "Many-to-one: joined, one query",
        """\
[
    (version.file_name, version.project.title, version.editor.user.email)
    for version in db.video_versions.filter(editor__isnull=False)
    .select_related("project", "editor__user")
    .order_by("-uploaded_at")[:5]
]""",
        ("file_name", "project", "editor"),
    ),
    Question(
        "Many-to-many and one-to-many: one query for each, whatever the number of rows",
        """\
[
    (
        film.title,
        [client.name for client in film.clients.all()],
        [version.version_number for version in film.video_versions.all()],
    )
    for film in db.projects.prefetch_related(
        "clients",
        Prefetch(
            "video_versions", db.video_versions.filter(status="approved")
        ),
    ).order_by("-budget")[:5]
]""",
        ("title", "clients", "approved versions"),
    ),
    Question(
        "No N+1: 50 messages, and what was not asked for comes for all of them at once",
        """\
[
    (message.sender.full_name, message.recipient.full_name, message.body)
    for message in db.messages.order_by("-sent_at")[:50]
]""",
        ("sender", "recipient", "body"),
    ),
    Question(
        "JSON, dates and decimals are Python values",
        """\
[
    (
        film.title,
        film.settings["fps"],
        film.deadline - film.created_at.date(),
        film.budget * 2,
    )
    for film in db.projects.filter(created_at__year=2025)
    .exclude(deadline=None)
    .order_by("id")[:5]
]""",
        ("title", "fps", "time to work", "budget, twice"),
    ),
)
"""On the sample database; each shows something that the others do not."""
