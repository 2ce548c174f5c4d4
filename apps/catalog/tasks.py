"""What the catalog does in the background: it keeps entities up to date, and clears away what nothing leads to."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.catalog.conf import conf
from apps.catalog.extension_points import EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.operations import (
    connect_providers,
    delete_orphans,
    follow_configured_locations,
    hand_over_names,
    process_due,
    prune_history,
    refresh_statistics,
    scheduled_providers,
    stitch_pending,
    sum_up_counts,
    waiting_since,
)
from apps.catalog.operations.outcomes import Outcome
from apps.catalog.operations.processing import give_back
from apps.catalog.operations.readers import Readers
from apps.catalog.processing import Orchestrator, build_orchestrator, config_locations
from apps.catalog.processing.interval import processing_interval
from portal.config import Config, current
from portal.errors import ConflictError
from portal.services import events, logger
from portal.services.events import Event
from portal.services.scheduler import PluginScheduler, current_run
from portal.services.tasks import PluginTasks

#: How often the queues are looked at when they were empty.
POLL = timedelta(seconds=0.5)
#: The same, for what somebody waits for.
INTERACTIVE_POLL = timedelta(seconds=0.2)
#: Stitching waits until nothing new has come for so long, but no longer than that: late, it is done once.
CALM, PATIENCE = timedelta(seconds=0.3), timedelta(seconds=10)
#: After so many changed entities counts are summed up, and the database is to look at how its tables are filled.
MANY = 2_000
#: A first ingestion is one long run; after this it is begun anew, which loses nothing.
LONGEST_RUN = timedelta(hours=1)


class Pipeline:
    """One worker's share of processing and stitching. On PostgreSQL, several share the queues.

    A second one, ``interactive_only``, works beside it on what somebody waits for: that doesn't even wait for a batch
    of the backlog to end.
    """

    def __init__(self, *, interactive_only: bool = False) -> None:
        self._interactive_only = interactive_only
        self._config: Config | None = None
        self._orchestrator: Orchestrator | None = None
        self._poll = INTERACTIVE_POLL if interactive_only else POLL
        self._readers: Readers[Outcome] = Readers()
        #: How many since that was last done.
        self._stitched = 0

    def _follow(self) -> Orchestrator:
        """Return the orchestrator that the configuration of now asks for; where that has changed, heed it."""
        config = current()
        if self._orchestrator is None or config is not self._config:
            self._orchestrator = build_orchestrator()
            if self._interactive_only:
                pass  # the other one does it
            elif self._config is None:
                connect_providers()
            else:
                follow_configured_locations()
            self._config = config
        return self._orchestrator

    def run(self) -> None:
        """Work until both queues are empty, or until the worker is told to stop."""
        run = current_run()
        while run is None or not run.stopped:
            processed = process_due(
                self._follow(),
                readers=self._readers,
                interactive_only=self._interactive_only,
                meanwhile=self._stitch_in_time,
            )
            stitched = stitch_pending(interactive_only=True)
            if processed:
                self._stitch_in_time()
            elif not self._stitch_when_calm() and not stitched:
                if self._readers.idle:
                    return
                self._readers.wait(self._poll.total_seconds())
        give_back(self._readers)

    def _stitch_in_time(self) -> None:
        """Stitch some of what has waited for long, though there is more to process."""
        waiting = None if self._interactive_only else waiting_since()
        if waiting is not None and timezone.now() - waiting[0] > PATIENCE:
            self._stitched += stitch_pending()

    def _stitch_when_calm(self) -> bool:
        """Stitch some of what waits, and say whether there was anything.

        As long as other workers add to it, wait a little: relations that come later would have it stitched again.
        """
        waiting = None if self._interactive_only else waiting_since()
        if waiting is None:
            if self._stitched > MANY:
                sum_up_counts()
                refresh_statistics()
                self._stitched = 0
            return False
        first, last = waiting
        if timezone.now() - last > CALM or timezone.now() - first > PATIENCE:
            self._stitched += stitch_pending()
        else:
            self._readers.wait(CALM.total_seconds())
        return True


def clear_away() -> None:
    """Delete what nothing leads to any more, hand over the names that became free, and sum up what is counted."""
    delete_orphans()
    hand_over_names()
    sum_up_counts()


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Put the catalog's work on the schedule, unless this instance is configured to leave it to others.

    Raises ``ConfigError`` for what the work couldn't be done by.
    """
    if processing_interval() is None:
        logger.for_plugin("catalog").info("catalog.processingInterval is false: this instance processes nothing")
        return
    config_locations(conf)
    build_orchestrator()
    scheduler.schedule(
        id="catalog_orphan_cleanup",
        fn=clear_away,
        frequency=timedelta(seconds=30),
        timeout=timedelta(seconds=24),
    )
    scheduler.schedule(
        id="catalog_history_cleanup",
        fn=prune_history,
        frequency=timedelta(hours=1),
        timeout=timedelta(minutes=10),
        listed=False,
    )
    scheduler.schedule(
        id="catalog_processing",
        fn=Pipeline().run,
        frequency=POLL,
        timeout=LONGEST_RUN,
        scope="local",
        listed=False,
    )
    scheduler.schedule(
        id="catalog_interactive_processing",
        fn=Pipeline(interactive_only=True).run,
        frequency=INTERACTIVE_POLL,
        timeout=LONGEST_RUN,
        scope="local",
        listed=False,
    )
    for provider, connection in scheduled_providers():
        _follow(provider, connection, scheduler)


def _follow(
    provider: ScheduledEntityProvider, connection: EntityProviderConnection, scheduler: PluginScheduler
) -> None:
    """Run a provider as its schedule says, and let it hear of what it wants to."""
    task = f"{provider.name}:refresh"

    def hear(event: Event) -> None:
        if not provider.on_event(event, connection):
            return
        try:
            scheduler.trigger(task)
        except ConflictError:
            logger.for_plugin("catalog").info(
                "News came during a provider's run; the next run sees what this one has missed", provider=provider.name
            )

    scheduler.schedule(id=task, fn=lambda: provider.refresh(connection), **provider.schedule)
    if provider.topics:
        events.for_plugin("catalog").subscribe(provider.name, provider.topics, hear)
