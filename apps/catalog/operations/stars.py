"""Starring entities."""

from __future__ import annotations

from apps.catalog.models import Star
from portal.databases import atomic_for
from portal.errors import InputError

#: Nobody finds anything again among more; and the list of starred entities asks for each.
MAX_STARS = 1_000


def star(*, user_ref: str, entity_ref: str) -> None:
    """Star an entity for somebody. Raises ``InputError`` if they have ``MAX_STARS`` others."""
    with atomic_for(Star):
        stars = Star.objects.filter(user_ref=user_ref)
        if stars.filter(entity_ref=entity_ref).exists():
            return
        if stars.count() >= MAX_STARS:
            raise InputError(f"You have starred {MAX_STARS:,} entities, and no more are kept. Take a star away first.")
        # Somebody may do the same in another window at this moment.
        Star.objects.get_or_create(user_ref=user_ref, entity_ref=entity_ref)


def unstar(*, user_ref: str, entity_ref: str) -> None:
    """Take somebody's star away, if there is one."""
    Star.objects.filter(user_ref=user_ref, entity_ref=entity_ref).delete()
