"""Configuration of the events service."""

from __future__ import annotations

from portal.config import Key, Section


class EventsServiceConf(Section):
    """How events get from process to process."""

    prefix = "events"

    use_event_bus = Key.choice(
        "useEventBus",
        choices=("auto", "always", "never"),
        default="auto",
        help="Whether processes share events through the plugin `events`: `auto` where it is found, `always` even if "
        "it seems missing, or `never`, which leaves each process with its own.",
    )
    polling_timeout = Key.integer(
        "eventBusPollingTimeoutMs",
        default=90_000,
        help="How long a subscriber waits for the bus's answer, in milliseconds; more than `events.notifyTimeoutMs`.",
    )


conf = EventsServiceConf()
