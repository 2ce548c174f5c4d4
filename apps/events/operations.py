"""Writes of the bus: take events in, hand them out, forget old ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from apps.events.models import Event, Receipt, SubscribedTopic, Subscription, Tail
from apps.events.queries import get_subscription, news, tail_position
from portal.databases import atomic_for, on_commit_for
from portal.services.scheduler import current_run

#: So many events are handed out at a time.
BATCH = 10
#: A subscription that has nothing to read is moved on when it is so far behind, or hasn't been touched for so long.
LAG = 100
TOUCH_EVERY = timedelta(minutes=10)

#: Events are kept so long; and for so long at least, so many of them.
MAX_AGE = timedelta(days=1)
MIN_AGE = timedelta(minutes=10)
MAX_COUNT = 10_000
#: So many are deleted by one statement.
DELETE_BATCH = 1000


def publish_event(
    *,
    topic: str,
    payload: str,
    actor: str,
    metadata: str = "{}",
    notified: Collection[str] = (),
    event_id: str | None = None,
) -> int | None:
    """Keep an event for the subscriptions to its topic, but for those that have it already; return its position.

    ``payload`` and ``metadata`` are JSON. Returns None, and keeps nothing, if nobody is left who wants it. An
    ``event_id`` that was used before is the same event, sent once more.
    """
    waiting = SubscribedTopic.objects.filter(topic=topic).exclude(subscription_id__in=notified)
    if not waiting.exists():
        return None
    with atomic_for(Event):
        # Whoever has this lock publishes, so events become visible in the order of their positions.
        tail, _ = Tail.objects.select_for_update().get_or_create(pk=1)
        if event_id is not None:
            known = Event.objects.filter(event_id=event_id).values_list("position", flat=True).first()
            if known is not None:
                return known
        tail.position += 1
        tail.save(update_fields=["position"])
        event = Event.objects.create(
            position=tail.position,
            event_id=event_id,
            topic=topic,
            payload=payload,
            metadata=metadata,
            created_by=actor,
            created_at=timezone.now(),
        )
        Receipt.objects.bulk_create(
            Receipt(event=event, subscription_id=subscription) for subscription in set(notified)
        )
        on_commit_for(Event, lambda: news.announce([topic]), robust=True)
    return event.position


def put_subscription(*, id: str, topics: Iterable[str], actor: str) -> Subscription:
    """Make a subscription, or give one other topics. Of a topic that is new it gets what is published from now on."""
    now, end = timezone.now(), tail_position()
    with atomic_for(Subscription):
        subscription, _ = Subscription.objects.select_for_update().get_or_create(
            pk=id, defaults={"position": end, "created_by": actor, "created_at": now, "read_at": now}
        )
        wanted, kept = set(topics), set(subscription.topics.values_list("topic", flat=True))
        subscription.topics.filter(topic__in=kept - wanted).delete()
        SubscribedTopic.objects.bulk_create(
            SubscribedTopic(subscription=subscription, topic=topic, position=end) for topic in sorted(wanted - kept)
        )
    return subscription


def take_events(*, id: str) -> list[Event]:
    """Hand the next events of a subscription out, to nobody else after this. Raises ``NotFoundError``."""
    # The end is read first: what the subscription doesn't want up to there, it needn't be asked about again.
    end = tail_position()
    subscription = get_subscription(id)
    if not Event.objects.unread_by(subscription).exists():
        _move_on(subscription, end)
        return []
    with atomic_for(Subscription):
        subscription = Subscription.objects.select_for_update().get(pk=id)
        events = list(Event.objects.unread_by(subscription)[:BATCH])
        if events:
            subscription.position = events[-1].position
            subscription.read_at = timezone.now()
            subscription.save(update_fields=["position", "read_at"])
    return events


def delete_old() -> None:
    """Delete the events that are out of the window, and the subscriptions that nobody reads any more."""
    now = timezone.now()
    _delete_events(Event.objects.filter(created_at__lt=now - MAX_AGE))
    _delete_events(Event.objects.filter(created_at__lt=now - MIN_AGE, position__lte=tail_position() - MAX_COUNT))
    Subscription.objects.filter(read_at__lt=now - MAX_AGE).delete()


def _move_on(subscription: Subscription, end: int) -> None:
    """Put down that a subscription has no use for anything up to ``end``, unless that was done a moment ago."""
    now = timezone.now()
    if end - subscription.position > LAG or subscription.read_at < now - TOUCH_EVERY:
        untouched = Subscription.objects.filter(pk=subscription.pk, position=subscription.position)
        untouched.update(position=max(end, subscription.position), read_at=now)


def _delete_events(events: QuerySet[Event]) -> None:
    run = current_run()
    while run is None or not run.stopped:
        batch = list(events.values_list("pk", flat=True)[:DELETE_BATCH])
        Event.objects.filter(pk__in=batch).delete()
        if len(batch) < DELETE_BATCH:
            break
