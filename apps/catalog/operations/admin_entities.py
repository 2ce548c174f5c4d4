"""Entities that people write in the admin: a table, and the provider ``admin`` that hands it to the pipeline.

Row and entity are written in one transaction. Somebody waits for the outcome, so the entity comes first in the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError
from django.urls import reverse

from apps.catalog.extension_points import DeferredEntity, EntityProvider, EntityProviderConnection
from apps.catalog.models import AdminEntity, Priority, RefreshEdge, RefreshState
from apps.catalog.operations.mutations import apply_delta_mutation
from apps.catalog.processing import build_orchestrator
from portal.config import current
from portal.databases import atomic_for
from portal.entities import (
    ANNOTATION_EDIT_URL,
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    Entity,
    parse_documents,
    ref_of,
    validate_envelope,
)
from portal.errors import ConflictError, InputError
from portal.services import logger

log = logger.for_plugin("catalog")

#: The provider's name, and the location key of all that it brings: other sources can't take such an entity over.
ADMIN_PROVIDER = "admin"
LOCATION_KEY = "admin:"


def check_admin_entity(text: str, *, row_id: int | None = None) -> Entity:
    """Return the entity that a text holds, as it is written, if the catalog would take it.

    ``row_id`` is the row that has it already. Raises ``InputError`` with what is wrong with the text, and
    ``ConflictError`` if the name belongs to another source or row.
    """
    entity = _read(text)
    if str(entity["kind"]).lower() == "location":
        raise InputError("A Location isn't made here: add it under Registered locations, so that it is read.")
    place = _place(row_id)
    result = build_orchestrator().process(_placed(entity, row_id))
    if not result.ok:
        told = [error.message.removesuffix(f" (in {place})") for error in result.errors]
        raise InputError("\n".join(told))
    _require_free(str(ref_of(entity)), row_id)
    return entity


def save_admin_entity(*, text: str, actor: str, row_id: int | None = None) -> AdminEntity:
    """Make a new entity of a text, or give the one of a row a new text; its name may be another one.

    Raises as ``check_admin_entity``.
    """
    entity = check_admin_entity(text, row_id=row_id)
    with atomic_for(AdminEntity):
        row = AdminEntity() if row_id is None else AdminEntity.objects.select_for_update().get(pk=row_id)
        before = row.entity_ref
        row.entity_ref, row.text, row.edited_by = str(ref_of(entity)), text, actor
        try:
            with atomic_for(AdminEntity):
                row.save()
        except IntegrityError as error:
            raise _taken_by_row(row.entity_ref) from error
        apply_delta_mutation(
            provider=ADMIN_PROVIDER,
            added=[DeferredEntity(_placed(entity, row.pk), LOCATION_KEY)],
            removed=[before] if before and before != row.entity_ref else [],
            priority=Priority.INTERACTIVE,
            actor=actor,
        )
    return row


def delete_admin_entities(*, row_ids: Iterable[int], actor: str) -> int:
    """Delete rows with their entities; return how many there were."""
    with atomic_for(AdminEntity):
        rows = AdminEntity.objects.select_for_update().filter(pk__in=list(row_ids))
        refs = list(rows.values_list("entity_ref", flat=True))
        rows.delete()
        apply_delta_mutation(provider=ADMIN_PROVIDER, removed=refs, actor=actor)
    return len(refs)


class AdminEntityProvider(EntityProvider):
    """Provides the entities that were written in the admin."""

    name = ADMIN_PROVIDER

    def connect(self, connection: EntityProviderConnection) -> None:
        """Put right what differs between rows and entities, after a restored backup for instance.

        Not a full mutation: an entity that somebody writes at this moment would count as removed.
        """
        with atomic_for(AdminEntity):
            edges = RefreshEdge.objects.filter(source_key=self.name)
            stored = set(edges.values_list("target_entity_ref", flat=True))
            rows = list(AdminEntity.objects.select_for_update().order_by("id"))
            added = [DeferredEntity(_placed(_read(row.text), row.pk), LOCATION_KEY) for row in rows]
            connection.apply_delta_mutation(added=added, removed=stored - {row.entity_ref for row in rows})


def _read(text: str) -> Entity:
    """Return the one entity in a text. Raises ``InputError``."""
    documents = parse_documents(text)
    if not documents:
        raise InputError("There is no entity in the text. Write one as it would stand in a catalog-info.yaml file.")
    if len(documents) > 1:
        raise InputError(f"The text has {len(documents)} documents; each entity is made for itself. Keep one of them.")
    (document,) = documents
    if document.error is not None:
        raise document.error
    value: Any = document.value
    validate_envelope(value)
    entity: Entity = value
    return entity


def _placed(entity: Entity, row_id: int | None) -> Entity:
    """Return the entity with the annotations that say where it comes from, and where it is edited."""
    metadata: dict[str, Any] = entity["metadata"]
    annotations = metadata.get("annotations") or {}
    if not isinstance(annotations, dict):
        return entity  # the policies refuse it, in better words
    place = _place(row_id)
    forced = {ANNOTATION_LOCATION: place, ANNOTATION_ORIGIN_LOCATION: place}
    base_url = current().get_str("app.baseUrl", default=current().get_str("backend.baseUrl", default=""))
    if base_url and row_id is not None:
        forced[ANNOTATION_EDIT_URL] = f"{base_url.rstrip('/')}{_path(row_id)}"
    return {**entity, "metadata": {**metadata, "annotations": {**annotations, **forced}}}


def _place(row_id: int | None) -> str:
    return f"{ADMIN_PROVIDER}:{_path(row_id)}"


def _path(row_id: int | None) -> str:
    if row_id is None:
        return reverse("admin:catalog_adminentity_add")
    return reverse("admin:catalog_adminentity_change", args=[row_id])


def _require_free(ref: str, row_id: int | None) -> None:
    others = AdminEntity.objects.filter(entity_ref=ref)
    if (others if row_id is None else others.exclude(pk=row_id)).exists():
        raise _taken_by_row(ref)
    state = RefreshState.objects.filter(entity_ref=ref).first()
    if state is None or state.location_key == LOCATION_KEY:
        return
    sources = RefreshEdge.objects.filter(target_entity_ref=ref).values_list("source_key", "source_entity_ref")
    led_by = [key or source or "" for key, source in sources]
    if state.location_key or led_by:
        owner = state.location_key or ", ".join(led_by)
        raise ConflictError(f"{ref} belongs to {owner}. Give it another name, or remove it there first.")


def _taken_by_row(ref: str) -> ConflictError:
    return ConflictError(f"{ref} was made here already. Change that one, or give this one another name.")
