"""What all implementations do alike: check what is published, and wait for the transaction's end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from portal.errors import ConflictError, InputError
from portal.services import database, logger
from portal.services.events.base import EventsService, OnEvent
from portal.services.events.message import Message, require_name


@dataclass(frozen=True)
class Subscription:
    """Who wants to hear of what."""

    plugin_id: str
    #: Among all plugins: ``<plugin>.<name within the plugin>``.
    id: str
    topics: tuple[str, ...]
    on_event: OnEvent

    def hand_over(self, message: Message) -> None:
        """Call the subscriber; what it raises is logged."""
        try:
            self.on_event(message.event())
        except Exception:  # noqa: BLE001 - a subscriber's fault is nobody else's
            logger.for_plugin(self.plugin_id).exception(
                "A subscriber failed", subscription=self.id, topic=message.topic
            )


class PublishingEvents(EventsService):
    """Base of implementations: a subclass says how an event is delivered, and what becomes of a subscription."""

    def for_plugin(self, plugin_id: str) -> BoundEvents:
        """Return what the plugin publishes and subscribes with."""
        return BoundEvents(self, plugin_id)

    @abstractmethod
    def deliver(self, message: Message) -> None:
        """Pass on what is published, without waiting for anybody."""

    @abstractmethod
    def add(self, subscription: Subscription) -> None:
        """Take a subscription in. Raises ``ConflictError`` if there is one of its id."""


def require_new(subscription: Subscription, known: Container[str]) -> None:
    """Raise ``ConflictError`` if the subscription's id is known."""
    if subscription.id in known:
        raise ConflictError(
            f"This process has a subscription '{subscription.id}' already; give the second one another id."
        )


class BoundEvents:
    """The events service for one plugin."""

    def __init__(self, service: PublishingEvents, plugin_id: str) -> None:
        self._service = service
        self._plugin_id = plugin_id

    def publish(self, topic: str, payload: Any, metadata: Mapping[str, Any] | None = None) -> None:
        """Check the event, and pass it on once the open transaction on the plugin's database is committed."""
        message = Message.of(self._plugin_id, topic, payload, metadata)
        alias = database.for_plugin(self._plugin_id).alias
        # Asked first, because on_commit opens a connection even where there is no transaction.
        if transaction.get_connection(alias).in_atomic_block:
            transaction.on_commit(lambda: self._service.deliver(message), using=alias, robust=True)
        else:
            self._service.deliver(message)

    def subscribe(self, id: str, topics: Iterable[str], on_event: OnEvent) -> None:
        """Check the subscription and take it in."""
        full_id = f"{self._plugin_id}.{id}"
        require_name("A subscription's id", full_id)
        if isinstance(topics, str):
            raise InputError(f"The topics of subscription '{full_id}' must be a list; found the text {topics!r}.")
        wanted = tuple(dict.fromkeys(topics))
        for topic in wanted:
            require_name(f"A topic of subscription '{full_id}'", topic)
        self._service.add(Subscription(self._plugin_id, full_id, wanted, on_event))
