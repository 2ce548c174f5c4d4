"""Are the databases there, and migrated? One query for each."""

from __future__ import annotations

from functools import cached_property

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from portal.services import logger

#: How many missing migrations a message names.
NAMED = 3


class DatabasesCheck:
    """Compares what each database has recorded with the migrations that the installed apps bring for it.

    The migrations are read from disk once: a process doesn't get new code while it runs.
    """

    def __call__(self) -> str | None:
        """Return what is wrong with the first databases that aren't usable, or None."""
        problems = [problem for alias in settings.DATABASES if (problem := self.problem_of(alias))]
        return " ".join(problems) or None

    def problem_of(self, alias: str) -> str | None:
        """Return what is wrong with one database, without its address: the answer is public, the log has the rest."""
        try:
            applied = self._applied(alias)
        except DatabaseError as error:
            connections[alias].close_if_unusable_or_obsolete()
            logger.for_plugin("app").warning("A database can't be reached", alias=alias, error=str(error))
            return f"Database '{alias}' can't be reached."
        missing = sorted(self._expected(alias) - applied)
        if not missing:
            return None
        named = ", ".join(f"{app}.{name}" for app, name in missing[:NAMED])
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        return f"Database '{alias}' lacks the migrations {named}{more}; run 'manage.py migrate'."

    def _applied(self, alias: str) -> set[tuple[str, str]]:
        connection = connections[alias]
        connection.ensure_connection()
        try:
            return set(MigrationRecorder.Migration.objects.using(alias).values_list("app", "name"))
        except DatabaseError:
            # The rare case pays the second query: no table means that nothing was migrated here, ever.
            if MigrationRecorder(connection).has_table():
                raise
            return set()

    def _expected(self, alias: str) -> set[tuple[str, str]]:
        return {node for node in self._nodes if router.allow_migrate(alias, node[0])}

    @cached_property
    def _nodes(self) -> set[tuple[str, str]]:
        installed = {app.label for app in apps.get_app_configs()}
        return {node for node in MigrationLoader(None).graph.nodes if node[0] in installed}
