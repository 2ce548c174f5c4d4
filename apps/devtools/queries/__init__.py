"""What the plugin knows of the portal that it runs in, and of what that depends on."""

from apps.devtools.queries.configuration import ConfigInfo, config_info
from apps.devtools.queries.dependencies import Endpoint, ExternalDependency, check_dependencies, endpoints
from apps.devtools.queries.information import Information, Package, information
from apps.devtools.queries.schedules import scheduled_plugins

__all__ = [
    "ConfigInfo",
    "Endpoint",
    "ExternalDependency",
    "Information",
    "Package",
    "check_dependencies",
    "config_info",
    "endpoints",
    "information",
    "scheduled_plugins",
]
