"""The sample's traffic: messages and payments.

Invariant: pure and deterministic; see ``draw``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from noormme.sample import words
from noormme.sample.draw import TODAY, between, stamp
from noormme.sample.people import User
from noormme.sample.production import Project

__all__ = [
    "Message",
    "Payment",
    "messages",
    "payments",
]


class Message(NamedTuple):
    """One row of ``messages``."""

    id: int
    project_id: int
    sender_id: int
    recipient_id: int
    body: str
    sent_at: str
    read_at: str | None


class Payment(NamedTuple):
    """One row of ``payments``; the database makes ``total``."""

    id: int
    project_id: int
    client_id: int
    invoice_number: str
    amount: str
    tax: str
    currency: str
    method: str
    status: str
    issued_on: str
    due_on: str
    paid_at: str | None


def messages(people: Sequence[User], films: Sequence[Project], count: int) -> list[Message]:
    """``count`` messages about projects, from one user to another."""
    rng = Random("messages")
    rows: list[Message] = []
    for key in range(1, count + 1):
        film = films[int(len(films) * rng.random())]
        creator = film.creator_id - 1
        other = (creator + 1 + int((len(people) - 1) * rng.random() ** 2)) % len(people)
        sender, recipient = (creator, other) if rng.random() < 0.5 else (other, creator)
        sent = between(rng, datetime.fromisoformat(film.created_at), TODAY, recent=False)
        body = rng.choice(words.MESSAGES).format(
            n=rng.randrange(2, 40),
            title=film.title,
            name=people[other].first_name,
            city=rng.choice(words.CITIES),
        )
        waiting = timedelta(hours=rng.expovariate(1 / 30))
        read = sent + waiting if rng.random() < 0.98 and sent + waiting < TODAY else None
        rows.append(
            Message(
                id=key,
                project_id=film.id,
                sender_id=people[sender].id,
                recipient_id=people[recipient].id,
                body=body,
                sent_at=stamp(sent),
                read_at=stamp(read) if read else None,
            )
        )
    return rows


def payments(films: Sequence[Project], payers: Mapping[int, int], count: int) -> list[Payment]:
    """``count`` invoices to those who pay; ``payers`` is client by project."""
    rng = Random("payments")
    rows: list[Payment] = []
    for key in range(1, count + 1):
        film = films[int(len(films) * (key - rng.random()) / count)]
        issued = between(rng, datetime.fromisoformat(film.created_at), TODAY, recent=False)
        due = issued + timedelta(days=rng.choice((14, 14, 30, 30, 60)))
        if due < TODAY:
            status = rng.choices(("paid", "refunded", "overdue"), (93, 3, 4))[0]
        else:
            status = rng.choices(("paid", "open"), (35, 65))[0]
        cents = max(5_000, int(float(film.budget) * rng.uniform(0.1, 0.5) * 100))
        tax = cents * 19 // 100 if rng.random() < 0.7 else 0
        paid = status in ("paid", "refunded")
        rows.append(
            Payment(
                id=key,
                project_id=film.id,
                client_id=payers[film.id],
                invoice_number=f"{issued.year}-{key:06d}",
                amount=f"{cents / 100:.2f}",
                tax=f"{tax / 100:.2f}",
                currency=rng.choices(("EUR", "USD", "GBP"), (70, 20, 10))[0],
                method=rng.choices(("bank_transfer", "card", "paypal"), (65, 25, 10))[0],
                status=status,
                issued_on=issued.date().isoformat(),
                due_on=due.date().isoformat(),
                paid_at=stamp(between(rng, issued, min(due + timedelta(days=20), TODAY))) if paid else None,
            )
        )
    return rows
