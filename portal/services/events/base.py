"""Contract of the events service (Backstage's ``events.service``)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from portal.services.base import Service


@dataclass(frozen=True)
class Event:
    """A piece of news. Each subscriber gets an object of its own, so nothing that it changes is seen by another."""

    #: What it is about, such as ``github.push``.
    topic: str
    #: What happened: JSON.
    payload: Any
    #: What else is known of it, such as the headers of the request that it came with: a JSON object.
    metadata: Mapping[str, Any] = field(default_factory=dict)


#: Takes an event; what it returns is ignored.
OnEvent = Callable[[Event], object]


class PluginEvents(Protocol):
    """The events service as one plugin sees it."""

    def publish(self, topic: str, payload: Any, metadata: Mapping[str, Any] | None = None) -> None:
        """Tell everybody who has subscribed to ``topic``; returns at once.

        It is told when the open transaction on the plugin's database commits, if there is one: rolled back, it
        never happened. ``payload`` is JSON, ``metadata`` a JSON object; raises ``InputError`` for anything else,
        for a topic that is no name, and for more than nearly 5 MiB.
        """

    def subscribe(self, id: str, topics: Iterable[str], on_event: OnEvent) -> None:
        """Have ``on_event`` called with each event on one of the ``topics``, on a thread, one after the other.

        ``id`` is the subscription's name within the plugin. Processes that subscribe under the same one share the
        events: each is for one of them. An ``on_event`` that raises is logged, and the next event comes all the
        same; it should be quick, and leave what takes long to a task. Raises ``ConflictError`` for a second
        subscription of that id in this process.

        The room ``tasks`` is the place for it: ``register`` is called in every process that works or serves.
        """


class EventsService(Service):
    """Carries events from plugin to plugin, and from process to process.

    An event is news, not work: it may be lost with a process that dies, and somebody who subscribes later never
    hears of it. What must be done is a task.
    """

    service_name = "events"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginEvents:
        """Return what the plugin publishes and subscribes with."""

    @abstractmethod
    def flush(self, timeout: float) -> bool:
        """Wait until other processes can get at what this one has published so far, ``timeout`` seconds at most.

        Say whether they can. Events of a transaction that is still open don't count.
        """
