"""The sample's work: clients, projects and the versions of their videos.

Invariant: pure and deterministic; see ``draw``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from noormme.sample import words
from noormme.sample.draw import OPENED, TODAY, between, skewed, stamp
from noormme.sample.people import Editor, User

__all__ = [
    "Client",
    "ConfigEntry",
    "Project",
    "ProjectClient",
    "ProjectType",
    "VideoVersion",
    "clients",
    "config_entries",
    "project_clients",
    "project_types",
    "projects",
    "video_versions",
]


class ProjectType(NamedTuple):
    """One row of ``project_types``."""

    id: int
    code: str
    name: str
    base_price: str
    description: str


class Client(NamedTuple):
    """One row of ``clients``."""

    id: int
    name: str
    industry: str
    country: str
    billing_email: str
    account_manager_id: int | None
    is_active: bool
    created_at: str


class Project(NamedTuple):
    """One row of ``projects``."""

    id: int
    slug: str
    title: str
    project_type_id: int
    creator_id: int
    editor_id: int | None
    parent_id: int | None
    status: str
    budget: str
    deadline: str | None
    settings: str
    created_at: str
    delivered_at: str | None


class ProjectClient(NamedTuple):
    """One row of ``project_clients``, the junction of the two."""

    project_id: int
    client_id: int
    is_payer: bool
    added_at: str


class VideoVersion(NamedTuple):
    """One row of ``video_versions``."""

    id: int
    project_id: int
    editor_id: int | None
    version_number: int
    file_name: str
    resolution: str
    duration_s: float
    size_bytes: int
    checksum: bytes
    status: str
    uploaded_at: str


class ConfigEntry(NamedTuple):
    """One row of ``database_config``."""

    key: str
    value: str
    description: str
    updated_by: int | None
    updated_at: str


def project_types() -> list[ProjectType]:
    """The kinds of project that the studio sells."""
    return [ProjectType(key, *row) for key, row in enumerate(words.PROJECT_TYPES, 1)]


def clients(people: Sequence[User], count: int) -> list[Client]:
    """``count`` companies; a fifth of the users look after them."""
    rng = Random("clients")
    managers = people[: max(1, len(people) // 5)]
    names = [f"{name} {kind}" for kind in words.CLIENT_KINDS for name in words.CLIENT_NAMES]
    rng.shuffle(names)
    rows: list[Client] = []
    for key in range(1, count + 1):
        round_, position = divmod(key - 1, len(names))
        name = names[position] + (f" {round_ + 1}" if round_ else "")
        rows.append(
            Client(
                id=key,
                name=name,
                industry=rng.choice(words.INDUSTRIES),
                country=skewed(rng, words.COUNTRIES),
                billing_email=f"billing@{name.lower().replace(' ', '-')}.example",
                account_manager_id=rng.choice(managers).id if rng.random() < 0.9 else None,
                is_active=rng.random() < 0.85,
                created_at=stamp(OPENED + (TODAY - OPENED) * (0.9 * (key - rng.random()) / count)),
            )
        )
    return rows


def projects(people: Sequence[User], cutters: Sequence[Editor], count: int) -> list[Project]:
    """``count`` projects; about one in eight belongs to an earlier one."""
    rng = Random("projects")
    rows: list[Project] = []
    for key in range(1, count + 1):
        title = f"{rng.choice(words.SUBJECTS)}: {rng.choice(words.PARTS)}"
        slug = "".join(c if c.isalnum() else "-" for c in title.lower()).replace("--", "-")
        kind = skewed(rng, range(1, len(words.PROJECT_TYPES) + 1))
        share = (key - rng.random()) / count
        created = OPENED + (TODAY - OPENED) * share
        if share < 0.8:
            status = "archived" if rng.random() < 0.3 else "delivered"
        else:
            status = rng.choices(("draft", "active", "review", "delivered"), (15, 45, 20, 20))[0]
        delivered = status in ("delivered", "archived")
        # Only those who were there already can have made it.
        creator = people[max(0, int(len(people) * share * rng.random() ** 2) - 1)]
        rows.append(
            Project(
                id=key,
                slug=f"{slug}-{key}",
                title=title,
                project_type_id=kind,
                creator_id=creator.id,
                editor_id=skewed(rng, cutters).id if status != "draft" and rng.random() < 0.95 else None,
                parent_id=rng.randrange(1, key) if key > 1 and rng.random() < 0.12 else None,
                status=status,
                budget=f"{float(words.PROJECT_TYPES[kind - 1][2]) * rng.uniform(0.6, 2.4):.2f}",
                deadline=(created + timedelta(days=rng.randrange(20, 160))).date().isoformat()
                if rng.random() < 0.9
                else None,
                settings=json.dumps({"fps": rng.choice((24, 25, 30, 60)), "captions": rng.random() < 0.5}),
                created_at=stamp(created),
                delivered_at=stamp(between(rng, created, TODAY, recent=False)) if delivered else None,
            )
        )
    return rows


def project_clients(films: Sequence[Project], companies: Sequence[Client], extra: int) -> list[ProjectClient]:
    """The client who pays for each project, and a second client for ``extra`` of them."""
    rng = Random("project_clients")
    second = set(rng.sample(range(len(films)), extra))
    rows: list[ProjectClient] = []
    for position, film in enumerate(films):
        # The companies came one after the other: only those who were there already can pay.
        known = max(2, len(companies) * position // len(films))
        payer = int(known * rng.random() ** 1.3)
        rows.append(ProjectClient(film.id, companies[payer].id, True, film.created_at))
        if position in second:
            other = (payer + rng.randrange(1, known)) % known
            added = between(rng, datetime.fromisoformat(film.created_at), TODAY)
            rows.append(ProjectClient(film.id, companies[other].id, False, stamp(added)))
    return rows


def video_versions(films: Sequence[Project], count: int) -> list[VideoVersion]:
    """``count`` uploads; some projects need one, some a dozen."""
    rng = Random("video_versions")
    numbers: dict[int, int] = {}
    rows: list[VideoVersion] = []
    for key in range(1, count + 1):
        share = (key - rng.random()) / count
        film = (
            films[int(len(films) * share)]
            if rng.random() < 0.4
            else films[int(len(films) * rng.random() * share)]
        )
        numbers[film.id] = number = numbers.get(film.id, 0) + 1
        duration = round(rng.lognormvariate(5.2, 0.9) + 6, 2)
        resolution = rng.choices(("720p", "1080p", "1440p", "2160p"), (5, 60, 10, 25))[0]
        status = rng.choices(("uploaded", "in_review", "approved", "rejected"), (20, 15, 45, 20))[0]
        rows.append(
            VideoVersion(
                id=key,
                project_id=film.id,
                editor_id=film.editor_id,
                version_number=number,
                file_name=f"{film.slug}-v{number}.mp4",
                resolution=resolution,
                duration_s=duration,
                size_bytes=int(duration * int(resolution[:-1]) * 1_150 * rng.uniform(0.8, 1.3)),
                checksum=rng.randbytes(16),
                status=status,
                uploaded_at=stamp(between(rng, datetime.fromisoformat(film.created_at), TODAY, recent=False)),
            )
        )
    return rows


def config_entries(people: Sequence[User]) -> list[ConfigEntry]:
    """The studio's settings."""
    rng = Random("database_config")
    entries: tuple[tuple[str, object, str], ...] = (
        ("billing.currency", "EUR", "Currency of new invoices."),
        ("billing.due_days", 30, "Days until an invoice is due."),
        ("billing.tax_rate", 0.19, "Value added tax, as a fraction."),
        ("mail.sender", "hello@studio.example", "Sender of every e-mail."),
        ("mail.footer", None, "Text under every e-mail; null for none."),
        ("security.reset_hours", 24, "Hours that a password reset stays valid."),
        ("security.session", {"minutes": 720, "same_site": "lax"}, "Session cookies."),
        ("storage.bucket", "studio-masters", "Where masters are kept."),
        ("storage.keep_days", {"draft": 90, "delivered": 730}, "Days to keep a version, by status."),
        ("upload.codecs", ["h264", "h265", "prores"], "Codecs that are accepted."),
        ("upload.max_bytes", 21_474_836_480, "Largest file that is accepted, in bytes."),
        ("upload.watermark", True, "Whether drafts carry a watermark."),
    )
    return [
        ConfigEntry(
            key=key,
            value=json.dumps(value),
            description=description,
            updated_by=rng.choice(people).id if rng.random() < 0.7 else None,
            updated_at=stamp(between(rng, OPENED, TODAY)),
        )
        for key, value, description in entries
    ]
