"""What links to entities say about them, without reading the entities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from apps.catalog.queries.sql import Row, has_value, holds, one_of, sql
from apps.catalog.queries.statements import fetch
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.entities import DEFAULT_NAMESPACE, Entity, entity_title, parse_ref

#: The keys of the index that an entity is called by, the best first.
TITLE_KEYS = ("spec.profile.displayname", "metadata.title", "metadata.name")
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
    found = _values_of(refs, (*TITLE_KEYS, DESCRIPTION, TYPE, OWNER), credentials)
    return {ref: _brief(ref, values) for ref, values in found.items()}


def entity_titles(refs: Collection[str], *, credentials: Credentials) -> dict[str, EntityBrief]:
    """Return likewise what those entities are called, and no more."""
    return {ref: _brief(ref, values) for ref, values in _values_of(refs, TITLE_KEYS, credentials).items()}


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


def _values_of(refs: Collection[str], keys: Sequence[str], credentials: Credentials) -> dict[str, dict[str, str]]:
    """Return the first value of each key that an entity has, by its ref."""
    if not refs:
        return {}
    statement = sql(
        "SELECT f.entity_ref, o.key, COALESCE(o.original_value, o.value) FROM catalog_finalentity f "
        "CROSS JOIN catalog_searchentry o WHERE {} AND o.entity_id = f.entity_id AND {} AND {} AND {}",
        one_of("f.entity_ref", set(refs)),
        one_of("o.key", keys),
        has_value("o"),
        holds(visible_to(credentials), Row("f.entity_id")),
    )
    values: dict[str, dict[str, str]] = {}
    for ref, key, value in fetch(statement):
        values.setdefault(ref, {}).setdefault(key, value)
    return values


def _brief(ref: str, values: Mapping[str, str]) -> EntityBrief:
    return EntityBrief(_title(ref, values), values.get(TYPE, ""), values.get(OWNER, ""), values.get(DESCRIPTION, ""))


def _title(ref: str, values: Mapping[str, str]) -> str:
    for field in TITLE_KEYS[:-1]:
        if values.get(field):
            return values[field]
    parts = parse_ref(ref)
    name = values.get("metadata.name") or parts.name
    return name if parts.namespace == DEFAULT_NAMESPACE else f"{parts.namespace}/{name}"
