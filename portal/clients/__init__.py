"""Plugin to plugin: a typed client for the API of each plugin that others ask.

A client speaks the plugin's HTTP API, wherever it runs: real addresses, real JSON, a real token.
"""

from portal.clients.catalog import CatalogClient, EntityPage, FoundLocation, RegisteredLocation, catalog
from portal.clients.catalog_sources import CatalogSourcesClient, LocationReport, catalog_sources

__all__ = [
    "CatalogClient",
    "CatalogSourcesClient",
    "EntityPage",
    "FoundLocation",
    "LocationReport",
    "RegisteredLocation",
    "catalog",
    "catalog_sources",
]
