"""Core services: ``from portal.services import cache``.

Each name is a proxy for the process's instance, chosen by the setting ``PORTAL_SERVICES``. ``for_plugin(id)`` gives the
view that a plugin uses. The contract of each is the abstract class in ``portal/services/<name>/base.py``.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, cast

from portal.services.base import Service
from portal.services.handler import ServiceHandler, ServiceProxy, UnknownService, services

__all__ = ["Service", "ServiceHandler", "ServiceProxy", "UnknownService", "services"]

if TYPE_CHECKING:
    from portal.services.auditor.base import AuditorService
    from portal.services.auth.base import AuthService
    from portal.services.cache.base import CacheService
    from portal.services.database.base import DatabaseService
    from portal.services.discovery.base import DiscoveryService
    from portal.services.events.base import EventsService
    from portal.services.health.base import HealthService
    from portal.services.http_auth.base import HttpAuthService
    from portal.services.lifecycle.base import LifecycleService
    from portal.services.logger.base import LoggerService
    from portal.services.permissions.base import PermissionsService
    from portal.services.permissions_registry.base import PermissionsRegistryService
    from portal.services.plugin_metadata.base import PluginMetadataService
    from portal.services.root_config.base import RootConfigService
    from portal.services.scheduler.base import SchedulerService
    from portal.services.tasks.base import TasksService
    from portal.services.transport.base import TransportService
    from portal.services.url_reader.base import UrlReaderService

root_config = cast("RootConfigService", ServiceProxy(services, "root_config"))
logger = cast("LoggerService", ServiceProxy(services, "logger"))
lifecycle = cast("LifecycleService", ServiceProxy(services, "lifecycle"))
health = cast("HealthService", ServiceProxy(services, "health"))
cache = cast("CacheService", ServiceProxy(services, "cache"))
database = cast("DatabaseService", ServiceProxy(services, "database"))
discovery = cast("DiscoveryService", ServiceProxy(services, "discovery"))
transport = cast("TransportService", ServiceProxy(services, "transport"))
scheduler = cast("SchedulerService", ServiceProxy(services, "scheduler"))
tasks = cast("TasksService", ServiceProxy(services, "tasks"))
events = cast("EventsService", ServiceProxy(services, "events"))
url_reader = cast("UrlReaderService", ServiceProxy(services, "url_reader"))
plugin_metadata = cast("PluginMetadataService", ServiceProxy(services, "plugin_metadata"))
auditor = cast("AuditorService", ServiceProxy(services, "auditor"))
auth = cast("AuthService", ServiceProxy(services, "auth"))
http_auth = cast("HttpAuthService", ServiceProxy(services, "http_auth"))
permissions = cast("PermissionsService", ServiceProxy(services, "permissions"))
permissions_registry = cast("PermissionsRegistryService", ServiceProxy(services, "permissions_registry"))


class _ServicesModule(ModuleType):
    """Keeps the proxies: importing ``portal.services.cache`` would else put that package in the place of ``cache``."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and isinstance(vars(self).get(name), ServiceProxy)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _ServicesModule
