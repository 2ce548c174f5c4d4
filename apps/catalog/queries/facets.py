"""Facets: which values a field has, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.db.models.functions import Coalesce

from apps.catalog.models import NO_VALUE, SearchEntry
from apps.catalog.queries.bounds import MAX_VALUES
from apps.catalog.queries.filters import EVERYTHING, Filter, both, condition
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.errors import InputError


def entity_facets(
    facets: Sequence[str], *, credentials: Credentials, filter: Filter = EVERYTHING
) -> dict[str, list[dict[str, Any]]]:
    """Return ``{facet as asked: [{value, count}]}``, by value. One query, however many facets.

    Values keep their case, and count separately by it; values that are null or too long to index don't appear.
    """
    seen = condition(both(filter, visible_to(credentials)), id_field="entity_id")
    keys = {facet.lower() for facet in facets}
    if len(keys) > MAX_VALUES:
        raise InputError(f"There are {len(keys):,} facets; at most {MAX_VALUES:,} are taken. Ask in parts.")
    rows = (
        SearchEntry.objects.filter(seen, key__in=keys)
        .exclude(value=NO_VALUE)
        .annotate(written=Coalesce("original_value", "value"))
        .order_by("key", "written")
        .values_list("key", "written")
        .annotate(count=Count("*"))
    )
    by_key: dict[str, list[dict[str, Any]]] = {key: [] for key in keys}
    for key, value, count in rows:
        by_key[key].append({"value": value, "count": count})
    return {facet: by_key[facet.lower()] for facet in facets}
