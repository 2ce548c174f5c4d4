"""Events for tests: each subscriber is called where and when an event is published."""

from __future__ import annotations

from portal.services.events.base import Event
from portal.services.events.message import Message
from portal.services.events.publishing import PublishingEvents, Subscription, require_new


class ImmediateEvents(PublishingEvents):
    """Calls subscribers at once, on the publishing thread, when the open transaction commits. There is no bus."""

    def __init__(self) -> None:
        #: What was published, in order.
        self.published: list[Event] = []
        self._subscriptions: dict[str, Subscription] = {}

    def deliver(self, message: Message) -> None:
        """Call each subscriber in turn."""
        self.published.append(message.event())
        for subscription in list(self._subscriptions.values()):
            if message.topic in subscription.topics:
                subscription.hand_over(message)

    def add(self, subscription: Subscription) -> None:
        """Remember the subscription."""
        require_new(subscription, self._subscriptions)
        self._subscriptions[subscription.id] = subscription

    def flush(self, timeout: float) -> bool:
        """Wait for nothing: everything is delivered."""
        return True
