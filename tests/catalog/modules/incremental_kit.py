"""What the tests of the module that reads in bursts share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.catalog.models import RefreshEdge
from apps.catalog.modules.incremental.extension_points import IncrementalOptions
from portal.services.events import ImmediateEvents
from tests.catalog.modules.incremental_source import SOURCES, Source
from tests.catalog.modules.kit import installed, refresh

MODULE = "apps.catalog.modules.incremental"
SOURCE_MODULE = "tests.catalog.modules.incremental_source"
#: A burst that is over after one step, and one that isn't over before the source is.
ONE_STEP, ALL_STEPS = timedelta(microseconds=1), timedelta(minutes=5)


def options(**values: Any) -> IncrementalOptions:
    """Return options under which one run reads the whole source."""
    return IncrementalOptions(
        **{"burst_length": ALL_STEPS, "burst_interval": "3s", "rest_length": {"hours": 12}, **values}
    )


@contextmanager
def ingesting(*sources: Source, config: dict[str, Any] | None = None, **values: Any) -> Iterator[ImmediateEvents]:
    """Install a module that adds the sources, all with the same options."""
    SOURCES[:] = [(source, options(**values)) for source in sources]
    with installed(SOURCE_MODULE, config or {}) as events:
        yield events


def ingestion(name: str = "source") -> Any:
    """Return where a provider stands."""
    from apps.catalog.modules.incremental.models import Ingestion

    return Ingestion.objects.get(provider=name)


def wait(name: str = "source") -> None:
    """Let the time come for what a provider does next."""
    from apps.catalog.modules.incremental.models import Ingestion

    Ingestion.objects.filter(provider=name).update(next_action_at=timezone.now())


def run(name: str = "source") -> None:
    """Do a provider's next burst."""
    wait(name)
    refresh(name)


def names(source: str = "source") -> str:
    """Return what the catalog has of a source, in order, by the last letter."""
    edges = RefreshEdge.objects.filter(source_key=source)
    return "".join(sorted(ref[-1] for ref in edges.values_list("target_entity_ref", flat=True)))
