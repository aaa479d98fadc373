"""The sample's people: users and what hangs on a user.

Invariant: pure and deterministic; see ``draw``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from noormme.sample import words
from noormme.sample.draw import OPENED, TODAY, between, skewed, stamp

__all__ = [
    "Editor",
    "Profile",
    "ResetToken",
    "User",
    "UserRole",
    "editors",
    "profiles",
    "reset_tokens",
    "user_roles",
    "users",
]


class User(NamedTuple):
    """One row of ``users``; the database makes ``full_name``."""

    id: int
    email: str
    first_name: str
    last_name: str
    password_hash: str
    is_active: bool
    created_at: str
    last_login_at: str | None


class Profile(NamedTuple):
    """One row of ``profiles``."""

    id: int
    user_id: int
    job_title: str
    phone: str | None
    time_zone: str
    birth_date: str | None
    bio: str
    settings: str


class UserRole(NamedTuple):
    """One row of ``user_roles``."""

    user_id: int
    role: str
    granted_at: str


class Editor(NamedTuple):
    """One row of ``editors``."""

    id: int
    user_id: int
    speciality: str
    hourly_rate: str
    hired_on: str
    is_available: bool


class ResetToken(NamedTuple):
    """One row of ``password_reset_tokens``."""

    token: str
    user_id: int
    created_at: str
    expires_at: str
    used_at: str | None


def users(count: int) -> list[User]:
    """``count`` users; a name that returns gets a number in its e-mail address."""
    rng = Random("users")
    seen: dict[str, int] = {}
    rows: list[User] = []
    for key in range(1, count + 1):
        first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
        handle = f"{first}.{last}".lower()
        seen[handle] = number = seen.get(handle, 0) + 1
        domain = rng.choice(("example.com", "example.org", "studio.example"))
        # The oldest users have the lowest keys, as in a table that grew by itself.
        created = OPENED + (TODAY - OPENED) * ((key - rng.random()) / count)
        seen_at = between(rng, created, TODAY, recent=True) if rng.random() < 0.93 else None
        rows.append(
            User(
                id=key,
                email=f"{handle}{number if number > 1 else ''}@{domain}",
                first_name=first,
                last_name=last,
                password_hash=f"scrypt$16384$8$1${rng.randbytes(24).hex()}",
                is_active=rng.random() < 0.88,
                created_at=stamp(created),
                last_login_at=stamp(seen_at) if seen_at else None,
            )
        )
    return rows


def profiles(people: Sequence[User]) -> list[Profile]:
    """One profile for each user."""
    rng = Random("profiles")
    rows: list[Profile] = []
    for user in people:
        born = date(1958, 1, 1) + timedelta(days=rng.randrange(47 * 365))
        rows.append(
            Profile(
                id=user.id,
                user_id=user.id,
                job_title=rng.choice(words.JOB_TITLES),
                phone=f"+49 30 5550{rng.randrange(10_000):04d}" if rng.random() < 0.6 else None,
                time_zone=skewed(rng, words.TIME_ZONES),
                birth_date=born.isoformat() if rng.random() < 0.7 else None,
                bio=rng.choice(words.BIOS).format(city=rng.choice(words.CITIES)),
                settings=rng.choice(words.SETTINGS),
            )
        )
    return rows


def user_roles(people: Sequence[User], extra: int) -> list[UserRole]:
    """One role for each user, and a second one for ``extra`` of them."""
    rng = Random("user_roles")
    second = set(rng.sample(range(len(people)), extra))
    rows: list[UserRole] = []
    for position, user in enumerate(people):
        role = rng.choices(("client", "editor", "producer", "accountant", "admin"), (60, 20, 14, 4, 2))[0]
        rows.append(UserRole(user.id, role, user.created_at))
        if position in second:
            granted = between(rng, datetime.fromisoformat(user.created_at), TODAY)
            rows.append(UserRole(user.id, "reviewer", stamp(granted)))
    return rows


def editors(people: Sequence[User], count: int) -> list[Editor]:
    """``count`` users who edit."""
    rng = Random("editors")
    rows: list[Editor] = []
    for key, position in enumerate(sorted(rng.sample(range(len(people)), count)), 1):
        user = people[position]
        rows.append(
            Editor(
                id=key,
                user_id=user.id,
                speciality=skewed(rng, words.SPECIALITIES),
                hourly_rate=f"{rng.randrange(70, 260) / 2:.2f}",
                hired_on=user.created_at[:10],
                is_available=rng.random() < 0.7,
            )
        )
    return rows


def reset_tokens(people: Sequence[User], count: int) -> list[ResetToken]:
    """``count`` password resets, most of them used or expired."""
    rng = Random("password_reset_tokens")
    rows: list[ResetToken] = []
    for _ in range(count):
        user = people[int(len(people) * rng.random())]
        created = between(rng, datetime.fromisoformat(user.created_at), TODAY, recent=True)
        expires = created + timedelta(hours=24)
        used = between(rng, created, min(expires, TODAY)) if rng.random() < 0.8 else None
        rows.append(
            ResetToken(
                token=str(UUID(bytes=rng.randbytes(16), version=4)),
                user_id=user.id,
                created_at=stamp(created),
                expires_at=stamp(expires),
                used_at=stamp(used) if used else None,
            )
        )
    return rows
