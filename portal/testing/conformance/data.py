"""Rules of a plugin's data: its database, its migrations, what the system checks say."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR, Tags, run_checks
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from portal.databases import alias_for
from portal.plugins import alias_of
from portal.testing.conformance.base import PluginTests, expect_none

#: Tags of the checks that look at one app; the others look at the site.
TAGS = [Tags.models, Tags.admin, "plugins", "extensions"]


class DataRules(PluginTests):
    """A plugin's data are its own."""

    def test_system_checks_find_nothing_wrong_with_it(self) -> None:
        """Ids, labels, models, relations, extensions and the admin are in order."""
        found = run_checks(app_configs=[self.app], tags=TAGS)
        expect_none(str(message) for message in found if message.level >= ERROR)

    def test_its_tables_are_in_its_database(self) -> None:
        """Every model has its place under the alias of the plugin."""
        models = list(self.app.get_models())
        alias = alias_of(self.app.plugin_id)
        assert not models or alias in settings.DATABASES, f"There is no database '{alias}'."
        expect_none(
            f"{model._meta.label} is kept in '{alias_for(model)}', not in '{alias}'."
            for model in models
            if alias_for(model) != alias
        )

    def test_no_migration_is_missing(self) -> None:
        """The migrations make the tables that the models describe."""
        label = self.app.label
        loader = MigrationLoader(None)
        detector = MigrationAutodetector(
            loader.project_state(),
            ProjectState.from_apps(apps),
            NonInteractiveMigrationQuestioner(specified_apps={label}, dry_run=True),
        )
        changes = detector.changes(loader.graph, trim_to_apps={label}, convert_apps={label})
        expect_none(
            f"{operation.describe()}: not in a migration. Run: manage.py makemigrations {label}"
            for migration in changes.get(label, [])
            for operation in migration.operations
        )
