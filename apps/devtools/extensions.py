"""What the plugin attaches to the extension tree."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from apps.devtools import routes
from apps.devtools.permissions import ADMINISTER, CONFIG_READ, EXTERNAL_DEPENDENCIES_READ, INFO_READ, SCHEDULER_READ
from apps.devtools.views import ConfigView, ExternalDependenciesView, InfoView, ScheduledTasksView
from portal.extensions import Page, SubPage
from portal.permissions import Permission


def _allowed(permission: Permission) -> dict[str, Any]:
    return {"permissions": {"$contains": f"{permission.name}#{permission.action}"}}


class DevToolsPage(Page):
    """What the portal runs on and with. It is there if ``app.extensions`` mentions it: not everybody is an operator."""

    path = "/devtools"
    title = gettext_noop("DevTools")
    icon = "hammer"
    route_ref = routes.root
    disabled = True
    enabled_if = _allowed(ADMINISTER)


class InfoPage(SubPage):
    """Machine, versions and packages."""

    name = "info"
    path = "/info"
    title = gettext_noop("Info")
    icon = "info"
    view = InfoView
    enabled_if = _allowed(INFO_READ)


class ConfigPage(SubPage):
    """What the layers of configuration come to, without secrets."""

    name = "config"
    path = "/config"
    title = gettext_noop("Config")
    icon = "file-cog"
    view = ConfigView
    enabled_if = _allowed(CONFIG_READ)


class ExternalDependenciesPage(SubPage):
    """Whether what the portal depends on is well."""

    name = "external-dependencies"
    path = "/external-dependencies"
    title = gettext_noop("External dependencies")
    icon = "plug-zap"
    view = ExternalDependenciesView
    enabled_if = _allowed(EXTERNAL_DEPENDENCIES_READ)


class ScheduledTasksPage(SubPage):
    """What plugins do in the background, when, and how it went."""

    name = "scheduled-tasks"
    path = "/scheduled-tasks"
    title = gettext_noop("Scheduled tasks")
    icon = "calendar-clock"
    view = ScheduledTasksView
    enabled_if = _allowed(SCHEDULER_READ)
