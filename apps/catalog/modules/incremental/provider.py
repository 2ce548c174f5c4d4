"""Runs an incremental provider as the catalog's other ones on a schedule are run: one burst is one run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from apps.catalog.extension_points import EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.incremental import ledger
from apps.catalog.modules.incremental.extension_points import IncrementalEntityProvider, IncrementalOptions
from apps.catalog.modules.incremental.models import Ingestion
from portal.services import logger
from portal.services.events import Event
from portal.services.scheduler import RunStopped, current_run

log = logger.for_plugin("catalog")

#: How long the last step of a burst may take beyond the burst's length, before its run is given up.
PATIENCE = timedelta(minutes=5)


class BurstingEntityProvider(ScheduledEntityProvider):
    """What the catalog sees of an incremental provider. Each run looks whether there is something to do."""

    def __init__(self, provider: IncrementalEntityProvider, options: IncrementalOptions) -> None:
        self._provider = provider
        self._options = options
        self.name: str = provider.name
        self.topics: Sequence[str] = provider.topics
        self.schedule: Mapping[str, Any] = {
            "frequency": options.span("burst_interval"),
            "timeout": options.span("burst_length") + PATIENCE,
            "scope": "global",
        }

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Do one burst, if it is time for one. An error is kept with the ingestion, and raised for the schedule."""
        try:
            ingestion = ledger.due(self.name)
            if ingestion is not None:
                self._burst(ingestion, connection)
        except ledger.Overtaken:
            log.info("Another worker has taken an ingestion over", provider=self.name)

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply what the provider makes of a piece of news."""
        delta = self._provider.handle_event(event)
        if delta is not None:
            ledger.hear(self.name, delta, connection)
        return False

    def _burst(self, ingestion: Ingestion, connection: EntityProviderConnection) -> None:
        """Take steps until the source has been read, or until the burst is over."""
        run = current_run()
        ends_at = time.monotonic() + self._options.span("burst_length").total_seconds()
        try:
            with self._provider.around() as context:
                while True:
                    step = self._provider.next(context, ledger.cursor_of(ingestion))
                    ingestion = ledger.take_down(ingestion, step, connection, self._options)
                    if step.done or time.monotonic() >= ends_at or (run is not None and run.stopped):
                        break
        except (ledger.Overtaken, RunStopped):
            # Neither says anything about the source.
            raise
        except Exception as error:
            ledger.back_off(ingestion, error, self._options)
            raise
        if not step.done:
            ledger.pause(ingestion, self._options)
