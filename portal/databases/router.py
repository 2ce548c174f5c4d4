"""Which model lives in which database: by app, as declared, and nothing else."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, models

from portal.plugins import CORE_PLUGIN_ID, ModuleConfig, PluginConfig

#: The app whose tables exist on every alias, because each plugin keeps its own schedule in its own database.
CORE_LABEL = "portal"


@cache
def _alias_of_label(app_label: str) -> str:
    """Return the alias of an app's models: a plugin's own, a module's plugin's, else ``default``."""
    app = apps.app_configs.get(app_label)
    if isinstance(app, PluginConfig) and app.plugin_id != CORE_PLUGIN_ID:
        alias = app.label
    elif isinstance(app, ModuleConfig):
        alias = next(
            (a.label for a in apps.get_app_configs() if isinstance(a, PluginConfig) and a.plugin_id == app.plugin_id),
            DEFAULT_DB_ALIAS,
        )
    else:
        return DEFAULT_DB_ALIAS
    return alias if alias in settings.DATABASES else DEFAULT_DB_ALIAS


def alias_for(model: type[models.Model] | models.Model) -> str:
    """Return the alias that a model's rows are kept under."""
    return _alias_of_label(model._meta.app_label)


class PluginRouter:
    """Sends each app's models to its plugin's database, and lets no other app migrate there."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        """Return the alias of the model's plugin; core tables go where the caller says (``using``), else to
        ``default``.
        """
        instance = hints.get("instance")
        if model._meta.app_label == CORE_LABEL and instance is not None and instance._state.db:
            found: str = instance._state.db
            return found
        return _alias_of_label(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, obj1: models.Model, obj2: models.Model, **hints: Any) -> bool | None:
        """Allow what lives together. No database can check a relation across two."""
        return _alias_of_label(obj1._meta.app_label) == _alias_of_label(obj2._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Allow an app on its own alias only; the core's tables go everywhere."""
        return app_label == CORE_LABEL or _alias_of_label(app_label) == db


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in {"INSTALLED_APPS", "DATABASES"}:
        _alias_of_label.cache_clear()


setting_changed.connect(_forget)
