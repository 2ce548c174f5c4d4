"""The processor that notes on each entity where its file can be seen and edited."""

from __future__ import annotations

import re

from apps.catalog.extension_points import ProcessingContext, Processor
from portal.entities import (
    ANNOTATION_EDIT_URL,
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    ANNOTATION_SOURCE_LOCATION,
    ANNOTATION_VIEW_URL,
    Entity,
)
from portal.integrations import ScmIntegrations

#: A URL at a certain commit shows a state that can't be edited.
_COMMIT = re.compile(r"\b[0-9a-f]{40,}\b")


class AnnotateLocationEntityProcessor(Processor):
    """Adds the location annotations that an entity doesn't state itself."""

    name = "AnnotateLocationEntityProcessor"
    repeatable = True

    def __init__(self, integrations: ScmIntegrations) -> None:
        self._integrations = integrations

    def pre_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        metadata = entity["metadata"]
        annotations = metadata.get("annotations")
        if not isinstance(annotations, dict):
            return entity  # the policies refuse it, in better words
        added = {
            ANNOTATION_LOCATION: str(context.location),
            ANNOTATION_ORIGIN_LOCATION: str(context.origin_location),
        }
        if context.location.type == "url":
            added |= self._of_url(context.location.target)
        return {**entity, "metadata": {**metadata, "annotations": added | annotations}}

    def _of_url(self, url: str) -> dict[str, str]:
        found = {ANNOTATION_VIEW_URL: url}
        if integration := self._integrations.by_url(url):
            found[ANNOTATION_SOURCE_LOCATION] = f"url:{integration.resolve_url('./', url)}"
            if not _COMMIT.search(url):
                found[ANNOTATION_EDIT_URL] = integration.resolve_edit_url(url)
        return found
