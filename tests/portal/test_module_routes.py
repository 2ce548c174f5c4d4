"""Routes that modules add to the API of their plugin."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from portal.checks import check_module_routes
from portal.http.access import public
from portal.http.plugin_api import api_urlpatterns
from tests.testplugin.modules.shell.apps import ShellModule

OVERRIDES, SHELL, PLUGIN = "tests.testplugin.modules.overrides", "tests.testplugin.modules.shell", "tests.testplugin"


def answering(text: str) -> Any:
    """Return a view that anybody may call."""

    @public
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(text)

    return view


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch, overrides_module: None, shell_module: None) -> dict[str, list[Any]]:
    """Two modules of the test plugin, and the routes of each app by its name."""
    monkeypatch.setattr(ShellModule, "plugin_id", "testplugin")
    routes: dict[str, list[Any]] = {}

    def room(app: Any, name: str) -> ModuleType | None:
        if app.name not in routes:
            return None
        urls = ModuleType("urls")
        urls.urlpatterns = routes[app.name]  # type: ignore[attr-defined]
        return urls

    monkeypatch.setattr("portal.http.plugin_api.room", room)
    return routes


def get(url: str) -> tuple[int, str]:
    """Return status and text of what is at an address."""
    with override_settings(ROOT_URLCONF=tuple(api_urlpatterns())):
        response = Client().get(url)
    return response.status_code, response.content.decode()


def faults() -> list[str]:
    """Return what the check finds."""
    found = check_module_routes()
    assert {message.id for message in found} <= {"portal.E110"}
    return [message.msg for message in found]


def test_they_are_below_the_plugins(rooms: dict[str, list[Any]]) -> None:
    rooms[OVERRIDES] = [path("extras/<str:name>", lambda request, name: answering(name)(request))]
    rooms[SHELL] = [path("shell", answering("shell"))]
    assert get("/api/testplugin/shell") == (200, "shell")
    assert get("/api/testplugin/nothing")[0] == 404
    assert get("/api/testplugin/extras/one")[0] == 401
    assert faults() == []


def test_the_plugin_has_its_own_way(rooms: dict[str, list[Any]]) -> None:
    rooms[PLUGIN] = [path("things/<str:name>", lambda request, name: HttpResponse()), path("mine", answering("plugin"))]
    rooms[OVERRIDES] = [path("mine", answering("module")), path("things", answering("module"))]
    assert get("/api/testplugin/mine") == (200, "plugin")
    plugin, module = (
        "plugin 'testplugin' (tests.testplugin)",
        f"module 'overrides' of plugin 'testplugin' ({OVERRIDES})",
    )
    assert faults() == [
        f"A route in api/urls.py of the {module} begins with '{segment}', as one of the {plugin} does."
        for segment in ("mine", "things")
    ]


def test_no_module_takes_anothers_word(rooms: dict[str, list[Any]]) -> None:
    rooms[OVERRIDES] = [path("extras/one", answering("a")), path("extras/two", answering("b"))]
    rooms[SHELL] = [path("extras/", include([path("three", answering("c"))]))]
    [fault] = faults()
    assert f"of the module 'testshell' of plugin 'testplugin' ({SHELL}) begins with 'extras'" in fault


@pytest.mark.parametrize("route", ["<str:name>", "<path:rest>", ".backstage/scheduler/v1/tasks", "", "x<int:n>/y"])
def test_a_module_has_a_word_of_its_own(rooms: dict[str, list[Any]], route: str) -> None:
    rooms[OVERRIDES] = [path(route, answering("all"))]
    assert len(faults()) == 1
