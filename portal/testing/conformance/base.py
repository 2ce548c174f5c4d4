"""What the parts of the conformance tests have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS

from portal.config import override_config
from portal.plugins import CORE_PLUGIN_ID, PluginConfig, installed_plugins
from portal.services import services
from portal.testing.fakes import FakeLogger


class PluginTests:
    """Tests of one plugin. They may touch its database and the default one, and no other plugin's."""

    #: The dotted name of the plugin's app, as in ``INSTALLED_APPS``.
    plugin: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "plugin" in vars(cls):
            databases = sorted({DEFAULT_DB_ALIAS, *_aliases(cls.plugin)})
            own = vars(cls).get("pytestmark", [])
            marks = own if isinstance(own, list) else [own]
            cls.pytestmark = [*marks, pytest.mark.django_db(databases=databases)]  # type: ignore[attr-defined]

    @property
    def app(self) -> PluginConfig:
        """The plugin."""
        for app in installed_plugins():
            if app.name == self.plugin:
                return app
        names = ", ".join(app.name for app in installed_plugins())
        pytest.fail(f"The plugin '{self.plugin}' isn't installed; there are: {names}.", pytrace=False)

    @property
    def package(self) -> Path:
        """The folder of the plugin's package."""
        return Path(self.app.path)


def expect_none(faults: Iterable[str]) -> None:
    """Fail with all that was found."""
    found = list(faults)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@contextmanager
def closed_portal() -> Iterator[None]:
    """Let nobody in without credentials, whatever is configured for development."""
    auth = {"auth": {"dangerouslyDisableDefaultAuthPolicy": False}}
    with override_config({"backend": auth}):
        yield


@contextmanager
def watched_log() -> Iterator[FakeLogger]:
    """Give the lines that are logged meanwhile."""
    before = services["logger"]
    services["logger"] = log = FakeLogger()
    try:
        yield log
    finally:
        services["logger"] = before


def _aliases(name: str) -> list[str]:
    if not apps.ready:
        return []
    return [
        app.label
        for app in apps.get_app_configs()
        if isinstance(app, PluginConfig) and app.name == name and app.plugin_id != CORE_PLUGIN_ID
    ]
