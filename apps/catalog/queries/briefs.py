"""What links to entities say about them, without reading the entities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.catalog.queries.listing import TITLE_FIELDS
from apps.catalog.queries.sql import Row, has_value, holds, one_of, sql
from apps.catalog.queries.statements import fetch
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.entities import DEFAULT_NAMESPACE, Entity, entity_title, parse_ref

DESCRIPTION, TYPE, OWNER = "metadata.description", "spec.type", "relations.ownedby"
#: So much of a description is told beside a link; the index has no more either.
LONGEST_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class EntityBrief:
    """What an entity is called, and what it is. ``owner`` is a ref; what the entity lacks is empty."""

    title: str
    type: str = ""
    owner: str = ""
    description: str = ""


def entity_briefs(refs: Collection[str], *, credentials: Credentials) -> dict[str, EntityBrief]:
    """Return briefs of those entities that exist and may be seen, by canonical ref. One statement, none without refs.

    Descriptions that are too long for the index are left out.
    """
    if not refs:
        return {}
    statement = sql(
        "SELECT f.entity_ref, o.key, COALESCE(o.original_value, o.value) FROM catalog_finalentity f "
        "CROSS JOIN catalog_searchentry o WHERE {} AND o.entity_id = f.entity_id AND {} AND {} AND {}",
        one_of("f.entity_ref", set(refs)),
        one_of("o.key", (*TITLE_FIELDS, DESCRIPTION, TYPE, OWNER)),
        has_value("o"),
        holds(visible_to(credentials), Row("f.entity_id")),
    )
    fields: dict[str, dict[str, str]] = {}
    for ref, key, value in fetch(statement):
        fields.setdefault(ref, {}).setdefault(key, value)
    return {ref: _brief(ref, values) for ref, values in fields.items()}


def brief_of(entity: Entity) -> EntityBrief:
    """Return the brief of an entity that is at hand."""
    spec = entity.get("spec")
    type_ = spec.get("type") if isinstance(spec, dict) else ""
    description = entity["metadata"].get("description")
    owners = (one["targetRef"] for one in entity.get("relations") or () if one["type"] == "ownedBy")
    return EntityBrief(
        title=entity_title(entity),
        type=type_ if isinstance(type_, str) else "",
        owner=next(owners, ""),
        description=description[:LONGEST_DESCRIPTION] if isinstance(description, str) else "",
    )


def existing_refs(refs: Collection[str], *, credentials: Credentials) -> set[str]:
    """Return which of some refs lead to entities that may be seen. One statement, none without refs."""
    if not refs:
        return set()
    statement = sql(
        "SELECT f.entity_ref FROM catalog_finalentity f WHERE {} AND {}",
        one_of("f.entity_ref", set(refs)),
        holds(visible_to(credentials), Row("f.entity_id")),
    )
    return {ref for (ref,) in fetch(statement)}


def _brief(ref: str, values: dict[str, str]) -> EntityBrief:
    title = next((values[field] for field in TITLE_FIELDS[:-1] if values.get(field)), "")
    if not title:
        parts = parse_ref(ref)
        name = values.get("metadata.name") or parts.name
        title = name if parts.namespace == DEFAULT_NAMESPACE else f"{parts.namespace}/{name}"
    return EntityBrief(title, values.get(TYPE, ""), values.get(OWNER, ""), values.get(DESCRIPTION, ""))
