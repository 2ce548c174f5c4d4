"""How far the bus reaches, and who reads it."""

from __future__ import annotations

from apps.events.models import Event, Subscription, Tail
from portal.errors import NotFoundError


def tail_position() -> int:
    """Return the position of the last event; everything up to it can be read."""
    return Tail.objects.values_list("position", flat=True).first() or 0


def get_subscription(id: str) -> Subscription:
    """Return a subscription. Raises ``NotFoundError``."""
    try:
        return Subscription.objects.get(pk=id)
    except Subscription.DoesNotExist:
        raise NotFoundError(
            f"The bus knows no subscription '{id}'; make it with PUT /bus/v1/subscriptions/{id}, then read again."
        ) from None


def topics_since(position: int) -> set[str]:
    """Return the topics of the events behind a position."""
    return set(Event.objects.filter(position__gt=position).values_list("topic", flat=True).distinct())
