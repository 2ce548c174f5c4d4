"""What a provider says about its entities: all of them, or what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import orjson
from django.utils import timezone

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.models import HeldRemoval, Priority, RefreshEdge, RefreshState
from apps.catalog.operations.batches import batched
from apps.catalog.operations.causes import cause_of_removal
from apps.catalog.operations.conflicts import record_conflicts
from apps.catalog.operations.deletion import delete_entities
from apps.catalog.operations.discovery import Found, take_in
from apps.catalog.operations.safety import removable
from portal.databases import append_rows, atomic_for, retried_for
from portal.entities import validate_envelope
from portal.errors import NotFoundError
from portal.services import logger

log = logger.for_plugin("catalog")


def apply_full_mutation(*, provider: str, entities: Iterable[DeferredEntity], certain: bool = False) -> None:
    """Make these the entities of a provider: add the new, update the changed, remove the absent.

    An entity under another location key than before is removed and added anew. Removals that are too large to be
    believed are held back, unless the caller is ``certain``. Raises ``InputError`` if one of them isn't an entity;
    nothing is changed then.
    """
    found = _checked(entities)
    retried_for(RefreshState, partial(_apply_full, provider, found, certain=certain))


def _apply_full(provider: str, found: list[Found], *, certain: bool) -> None:
    with atomic_for(RefreshState):
        stored = _stored(provider)
        wanted = {entity.ref: entity for entity in found}
        moved = {
            ref
            for ref, (key, _) in stored.items()
            if ref in wanted and key is not None and key != wanted[ref].location_key
        }
        absent = stored.keys() - wanted.keys()
        if not certain:
            absent = set(removable(provider, absent, total=len(stored)))
        _remove(provider, absent | moved)
        lost = _add(provider, [e for e in found if e.ref in moved or stored.get(e.ref) != (e.location_key, e.hash)])
        record_conflicts({provider: lost}, now=timezone.now())


def apply_delta_mutation(
    *,
    provider: str,
    added: Iterable[DeferredEntity] = (),
    removed: Iterable[str] = (),
    priority: Priority = Priority.BACKGROUND,
    actor: str = "",
) -> None:
    """Add or update some of a provider's entities and remove others, by ref. Raises ``InputError`` as above.

    ``priority`` says whether somebody waits for what is added; ``actor`` is who asked for the change, for the history.
    """
    found, gone = _checked(added, actor=actor), set(removed)
    retried_for(RefreshState, partial(_apply_delta, provider, found, gone, priority=priority, actor=actor))


def _apply_delta(provider: str, found: list[Found], gone: set[str], *, priority: Priority, actor: str) -> None:
    with atomic_for(RefreshState):
        if gone:
            _remove(provider, gone, actor=actor)
        refs = [entity.ref for entity in found]
        stored = _stored(provider, refs) if found else {}
        changed = [e for e in found if stored.get(e.ref) != (e.location_key, e.hash)]
        lost = _add(provider, changed, priority=priority)
        record_conflicts({provider: lost}, now=timezone.now(), among={*refs, *gone})


def confirm_removal(*, provider: str, actor: str = "") -> int:
    """Remove what was held back of a provider; return how many entities that were, descendants left out.

    ``actor`` is who confirmed it. Raises ``NotFoundError`` if nothing is held back.
    """
    with atomic_for(RefreshState):
        held = HeldRemoval.objects.select_for_update().filter(provider=provider).first()
        if held is None:
            raise NotFoundError(
                f"No removal of provider '{provider}' is held back; it may have been taken back meanwhile."
            )
        refs = orjson.loads(held.refs)
        _remove(provider, refs, actor=actor)
        held.delete()
    log.warning("A removal that was held back has been confirmed", provider=provider, removed=len(refs), actor=actor)
    return len(refs)


def _checked(entities: Iterable[DeferredEntity], *, actor: str = "") -> list[Found]:
    found = []
    for deferred in entities:
        validate_envelope(deferred.entity)
        found.append(Found.of(deferred, actor=actor))
    return found


def _stored(provider: str, refs: Sequence[str] | None = None) -> dict[str, tuple[str | None, str]]:
    """Return location key and hash of the provider's entities, by ref."""
    edges = RefreshEdge.objects.filter(source_key=provider)
    if refs is not None:
        edges = edges.filter(target_entity_ref__in=refs)
    mine = set(edges.values_list("target_entity_ref", flat=True))
    stored = {}
    for batch in batched(mine):
        rows = RefreshState.objects.filter(entity_ref__in=batch)
        for ref, key, digest in rows.values_list("entity_ref", "location_key", "unprocessed_hash"):
            stored[ref] = (key, digest)
    return stored


def _add(provider: str, found: list[Found], *, priority: Priority = Priority.BACKGROUND) -> list[Found]:
    """Take a provider's entities in; return those whose names belong to others."""
    if not found:
        return []
    accepted = take_in(found, now=timezone.now(), priority=priority)
    for batch in batched({entity.ref for entity, yes in zip(found, accepted, strict=True) if yes}):
        RefreshEdge.objects.filter(source_key=provider, target_entity_ref__in=batch).delete()
        append_rows(RefreshEdge, ["source_key", "target_entity_ref"], [(provider, ref) for ref in batch])
    return [entity for entity, yes in zip(found, accepted, strict=True) if not yes]


def _remove(provider: str, refs: Iterable[str], *, actor: str = "") -> None:
    """Remove the provider's claim on entities, and with it whatever nothing else leads to any more."""
    refs = set(refs)
    if not refs:
        return
    doomed: set[str] = set()
    frontier = set()
    for batch in batched(refs):
        edges = RefreshEdge.objects.filter(source_key=provider, target_entity_ref__in=batch)
        frontier |= set(edges.values_list("target_entity_ref", flat=True))
        edges.delete()
    while frontier:
        # An entity goes if every way to it starts at something that goes.
        alive = set()
        for batch in batched(frontier):
            edges = RefreshEdge.objects.filter(target_entity_ref__in=batch).exclude(source_entity_ref__in=doomed)
            alive |= set(edges.values_list("target_entity_ref", flat=True))
        going = frontier - alive
        doomed |= going
        frontier = set()
        for batch in batched(going):
            children = RefreshEdge.objects.filter(source_entity_ref__in=batch)
            frontier |= set(children.values_list("target_entity_ref", flat=True)) - doomed
    for going, direct in ((doomed & refs, True), (doomed - refs, False)):
        delete_entities(refs=going, cause=cause_of_removal(provider, direct=direct, actor=actor))
