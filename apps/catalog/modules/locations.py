"""Catalog files that a provider has found, as it hands them to the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.processing import location_entity
from portal.entities import LocationRef, location_entity_name


def found_file(
    url: str, *, provider: str, presence: str | None = "optional", annotations: Mapping[str, str] | None = None
) -> DeferredEntity:
    """Return the Location entity of a catalog file, which belongs to ``provider``.

    The file may turn out missing if its presence is ``optional``. None leaves the field out, which means ``required``.
    """
    entity = location_entity(LocationRef("url", url), presence=presence)
    entity["metadata"]["annotations"] |= annotations or {}
    return DeferredEntity(entity, provider)


def ref_of_file(url: str) -> str:
    """Return the ref of the Location entity that ``found_file`` makes."""
    return f"location:default/{location_entity_name('url', url)}"


def refresh_keys_of(urls: Iterable[str]) -> list[str]:
    """Return the keys that refresh whatever came from these files, under both ways to write a file's URL."""
    return [f"url:{form}" for url in urls for form in dict.fromkeys((url, url.replace("/blob/", "/tree/", 1)))]
