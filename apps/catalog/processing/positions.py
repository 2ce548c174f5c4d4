"""Where in its file an entity stands, carried along with it from the file's reading to its own processing.

The two happen in different runs, often in different processes, with a row of JSON between them. The position travels as
an annotation of the unprocessed entity and is taken off before anybody else sees the entity.
"""

from __future__ import annotations

from typing import Any

from apps.catalog.extension_points import ANNOTATION_POSITION, SourcePosition
from portal.entities import Entity


def with_position(entity: Entity, position: SourcePosition) -> Entity:
    """Return the entity with its position on it. ``metadata.annotations`` must be an object."""
    metadata = entity["metadata"]
    annotations = metadata.get("annotations", {}) | {ANNOTATION_POSITION: f"{position.document}:{position.line}"}
    return {**entity, "metadata": {**metadata, "annotations": annotations}}


def take_position(entity: Entity) -> tuple[Entity, SourcePosition | None]:
    """Return the entity without its position, and the position if there is a sound one. ``entity`` may be malformed."""
    given: Any = entity
    metadata: Any = given.get("metadata") if isinstance(given, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(annotations, dict) or ANNOTATION_POSITION not in annotations:
        return entity, None
    rest = {key: value for key, value in annotations.items() if key != ANNOTATION_POSITION}
    return {**entity, "metadata": {**metadata, "annotations": rest}}, SourcePosition.parse(
        annotations[ANNOTATION_POSITION]
    )
