"""``manage.py migrate``: every plugin's database, and not ``default`` alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import DEFAULT_DB_ALIAS, OperationalError, router
from django.db.migrations.loader import MigrationLoader

from portal.databases import ensure_databases
from portal.errors import PortalError


class Command(MigrateCommand):
    """Create what is missing and migrate all databases, ``default`` first; ``--database`` picks one.

    Django's own command migrates ``default`` only and notes the other apps' migrations there as applied, though their
    tables are nowhere.
    """

    # What is wrong with pages or configuration is told where the portal starts, and keeps no table from being made.
    requires_system_checks = [Tags.models, Tags.database]
    help = "Creates and migrates every plugin's database (or the one given with --database)."

    def add_arguments(self, parser: Any) -> None:
        """Make ``--database`` optional: without it, all are visited."""
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """Check the databases that will be migrated."""
        return {**super().get_check_kwargs(options), "databases": self._aliases(options)}

    def execute(self, *args: Any, **options: Any) -> Any:
        """Create what is missing before the checks, which already talk to the databases."""
        try:
            created = ensure_databases(self._aliases(options))
        except PortalError as error:
            raise CommandError(error.message) from error
        for what in created:
            self.stdout.write(f"Created {what}.")
        try:
            return super().execute(*args, **options)
        except OperationalError as error:
            raise CommandError(
                f"A database can't be used: {str(error).strip()}. `manage.py doctor` says which, and what to do."
            ) from error

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate one database after the other."""
        for alias in self._aliases(options):
            if options["verbosity"] > 0:
                self.stdout.write(self.style.MIGRATE_HEADING(f"Database {alias}:"))
            for app_label in self._app_labels(alias, options):
                super().handle(*args, **{**options, "database": alias, "app_label": app_label})

    def _app_labels(self, alias: str, options: dict[str, Any]) -> list[str | None]:
        """Return the apps to migrate: on a plugin's database its own, so that no other app's migrations are noted
        there.
        """
        if options["app_label"] or options["run_syncdb"] or alias == DEFAULT_DB_ALIAS:
            return [options["app_label"]]
        migrated = MigrationLoader(None).migrated_apps
        return [label for label in sorted(migrated) if router.allow_migrate(alias, label)]

    def _aliases(self, options: dict[str, Any]) -> list[str]:
        if options["database"]:
            return [options["database"]]
        return sorted(settings.DATABASES, key=lambda alias: (alias != "default", alias))
