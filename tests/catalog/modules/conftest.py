"""Fixtures of the tests of the catalog's modules."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.test import override_settings


@pytest.fixture(scope="session")
def incremental_tables(django_db_setup: None, django_db_blocker: Any) -> None:
    """Create the tables of the module `incremental`, which a portal without it doesn't have."""
    installed = [*settings.INSTALLED_APPS, "apps.catalog.modules.incremental"]
    with django_db_blocker.unblock(), override_settings(INSTALLED_APPS=installed):
        models = apps.get_app_config("catalog_incremental").get_models()
        with connections["catalog"].schema_editor() as editor:
            for model in models:
                editor.create_model(model)
