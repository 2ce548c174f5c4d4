"""Writes of the bus: take events in, hand them out, forget old ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

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


class Publication(NamedTuple):
    """An event as it comes in. ``payload`` and ``metadata`` are JSON."""

    topic: str
    payload: str
    metadata: str = "{}"
    #: Subscriptions that have it already.
    notified: Collection[str] = ()
    #: What its publisher calls it: one that was used before is the same event, sent once more.
    event_id: str | None = None


def publish_events(publications: Sequence[Publication], *, actor: str) -> int:
    """Keep events, in order, for the subscriptions to their topics, but for those that have them already.

    Return how many there are of which somebody is left who wants them; the others aren't kept.
    """
    topics = {publication.topic for publication in publications}
    subscribers: dict[str, set[str]] = {topic: set() for topic in topics}
    for topic, subscription in SubscribedTopic.objects.filter(topic__in=topics).values_list("topic", "subscription_id"):
        subscribers[topic].add(subscription)
    wanted = [one for one in publications if subscribers[one.topic].difference(one.notified)]
    if wanted:
        with atomic_for(Event):
            _append(wanted, subscribers, actor)
            on_commit_for(Event, lambda: news.announce({one.topic for one in wanted}), robust=True)
    return len(wanted)


def _append(publications: Sequence[Publication], subscribers: Mapping[str, set[str]], actor: str) -> None:
    # Whoever has this lock publishes, so events become visible in the order of their positions.
    tail, _ = Tail.objects.select_for_update().get_or_create(pk=1)
    ids = [one.event_id for one in publications if one.event_id is not None]
    known = set(Event.objects.filter(event_id__in=ids).values_list("event_id", flat=True)) if ids else set()
    events, receipts, now = [], [], timezone.now()
    for one in publications:
        if one.event_id in known:
            continue
        if one.event_id is not None:
            known.add(one.event_id)
        tail.position += 1
        event = Event(
            position=tail.position,
            event_id=one.event_id,
            topic=one.topic,
            payload=one.payload,
            metadata=one.metadata,
            created_by=actor,
            created_at=now,
        )
        events.append(event)
        had = subscribers[one.topic].intersection(one.notified)
        receipts += [Receipt(event=event, subscription_id=subscription) for subscription in sorted(had)]
    tail.save(update_fields=["position"])
    Event.objects.bulk_create(events)
    Receipt.objects.bulk_create(receipts)


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
