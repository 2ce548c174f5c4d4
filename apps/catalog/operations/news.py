"""What the catalog tells the world: names that clash, and entities that can't be processed. Topics are Backstage's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from apps.catalog.extension_points import CatalogProcessing, FailedEntity
from apps.catalog.operations.discovery import Found
from apps.catalog.operations.outcomes import Claim
from apps.catalog.processing import ProcessingError
from portal.entities import ANNOTATION_LOCATION
from portal.errors import InputError
from portal.plugins import extension_point
from portal.services import events, logger

CONFLICT = "experimental.catalog.conflict"
ERRORS = "experimental.catalog.errors"


log = logger.for_plugin("catalog")


def tell_of_conflict(found: Found, *, owner: str | None, now: datetime) -> None:
    """Tell that an entity was left out because its name belongs to another source."""
    _publish(
        CONFLICT,
        found.ref,
        {
            "unprocessedEntity": orjson.loads(found.text),
            "entityRef": found.ref,
            "newLocationKey": found.location_key,
            "existingLocationKey": owner,
            "lastConflictAt": now.isoformat(),
        },
    )


def tell_of_errors(claim: Claim, errors: Sequence[ProcessingError]) -> None:
    """Tell what is wrong with an entity; called when that has changed."""
    entity = orjson.loads(claim.unprocessed_entity)
    annotations = entity.get("metadata", {}).get("annotations") or {}
    _publish(
        ERRORS,
        claim.entity_ref,
        {
            "entity": claim.entity_ref,
            "location": annotations.get(ANNOTATION_LOCATION),
            "errors": [error.as_dict() for error in errors],
        },
    )
    for handler in extension_point(CatalogProcessing).error_handlers:
        try:
            handler(FailedEntity(entity, [error.as_dict() for error in errors]))
        except Exception as error:  # a module's fault is not the entity's
            log.error("A handler of processing errors failed", exc_info=error)


def _publish(topic: str, about: str, payload: dict[str, Any]) -> None:
    try:
        events.for_plugin("catalog").publish(topic, payload)
    except InputError as error:
        # News may be lost, if it is too large to be sent; what it is about must not be.
        log.warning("An event can't be sent", topic=topic, entity=about, reason=error.message)
