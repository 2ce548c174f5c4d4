"""The pages for operators, each behind its own permission."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import ryaml
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.devtools.permissions import (
    CONFIG_READ,
    EXTERNAL_DEPENDENCIES_READ,
    INFO_READ,
    SCHEDULER_READ,
    TASK_SCHEDULER_CREATE,
)
from apps.devtools.queries import check_dependencies, config_info, endpoints, information, scheduled_plugins
from portal.clients.schedules import SchedulesClient, schedules
from portal.errors import ConfigError, InputError, PortalError
from portal.extensions.toasts import show_toast
from portal.http.pages import PageView
from portal.services import permissions

PLUGIN_ID = "devtools"


class InfoView(PageView):
    """``/devtools/info``: machine, versions and packages; ``q`` narrows the packages."""

    template_name = "devtools/pages/info.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return them. Raises ``NotAllowedError``."""
        permissions.require(INFO_READ, self.credentials)
        text = self.request.GET.get("q", "").strip()[:100]
        found = information()
        shown = [package for package in found.packages if text.lower() in package.name.lower()]
        return {"info": found, "packages": shown, "text": text, "url": self.request.path}


class ConfigView(PageView):
    """``/devtools/config``: what the layers of configuration come to."""

    template_name = "devtools/pages/config.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return it as YAML, without its secrets. Raises ``NotAllowedError``."""
        permissions.require(CONFIG_READ, self.credentials)
        found = config_info()
        return {"config": found, "yaml": str(ryaml.dumps(found.tree))}


class ExternalDependenciesView(PageView):
    """``/devtools/external-dependencies``: what there is, and with ``?check=now`` how it is, which takes a moment."""

    template_name = "devtools/pages/external_dependencies.html"
    fragments = {"devtools-checks": "devtools/pages/_checks.html"}

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the endpoints, asked or not. Raises ``NotAllowedError``."""
        permissions.require(EXTERNAL_DEPENDENCIES_READ, self.credentials)
        asked = self.request.GET.get("check") == "now"
        try:
            found = endpoints()
            checked = check_dependencies() if asked else []
        except ConfigError as error:
            return {"mistake": error.message, "endpoints": [], "checked": []}
        return {
            "endpoints": found,
            "checked": checked,
            "asked": asked,
            "url": self.request.path,
            "check_url": f"{self.request.path}?check=now",
        }


class ScheduledTasksView(PageView):
    """``/devtools/scheduled-tasks?plugin=…``: the tasks of a plugin, wherever it runs, to be run and stopped."""

    template_name = "devtools/pages/scheduled_tasks.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the tasks. Raises ``NotAllowedError``, ``InputError`` for a plugin that isn't to be shown."""
        permissions.require(SCHEDULER_READ, self.credentials)
        plugins = scheduled_plugins()
        chosen = self._plugin(self.request.GET.get("plugin", ""), plugins)
        values: dict[str, Any] = {"plugins": plugins, "chosen": chosen, "url": self.request.path, "tasks": []}
        try:
            tasks = self._client(chosen).tasks()
        except PortalError as error:
            return {**values, "mistake": error.message}
        may_run = permissions.authorize(TASK_SCHEDULER_CREATE, self.credentials).allowed
        return {**values, "tasks": [_row(task) for task in tasks], "may_run": may_run}

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Run or stop a task by the button ``do``, and go back to the list. Raises ``NotAllowedError``."""
        permissions.require(TASK_SCHEDULER_CREATE, self.credentials)
        plugin = self._plugin(request.POST.get("plugin", ""), scheduled_plugins())
        task, do = request.POST.get("task", ""), request.POST.get("do", "")
        client = self._client(plugin)
        if do not in {"trigger", "cancel"}:
            raise InputError(f"'{do}' can't be done to a task; there are trigger and cancel.")
        try:
            if do == "trigger":
                client.trigger(task)
                show_toast(request, _("%(task)s will run now.") % {"task": task}, severity="success")
            else:
                client.cancel(task)
                show_toast(request, _("%(task)s was told to stop.") % {"task": task}, severity="success")
        except PortalError as error:
            show_toast(request, error.message, severity="error")
        return HttpResponseRedirect(f"{request.path}?{urlencode({'plugin': plugin})}")

    def _plugin(self, wanted: str, plugins: list[str]) -> str:
        if wanted and wanted not in plugins:
            raise InputError(f"The tasks of '{wanted}' aren't shown here. There are: {', '.join(plugins)}.")
        return wanted or plugins[0]

    def _client(self, plugin_id: str) -> SchedulesClient:
        return schedules.acting_for(PLUGIN_ID, self.credentials).of(plugin_id)


def _row(task: dict[str, Any]) -> dict[str, Any]:
    """Return what a row of the table shows of a task, which may be another portal's."""
    state = task.get("taskState") or {}
    return {
        "id": str(task.get("taskId", "")),
        "scope": str(task.get("scope", "")),
        "cadence": str((task.get("settings") or {}).get("cadence", "")),
        "status": str(state.get("status", "")),
        "last_run_at": _moment(state.get("lastRunEndedAt")),
        "next_run_at": _moment(state.get("startsAt")),
        "error": str(state.get("lastRunError") or ""),
    }


def _moment(text: Any) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None
