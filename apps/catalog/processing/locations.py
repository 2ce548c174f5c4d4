"""The Location entities that the catalog makes itself, for locations that are registered, configured or emitted."""

from __future__ import annotations

import os

from apps.catalog.conf import CatalogConf
from apps.catalog.conf import conf as catalog_conf
from apps.catalog.extension_points import DeferredEntity, EntityProvider, EntityProviderConnection
from portal.config import Config
from portal.entities import (
    ANNOTATION_LOCATION,
    ANNOTATION_ORIGIN_LOCATION,
    Entity,
    LocationRef,
    location_entity_name,
    parse_location_ref,
)
from portal.errors import InputError


def location_entity(
    location: LocationRef,
    *,
    name: str | None = None,
    presence: str | None = None,
    own_location: str | None = None,
    origin_location: str | None = None,
) -> Entity:
    """Return the Location entity that stands for a registered, configured or emitted location.

    Its name is derived from the location unless ``name`` says otherwise. Its own location and origin are the location
    itself unless a parent says otherwise. ``presence`` None leaves the field out, which means ``required``.
    """
    spec = {"type": location.type, "target": location.target}
    if presence is not None:
        spec["presence"] = presence
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {
            "name": name or location_entity_name(location.type, location.target),
            "annotations": {
                ANNOTATION_LOCATION: own_location or str(location),
                ANNOTATION_ORIGIN_LOCATION: origin_location or str(location),
            },
        },
        "spec": spec,
    }


def config_locations(conf: CatalogConf) -> list[DeferredEntity]:
    """Return the Location entities, with their location keys, that ``catalog.locations`` asks for.

    A type that no processor reads is not refused here: the Location itself reports it, where people look. Raises
    ``ConfigError`` for an entry that can't be understood.
    """
    return [DeferredEntity(location_entity(location), str(location)) for location, _ in configured_locations(conf)]


def configured_locations(conf: CatalogConf) -> list[tuple[LocationRef, Config]]:
    """Return each entry of ``catalog.locations`` as its location, and what else it says.

    ``file`` targets are made absolute, from the working directory of the process.
    """
    return [(_configured(entry), entry) for entry in conf.config.children("catalog.locations")]


def _configured(entry: Config) -> LocationRef:
    type_, target = entry.get_str("type"), entry.get_str("target")
    if type_ == "file":
        target = os.path.abspath(target)  # noqa: PTH100 (pathlib would keep "..")
    try:
        return parse_location_ref(f"{type_}:{target}")
    except InputError as error:
        raise entry.error("target", f"is no location. {error}", cause=error) from error


class ConfigLocationProvider(EntityProvider):
    """Provides the locations that ``catalog.locations`` names."""

    name = "ConfigLocationProvider"

    def __init__(self, conf: CatalogConf = catalog_conf) -> None:
        self._conf = conf

    def connect(self, connection: EntityProviderConnection) -> None:
        """Replace what an earlier configuration asked for."""
        connection.apply_full_mutation(config_locations(self._conf))
