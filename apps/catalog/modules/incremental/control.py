"""Taking a hand in ingestions: look at one, hurry it, begin it anew, stop it, forget it.

A worker that takes a step meanwhile finds out when it puts the step down, and leaves the ingestion alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from apps.catalog.modules.incremental.extension_points import IncrementalIngestion
from apps.catalog.modules.incremental.models import Ingestion, Mark, MarkedEntity, Status
from portal.databases import atomic_for
from portal.errors import NotFoundError
from portal.plugins import extension_point

#: How long an ingestion rests that somebody has stopped.
PAUSE = timedelta(hours=24)


class Deleted(NamedTuple):
    """How many rows are gone."""

    ingestions: int = 0
    marks: int = 0
    entities: int = 0


class UnknownProvider(NotFoundError):
    """There is no incremental provider of that name."""


def provider_names() -> list[str]:
    """Return the names of the installed providers."""
    return sorted(extension_point(IncrementalIngestion).providers)


def ingestion_of(provider: str) -> Ingestion | None:
    """Return where a provider stands, None if it hasn't begun yet. Raises ``UnknownProvider``."""
    found = Ingestion.objects.filter(provider=provider).first()
    if found is None and provider not in provider_names():
        raise UnknownProvider(f"Provider '{provider}' not found")
    return found


def trigger(provider: str) -> bool:
    """Let a provider go on at its next run; False if it hasn't begun yet. Raises ``UnknownProvider``."""
    return _change(provider, next_action_at=timezone.now())


def start(provider: str) -> bool:
    """Let a provider begin to read its source anew at its next run, whatever it has read of it by now.

    False if it hasn't begun yet. Raises ``UnknownProvider``.
    """
    return _change(provider, status=Status.RESTING, next_action_at=timezone.now())


def cancel(provider: str) -> bool:
    """Stop a provider for a day; nothing is removed. False if it hasn't begun yet. Raises ``UnknownProvider``."""
    now = timezone.now()
    return _change(provider, status=Status.RESTING, completed_at=now, next_action_at=now + PAUSE)


def purge(provider: str) -> Deleted:
    """Forget all about a provider's ingestion, and let it rest for a day. Raises ``UnknownProvider``."""
    known, now = ingestion_of(provider) is not None, timezone.now()
    with atomic_for(Ingestion):
        row, _ = Ingestion.objects.get_or_create(provider=provider)
        deleted = _delete_marks(provider)
        # The row stays, with another number, so that who is at work on it finds out.
        Ingestion.objects.filter(pk=row.pk).update(
            number=row.number + 1,
            status=Status.RESTING,
            sequence=0,
            errors_in_a_row=0,
            last_error="",
            completed_at=now,
            next_action_at=now + PAUSE,
        )
    return deleted._replace(ingestions=int(known))


def clear_marks(provider: str) -> Deleted:
    """Delete the marks of a reading that has come to its end. Raises ``UnknownProvider``."""
    ingestion = ingestion_of(provider)
    if ingestion is None or ingestion.status != Status.RESTING:
        return Deleted()
    with atomic_for(Ingestion):
        return _delete_marks(provider)


def _change(provider: str, **values: object) -> bool:
    ingestion_of(provider)
    return Ingestion.objects.filter(provider=provider).update(**values) > 0


def _delete_marks(provider: str) -> Deleted:
    # Whoever takes a step waits for this.
    list(Ingestion.objects.select_for_update().filter(provider=provider))
    entities, _ = MarkedEntity.objects.filter(ingestion__provider=provider).delete()
    marks, _ = Mark.objects.filter(ingestion__provider=provider).delete()
    return Deleted(marks=marks, entities=entities)
