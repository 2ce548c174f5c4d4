"""The last form of an entity: what processing made of it, with what the catalog knows beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.entities import (
    ANNOTATION_EDIT_URL,
    ANNOTATION_ORPHAN,
    ANNOTATION_VIEW_URL,
    Entity,
    is_script_url,
    stable_hash,
)

STATUS_TYPE = "backstage.io/catalog-processing"
REJECTED_URL = "https://backstage.io/annotation-rejected-for-security-reasons"


def final_entity(
    processed: Entity,
    *,
    entity_id: str,
    relations: Iterable[tuple[str, str]],
    errors: Sequence[Mapping[str, Any]],
    orphan: bool,
) -> tuple[Entity, str]:
    """Return the entity as it is served, and the hash of all that can change in it.

    ``relations`` are ``(type, target ref)``, sorted and without doubles; ``errors`` are what processing complained
    about, each with ``name`` and ``message``. An etag that the entity brings along is kept, as in Backstage.
    """
    metadata = dict(processed["metadata"])
    annotations = dict(metadata.get("annotations") or {})
    for name in (ANNOTATION_VIEW_URL, ANNOTATION_EDIT_URL):
        if isinstance(annotations.get(name), str) and is_script_url(annotations[name]):
            annotations[name] = REJECTED_URL
    if orphan:
        annotations[ANNOTATION_ORPHAN] = "true"
    if annotations:
        metadata["annotations"] = annotations
    entity = {**processed, "metadata": metadata}
    if errors:
        entity["status"] = {"items": [_status_item(error) for error in errors]}
    entity["relations"] = [{"type": kind, "targetRef": target} for kind, target in relations]
    digest = stable_hash(entity)
    metadata["uid"] = entity_id
    metadata.setdefault("etag", digest)
    return entity, digest


def _status_item(error: Mapping[str, Any]) -> dict[str, Any]:
    name, message = error["name"], error["message"]
    return {
        "type": STATUS_TYPE,
        "level": "error",
        "message": f"{name}: {message}",
        "error": {"name": name, "message": message},
    }
