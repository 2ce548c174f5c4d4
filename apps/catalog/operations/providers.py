"""Connecting providers when a worker starts, and taking leave of those that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db.models import Exists, OuterRef

from apps.catalog.conf import conf
from apps.catalog.extension_points import (
    CatalogProcessing,
    DeferredEntity,
    EntityProvider,
    EntityProviderConnection,
    ScheduledEntityProvider,
)
from apps.catalog.models import Conflict, RefreshEdge, RefreshState
from apps.catalog.operations.admin_entities import AdminEntityProvider
from apps.catalog.operations.locations import LocationStore
from apps.catalog.operations.mutations import apply_delta_mutation, apply_full_mutation
from apps.catalog.operations.refreshing import refresh_keys
from apps.catalog.processing import ConfigLocationProvider
from portal.plugins import extension_point
from portal.services import logger

log = logger.for_plugin("catalog")


class _Connection(EntityProviderConnection):
    """Speaks for one provider."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    def apply_full_mutation(self, entities: Iterable[DeferredEntity]) -> None:
        apply_full_mutation(provider=self.provider, entities=entities)

    def apply_delta_mutation(self, *, added: Iterable[DeferredEntity] = (), removed: Iterable[str] = ()) -> None:
        apply_delta_mutation(provider=self.provider, added=added, removed=removed)

    def refresh(self, keys: Iterable[str]) -> None:
        refresh_keys(keys=keys)


def connect_providers() -> None:
    """Give every enabled provider its connection, then remove what providers left behind that aren't there any more.

    A provider that fails is logged and keeps its entities.
    """
    providers = _enabled_providers()
    for provider in providers:
        try:
            provider.connect(_Connection(provider.name))
        except Exception:
            log.exception("An entity provider can't start; what it brought before stays", provider=provider.name)
    if conf.orphan_provider_strategy == "delete":
        _evict({provider.name for provider in providers})


def follow_configured_locations() -> None:
    """Apply what ``catalog.locations`` says by now; locations that have not changed are left as they are."""
    if is_enabled(ConfigLocationProvider.name):
        ConfigLocationProvider(conf).connect(_Connection(ConfigLocationProvider.name))


def scheduled_providers() -> list[tuple[ScheduledEntityProvider, EntityProviderConnection]]:
    """Return the enabled providers that are to be run at intervals, each with the connection to speak through."""
    return [(p, _Connection(p.name)) for p in _enabled_providers() if isinstance(p, ScheduledEntityProvider)]


def hand_over_names() -> int:
    """Give names that nobody has any more to providers that lost them, the first to the first; return how many.

    What a file has is found again by itself. A provider may not speak again for long, or only of what has changed.
    """
    taken = RefreshState.objects.filter(entity_ref=OuterRef("entity_ref"))
    free = Conflict.objects.filter(~Exists(taken), source__in=[provider.name for provider in _enabled_providers()])
    first: dict[str, Conflict] = {}
    for conflict in free.order_by("first_seen_at", "id"):
        first.setdefault(conflict.entity_ref, conflict)
    for conflict in first.values():
        entity = DeferredEntity(orjson.loads(conflict.entity), conflict.location_key or None)
        apply_delta_mutation(provider=conflict.source, added=[entity])
        Conflict.objects.filter(entity_ref=conflict.entity_ref).update(owner_key=conflict.location_key)
    return len(first)


def _enabled_providers() -> list[EntityProvider]:
    added = extension_point(CatalogProcessing).entity_providers
    own = (ConfigLocationProvider(conf), LocationStore(), AdminEntityProvider())
    return [provider for provider in (*own, *added) if is_enabled(provider.name)]


def is_enabled(name: str) -> bool:
    """Say whether ``catalog.providerOptions`` leaves a provider enabled."""
    options: Any = conf.provider_options.get(name)
    return not (isinstance(options, Mapping) and options.get("disabled"))


def _evict(present: set[str]) -> None:
    known = RefreshEdge.objects.filter(source_key__isnull=False).values_list("source_key", flat=True).distinct()
    for gone in sorted({key for key in known if key is not None} - present):
        log.warning("Removing the entities of a provider that is no longer installed", provider=gone)
        # Uninstalling or disabling it was a decision; deletion safety is for accidents.
        apply_full_mutation(provider=gone, entities=(), certain=True)
