"""What ``events`` in ``app-config.yaml`` says about the bus and about webhooks; the service has keys there, too."""

from __future__ import annotations

from portal.config import Key, Section


class EventsConf(Section):
    """Webhooks, and the bus that the portal's processes share."""

    prefix = "events"

    http_topics = Key.strings(
        "http.topics",
        default=[],
        help="Topics on which anybody may publish with `POST /api/events/http/<topic>`. A module that checks "
        "signatures opens its topic itself.",
    )
    notify_timeout = Key.integer(
        "notifyTimeoutMs",
        default=55_000,
        help="How long a reader of the bus waits for events before it has to ask again, in milliseconds.",
    )
    max_waiting_readers = Key.integer(
        "maxWaitingReaders",
        default=4,
        help="How many readers from other processes may wait at a time. Each takes a thread of the server, so this "
        "should be less than the server has; the others are told to come back later.",
    )


conf = EventsConf()
