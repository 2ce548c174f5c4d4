"""What pages list: a page of entities with the total, the titles of entities, and how many somebody owns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, FilteredRelation, Q
from django.db.models.functions import Coalesce

from apps.catalog.models import FinalEntity, SearchEntry
from apps.catalog.queries.filters import EVERYTHING, Filter, Matches, both, condition
from apps.catalog.queries.paging import Order, sorted_entities
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.entities import DEFAULT_NAMESPACE, parse_ref

#: Where a text is looked for, beside tags, of which one must be equal to it. As in Backstage.
SEARCHED_FIELDS = ("metadata.name", "metadata.title", "spec.profile.displayname", "spec.target", "spec.targets")
#: The fields that an entity is called by, the best first.
TITLE_FIELDS = ("spec.profile.displayname", "metadata.title", "metadata.name")


@dataclass(frozen=True, slots=True)
class EntityListing:
    """A page of a list: stored JSON texts, how many there are in all, and where the page starts."""

    items: list[str]
    total: int
    offset: int = 0


def entity_listing(
    *, credentials: Credentials, filter: Filter = EVERYTHING, text: str = "", limit: int, offset: int = 0
) -> EntityListing:
    """Return a page of entities by name, and the total. Three queries.

    Each word of ``text`` must be inside a name, title or target of the entity, or be one of its tags. An offset beyond
    the end gives the last page.
    """
    rows = sorted_entities(both(filter, visible_to(credentials)), Order("metadata.name"))
    for word in text.lower().split():
        rows = rows.filter(_has_word(word))
    total = rows.order_by().count()
    offset = min(offset, max(0, total - 1) // limit * limit)
    if not total:
        return EntityListing([], 0)
    # The ids first: a database that sorts whole entities reads every definition for the sake of twenty rows.
    ids = list(rows.values_list("entity_id", flat=True)[offset : offset + limit])
    texts = dict(FinalEntity.objects.filter(entity_id__in=ids).values_list("entity_id", "final_entity"))
    return EntityListing([texts[entity_id] for entity_id in ids if entity_id in texts], total, offset)


def _has_word(word: str) -> Q:
    inside = SearchEntry.objects.filter(key__in=SEARCHED_FIELDS, value__contains=word).order_by()
    tagged = SearchEntry.objects.filter(key="metadata.tags", value=word).order_by()
    return Q(entity_id__in=inside.values("entity_id")) | Q(entity_id__in=tagged.values("entity_id"))


def entity_titles(refs: Collection[str], *, credentials: Credentials) -> dict[str, str]:
    """Return what those entities are called that exist and may be seen, by canonical ref. One query, and no entity is
    loaded.
    """
    if not refs:
        return {}
    seen = condition(visible_to(credentials), id_field="entity_id")
    rows = FinalEntity.objects.filter(seen, entity_ref__in=set(refs), search_entries__key__in=TITLE_FIELDS).values_list(
        "entity_ref", "search_entries__key", Coalesce("search_entries__original_value", "search_entries__value")
    )
    named: dict[str, dict[str, str | None]] = {}
    for ref, key, value in rows:
        named.setdefault(ref, {})[key] = value
    return {ref: _title(ref, values) for ref, values in named.items()}


def _title(ref: str, values: dict[str, str | None]) -> str:
    for field in TITLE_FIELDS[:-1]:
        if values.get(field):
            return values[field] or ""
    namespace, name = parse_ref(ref).namespace, values.get("metadata.name") or parse_ref(ref).name
    return name if namespace == DEFAULT_NAMESPACE else f"{namespace}/{name}"


@dataclass(frozen=True, slots=True)
class OwnedCount:
    """How many entities of one kind and type there are; ``type`` is empty for kinds without one."""

    kind: str
    type: str
    count: int


def owned_counts(refs: Collection[str], *, credentials: Credentials) -> list[OwnedCount]:
    """Return how many entities are owned by one of ``refs``, by kind and type, the most first. One query."""
    owned = both(Matches("relations.ownedBy", tuple(refs)), visible_to(credentials))
    rows = (
        FinalEntity.objects.filter(condition(owned, id_field="entity_id"))
        .annotate(
            kinds=FilteredRelation("search_entries", condition=Q(search_entries__key="kind")),
            types=FilteredRelation("search_entries", condition=Q(search_entries__key="spec.type")),
        )
        .annotate(
            kind=Coalesce("kinds__original_value", "kinds__value"),
            type=Coalesce("types__original_value", "types__value"),
        )
        .values_list("kind", "type")
        .annotate(count=Count("entity_id"))
        .order_by("-count", "kind", "type")
    )
    return [OwnedCount(kind or "", type_ or "", count) for kind, type_, count in rows]
