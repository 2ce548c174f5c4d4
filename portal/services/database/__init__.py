"""The database service: a plugin's own database."""

from portal.services.database.base import DatabaseService, PluginDatabase
from portal.services.database.django import DjangoDatabase

__all__ = ["DatabaseService", "DjangoDatabase", "PluginDatabase"]
