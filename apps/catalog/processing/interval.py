"""How long an entity rests between two runs."""

from __future__ import annotations

from datetime import timedelta

from apps.catalog.conf import CatalogConf
from apps.catalog.conf import conf as catalog_conf

DEFAULT_INTERVAL = (timedelta(seconds=100), timedelta(seconds=150))
SHORTEST = timedelta(seconds=1)
#: How much longer than the configured interval a rest may be, so that the work spreads out.
SPREAD = 1.5


def processing_interval(conf: CatalogConf = catalog_conf) -> tuple[timedelta, timedelta] | None:
    """Return the shortest and the longest rest; None if ``catalog.processingInterval`` is false: nothing is processed
    here.

    Raises ``ConfigError`` for anything that isn't a duration or false.
    """
    configured = conf.processing_interval
    if configured is None:
        return DEFAULT_INTERVAL
    if configured is False:
        return None
    shortest = max(conf.config.get_duration("catalog.processingInterval"), SHORTEST)
    return shortest, shortest * SPREAD
