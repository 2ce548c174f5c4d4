"""Contract of the database service (Backstage's ``core.database``)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from portal.services.base import Service


class PluginDatabase(Protocol):
    """One plugin's database."""

    alias: str

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The calling thread's connection."""

    def reachable(self) -> bool:
        """Say whether the database answers."""

    def pending_migrations(self) -> list[str]:
        """Return the migrations that aren't applied, as ``app.name``; raises Django's ``DatabaseError`` if
        unreachable.
        """


class DatabaseService(Service):
    """Gives each plugin its database. Models need none of this: the router sends them there by itself."""

    service_name = "database"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginDatabase:
        """Return the plugin's database."""

    @abstractmethod
    def all(self) -> list[PluginDatabase]:
        """Return every database of this process, the core's first."""
