"""Plugin to plugin: a typed client for the API of each plugin that others ask.

A client speaks the plugin's HTTP API, wherever it runs: real addresses, real JSON, a real token.
"""

from portal.clients.catalog import CatalogClient, EntityPage, FoundLocation, RegisteredLocation, catalog

__all__ = ["CatalogClient", "EntityPage", "FoundLocation", "RegisteredLocation", "catalog"]
