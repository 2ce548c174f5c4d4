"""The tables of the bus: events in a row, and how far each subscription has read.

Events are numbered by ``Tail`` and in the order in which they become visible, so that a subscription is one number: no
event can turn up behind it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef


class Tail(models.Model):
    """The end of the row. There is one; whoever publishes holds its lock until the event is committed."""

    position = models.BigIntegerField(default=0, help_text="The number of the last event")

    class Meta:
        verbose_name = "tail"

    def __str__(self) -> str:
        return str(self.position)


class EventQuerySet(models.QuerySet["Event"]):
    """Events of the bus."""

    def unread_by(self, subscription: Subscription) -> EventQuerySet:
        """Return what a subscription is to get next, in order."""
        wanted = SubscribedTopic.objects.filter(
            subscription=subscription.pk, topic=OuterRef("topic"), position__lt=OuterRef("position")
        )
        had = Receipt.objects.filter(event=OuterRef("pk"), subscription_id=subscription.pk)
        return self.filter(Exists(wanted), ~Exists(had), position__gt=subscription.position).order_by("position")


class Event(models.Model):
    """An event that at least one subscription waits for."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.CharField(
        max_length=255,
        null=True,
        unique=True,
        help_text="What its publisher calls it: one that is sent twice is kept once",
    )
    topic = models.CharField(max_length=255)
    payload = models.TextField(help_text="JSON, as it is served")
    metadata = models.TextField(default="{}", help_text="A JSON object")
    created_by = models.CharField(max_length=255, help_text="Who published it")
    created_at = models.DateTimeField(db_index=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "event"

    def __str__(self) -> str:
        return f"{self.position} {self.topic}"


class Receipt(models.Model):
    """A subscription that had an event before the bus did, from the process that published it."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="receipts")
    subscription_id = models.CharField(max_length=255)

    class Meta:
        verbose_name = "receipt"
        constraints = [
            models.UniqueConstraint(fields=["event", "subscription_id"], name="events_receipt_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.subscription_id}"


class Subscription(models.Model):
    """Processes that read under the same id share its events: each is for one of them."""

    id = models.CharField(max_length=255, primary_key=True)
    position = models.BigIntegerField(help_text="The last event that it has read, or has no use for")
    created_by = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(help_text="When somebody last asked for events, to ten minutes")

    class Meta:
        verbose_name = "subscription"

    def __str__(self) -> str:
        return self.id


class SubscribedTopic(models.Model):
    """A topic of a subscription."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="topics")
    topic = models.CharField(max_length=255, db_index=True)
    position = models.BigIntegerField(help_text="The last event before it: what comes after is for the subscription")

    class Meta:
        verbose_name = "subscribed topic"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "topic"], name="events_subscribed_topic_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.topic}"
