"""The services that a portal has unless ``PORTAL_SERVICES`` says otherwise."""

from __future__ import annotations

from typing import Any

DEFAULT_SERVICES: dict[str, dict[str, Any]] = {
    "root_config": {"BACKEND": "portal.services.root_config.FileConfig"},
    "logger": {"BACKEND": "portal.services.logger.StructuredLogger"},
    "lifecycle": {"BACKEND": "portal.services.lifecycle.ProcessLifecycle"},
    "health": {"BACKEND": "portal.services.health.CheckedHealth"},
    "cache": {"BACKEND": "portal.services.cache.ConfiguredCache"},
    "database": {"BACKEND": "portal.services.database.DjangoDatabase"},
    "discovery": {"BACKEND": "portal.services.discovery.SingleHostDiscovery"},
    "transport": {"BACKEND": "portal.services.transport.InProcessTransport"},
    "scheduler": {"BACKEND": "portal.services.scheduler.DatabaseScheduler"},
    "tasks": {"BACKEND": "portal.services.tasks.HueyTasks"},
    "events": {"BACKEND": "portal.services.events.SharedEvents"},
    "url_reader": {"BACKEND": "portal.services.url_reader.PredicateUrlReader"},
    "plugin_metadata": {"BACKEND": "portal.services.plugin_metadata.InstalledPluginMetadata"},
    "auditor": {"BACKEND": "portal.services.auditor.LoggedAuditor"},
    "auth": {"BACKEND": "portal.services.auth.ConfiguredAuth"},
    "http_auth": {"BACKEND": "portal.services.http_auth.RequestAuth"},
    "permissions": {"BACKEND": "portal.services.permissions.PolicyPermissions"},
    "permissions_registry": {"BACKEND": "portal.services.permissions_registry.InstalledPermissions"},
}
