"""The API of every plugin: its own routes, those of its modules, and the ones that each plugin has from the core."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.request import Request
from rest_framework.response import Response

from portal.http.views import ApiView
from portal.plugins import ModuleConfig, PluginConfig, installed_plugins, modules_of, room
from portal.services import scheduler


class ScheduledTaskListView(ApiView):
    """``GET /.backstage/scheduler/v1/tasks``: the plugin's scheduled tasks and how they are doing."""

    def get(self, request: Request, *, plugin_id: str) -> Response:
        """List them in Backstage's form."""
        return Response({"tasks": scheduler.for_plugin(plugin_id).tasks()})


class ScheduledTaskTriggerView(ApiView):
    """``POST /.backstage/scheduler/v1/tasks/<id>/trigger``: run a task now."""

    def post(self, request: Request, *, plugin_id: str, task_id: str) -> Response:
        """Make the task due; 404 if there is none of that id, 409 if it runs already."""
        scheduler.for_plugin(plugin_id).trigger(task_id)
        return Response(status=200)


class ScheduledTaskCancelView(ApiView):
    """``POST /.backstage/scheduler/v1/tasks/<id>/cancel``: tell a running task to stop."""

    def post(self, request: Request, *, plugin_id: str, task_id: str) -> Response:
        """Ask the run to end; 404 if there is none of that id, 409 if it isn't running."""
        scheduler.for_plugin(plugin_id).cancel(task_id)
        return Response(status=200)


def api_urlpatterns() -> list[URLPattern | URLResolver]:
    """Return ``/api/<plugin-id>/…`` for each installed plugin: its room ``api/urls.py``, and those of its modules."""
    return [
        path(
            f"api/{plugin.plugin_id}/",
            include((_routes_of(plugin), f"{plugin.plugin_id}-api"), namespace=f"{plugin.plugin_id}-api"),
        )
        for plugin in installed_plugins()
    ]


def routes_in(app: PluginConfig | ModuleConfig) -> list[URLPattern | URLResolver]:
    """Return what the room ``api/urls.py`` of a plugin or module has."""
    found = room(app, "api.urls")
    return list(found.urlpatterns) if found else []


def core_routes(plugin: PluginConfig) -> list[URLPattern | URLResolver]:
    """Return what every plugin's API has from the core."""
    given = {"plugin_id": plugin.plugin_id}
    tasks = ".backstage/scheduler/v1/tasks"
    return [
        path(tasks, ScheduledTaskListView.as_view(), given, name="scheduled-task-list"),
        path(
            f"{tasks}/<path:task_id>/trigger", ScheduledTaskTriggerView.as_view(), given, name="scheduled-task-trigger"
        ),
        path(f"{tasks}/<path:task_id>/cancel", ScheduledTaskCancelView.as_view(), given, name="scheduled-task-cancel"),
    ]


def _routes_of(plugin: PluginConfig) -> list[URLPattern | URLResolver]:
    # The plugin comes first: no module takes a route away from it. A check finds modules that try.
    added = [route for module in modules_of(plugin.plugin_id) for route in routes_in(module)]
    return [*core_routes(plugin), *routes_in(plugin), *added]
