"""Databases as Django knows them: one alias for each plugin."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from portal.services.database.base import DatabaseService, PluginDatabase


class AliasDatabase:
    """The database behind a Django alias."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The calling thread's connection."""
        return connections[self.alias]

    def reachable(self) -> bool:
        """Ask the database for nothing, and see whether it answers."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            self.connection.close()
            return False
        return True

    def pending_migrations(self) -> list[str]:
        """Compare what is applied with what the installed apps have, leaving out what the router keeps from this
        alias.
        """
        executor = MigrationExecutor(self.connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


class DjangoDatabase(DatabaseService):
    """One alias for each plugin, by app label; ``default`` is the core's."""

    def for_plugin(self, plugin_id: str) -> PluginDatabase:
        """Return the plugin's database; a plugin without an alias of its own shares the core's."""
        # Asked of Django, not of portal.plugins: services lie below plugins and know only the shape of their apps.
        labels = [app.label for app in apps.get_app_configs() if getattr(app, "plugin_id", None) == plugin_id]
        alias = next((label for label in labels if label in settings.DATABASES), DEFAULT_DB_ALIAS)
        return AliasDatabase(alias)

    def all(self) -> list[PluginDatabase]:
        """Return every configured database, ``default`` first."""
        return [
            AliasDatabase(alias) for alias in sorted(settings.DATABASES, key=lambda alias: (alias != "default", alias))
        ]
